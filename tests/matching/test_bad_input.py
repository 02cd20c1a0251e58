"""Texts, specifications and weights that nobody would write: matched or refused, never broken."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError

from listings.models import Listing
from marketplace.core.errors import Invalid
from matching.actions.matching import match_listing
from matching.models import Match, MatchRun
from matching.pipeline import model
from tests.listings.factories import organisation, published
from tests.matching.conftest import Topics
from tests.matching.factories import RETENTION, pair, spec

pytestmark = pytest.mark.django_db
LONG = 100_000
REAL = max(model.WEIGHTS.glob("*.json"))
FRENCH = ("Électrolyte pour -40 °C", "Un électrolyte à base d’esters fluorés pour batteries.")
RUSSIAN = ("Электролит для -40 °C", "Электролит на основе фторированных эфиров для батарей.")
ARABIC = ("إلكتروليت عند -40 درجة", "إلكتروليت من استرات مفلورة للبطاريات في البرد الشديد.")


def stored(listing: Listing, **values: str) -> None:
    """What no form lets in, as an old import may have left it."""
    Listing.objects.filter(pk=listing.pk).update(**values)


# --- Texts ----------------------------------------------------------------------------------------


def test_a_body_of_a_hundred_thousand_characters_is_refused_where_it_stands():
    with pytest.raises(Invalid) as refusal:
        published(organisation(), body_en="electrolyte " * (LONG // 12))
    assert set(refusal.value.fields) == {"body_en"}


@pytest.mark.parametrize(
    "body",
    [
        "electrolyte cell " * (LONG // 17),
        "electrolyte " * 10_000,
        "电解液低温" * (LONG // 5),
        "x" * LONG,
        "".join(f"word{number} " for number in range(12_000))[:LONG],
        "\n \t" * (LONG // 3),
    ],
    ids=["long", "one word", "Chinese", "no blank", "all different", "blanks"],
)
def test_a_long_body_that_is_there_nevertheless_is_matched(run_jobs, body):
    need, technology = pair(organisation(), organisation())
    stored(technology, body_en=body)
    run_jobs()
    assert MatchRun.objects.count() == 2
    assert Match.objects.get().need_id == need.pk


def test_nothing_but_a_title_is_matched(run_jobs):
    _need, technology = pair(organisation(), organisation())
    empty = dict.fromkeys(["summary_en", "summary_zh", "body_en", "body_zh"], "")
    stored(technology, **empty)
    run_jobs()
    assert MatchRun.objects.filter(pk=technology.pk).exists()


@pytest.mark.parametrize(
    ("title", "body"), [FRENCH, RUSSIAN, ARABIC], ids=["French", "Russian", "Arabic"]
)
def test_another_language_is_matched_by_its_own_words(run_jobs, title, body):
    """There is no column for it: people write it where English stands."""
    texts = {"title_en": title, "summary_en": body, "body_en": body}
    need, technology = pair(organisation(), organisation(), need=texts, technology=texts)
    run_jobs()
    match = Match.objects.get()
    assert (match.need_id, match.technology_id) == (need.pk, technology.pk)
    assert match.features["words"] > 0


# --- Specifications -------------------------------------------------------------------------------


def test_requirements_that_contradict_each_other_are_never_both_met(run_jobs):
    need = [spec(RETENTION, value="10"), spec(RETENTION, comparator="le", value="5")]
    pair(
        organisation(), organisation(),
        need={"specifications": need}, technology={"specifications": [spec(value="84")]},
    )  # fmt: skip
    run_jobs()
    features = Match.objects.get().features
    assert 0 < features["specifications_met"] == features["specifications_unmet"] <= 0.5


def test_a_unit_that_does_not_convert_is_neither_met_nor_unmet(run_jobs):
    pair(
        organisation(), organisation(),
        need={"specifications": [spec(RETENTION, unit="MPa")]},
        technology={"specifications": [spec(RETENTION, unit="kg", value="84")]},
    )  # fmt: skip
    run_jobs()
    features = Match.objects.get().features
    assert features["specifications_met"] == features["specifications_unmet"] == 0


# --- The encoder ----------------------------------------------------------------------------------


class Slow(Topics):
    """Answers, but only after its client has lost patience."""

    def passages(self, texts: Any) -> Any:
        raise TimeoutError("no answer within 10 s")


def test_words_match_while_the_encoder_is_slow_and_the_pair_is_redone_once(run_jobs, use_encoder):
    use_encoder(Slow())
    need, _technology = pair(organisation(), organisation())
    run_jobs(check=False)
    assert MatchRun.objects.filter(encoder="").count() == 2
    assert "meaning" in Match.objects.get().features["unsaid"]
    use_encoder(Topics())
    run_jobs(check=False, delayed=True)
    assert set(MatchRun.objects.values_list("encoder", flat=True)) == {Topics.name}
    assert "meaning" not in Match.objects.get().features["unsaid"]
    assert match_listing(listing_id=need.pk) is None


# --- The weights ----------------------------------------------------------------------------------


def good() -> dict[str, Any]:
    return json.loads(REAL.read_text())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Weights of this test: one good file from long ago."""
    (tmp_path / "2000-01-01.json").write_text(json.dumps({**good(), "version": "2000-01-01"}))
    monkeypatch.setattr(model, "WEIGHTS", tmp_path)
    model.forget()
    yield tmp_path
    monkeypatch.undo()
    model.forget()


def without(name: str) -> str:
    return json.dumps({key: value for key, value in good().items() if key != name})


def weighing(**features: float) -> str:
    made = good()
    return json.dumps({**made, "version": "2001-01-01", "features": made["features"] | features})


BAD = {
    "empty": ("", "is no weights file"),
    "cut off": (json.dumps(good())[:200], "is no weights file"),
    "not an object": ("[1, 2]", "is no weights file"),
    "no features": (without("features"), "'features'"),
    "another version": (json.dumps(good()), "says that it is version"),
    "another matcher": (weighing(colour=1.0), "another matcher: it weighs colour"),
    "no number": (weighing(words=float("nan")), "a weight is no number"),
}


@pytest.mark.parametrize(("text", "reason"), BAD.values(), ids=BAD)
def test_bad_weights_are_refused_by_name_and_the_last_good_ones_stay(
    folder, run_jobs, text, reason
):
    (folder / "2001-01-01.json").write_text(text)
    with pytest.raises(SystemCheckError) as refusal:
        call_command("check")
    assert "2001-01-01.json" in str(refusal.value) and reason in str(refusal.value)
    pair(organisation(), organisation())
    run_jobs()
    assert Match.objects.get().model_version == "2000-01-01"


def test_bytes_that_are_no_text_are_refused_by_name(folder):
    (folder / "2001-01-01.json").write_bytes(b"\xff\xfe\x00")
    assert model.problems()[0].startswith("2001-01-01.json is no weights file")
    assert model.model_version() == "2000-01-01"


def test_without_any_weights_the_start_is_refused_and_nothing_is_lost(folder, run_jobs):
    (folder / "2000-01-01.json").unlink()
    with pytest.raises(SystemCheckError, match="holds no weights file that can be read"):
        call_command("check")
    pair(organisation(), organisation())
    run_jobs(check=False)  # their jobs wait for another try
    assert not MatchRun.objects.exists()
    (folder / "2000-01-01.json").write_text(json.dumps({**good(), "version": "2000-01-01"}))
    model.forget()
    run_jobs(check=False, delayed=True)
    assert MatchRun.objects.count() == 2 and Match.objects.exists()


def test_a_broken_old_file_that_is_not_in_force_hinders_nobody(folder):
    (folder / "1999-01-01.json").write_text("{")
    assert model.problems() == ()
    try:
        call_command("check")
    except CommandError as error:
        pytest.fail(str(error))
