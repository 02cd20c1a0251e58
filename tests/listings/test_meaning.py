"""Search by meaning beside words, with the encoder itself: across languages, under filters."""

import pytest

from listings.models import SearchEntry
from listings.queries import meaning
from listings.queries.browse import browse
from listings.wanted import Wanted
from marketplace.core.actor import Actor
from tests.listings.factories import member_of, organisation, published

pytestmark = pytest.mark.django_db
VISITOR = Actor.visitor()


@pytest.fixture
def market(run_jobs):
    """Three subjects, one of them in Chinese alone."""
    plain = {"title_en": "", "summary_en": "", "body_en": ""}
    for values in (
        {"title_en": "Concrete that heals its cracks", "field": "urban_social",
         "summary_en": "Bacteria seal cracks in concrete."},
        {"title_zh": "滴灌带防堵塞滤网", "field": "agriculture",
         "summary_zh": "用于灌溉水的过滤。"},
        {"title_en": "Hearing aid with bone conduction", "field": "biology_medicine",
         "summary_en": "Sound through the skull."},
    ):  # fmt: skip
        published(**{**plain, **values})
    run_jobs(check=False)
    assert SearchEntry.objects.filter(meaning_public__isnull=False).count() == 3


def titles(question, actor=VISITOR, **filters):
    found = browse(Wanted(kind="technology", question=question, **filters), actor)
    return [row.title_en or row.title_zh for row in found.page.object_list]


def test_a_question_in_one_language_finds_a_listing_in_the_other(market):
    assert titles("irrigation filter that does not clog")[0] == "滴灌带防堵塞滤网"
    assert titles("会自己修复裂缝的混凝土")[0] == "Concrete that heals its cracks"


def test_what_is_found_in_meaning_alone_says_so(market):
    found = browse(Wanted(kind="technology", question="deaf people listening"), VISITOR)
    first = found.page.object_list[0]
    hit = found.hits[first.pk]
    assert first.title_en == "Hearing aid with bone conduction"
    assert hit.words == 0
    assert hit.meaning == 1


def test_words_that_are_there_beat_meaning(market, run_jobs):
    published(title_en="Catalogue of BX-7741 spare parts", summary_en="Lists.", body_en="")
    run_jobs(check=False)
    assert titles("BX-7741")[0] == "Catalogue of BX-7741 spare parts"


def test_filters_hold_for_meaning_and_are_counted(market):
    found = browse(
        Wanted(kind="technology", question="irrigation filter", field=("agriculture",)), VISITOR
    )
    assert [row.title_zh for row in found.page.object_list] == ["滴灌带防堵塞滤网"]
    assert found.counts.choices["field"]["agriculture"] == 1


def test_an_exclusion_holds_for_meaning(market):
    assert "Concrete that heals its cracks" not in titles("cracked walls -bacteria")


def test_the_meaning_of_closed_texts_finds_nothing(run_jobs):
    owner = organisation()
    published(owner, title_en="Additive", summary_en="An additive.", body_en="",
              confidential_text_en="Made of wombat fur and honey.")  # fmt: skip
    published(
        title_en="Pump",
        summary_en="A pump.",
        body_en="",
    )
    run_jobs(check=False)
    entry = SearchEntry.objects.get(listing__title_en="Additive")
    assert entry.meaning_full is not None and entry.meaning_public != entry.meaning_full
    open_one = SearchEntry.objects.get(listing__title_en="Pump")
    assert open_one.meaning_public is not None and open_one.meaning_full is None
    public = [hit.meaning for hit in _hits("animal hair").values()]
    entry.meaning_full = entry.meaning_public
    entry.save(update_fields=["meaning_full"])
    assert [hit.meaning for hit in _hits("animal hair").values()] == public


def _hits(question):
    return browse(Wanted(kind="technology", question=question), VISITOR).hits


def test_a_confidential_listing_is_near_to_its_owner_alone(run_jobs):
    owner = organisation()
    published(owner, title_en="Hearing aid", visibility="confidential")
    run_jobs(check=False)
    assert titles("deaf people listening") == []
    assert titles("deaf people listening", member_of(organisation())) == []
    assert titles("deaf people listening", member_of(owner)) == ["Hearing aid"]


def test_an_encoder_that_fails_leaves_words_to_find(market, monkeypatch):
    class Broken:
        name = "broken"

        def questions(self, texts):
            raise OSError("no route to host")

    monkeypatch.setattr(meaning, "encoder", lambda: Broken())
    assert titles("hearing aid") == ["Hearing aid with bone conduction"]


def test_a_vector_is_kept_under_no_readable_name(market, monkeypatch):
    kept = {}
    monkeypatch.setattr(meaning.cache, "set", lambda key, value, _s: kept.update({key: value}))
    monkeypatch.setattr(meaning.cache, "get", lambda key: None)
    meaning.vector_of("our secret plan")
    assert len(kept) == 1
    assert "secret" not in next(iter(kept))
