"""The relief estimator: the published vector, its edges, which rule holds when, what counts."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from contracts.relief import Facts, Given, Line, counts, income_tax, of_contract, of_year
from contracts.rule_sets import rule_set
from contracts.rule_sets.reliefs import Relief, Reliefs

RELIEFS = rule_set("CN-2021").reliefs
FACTS = Facts(
    "transfer", "patent_transfer", "invention", dt.date(2025, 5, 1), dt.date(2025, 5, 1), None,
    frozenset({"enterprise"}), frozenset({"enterprise"}), Decimal(1_000_000),
)  # fmt: skip
LICENCE = replace(
    FACTS, type="licence", sub_type="ordinary_licence", ends_on=dt.date(2030, 4, 30)
)  # five years to the day
MILLION = Decimal(1_000_000)


def always(_day: dt.date) -> Reliefs:
    return RELIEFS


def rule(day: str, kind: str = "income_tax") -> Relief:
    found = RELIEFS.on(kind, dt.date.fromisoformat(day))
    assert found
    return found


def line(facts: Facts, kind: str, given: Given | None = None) -> Line:
    told = of_contract(facts, given or Given(facts.amount), RELIEFS)
    return next(one for one in told if one.kind == kind)


@pytest.mark.parametrize(
    ("income", "exempt", "halved", "due", "usual"),
    [
        ("7000000", "5000000", "2000000", "250000.00", "1750000.00"),  # the vector
        ("5000000", "5000000", "0", "0.00", "1250000.00"),
        ("5000000.01", "5000000", "0.01", "0.00", "1250000.00"),
        ("5000000.04", "5000000", "0.04", "0.01", "1250000.01"),  # half a cent is rounded up
        ("0", "0", "0", "0.00", "0.00"),
        ("-300000", "0", "0", "0.00", "0.00"),
        ("4999999.99", "4999999.99", "0", "0.00", "1250000.00"),
    ],
)
def test_the_tax_of_a_year(income: str, exempt: str, halved: str, due: str, usual: str) -> None:
    tax = income_tax(Decimal(income), rule("2025-12-31"))
    assert [tax.exempt, tax.halved, tax.due, tax.usual] == [
        Decimal(one) for one in (exempt, halved, due, usual)
    ]
    assert tax.saved == tax.usual - tax.due >= 0


def test_the_limit_is_for_all_contracts_of_a_year_together() -> None:
    pairs = [
        (FACTS, Given(4 * MILLION)),
        (LICENCE, Given(5 * MILLION, cost=MILLION, taxes=MILLION)),
    ]
    told = of_year(2025, pairs, always)
    assert told.tax and told.tax.income == 7 * MILLION and told.tax.due == 250_000


def test_a_loss_of_one_contract_lowers_the_income_of_the_others() -> None:
    told = of_year(2025, [(FACTS, Given(6 * MILLION)), (FACTS, Given(0 * MILLION, cost=MILLION))],
                   always)  # fmt: skip
    assert told.tax and (told.tax.income, told.tax.due) == (5 * MILLION, 0)


@pytest.mark.parametrize(
    ("facts", "given", "reason", "does"),
    [
        (FACTS, {}, "transfer_counts", True),
        (LICENCE, {}, "licence_counts", True),
        (replace(LICENCE, ends_on=dt.date(2030, 4, 29)), {}, "short", False),
        (replace(LICENCE, ends_on=None), {}, "no_end", False),
        (FACTS, {"related": True}, "related", False),
        (FACTS, {"restricted": True}, "restricted", False),
        (replace(FACTS, type="service", sub_type="training"), {}, "other_type", False),
        (replace(FACTS, is_registered=False), {}, "not_registered", False),
        (replace(FACTS, sellers=frozenset({"individual"})), {}, "seller_kind", False),
        (replace(FACTS, ip_kind="know_how"), {}, "right_asks", False),
        (replace(FACTS, ip_kind="know_how"), {"confirmed": True}, "right_asks", True),
        (replace(FACTS, ip_kind="know_how"), {"confirmed": True, "related": True}, "related", False),  # noqa: E501
    ],
)  # fmt: skip
def test_what_counts_and_why(facts: Facts, given: dict[str, bool], reason: str, does: bool) -> None:
    verdict = counts(facts, Given(MILLION, **given), rule("2025-05-01"))
    assert (verdict.reason, verdict.counts) == (reason, does)


def test_licences_that_are_not_exclusive_count_since_october_2015() -> None:
    old = replace(LICENCE, signed_on=dt.date(2015, 9, 30), starts_on=dt.date(2015, 9, 30))
    new = replace(LICENCE, signed_on=dt.date(2015, 10, 1), starts_on=dt.date(2015, 10, 1))
    exclusive = replace(old, sub_type="exclusive_licence")
    under_2001 = replace(old, type="transfer", sub_type="patent_licence")
    told = of_year(2015, [(one, Given(MILLION)) for one in (old, new, exclusive, under_2001)],
                   always)  # fmt: skip
    assert [row.verdict.reason for row in told.rows] == [
        "licence_kind", "licence_counts", "licence_asks", "licence_asks",
    ]  # fmt: skip
    # a year later the old contract is judged by the new rule
    assert of_year(2016, [(old, Given(MILLION))], always).rows[0].verdict.counts


def test_before_2008_no_rule_is_known() -> None:
    early = replace(FACTS, signed_on=dt.date(2007, 12, 31))
    told = of_year(2007, [(early, Given(MILLION))], always)
    assert told.tax is None and told.relief is None
    assert told.rows[0].verdict.reason == "no_rule"
    assert of_year(2008, [(early, Given(MILLION))], always).tax is not None


@pytest.mark.parametrize(
    ("day", "known", "unconfirmed"),
    [("2016-04-30", False, False), ("2016-05-01", True, False), ("2025-12-31", True, False),
     ("2026-01-01", True, True)],
)  # fmt: skip
def test_value_added_tax_is_unconfirmed_since_2026(
    day: str, known: bool, unconfirmed: bool
) -> None:
    told = line(replace(FACTS, signed_on=dt.date.fromisoformat(day)), "vat")
    assert (told.relief is not None, told.unconfirmed) == (known, unconfirmed)


def test_consulting_is_free_of_value_added_tax_only_on_the_same_invoice() -> None:
    consulting = replace(FACTS, type="consulting", sub_type="survey")
    assert not line(consulting, "vat").verdict.counts
    told = line(consulting, "vat", Given(MILLION, one_invoice=True))
    assert told.verdict.counts and dict(told.figures) == {"vat_base": MILLION}


@pytest.mark.parametrize(("day", "known"), [("2022-12-31", False), ("2023-01-01", True)])
def test_the_buyer_of_commissioned_development_deducts_80_per_cent_again(
    day: str, known: bool
) -> None:
    facts = replace(FACTS, type="development", sub_type="commissioned",
                    signed_on=dt.date.fromisoformat(day))  # fmt: skip
    told = line(facts, "deduction")
    if not known:
        assert told.relief is None and not told.figures
        return
    assert dict(told.figures) == {
        "fee": MILLION, "counted": 800_000, "extra": 800_000, "less_tax": 200_000,
    }  # fmt: skip
    assert line(replace(facts, sub_type="cooperative"), "deduction").verdict.reason == "own_costs"
    abroad = replace(facts, buyers=frozenset({"abroad"}))
    assert line(abroad, "deduction").verdict.reason == "buyer_kind"


def test_a_public_institution_gives_half_of_its_net_income() -> None:
    university = replace(FACTS, sellers=frozenset({"institution"}))
    told = line(university, "reward", Given(MILLION, cost=Decimal(200_000), taxes=Decimal("0.01")))
    assert dict(told.figures)["reward"] == Decimal("400000.00")  # 399999.995, rounded once
    assert line(FACTS, "reward").verdict.reason == "no_institution"
    loss = line(university, "reward", Given(Decimal(0), cost=MILLION))
    assert dict(loss.figures) == {"net": 0, "reward": 0}


def test_a_contract_without_end_by_the_last_day_there_is_runs_long() -> None:
    endless = replace(LICENCE, ends_on=dt.date.max)
    assert counts(endless, Given(MILLION), rule("2025-12-31")).counts


def test_each_contract_of_a_year_goes_by_the_reliefs_of_its_first_day() -> None:
    """A rule set that begins in July does not take away what counted before."""
    july = dt.date(2025, 7, 1)
    none = replace(RELIEFS, rows=())
    after = replace(FACTS, signed_on=july, starts_on=july)
    told = of_year(
        2025, [(FACTS, Given(MILLION)), (after, Given(MILLION))],
        lambda day: RELIEFS if day < july else none,
    )  # fmt: skip
    assert [row.verdict.reason for row in told.rows] == ["transfer_counts", "no_rule"]


def test_what_is_not_registered_is_not_deducted() -> None:
    research = replace(FACTS, type="development", sub_type="commissioned", is_registered=False)
    assert line(research, "deduction").verdict.reason == "not_registered"
    assert line(replace(research, is_registered=True), "deduction").verdict.counts
