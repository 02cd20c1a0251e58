"""Entering what came in and what was spent. A row is never changed: it is reversed by another."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deals import event_kinds
from deals.actions.income import locked_account, touched
from deals.distribution.share import half_up, unit_of
from deals.models import IncomeAccount, IpEvent, LicenceCost, Purpose, Receipt
from deals.queries.income import edition_of
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Conflict, field_error
from marketplace.core.forms import invalid_from
from marketplace.core.gates import get_visible

R = TypeVar("R", Receipt, LicenceCost)
LARGEST = Decimal("999999999999.99")
RECEIPT_FACTS = (
    "purpose", "instalment", "received_on", "amount", "currency", "rate", "rate_source",
    "reference", "note",
)  # fmt: skip
COST_FACTS = ("kind", "spent_on", "amount", "note")


@transaction.atomic
def enter_receipt(*, actor: Actor, account_id: int, facts: Mapping[str, Any]) -> Receipt:
    """Enter money that came in. facts: RECEIPT_FACTS; the currency is the account's unless said.

    Raises Invalid at the fact that is wrong (a negative amount, a day to come, another currency
    without rate and source, an instalment the contract does not have), Conflict `entered_already`
    for the same money twice.
    """
    account = locked_account(account_id, actor)
    row = Receipt(
        account=account, entered_by_id=actor.user_id,
        **{name: facts[name] for name in RECEIPT_FACTS if facts.get(name) is not None},
    )  # fmt: skip
    row.currency = row.currency or account.currency
    row.booked = Decimal(0)
    row.reference, row.note = _text(row.reference, "reference"), _text(row.note, "note")
    row.rate_source = _text(row.rate_source, "rate_source")
    _check(row, exclude=["account", "reverses", "entered_by", "booked"])
    _check_amount(row.amount, row.received_on, "received_on", row.currency)
    _check_instalment(account, row)
    row.booked = _booked(account, row)
    if twin := _twin(row):
        raise Conflict(
            "entered_already",
            _("The same amount of the same day, purpose and reference was entered already "
              "(%(id)s). If it came twice, give each its own reference.") % {"id": twin},
        )  # fmt: skip
    row.save(force_insert=True)
    touched(account, event_kinds.RECEIPT_ENTERED, actor, receipt=row.public_id, purpose=row.purpose)
    return row


@transaction.atomic
def reverse_receipt(*, actor: Actor, account_id: int, receipt: str, words: str) -> Receipt:
    """Take a receipt back by a row of its own, of today, with the reason. What was distributed is
    taken off the next run, or given back by reversing the run.

    Raises NotFound, Conflict when it is reversed already, Invalid without words.
    """
    account = locked_account(account_id, actor)
    old = _old(Receipt, account, receipt)
    row = Receipt(
        account=account, purpose=old.purpose, instalment=old.instalment,
        received_on=timezone.localdate(), amount=-old.amount, currency=old.currency,
        rate=old.rate, rate_source=old.rate_source, booked=-old.booked,
        reference=old.reference, note=reason(words), reverses=old, entered_by_id=actor.user_id,
    )  # fmt: skip
    row.save(force_insert=True)
    touched(
        account, event_kinds.RECEIPT_REVERSED, actor,
        receipt=row.public_id, reverses=old.public_id,
    )  # fmt: skip
    return row


@transaction.atomic
def enter_cost(
    *, actor: Actor, account_id: int, facts: Mapping[str, Any], any_note: bool = False
) -> LicenceCost:
    """Enter money that was spent on what is licensed, in the account's currency. facts:
    COST_FACTS. any_note: the platform made its note, so that tells no twin. Raises Invalid
    at the fact that is wrong, Conflict `entered_already` for the same cost twice."""
    account = locked_account(account_id, actor)
    row = LicenceCost(
        account=account, entered_by_id=actor.user_id,
        **{name: facts[name] for name in COST_FACTS if facts.get(name) is not None},
    )  # fmt: skip
    row.note = _text(row.note, "note")
    _check(row, exclude=["account", "reverses", "entered_by"])
    _check_amount(row.amount, row.spent_on, "spent_on", account.currency)
    twin = LicenceCost.objects.filter(
        account=account, kind=row.kind, amount=row.amount, spent_on=row.spent_on,
        reverses__isnull=True, reversal__isnull=True,
    )  # fmt: skip
    twin = twin if any_note else twin.filter(note=row.note)
    if found := twin.values_list("public_id", flat=True).first():
        raise Conflict(
            "entered_already",
            _("The same cost of the same day was entered already (%(id)s). If it was paid twice, "
              "say so in the note of each.") % {"id": found},
        )  # fmt: skip
    row.save(force_insert=True)
    touched(account, event_kinds.COST_ENTERED, actor, cost=row.public_id, of=row.kind)
    return row


@transaction.atomic
def reverse_cost(*, actor: Actor, account_id: int, cost: str, words: str) -> LicenceCost:
    """Take a cost back by a row of its own, of today, with the reason."""
    account = locked_account(account_id, actor)
    old = _old(LicenceCost, account, cost)
    row = LicenceCost(
        account=account, kind=old.kind, spent_on=timezone.localdate(), amount=-old.amount,
        note=reason(words), reverses=old, entered_by_id=actor.user_id,
    )  # fmt: skip
    row.save(force_insert=True)
    IpEvent.objects.filter(booked=old).update(booked=None)  # its cost can be entered elsewhere
    touched(account, event_kinds.COST_REVERSED, actor, cost=row.public_id, reverses=old.public_id)
    return row


# --- Inside --------------------------------------------------------------------------------------


def _text(value: Any, name: str) -> str:
    try:
        return clean_text(str(value or ""))
    except ValidationError as error:
        raise field_error(name, error.messages[0]) from None


def reason(words: str) -> str:
    """Why something is taken back, fit to be kept. Raises Invalid."""
    text = _text(words, "words")
    if not text:
        raise field_error("words", _("Say why it is reversed."), code="required")
    if len(text) > 400:
        raise field_error("words", _("At most 400 characters."), code="too_long")
    return text


def _check(row: Receipt | LicenceCost, exclude: list[str]) -> None:
    try:
        row.clean_fields(exclude=exclude)
    except ValidationError as error:
        raise invalid_from(error) from None


def _check_amount(amount: Decimal, day: dt.date, day_name: str, currency: str) -> None:
    if amount <= 0:
        raise field_error(
            "amount",
            _("An amount is more than 0. What was entered wrongly is reversed, not entered below "
              "zero."),
            code="not_positive",
        )  # fmt: skip
    if amount > LARGEST:
        raise field_error("amount", _("This amount is too large."), code="too_large")
    if amount % unit_of(currency):
        raise field_error("amount", _("This currency has no cents."), code="no_cents")
    if day > timezone.localdate():
        raise field_error(day_name, _("This day is still to come."), code="in_the_future")


def _check_instalment(account: IncomeAccount, row: Receipt) -> None:
    if row.purpose != Purpose.INSTALMENT:
        row.instalment = None
        return
    known = edition_of(account).instalments.count()
    if not known:
        raise field_error(
            "purpose", _("The contract states no instalments. Choose another purpose.")
        )
    if row.instalment is None or row.instalment > known:
        raise field_error(
            "instalment",
            _("Say which instalment: the contract has %(count)s.") % {"count": known},
        )


def _booked(account: IncomeAccount, row: Receipt) -> Decimal:
    """The amount in the account's currency; rounded half up, once."""
    if row.currency == account.currency:
        row.rate, row.rate_source = None, ""
        return row.amount
    if row.rate is None:
        raise field_error(
            "rate",
            _("Give the rate: how many %(currency)s for one %(other)s.")
            % {"currency": account.currency, "other": row.currency},
            code="required",
        )
    if not row.rate_source:
        raise field_error(
            "rate_source", _("Say where the rate is from: the bank's note, or who publishes it."),
            code="required",
        )  # fmt: skip
    booked = half_up(row.amount * row.rate, unit_of(account.currency))
    if not 0 < booked <= LARGEST:
        raise field_error("rate", _("With this rate the amount is too small or too large."))
    return booked


def _twin(row: Receipt) -> str:
    """The same money, entered before and not reversed; "" when there is none."""
    found = Receipt.objects.filter(
        account=row.account, purpose=row.purpose, instalment=row.instalment, amount=row.amount,
        received_on=row.received_on, currency=row.currency, reference=row.reference,
        reverses__isnull=True, reversal__isnull=True,
    )  # fmt: skip
    return found.values_list("public_id", flat=True).first() or ""


def _old(model: type[R], account: IncomeAccount, public_id: str) -> R:
    rows: Any = model
    old: R = get_visible(rows.objects.filter(account=account), public_id=public_id)
    if old.reverses_id is not None:
        raise Conflict("is_reversal", _("This is a reversal already. Enter the amount anew."))
    if rows.objects.filter(reverses=old).exists():
        raise Conflict("reversed_already", _("It is reversed already."))
    return old
