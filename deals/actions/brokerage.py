"""What was agreed with the client of a case: percent by tiers, limits, costs."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deals import event_kinds
from deals.actions.case_access import locked_for
from deals.commission_rules import NOTHING
from deals.distribution.share import unit_of
from deals.models import BrokerageAgreement, Case, CentreSettings, Referral, ReferralMode
from deals.queries.referrals import shared_by
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.cleaning import words_of
from marketplace.core.errors import Conflict, Invalid, Stale, field_error
from marketplace.core.forms import invalid_from
from marketplace.core.gates import lock

MOST_TIERS = 10
MOST = Decimal(10) ** 15  # of an amount, exclusive


@transaction.atomic
def agree_brokerage(
    *, actor: Actor, case_id: int, facts: Mapping[str, Any], expected_version: int | None = None
) -> BrokerageAgreement:
    """Enter or change what was agreed with the client of a case.

    facts: client, signed_on, currency, tiers (rows of above and percent, Decimal), minimum and cap
    (Decimal or None), due, costs_cap. expected_version: of terms that are there. Statements keep
    the terms by which they were worked out; the currency stays once there is one. Raises Invalid,
    Stale, and Conflict where the other side of a shared referral has entered the terms.
    """
    referral = shared_by(Case(pk=case_id))
    if referral is not None:  # before the case, as all that changes a referral
        lock(Referral.objects.all(), referral.pk)
    case = locked_for(actor, case_id, "")
    there = BrokerageAgreement.objects.select_for_update().filter(case=case).first()
    if there is not None and expected_version != there.version:
        raise Stale("stale_version", _("The terms have changed since you opened them."))
    if there is None and referral is not None and _has_terms(referral, case):
        raise Conflict(
            "terms_elsewhere",
            _("The other institution has entered the terms with this client. One fee is stated "
              "in one place."),
        )  # fmt: skip
    row = there or BrokerageAgreement(case=case)
    before = row.currency
    _set_terms(row, facts)
    if there is not None and row.currency != before and row.statements.exists():
        raise field_error(
            "currency", _("Statements were made in %(code)s. It stays.") % {"code": before}
        )
    row.version += 1 if there else 0
    row.save()
    record(
        event_kinds.BROKERAGE_AGREED, actor=actor, obj=case,
        organisation_ids=[case.organisation_id], data={"version": row.version},
    )  # fmt: skip
    return row


def _has_terms(referral: Referral, case: Case) -> bool:
    """Whether the other side entered them. Terms of a case that was handed over before anything was
    stated are the next institution's to agree on anew."""
    is_carried = referral.carried_case_id == case.pk
    other = referral.case_id if is_carried else referral.carried_case_id
    rows = BrokerageAgreement.objects.filter(case_id=other or 0)
    if is_carried and referral.mode == ReferralMode.HAND_OVER:
        rows = rows.filter(statements__isnull=False)
    return rows.exists()


def _set_terms(row: BrokerageAgreement, facts: Mapping[str, Any]) -> None:
    """Put the terms on the row, looked through one by one; raises Invalid."""
    wrong: dict[str, list[Any]] = {}
    try:
        row.client = words_of("client", str(facts.get("client") or ""), 160)
    except Invalid as error:
        wrong |= error.fields
    signed_on = facts.get("signed_on")
    if not isinstance(signed_on, dt.date) or signed_on > timezone.localdate():
        wrong["signed_on"] = [_("Give the day of the agreement, not later than today.")]
    else:
        row.signed_on = signed_on
    set_prices(row, facts, wrong)
    try:
        row.clean_fields(exclude=["case", "tiers"])
    except ValidationError as error:
        raise invalid_from(error) from None


def set_prices(
    row: BrokerageAgreement | CentreSettings, facts: Mapping[str, Any],
    wrong: dict[str, list[Any]],
) -> None:  # fmt: skip
    """Put currency, due, tiers, minimum, cap and costs_cap on the row, looked through one by one.
    wrong: what else is wrong with the form, by field. Raises Invalid where anything is."""

    def taken(name: str) -> Decimal | None:
        try:
            return amount_of(name, facts.get(name))
        except Invalid as error:
            wrong.update(error.fields)
            return None

    row.minimum, row.cap = taken("minimum"), taken("cap")
    row.costs_cap = taken("costs_cap") or NOTHING
    row.currency, row.due = str(facts.get("currency") or ""), str(facts.get("due") or "")
    if row.minimum is not None and row.cap is not None and row.cap < row.minimum:
        wrong["cap"] = [_("The most is not below the least.")]
    row.tiers = _checked_tiers(facts.get("tiers") or [], wrong)
    if not wrong:
        unit = unit_of(row.currency)
        for name in ("minimum", "cap", "costs_cap"):
            if (getattr(row, name) or NOTHING) % unit:
                wrong[name] = [_("This currency has no cents.")]
    if wrong:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=wrong)


def _checked_tiers(rows: Any, wrong: dict[str, list[Any]]) -> list[dict[str, str]]:
    """Rows of `above` and `percent` as text; faults as `tiers.0.percent`, `tiers` for the whole."""
    if not 0 < len(rows) <= MOST_TIERS:
        wrong["tiers"] = [_("Give between 1 and 10 tiers.")]
        return []
    last: Decimal | None = None
    for place, tier in enumerate(rows):
        above, percent = tier.get("above"), tier.get("percent")
        if not isinstance(percent, Decimal) or not percent.is_finite() or not 0 <= percent <= 100:
            wrong[f"tiers.{place}.percent"] = [_("Give a percentage from 0 to 100.")]
        elif percent != percent.quantize(Decimal("0.0001")):
            wrong[f"tiers.{place}.percent"] = [_("At most four decimals.")]
        try:
            above = amount_of(f"tiers.{place}.above", above)
        except Invalid as error:
            wrong |= error.fields
            continue
        if above is None or (place == 0) != (above == 0) or (last is not None and above <= last):
            wrong[f"tiers.{place}.above"] = [_("The first begins at 0, each one above the last.")]
        else:
            last = above
    return (
        [{"above": f"{row['above']:.2f}", "percent": f"{row['percent']:f}"} for row in rows]
        if not any(name.startswith("tiers") for name in wrong)
        else []
    )


def amount_of(name: str, amount: Any) -> Decimal | None:
    """Not negative, two decimals; None where nothing is said. Raises Invalid."""
    if amount is None or amount == "":
        return None
    if not isinstance(amount, Decimal) or not amount.is_finite() or not 0 <= amount < MOST:
        raise field_error(name, _("Give an amount that is not negative."), code="out_of_range")
    if amount != amount.quantize(Decimal("0.01")):
        raise field_error(name, _("At most two decimals."), code="out_of_range")
    return amount
