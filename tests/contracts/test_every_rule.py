"""Every rule of every shipped rule set decides something: an example for each. A rule that is new
and has no example here fails."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from contracts.actions.decisions import refuse
from contracts.classification import propose
from contracts.completeness import missing
from contracts.models import Contract
from contracts.rule_sets import all_rule_sets, rule_set
from contracts.rules import check_facts, decision_days
from marketplace.core.errors import DomainError, Invalid
from tests.cast import Cast
from tests.contracts import factories

SETS = all_rule_sets()
TODAY = dt.date(2026, 11, 22)
TYPES = [(code, kind) for code, rules in SETS.items() for kind in rules.types]
SUB_TYPES = [
    (code, kind, one)
    for code, rules in SETS.items()
    for kind, type_rules in rules.types.items()
    for one in type_rules.sub_types
]
# Fact -> values that lack it and that have it.
REQUIRED = {"ip_kind": (("", "none"), "invention")}
# Sub-type -> answers of the type assistant that end in it.
ANSWERS: dict[str, dict[str, str]] = {
    "commissioned": {"mastered": "no", "together": "no"},
    "cooperative": {"mastered": "no", "together": "yes"},
    "conversion": {"converts": "yes"},
    "patent_transfer": {"changes_owner": "yes", "right": "patent"},
    "application_transfer": {"changes_owner": "yes", "right": "application"},
    "know_how_transfer": {"changes_owner": "yes", "right": "know_how"},
    "software_transfer": {"changes_owner": "yes", "right": "software"},
    "layout_transfer": {"changes_owner": "yes", "right": "layout"},
    "variety_transfer": {"changes_owner": "yes", "right": "variety"},
    "patent_licence": {"mastered": "yes", "grants_use": "yes", "right": "patent"},
    "exclusive_licence": {"grants_use": "yes", "right": "patent", "kind": "exclusive"},
    "sole_licence": {"grants_use": "yes", "right": "patent", "kind": "sole"},
    "ordinary_licence": {"grants_use": "yes", "right": "patent", "kind": "ordinary"},
    "know_how_licence": {"grants_use": "yes", "right": "know_how"},
    "other_licence": {"grants_use": "yes", "right": "software"},
    "feasibility": {"report": "yes", "study": "feasibility"},
    "forecast": {"report": "yes", "study": "forecast"},
    "survey": {"report": "yes", "study": "survey"},
    "evaluation": {"report": "yes", "study": "evaluation"},
    "general_service": {"solves": "yes"},
    "training": {"trains": "yes"},
    "brokerage": {"brokers": "yes"},
}
STATISTICS = {
    "CN-2001": {"development": "development", "transfer": "transfer", "consulting": "consulting",
                "service": "service"},
    "CN-2021": {"development": "development", "transfer": "transfer", "licence": "transfer",
                "consulting": "consulting", "service": "service"},
    "CN-2026": {"development": "development", "transfer": "transfer", "licence": "transfer",
                "consulting": "consulting", "service": "service"},
}  # fmt: skip
DAYS = {"CN-2001": (15, 30), "CN-2021": (15, 30), "CN-2026": (15, 30)}


@pytest.mark.parametrize(("code", "kind", "sub_type"), SUB_TYPES)
def test_each_sub_type_is_reached_and_belongs_to_one_type(
    code: str, kind: str, sub_type: str
) -> None:
    proposal = propose(ANSWERS[sub_type], rule_set(code))
    assert (proposal.type, proposal.sub_type) == (kind, sub_type)
    facts = Contract(type=kind, sub_type=sub_type, signed_on=None, rule_set=code)
    if rule_set(code).enabled:
        facts.signed_on = rule_set(code).valid_from
        assert check_facts(facts, TODAY).code == code
        facts.type = next(other for other in rule_set(code).types if other != kind)
        with pytest.raises(Invalid) as caught:
            check_facts(facts, TODAY)
        assert set(caught.value.fields) == {"sub_type"}


@pytest.mark.parametrize(("code", "kind"), TYPES)
def test_each_type_is_counted_as_the_example_says(code: str, kind: str) -> None:
    assert rule_set(code).types[kind].statistical_type == STATISTICS[code][kind]


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "kind"), TYPES)
def test_each_required_fact_is_missed_when_it_is_not_there(
    cast: Cast, code: str, kind: str
) -> None:
    contract = factories.drafted(cast)
    contract.rule_set, contract.type = code, kind
    for name, (without, having) in REQUIRED.items():
        is_required = name in rule_set(code).types[kind].required
        for value in without:
            setattr(contract, name, value)
            assert (name in missing(contract, TODAY)) == is_required
        setattr(contract, name, having)
        assert name not in missing(contract, TODAY)
    assert set(rule_set(code).types[kind].required) <= set(REQUIRED)


@pytest.mark.parametrize("code", SETS)
def test_the_threshold_and_the_days(code: str) -> None:
    rules = rule_set(code)
    below, at = Decimal("4999999.99"), Decimal("5000000.00")
    assert (rules.is_large(below), rules.is_large(at)) == (False, True)
    usual, large = DAYS[code]
    assert decision_days(rules, below, (None, None)) == usual
    assert decision_days(rules, at, (None, None)) == large
    assert decision_days(rules, at, (5, 9)) == 9, "the point's own days win"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "reason"), [(code, one) for code, rules in SETS.items() for one in rules.refusals]
)
def test_each_ground_refuses_and_another_does_not(cast: Cast, code: str, reason: str) -> None:
    def examined() -> int:
        contract = factories.examined(cast)
        Contract.objects.filter(pk=contract.pk).update(rule_set=code)
        return contract.pk

    registrar: Any = cast.registrar.actor
    ground = rule_set(code).refusals[reason]
    pk = examined()
    if ground.needs_words:
        with pytest.raises(DomainError):
            refuse(actor=registrar, contract_id=pk, reason=reason)
    with pytest.raises(DomainError):
        refuse(actor=registrar, contract_id=pk, reason="no_such_ground")
    words = "The price is stated twice." if ground.needs_words else ""
    assert refuse(actor=registrar, contract_id=pk, reason=reason, words=words).state == "refused"
