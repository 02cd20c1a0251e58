"""What an alliance asks of its members, who accepted it, and what the lead reads of it: numbers of
the accepted codes, and nothing else of a member."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from accounts.models import Alliance, AllianceMember, Organisation
from deals import report_states as states
from deals.models import AllianceFrame, FrameAcceptance, ServiceReport
from deals.queries.service_counts import counted
from deals.queries.service_reports import own_institutions
from deals.service_figures import FIGURES, Line, Value, declared_of, lines_of, summed
from marketplace.core.actor import Actor


def alliances_of(actor: Actor) -> QuerySet[Alliance]:
    """Alliances in which the actor owns the lead or a verified institution that is a member. Not
    an operator's."""
    members = AllianceMember.objects.filter(
        state=AllianceMember.State.MEMBER, organisation__in=own_institutions(actor)
    )
    return Alliance.objects.filter(
        Q(lead_id__in=sorted(actor.ids_with() & actor.verified_ids))
        | Q(pk__in=members.values("alliance"))
    ).select_related("lead").order_by("id")  # fmt: skip


def leads(actor: Actor, alliance: Alliance) -> bool:
    """Owners of the lead, in person: operators look after alliances, and read no figures."""
    return alliance.lead_id in actor.ids_with() & actor.verified_ids


def own_members(actor: Actor, alliance: Alliance) -> list[Organisation]:
    """Member institutions that the actor owns, but for the lead, by id."""
    members = AllianceMember.objects.filter(
        alliance=alliance, state=AllianceMember.State.MEMBER
    ).exclude(organisation=alliance.lead_id)  # fmt: skip
    return list(own_institutions(actor).filter(pk__in=members.values("organisation")))


def current_frame(alliance: Alliance) -> AllianceFrame | None:
    """The newest version, if it is of today's lead."""
    return AllianceFrame.objects.filter(alliance=alliance, lead=alliance.lead_id).first()


def acceptances(
    alliance: Alliance, organisation_ids: Iterable[int] | None = None
) -> dict[int, FrameAcceptance]:
    """Organisation id -> the newest acceptance that holds: of a frame of today's lead, not ended,
    given in the membership that lasts. One query."""
    rows = FrameAcceptance.objects.filter(
        frame__alliance=alliance, frame__lead=alliance.lead_id, ended_at__isnull=True,
        organisation__alliance_memberships__alliance=alliance,
        organisation__alliance_memberships__state=AllianceMember.State.MEMBER,
        # who left and came back has changed since, and is asked anew
        organisation__alliance_memberships__changed_at__lte=F("accepted_at"),
        organisation__verified_at__isnull=False,
    )  # fmt: skip
    if organisation_ids is not None:
        rows = rows.filter(organisation__in=list(organisation_ids))
    rows = rows.select_related("frame", "organisation").order_by("frame__number", "pk")
    return {row.organisation_id: row for row in rows}


@dataclass(frozen=True, slots=True)
class MemberRow:
    """What the lead reads of one member in one year; lines are empty until it has accepted.
    number: of the version it accepted, 0 for none. is_reported: whether it has submitted."""

    organisation: Organisation
    number: int = 0
    is_reported: bool = False
    lines: tuple[Line, ...] = ()

    def value(self, code: str) -> Value | None:
        return next((one.total for one in self.lines if one.figure.code == code), None)


@dataclass(frozen=True, slots=True)
class Shared:
    """Rows of the members, and code -> (sum of their totals, of how many members)."""

    codes: tuple[str, ...]
    rows: tuple[MemberRow, ...]
    totals: dict[str, tuple[Value | None, int]]


def shared(
    alliance: Alliance, frame: AllianceFrame, year: int, only: Iterable[int] | None = None
) -> Shared:
    """What the lead reads of a year: six queries, however many members. only: of these members."""
    members = AllianceMember.objects.filter(
        alliance=alliance, state=AllianceMember.State.MEMBER, organisation__kind="tti"
    ).exclude(organisation=alliance.lead_id)  # fmt: skip
    if only is not None:
        members = members.filter(organisation__in=list(only))
    accepted = acceptances(alliance, only)
    reports = {
        one.institution_id: one
        for one in ServiceReport.objects.filter(
            institution__in=accepted, year=year, state=states.SUBMITTED
        )
    }
    numbers = counted(accepted, year, year, open_amounts=True)
    rows = []
    for member in members.select_related("organisation").order_by("organisation_id"):
        given, pk = accepted.get(member.organisation_id), member.organisation_id
        if given is None:
            rows.append(MemberRow(member.organisation))
            continue
        report = reports.get(pk)
        rows.append(MemberRow(
            member.organisation, given.frame.number, report is not None,
            tuple(lines_of(
                numbers.get((pk, year), {}), declared_of(report) if report else {},
                given.frame.codes,
            )),
        ))  # fmt: skip
    # a member that stayed with an older version may still show codes that today's does not ask for
    codes = tuple(
        code for code in FIGURES
        if code in frame.codes or any(code in one.frame.codes for one in accepted.values())
    )  # fmt: skip
    totals: dict[str, tuple[Value | None, int]] = {}
    for code in codes:
        known = [value for row in rows if (value := row.value(code)) is not None]
        totals[code] = (summed(known), len(known))
    return Shared(codes, tuple(rows), totals)
