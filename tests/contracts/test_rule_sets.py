"""The shipped rule sets, and what of a contract is judged by them."""

import datetime as dt
import itertools

import pytest

from contracts.codes import CONTRACT_TYPES, SUB_TYPES
from contracts.rule_sets import all_rule_sets, rule_set, rule_set_on
from contracts.rules import type_for_mode
from marketplace.core.codes import TRANSFER_MODES


def test_each_day_has_one_enabled_rule_set_without_a_gap() -> None:
    enabled = [rules for rules in all_rule_sets().values() if rules.enabled]
    assert [rules.code for rules in enabled] == ["CN-2001", "CN-2021"]
    for earlier, later in itertools.pairwise(enabled):
        assert earlier.valid_to is not None
        assert earlier.valid_to + dt.timedelta(days=1) == later.valid_from
    assert enabled[-1].valid_to is None


@pytest.mark.parametrize(
    ("day", "code"),
    [("2001-07-17", None), ("2001-07-18", "CN-2001"), ("2020-12-31", "CN-2001"),
     ("2021-01-01", "CN-2021"), ("2026-11-20", "CN-2021")],
)  # fmt: skip
def test_the_signing_date_chooses(day: str, code: str | None) -> None:
    found = rule_set_on(dt.date.fromisoformat(day))
    assert (found.code if found else None) == code


def test_the_rules_of_2026_are_a_disabled_draft_and_say_so() -> None:
    draft = rule_set("CN-2026")
    assert draft.is_draft and not draft.enabled
    assert "2024" in draft.caveats[0].statement.en and "草案" in draft.caveats[0].statement.zh


def test_contracts_signed_since_the_new_measures_carry_a_caveat() -> None:
    rules = rule_set("CN-2021")
    assert rules.caveats_on(dt.date(2026, 1, 22)) == []
    assert len(rules.caveats_on(dt.date(2026, 1, 23))) == 1


def test_a_licence_is_a_transfer_under_the_rules_of_2001() -> None:
    old, new = rule_set("CN-2001"), rule_set("CN-2021")
    assert set(old.types) == {"development", "transfer", "consulting", "service"}
    assert set(new.types) == {entry.code for entry in CONTRACT_TYPES}
    assert "patent_licence" in old.types["transfer"].sub_types
    assert "patent_licence" not in new.types["transfer"].sub_types
    assert new.types["licence"].statistical_type == "transfer"


@pytest.mark.parametrize("code", list(all_rule_sets()))
def test_every_rule_set_names_known_codes_and_speaks_both_languages(code: str) -> None:
    rules = rule_set(code)
    assert rules.name_en and rules.name_zh and rules.sources
    assert rules.second_review_from == 5_000_000
    assert len(rules.refusals) == 11 and rules.refusals["other"].needs_words
    for kind in rules.types.values():
        assert kind.must_hold and kind.not_qualifying
        assert all(item.en and item.zh for item in (*kind.must_hold, *kind.not_qualifying))
        for sub_type in kind.sub_types:
            assert SUB_TYPES[sub_type].parent == kind.code


@pytest.mark.parametrize("mode", [entry.code for entry in TRANSFER_MODES])
def test_every_transfer_mode_suggests_a_type(mode: str) -> None:
    kind, sub_type = type_for_mode(mode)
    rules = rule_set("CN-2021").types[kind]
    assert sub_type == "" or sub_type in rules.sub_types
    assert mode == "service" or (kind, sub_type) != type_for_mode("unknown")
