"""What tax reliefs would come to: pure functions over what is registered and what is typed.

Information, never advice. Amounts are CNY as Decimal; rounding happens once, to the cent, half up,
in what is shown as tax or as a share.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from contracts.rule_sets.reliefs import Relief, Reliefs

ZERO = Decimal(0)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a contract decides. sellers, buyers: groups of party kinds.

    starts_on, ends_on: of the contract's validity; ends_on None: it states no end.
    """

    type: str
    sub_type: str
    ip_kind: str
    signed_on: dt.date
    starts_on: dt.date
    ends_on: dt.date | None
    sellers: frozenset[str]
    buyers: frozenset[str]
    amount: Decimal
    is_registered: bool = True


@dataclass(frozen=True, slots=True)
class Given:
    """What only the firm knows. related: the other side is 100 % related; restricted: an export
    that is prohibited or restricted; confirmed: it says itself that the contract qualifies where
    the register cannot tell; one_invoice: consulting or a service that belongs to a transfer or
    development and stands on its invoice."""

    revenue: Decimal
    cost: Decimal = ZERO
    taxes: Decimal = ZERO
    related: bool = False
    restricted: bool = False
    confirmed: bool = False
    one_invoice: bool = False

    @property
    def income(self) -> Decimal:
        """Below 0 for a loss."""
        return self.revenue - self.cost - self.taxes


@dataclass(frozen=True, slots=True)
class Verdict:
    """reason: a code, see contracts.relief_words. asks: the firm can decide by `confirmed`."""

    counts: bool
    reason: str
    asks: bool = False


@dataclass(frozen=True, slots=True)
class IncomeTax:
    """exempt + halved = income where there is one; due: with the relief; usual: without."""

    income: Decimal
    exempt: Decimal
    halved: Decimal
    due: Decimal
    usual: Decimal

    @property
    def saved(self) -> Decimal:
        return self.usual - self.due


@dataclass(frozen=True, slots=True)
class Counted:
    """A contract in the sum of a year."""

    facts: Facts
    given: Given
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Year:
    """relief None: no rule is known for the year. Contracts that do not count are in rows, too."""

    relief: Relief | None
    rows: tuple[Counted, ...]
    tax: IncomeTax | None


@dataclass(frozen=True, slots=True)
class Line:
    """One relief for one contract. figures: (label code, CNY) as they are worked out, in order;
    relief None: no rule of this kind is known for the day."""

    kind: str
    relief: Relief | None
    verdict: Verdict
    unconfirmed: bool
    figures: tuple[tuple[str, Decimal], ...]


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def income_tax(income: Decimal, relief: Relief) -> IncomeTax:
    """Tax on the income of one year from everything that counts; none on a loss."""
    taxed = max(income, ZERO)
    exempt = min(taxed, relief.exempt_up_to)
    halved = taxed - exempt
    return IncomeTax(
        income, exempt, halved,
        due=cents(halved * relief.excess_share * relief.tax_rate),
        usual=cents(taxed * relief.tax_rate),
    )  # fmt: skip


def counts(facts: Facts, given: Given, relief: Relief) -> Verdict:
    """Whether a contract's income is income from technology transfer under a rule."""
    if not facts.is_registered:
        return Verdict(False, "not_registered")
    if facts.type not in ("transfer", "licence"):
        return Verdict(False, "other_type")
    if not facts.sellers & relief.seller_kinds:
        return Verdict(False, "seller_kind")
    if given.related:
        return Verdict(False, "related")
    if given.restricted:
        return Verdict(False, "restricted")
    is_licence = facts.type == "licence" or facts.sub_type == "patent_licence"
    if is_licence and facts.sub_type not in relief.licences | relief.asks:
        return Verdict(False, "licence_kind")
    if is_licence and not _is_long(facts, relief.licence_years):
        return Verdict(False, "no_end" if facts.ends_on is None else "short")
    if is_licence and facts.sub_type in relief.asks:
        return Verdict(given.confirmed, "licence_asks", asks=True)
    if facts.ip_kind not in relief.ip_kinds:
        return Verdict(given.confirmed, "right_asks", asks=True)
    return Verdict(True, "licence_counts" if is_licence else "transfer_counts")


def of_year(
    year: int, contracts: Iterable[tuple[Facts, Given]], reliefs_on: Callable[[dt.date], Reliefs]
) -> Year:
    """A firm's corporate income tax on technology transfer in a calendar year.

    reliefs_on: the reliefs in force on a day.

    The amounts are those of the rule at the year's end. Whether a contract counts is judged by the
    rule of its first day in the year, so that a rule that changes within one does not reach back.
    """
    end = dt.date(year, 12, 31)
    relief = reliefs_on(end).on("income_tax", end)
    rows = []
    for facts, given in contracts:
        first = max(facts.signed_on, dt.date(year, 1, 1))
        rule = reliefs_on(first).on("income_tax", first)
        verdict = counts(facts, given, rule) if rule else Verdict(False, "no_rule")
        rows.append(Counted(facts, given, verdict))
    if relief is None:
        return Year(None, tuple(rows), None)
    income = sum((row.given.income for row in rows if row.verdict.counts), ZERO)
    return Year(relief, tuple(rows), income_tax(income, relief))


def of_contract(facts: Facts, given: Given, reliefs: Reliefs) -> list[Line]:
    """Every relief for one contract, as if it were the only one of its year."""
    return [
        _income_tax(facts, given, reliefs), _vat(facts, given, reliefs),
        _deduction(facts, given, reliefs), _reward(facts, given, reliefs),
    ]  # fmt: skip


def _line(
    kind: str, relief: Relief | None, facts: Facts, verdict: Verdict,
    *figures: tuple[str, Decimal],
) -> Line:  # fmt: skip
    unconfirmed = relief is not None and relief.is_unconfirmed_on(facts.signed_on)
    return Line(kind, relief, verdict, unconfirmed, figures if verdict.counts else ())


def _income_tax(facts: Facts, given: Given, reliefs: Reliefs) -> Line:
    relief = reliefs.on("income_tax", facts.signed_on)
    if relief is None:
        return _line("income_tax", None, facts, Verdict(False, "no_rule"))
    tax = income_tax(given.income, relief)
    return _line(
        "income_tax", relief, facts, counts(facts, given, relief),
        ("revenue", given.revenue), ("cost", -given.cost), ("taxes", -given.taxes),
        ("income", tax.income), ("exempt", tax.exempt), ("halved", tax.halved),
        ("due", tax.due), ("usual", tax.usual), ("saved", tax.saved),
    )  # fmt: skip


def _vat(facts: Facts, given: Given, reliefs: Reliefs) -> Line:
    relief = reliefs.on("vat", facts.signed_on)
    if relief is None:
        return _line("vat", None, facts, Verdict(False, "no_rule"))
    if not facts.is_registered:
        verdict = Verdict(False, "not_registered")
    elif facts.type in relief.types:
        verdict = Verdict(True, "vat_exempt")
    elif facts.type in relief.related_types:
        verdict = Verdict(given.one_invoice, "vat_related", asks=True)
    else:
        verdict = Verdict(False, "vat_other")
    return _line("vat", relief, facts, verdict, ("vat_base", given.revenue))


def _deduction(facts: Facts, given: Given, reliefs: Reliefs) -> Line:
    relief = reliefs.on("deduction", facts.signed_on)
    if relief is None:
        return _line("deduction", None, facts, Verdict(False, "no_rule"))
    counted = given.revenue * relief.counted_share
    extra = counted * relief.extra_share
    if not facts.is_registered:
        verdict = Verdict(False, "not_registered")
    elif facts.type != "development":
        verdict = Verdict(False, "no_development")
    elif facts.sub_type not in relief.sub_types:
        verdict = Verdict(False, "own_costs")
    elif not facts.buyers & relief.buyer_kinds:
        verdict = Verdict(False, "buyer_kind")
    else:
        verdict = Verdict(True, "deducts")
    return _line(
        "deduction", relief, facts, verdict, ("fee", given.revenue), ("counted", cents(counted)),
        ("extra", cents(extra)), ("less_tax", cents(extra * relief.tax_rate)),
    )  # fmt: skip


def _reward(facts: Facts, given: Given, reliefs: Reliefs) -> Line:
    relief = reliefs.on("reward", facts.signed_on)
    if relief is None:
        return _line("reward", None, facts, Verdict(False, "no_rule"))
    if facts.type not in relief.types:
        verdict = Verdict(False, "reward_type")
    elif not facts.sellers & relief.seller_kinds:
        verdict = Verdict(False, "no_institution")
    else:
        verdict = Verdict(True, "rewards")
    net = max(given.income, ZERO)
    return _line(
        "reward", relief, facts, verdict, ("net", net), ("reward", cents(net * relief.share))
    )


def _is_long(facts: Facts, years: int) -> bool:
    """Whether it runs the years, its last day counted."""
    if facts.ends_on is None:
        return False
    if facts.ends_on == dt.date.max:  # how some write that it has no end
        return True
    after = facts.ends_on + dt.timedelta(days=1)
    start = facts.starts_on
    whole = after.year - start.year - ((after.month, after.day) < (start.month, start.day))
    return whole >= years
