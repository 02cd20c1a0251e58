"""What a licensee states of its sales in a period, and what the licensor says to it.

A statement is never changed: it is replaced by another, and the old one is kept.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.queries.organisations import people_with
from deals import event_kinds, notices
from deals import royalty_states as states
from deals.actions.receipts import LARGEST
from deals.distribution.share import half_up, unit_of
from deals.models import RoyaltyAnswer, RoyaltyPeriod, RoyaltyStatement
from deals.queries.royalties import (
    LICENSEE,
    LICENSOR,
    Standing,
    agrees,
    current_of,
    licensor_ids,
    sides_of,
    standing_of,
    visible_to,
)
from deals.royalty_terms import Owed, work_out
from deals.rules import PARTY_ROLES
from events.actions import notify, record
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Conflict, NotFound, Refused, Stale, field_error
from marketplace.core.forms import invalid_from
from marketplace.core.gates import lock

STATEMENT_FACTS = (
    "sales", "currency", "deductions", "deductions_note", "units", "rate", "rate_source", "note",
)  # fmt: skip
_TEXTS = ("deductions_note", "rate_source", "note")


def work_out_statement(
    *, actor: Actor, period_id: int, facts: Mapping[str, Any]
) -> tuple[RoyaltyStatement, Owed]:
    """What a statement of these facts would come to; nothing is stored. Raises as
    submit_statement does, but for what was stated already."""
    period = _seen(period_id, actor)
    _check_side(period, actor, LICENSEE)
    return _made(period, facts)


@transaction.atomic
def submit_statement(
    *, actor: Actor, period_id: int, facts: Mapping[str, Any], replaces: str = "",
    expected_version: int | None = None,
) -> RoyaltyStatement:  # fmt: skip
    """State a period for the licensee. facts: STATEMENT_FACTS; the currency is the contract's
    unless said. replaces: public id of the statement that this one corrects.

    Raises Invalid at the fact that is wrong (negative, deductions above the sales or without a
    reason, another currency without rate and source), Conflict `not_over` before the period has
    ended, `earlier_first` while an earlier one of the year is not stated, `stated_already` for a
    second statement that replaces none.
    """
    period = _locked(period_id, actor, LICENSEE, expected_version)
    if actor.user_id is None:
        raise Refused("nobody", _("Only a person can state a royalty."))
    now = current_of(period)
    if now is not None and replaces != now.public_id:
        raise Conflict(
            "stated_already",
            _("This period is stated already. Correct it by a new statement that replaces the "
              "newest one."),
        )  # fmt: skip
    if now is None and replaces:
        raise field_error("replaces", _("There is no statement to replace."))
    row, _owed = _made(period, facts)
    if now is not None and not row.note:
        raise field_error("note", _("Say why the statement is replaced."), code="required")
    row.position = now.position + 1 if now is not None else 1
    row.submitted_by_id = actor.user_id
    row.save(force_insert=True)
    period.state = states.TRANSITIONS.target("replace" if now else "submit", period.state)
    _touch(period, event_kinds.ROYALTY_SUBMITTED, actor, statement=row.public_id, of=row.position)
    for pk in licensor_ids(period):
        _tell(period, notices.ROYALTY_SUBMITTED, pk, actor, key=row.public_id)
    return row


@transaction.atomic
def query_statement(
    *, actor: Actor, period_id: int, words: str, statement: str = "",
    expected_version: int | None = None,
) -> RoyaltyPeriod:  # fmt: skip
    """Ask the licensee about its statement, which a new one then answers. statement: the one that
    was read, if said. Raises Invalid without words."""
    period = _locked(period_id, actor, LICENSOR, expected_version)
    text = _text("words", words)
    if not text:
        raise field_error("words", _("Say what you ask."), code="required")
    if len(text) > 1000:
        raise field_error("words", _("At most 1,000 characters."), code="too_long")
    return _answer(period, actor, "query", statement, text)


@transaction.atomic
def accept_statement(
    *, actor: Actor, period_id: int, statement: str = "", expected_version: int | None = None
) -> RoyaltyPeriod:
    """Accept what the licensee states. Raises Refused for whoever submitted it, Conflict
    `earlier_changed` when an earlier period of the year was stated anew since."""
    period = _locked(period_id, actor, LICENSOR, expected_version)
    row = current_of(period)
    if row is not None and row.submitted_by_id == actor.user_id:
        raise Refused("own_statement", _("Somebody else accepts what you have submitted."))
    standing = standing_of(period)
    if row is not None and standing is not None and not agrees(row, standing):
        raise Conflict(
            "earlier_changed",
            _("An earlier period of the year was stated anew, so this statement no longer agrees "
              "with it. Query it: the licensee submits it again."),
        )  # fmt: skip
    return _answer(period, actor, "accept", statement, "")


# --- Inside --------------------------------------------------------------------------------------


def _seen(period_id: int, actor: Actor) -> RoyaltyPeriod:
    rows = visible_to(actor).select_related("contract__royalty", "licensee")
    period = rows.filter(pk=period_id).first()
    if period is None:
        raise NotFound
    return period


def _locked(period_id: int, actor: Actor, side: str, expected_version: int | None) -> RoyaltyPeriod:
    """The period, locked. The periods of a licensee's contract are locked together, oldest first:
    a statement counts on the year's earlier ones."""
    seen = _seen(period_id, actor)
    _check_side(seen, actor, side)
    list(
        RoyaltyPeriod.objects.select_for_update()
        .filter(number=seen.number, licensee=seen.licensee_id, ends_on__lte=seen.ends_on)
        .order_by("ends_on")
    )
    period = lock(RoyaltyPeriod.objects.select_related("contract", "licensee"), period_id)
    if expected_version is not None and expected_version != period.version:
        raise Stale(
            "stale_version", _("It has changed since you opened it. Reload it, then try again.")
        )
    return period


def _check_side(period: RoyaltyPeriod, actor: Actor, side: str) -> None:
    if side in sides_of(period, actor):
        return
    if side == LICENSEE:
        raise Refused("not_licensee", _("The licensee states what it has sold."))
    raise Refused("not_licensor", _("The licensor accepts or queries a statement."))


def _made(period: RoyaltyPeriod, facts: Mapping[str, Any]) -> tuple[RoyaltyStatement, Owed]:
    """The statement with its sums, not stored, and how they came about."""
    if period.ends_on >= timezone.localdate():
        raise Conflict("not_over", _("This period is not over yet."))
    standing = _standing(period)
    row = RoyaltyStatement(
        period=period, position=1,
        **{name: facts[name] for name in STATEMENT_FACTS if facts.get(name) is not None},
    )  # fmt: skip
    row.currency = row.currency or period.contract.currency
    for name in _TEXTS:
        setattr(row, name, _text(name, getattr(row, name)))
    if row.sales is None:
        raise field_error("sales", _("State the amount; 0 if nothing was sold."), code="required")
    try:
        row.clean_fields(
            exclude=["period", "position", "base", "before", "earlier", "royalty", "topped_up",
                     "owed", "submitted_by"]
        )  # fmt: skip
    except ValidationError as error:
        raise invalid_from(error) from None
    _check_amounts(row)
    row.base = _base(row, period.contract.currency)
    owed = work_out(
        standing.royalty, standing.steps, standing.year, period.ends_on,
        base=row.base, before=standing.before, earlier=standing.earlier,
        currency=period.contract.currency,
    )  # fmt: skip
    row.before, row.earlier = owed.before, owed.earlier
    row.royalty, row.owed = owed.royalty, owed.owed
    row.topped_up = owed.minimum.topped_up if owed.minimum else Decimal(0)
    return row, owed


def _standing(period: RoyaltyPeriod) -> Standing:
    standing = standing_of(period)
    if standing is None:
        raise Conflict("no_royalty", _("The contract in force then states no royalty."))
    if standing.missing is not None:
        raise Conflict(
            "earlier_first",
            _("State the period up to %(day)s first: rates and the minimum count within a year.")
            % {"day": standing.missing.ends_on.isoformat()},
        )
    return standing


def _check_amounts(row: RoyaltyStatement) -> None:
    for name, amount in (("sales", row.sales), ("deductions", row.deductions)):
        if amount > LARGEST:
            raise field_error(name, _("This amount is too large."), code="too_large")
        if amount % unit_of(row.currency):
            raise field_error(name, _("This currency has no cents."), code="no_cents")
    if row.deductions > row.sales:
        raise field_error(
            "deductions", _("No more can be deducted than was sold."), code="too_large"
        )
    if row.deductions and not row.deductions_note:
        raise field_error(
            "deductions_note", _("Say what is deducted, and where the contract allows it."),
            code="required",
        )  # fmt: skip


def _base(row: RoyaltyStatement, currency: str) -> Decimal:
    """Sales less deductions in the contract's currency; rounded half up, once."""
    net = row.sales - row.deductions
    if row.currency == currency:
        row.rate, row.rate_source = None, ""
        return net
    if row.rate is None:
        raise field_error(
            "rate",
            _("Give the rate: how many %(currency)s for one %(other)s.")
            % {"currency": currency, "other": row.currency},
            code="required",
        )
    if not row.rate_source:
        raise field_error(
            "rate_source", _("Say where the rate is from: the bank's note, or who publishes it."),
            code="required",
        )  # fmt: skip
    base = half_up(net * row.rate, unit_of(currency))
    if base > LARGEST:
        raise field_error("rate", _("With this rate the amount is too small or too large."))
    return base


def _answer(
    period: RoyaltyPeriod, actor: Actor, move: str, statement: str, words: str
) -> RoyaltyPeriod:
    period.state = states.TRANSITIONS.target(move, period.state)
    row = current_of(period)
    if row is None or (statement and statement != row.public_id):
        raise Stale(
            "stale_version", _("It has changed since you opened it. Reload it, then try again.")
        )
    speaks = next(pk for pk in licensor_ids(period) if actor.can(pk, *PARTY_ROLES))
    RoyaltyAnswer.objects.create(
        statement=row, verdict="accepted" if move == "accept" else "queried", words=words,
        organisation_id=speaks, decided_by_id=actor.user_id,
    )  # fmt: skip
    is_accepted = move == "accept"
    event = event_kinds.ROYALTY_ACCEPTED if is_accepted else event_kinds.ROYALTY_QUERIED
    notice = notices.ROYALTY_ACCEPTED if is_accepted else notices.ROYALTY_QUERIED
    _touch(period, event, actor, statement=row.public_id)
    _tell(period, notice, period.licensee_id, actor, key=row.public_id)
    return period


def _touch(period: RoyaltyPeriod, kind: str, actor: Actor, **data: Any) -> None:
    """Store the state, raise the version and write the event. data: ids and numbers of order,
    never amounts."""
    period.version += 1
    period.save(update_fields=["state", "version", "updated_at"])
    record(
        kind, actor=actor, obj=period, data=data,
        organisation_ids=[period.licensee_id, *licensor_ids(period)],
    )  # fmt: skip


def _tell(
    period: RoyaltyPeriod, kind: str, organisation_id: int, actor: Actor, *, key: str
) -> None:
    people = [pk for pk in people_with(organisation_id, *PARTY_ROLES) if pk != actor.user_id]
    notify(
        people, kind, url=period.get_absolute_url(), params=told_of(period), key=f"royalty-{key}"
    )


def told_of(period: RoyaltyPeriod) -> dict[str, str]:
    """What a notice says: the contract's title and the period, which both sides know."""
    return {
        "title_en": period.contract.title_en, "title_zh": period.contract.title_zh,
        "until": period.ends_on.isoformat(), "due": period.due_on.isoformat(),
    }  # fmt: skip


def _text(name: str, value: Any) -> str:
    try:
        return clean_text(str(value or ""))
    except ValidationError as error:
        raise field_error(name, error.messages[0]) from None
