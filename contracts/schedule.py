"""What is due when, worked out from the terms of payment."""

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contracts.codes import ROYALTY_BASES, ROYALTY_PERIODS
from contracts.models import Contract, ContractRoyalty, RoyaltyStep
from contracts.payment import INSTALMENTS, LUMP_SUM, WITH_ROYALTY, Terms, terms_of
from marketplace.core.formatting import amount_text, number_text

MOST_PERIODS = 40  # rows of royalty periods; the rest is told in one
_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


@dataclass(frozen=True)
class Due:
    """One line. on: a day; else `when` says it in words. amount None: as realised."""

    on: dt.date | None
    when: str
    what: str
    amount: Decimal | None
    note: str = ""


@dataclass(frozen=True)
class Schedule:
    """known: the sum of the amounts that are stated, in the contract's currency."""

    rows: list[Due]
    known: Decimal
    has_unknown: bool
    currency: str


def schedule_of(contract: Contract, terms: Terms | None = None) -> Schedule:
    """The schedule of a contract by its mode of payment; empty while there is nothing to tell.

    terms: others than the stored ones, for a preview. Texts are in the active language.
    """
    terms = terms_of(contract) if terms is None else terms
    rows: list[Due] = []
    if contract.payment_mode == LUMP_SUM and contract.total_amount is not None:
        rows.append(Due(None, _("in one sum"), _("Whole amount"), contract.total_amount))
    if contract.payment_mode in WITH_ROYALTY and terms.royalty and terms.royalty.entry_fee:
        royalty = terms.royalty
        when = "" if royalty.entry_fee_on else _("as agreed")
        rows.append(Due(royalty.entry_fee_on, when, _("Upfront fee"), royalty.entry_fee))
    if contract.payment_mode == INSTALMENTS or contract.payment_mode in WITH_ROYALTY:
        rows += [
            Due(
                row.due_on,
                row.event,
                _("Instalment %(number)s") % {"number": number}
                if contract.payment_mode == INSTALMENTS
                else _("Known sum"),
                row.amount,
                row.note,
            )
            for number, row in enumerate(terms.instalments, 1)
        ]
    known = sum((row.amount for row in rows if row.amount is not None), Decimal(0))
    if contract.payment_mode in WITH_ROYALTY and terms.royalty and terms.royalty.reporting:
        rows += _periods(contract, terms, terms.royalty)
        if all(row.on for row in rows):  # a sum known for later stands among the periods
            rows.sort(key=lambda row: row.on or dt.date.max)
    has_unknown = any(row.amount is None for row in rows)
    return Schedule(rows, known, has_unknown, contract.currency)


def royalty_words(terms: Terms, currency: str) -> str:
    """The rates in words: "3% of sales", or one step after another."""
    if terms.royalty is None:
        return ""
    base = ROYALTY_BASES.label(terms.royalty.base) if terms.royalty.base else "–"
    if len(terms.steps) == 1 and not _starts_later(terms.steps[0]):
        rate = number_text(terms.steps[0].rate)
        return _("%(rate)s%% of: %(base)s") % {"rate": rate, "base": base}
    by_year = any(step.from_year > 1 for step in terms.steps)
    return "; ".join([base, *(_step_words(step, currency, by_year) for step in terms.steps)])


def _starts_later(step: RoyaltyStep) -> bool:
    return bool(step.from_amount) or step.from_year > 1


def _step_words(step: RoyaltyStep, currency: str, by_year: bool) -> str:
    told = {
        "amount": amount_text(step.from_amount, currency, exact=True),
        "rate": number_text(step.rate),
        "year": step.from_year,
    }
    if not by_year:
        return _("from %(amount)s: %(rate)s%%") % told
    if not step.from_amount:
        return _("from year %(year)s: %(rate)s%%") % told
    return _("from year %(year)s, from %(amount)s: %(rate)s%%") % told


def after_months(day: dt.date, months: int) -> dt.date:
    """The same day some months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _periods(contract: Contract, terms: Terms, royalty: ContractRoyalty) -> list[Due]:
    what = _("Royalty, %(rates)s") % {"rates": royalty_words(terms, contract.currency)}
    least = royalty.minimum_per_year
    note = (
        _("at least %(amount)s a year")
        % {"amount": amount_text(least, contract.currency, exact=True)}
        if least
        else ""
    )
    start, end = royalty_range(contract, royalty)
    if start is None or end is None or end < start:
        return [Due(None, ROYALTY_PERIODS.label(royalty.reporting), what, None, note)]
    ends = list(_ends(start, end, _MONTHS[royalty.reporting]))
    # The rates are told once: a line for each period is read on a phone, too.
    rows = [Due(ends[0], "", what, None, note)]
    rows += [Due(day, "", _("Royalty"), None) for day in ends[1:MOST_PERIODS]]
    left = len(ends) - len(rows)
    if left:
        until = _("until %(day)s") % {"day": ends[-1].isoformat()}
        text = ngettext("%(count)s more period", "%(count)s more periods", left)
        rows.append(Due(None, until, text % {"count": left}, None, note))
    return rows


def royalty_range(
    contract: Contract, royalty: ContractRoyalty
) -> tuple[dt.date | None, dt.date | None]:
    """First and last day of a royalty; None where the contract says nothing."""
    return (
        royalty.runs_from or contract.valid_from or contract.signed_on,
        royalty.runs_to or contract.valid_to,
    )


def royalty_periods(
    contract: Contract, royalty: ContractRoyalty
) -> Iterator[tuple[dt.date, dt.date]]:
    """First and last day of each period to report, oldest first; endless where the royalty has no
    end, none where it has no start or no interval."""
    start, end = royalty_range(contract, royalty)
    if start is None or royalty.reporting not in _MONTHS:
        return
    first = start
    for last in _ends(start, end or dt.date.max, _MONTHS[royalty.reporting]):
        yield first, last
        if last == dt.date.max:
            return
        first = last + dt.timedelta(days=1)


def _ends(start: dt.date, end: dt.date, months: int) -> Iterator[dt.date]:
    """Last days of the periods from start; the last one ends with the royalty."""
    day, count = start, 0
    while day <= end:
        count += 1
        try:
            following = after_months(start, months * count)
        except ValueError:  # beyond the calendar
            yield end
            return
        yield min(following - dt.timedelta(days=1), end)
        day = following
