"""While a member carries a case on: reports, taking it back when none comes, the end, the clock."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deals import case_states, event_kinds, notices
from deals import referral_states as states
from deals.actions.agreements import SIDES
from deals.actions.case_endings import close_case, reopen_case
from deals.actions.referral_access import keep, locked, tell
from deals.models import CaseOutcome, CaseReason, Referral, ReferralReport
from deals.models.cases import MAX_NOTE
from deals.queries.referrals import CARRIER, PUBLISHER, open_of, side_of
from deals.rules import REMIND_BEFORE
from marketplace.core.actor import Actor
from marketplace.core.cleaning import words_of
from marketplace.core.errors import Conflict


@transaction.atomic
def report(
    *, actor: Actor, referral_id: int, body: str, expected_version: int | None = None
) -> ReferralReport:
    """Tell the other side how it stands. A report of the carrier sets the day of its next one."""
    referral = locked(actor, referral_id, "report", side=SIDES, expected_version=expected_version)
    side = side_of(referral, actor)
    is_carrier = side == CARRIER
    author_of = referral.carrier if is_carrier else referral.publisher
    assert author_of is not None  # carried on, as the move asks
    row = ReferralReport.objects.create(
        referral=referral, author_id=actor.user_id, body=words_of("body", body, MAX_NOTE),
        organisation=author_of,
    )  # fmt: skip
    names = []
    if is_carrier:
        referral.report_by = timezone.localdate() + dt.timedelta(days=referral.report_days)
        names = ["report_by"]
    keep(referral, event_kinds.REFERRAL_REPORTED, *names, actor=actor, side=side)
    other = referral.publisher_id if is_carrier else referral.carrier_id
    tell(referral, notices.REFERRAL_CHANGED, other, actor)
    return row


@transaction.atomic
def take_back(*, actor: Actor, referral_id: int, expected_version: int | None = None) -> Referral:
    """The publisher takes back a case on which no report came in time. The carrier's case is
    closed; one that was handed over is open again here.

    Raises Conflict before the day of report has gone by, or when another case of the same pair was
    opened meanwhile.
    """
    referral = locked(
        actor, referral_id, "take_back", side=(PUBLISHER,), expected_version=expected_version
    )
    if not is_overdue(referral):
        raise Conflict(
            "not_overdue",
            _("It can be taken back once a report is overdue; the next is due on %(day)s.")
            % {"day": referral.report_by},
        )
    referral.state = states.TRANSITIONS.target("take_back", referral.state)
    referral.agreements.filter(referring_at__isnull=True).delete()
    referral.agreements.filter(closing_at__isnull=True).delete()
    keep(referral, event_kinds.REFERRAL_TAKEN_BACK, "state", actor=actor)
    theirs, ours = referral.carried_case, referral.case
    if theirs is not None and theirs.is_live:
        close_case(
            actor=Actor.system(), case_id=theirs.pk, outcome=CaseOutcome.REFERRED.value,
            reason=CaseReason.TAKEN_BACK.value,
        )  # fmt: skip
    if ours.state == case_states.CLOSED and ours.reason == CaseReason.HANDED_OVER:
        reopen_case(actor=actor, case_id=ours.pk)
    tell(referral, notices.REFERRAL_CHANGED, referral.carrier_id, actor)
    return referral


@transaction.atomic
def end_referral(
    *, actor: Actor, referral_id: int, body: str, expected_version: int | None = None
) -> Referral:
    """Either side ends it with a last report. The agreement holds for fees that are still due."""
    referral = locked(actor, referral_id, "end", side=SIDES, expected_version=expected_version)
    report(actor=actor, referral_id=referral_id, body=body)
    referral.refresh_from_db()
    referral.state = states.TRANSITIONS.target("end", referral.state)
    referral.agreements.filter(referring_at__isnull=True).delete()
    referral.agreements.filter(closing_at__isnull=True).delete()
    keep(referral, event_kinds.REFERRAL_ENDED, "state", actor=actor)
    return referral


def is_overdue(referral: Referral, today: dt.date | None = None) -> bool:
    """Whether the carrier owes a report since yesterday or longer."""
    day = referral.report_by
    is_carried = referral.state == states.CARRIED
    return is_carried and day is not None and day < (today or timezone.localdate())


def refuse_leaving(alliance_id: int, organisation_id: int) -> None:
    """An institution leaves no case of others behind: raises Conflict that names what is open."""
    found = open_of(alliance_id, organisation_id)
    if found:
        shown = ", ".join(found[:10]) + (" …" if len(found) > 10 else "")
        raise Conflict(
            "open_referrals",
            _("Referrals of this institution stand in the alliance (%(ids)s). End, withdraw or "
              "take them back first: see the alliance board.") % {"ids": shown},
        )  # fmt: skip


# --- The clock -----------------------------------------------------------------------------------


def expire_referrals(today: dt.date | None = None) -> int:
    """Take off the board what nobody claimed in time; an open one that waits for its publisher's
    choice stays. Returns how many; safe to run again."""
    today = today or timezone.localdate()
    late = Referral.objects.filter(state=states.OPEN, claim_by__lt=today).exclude(
        claims__state="waiting"
    )
    done = 0
    for pk in list(late.values_list("pk", flat=True)[:5000]):
        with transaction.atomic():
            try:
                referral = locked(Actor.system(), pk, "expire")
            except Conflict:  # somebody was quicker
                continue
            if referral.claims.filter(state="waiting").exists():
                continue
            referral.state = states.TRANSITIONS.target("expire", referral.state)
            keep(referral, event_kinds.REFERRAL_EXPIRED, "state", actor=Actor.system())
            tell(referral, notices.REFERRAL_CHANGED, referral.publisher_id, Actor.system())
            done += 1
    return done


def remind_of_reports(today: dt.date | None = None) -> int:
    """Tell the carrier before a report is due, and both sides once it is overdue; each once for
    each day of report. Returns how many are due or overdue; safe to run again."""
    today = today or timezone.localdate()
    rows = Referral.objects.filter(
        state=states.CARRIED, report_by__lte=today + dt.timedelta(days=REMIND_BEFORE)
    )
    count = 0
    for referral in rows.order_by("pk").iterator(chunk_size=500):
        count += 1
        late = is_overdue(referral, today)
        kind = notices.REFERRAL_OVERDUE if late else notices.REFERRAL_REPORT_DUE
        due = referral.report_by.isoformat() if referral.report_by else ""
        sides = [referral.carrier_id, referral.publisher_id] if late else [referral.carrier_id]
        with transaction.atomic():
            for organisation_id in sides:
                tell(referral, kind, organisation_id, Actor.system(), due=due)
    return count
