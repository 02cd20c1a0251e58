"""What is due under a contract, worked out from its terms and from what came in."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contracts.models import Contract
from contracts.payment import LUMP_SUM, WITH_ROYALTY, terms_of
from contracts.states import AMENDED
from deals.models.income import Purpose
from deals.queries.income import Paid
from deals.queries.royalties import StatedSum

LATE, DUE, PART, PAID, OPEN = "late", "due", "part", "paid", "open"
SOON = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DueSum:
    """A stated sum. key names it for good: "upfront", "instalment-2". on None: at an event, in
    words in `when`. state: late, due (within 30 days), part, paid or open."""

    key: str
    purpose: str
    instalment: int | None
    on: dt.date | None
    when: str
    what: str
    amount: Decimal
    received: Decimal
    state: str

    @property
    def missing(self) -> Decimal:
        return max(self.amount - self.received, Decimal(0))

    @property
    def state_name(self) -> str:
        return {
            LATE: pgettext("payment", "late"), DUE: pgettext("payment", "due soon"),
            PART: pgettext("payment", "partly paid"), PAID: pgettext("payment", "paid"),
            OPEN: pgettext("payment", "not due yet"),
        }[self.state]  # fmt: skip

    @property
    def tone(self) -> str:
        return {LATE: "danger", DUE: "warn", PART: "warn", PAID: "accent"}.get(
            self.state, "neutral"
        )


def dues_of(
    contract: Contract, paid: Paid, today: dt.date, currency: str,
    stated: Sequence[StatedSum] = (),
) -> list[DueSum]:  # fmt: skip
    """The stated sums of a contract: whole amount, upfront fee, instalments, and what accepted
    royalty statements say, oldest first. Texts are in the active language.

    stated: of deals.queries.royalties.stated_sums, without a day: contracts say when a royalty is
    reported, not when it is paid. Royalties that came in fill the oldest first.

    currency: in which the account is kept. Nothing is due here when an amendment moved the contract
    to another one, since the two cannot be compared, or when others sell under its newest edition.
    """
    if contract.currency != currency or contract.state == AMENDED:
        return []
    terms = terms_of(contract)
    rows: list[DueSum] = []

    def add(
        key: str, purpose: str, number: int | None, on: dt.date | None, when: str, what: str,
        amount: Decimal, received: Decimal,
    ) -> None:  # fmt: skip
        state = _state(on, amount, received, today)
        rows.append(DueSum(key, purpose, number, on, when, what, amount, received, state))

    if contract.payment_mode == LUMP_SUM and contract.total_amount:
        add(
            "lump_sum", Purpose.LUMP_SUM, None, None, _("in one sum"), _("Whole amount"),
            contract.total_amount, paid.of(Purpose.LUMP_SUM),
        )  # fmt: skip
    royalty = terms.royalty if contract.payment_mode in WITH_ROYALTY else None
    if royalty and royalty.entry_fee:
        add(
            "upfront", Purpose.UPFRONT, None, royalty.entry_fee_on,
            "" if royalty.entry_fee_on else _("as agreed"), _("Upfront fee"),
            royalty.entry_fee, paid.of(Purpose.UPFRONT),
        )  # fmt: skip
    for number, row in enumerate(terms.instalments, 1):
        add(
            f"instalment-{number}", Purpose.INSTALMENT, number, row.due_on, row.event,
            _("Instalment %(number)s") % {"number": number}, row.amount,
            paid.by_instalment.get(number, Decimal(0)),
        )  # fmt: skip
    left = paid.of(Purpose.ROYALTY, Purpose.MINIMUM)
    for one in stated:
        filled = max(min(left, one.owed), Decimal(0))
        left -= filled
        add(
            f"royalty-{one.key}", Purpose.ROYALTY, None, None, _("as agreed"),
            _("Royalty %(first)s to %(last)s")
            % {"first": one.starts_on.isoformat(), "last": one.ends_on.isoformat()},
            one.owed, filled,
        )  # fmt: skip
    return rows


def _state(on: dt.date | None, amount: Decimal, received: Decimal, today: dt.date) -> str:
    if received >= amount:
        return PAID
    if on is not None and on < today:
        return LATE
    if received > 0:
        return PART
    return DUE if on is not None and on <= today + SOON else OPEN
