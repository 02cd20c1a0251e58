"""What an alliance proposes for its referrals."""

from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions.alliances import leads
from deals import event_kinds
from deals.actions.agreements import HUNDRED, checked_split
from deals.models import AllianceTerms
from deals.queries.referrals import alliances_of
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound, Refused, Stale, field_error


@transaction.atomic
def set_alliance_terms(
    *, actor: Actor, alliance_id: int, referring_percent: Decimal, claim_days: int,
    report_days: int, expected_version: int | None = None,
) -> AllianceTerms:  # fmt: skip
    """Owners of the leading institution say what a new referral is filled with: the referring part
    in percent, days to claim (1 to 365) and from report to report (1 to 180).

    Referrals that stand keep theirs. Raises NotFound for who is no member, Refused for who does not
    lead, Invalid, Stale.
    """
    alliance = alliances_of(actor).filter(pk=alliance_id).first()
    if alliance is None:
        raise NotFound
    if not leads(actor, alliance):
        raise Refused("lead_only", _("Only owners of the leading organisation may do this."))
    if not isinstance(referring_percent, Decimal) or not referring_percent.is_finite():
        raise field_error("referring_percent", _("Give a percentage from 0 to 100."))
    checked_split(referring_percent, HUNDRED - referring_percent)
    for name, days, most in (("claim_days", claim_days, 365), ("report_days", report_days, 180)):
        if not isinstance(days, int) or not 1 <= days <= most:
            raise field_error(name, _("Give 1 to %(most)s days.") % {"most": most})
    there = AllianceTerms.objects.select_for_update().filter(alliance=alliance).first()
    version = there.version if there else 0
    if expected_version is not None and expected_version != version:
        raise Stale("stale_version", _("The rule has changed since you opened it. Reload it."))
    row = there or AllianceTerms(alliance=alliance)
    row.referring_percent, row.claim_days, row.report_days = (
        referring_percent, claim_days, report_days,
    )  # fmt: skip
    row.version = version + 1
    row.save()
    record(
        event_kinds.ALLIANCE_TERMS, actor=actor, obj=alliance,
        organisation_ids=[alliance.lead_id], data={"version": row.version},
    )  # fmt: skip
    return row
