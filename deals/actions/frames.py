"""The frame of an alliance: the lead asks for figures, owners of members accept and end it."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Alliance, AllianceMember, Membership, Organisation
from accounts.queries.organisations import owner_ids
from deals import event_kinds, notices
from deals.models import AllianceFrame, FrameAcceptance
from deals.queries.frames import acceptances, alliances_of, current_frame, leads, own_members
from deals.service_figures import FIGURES
from events.actions import notify, record
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, Refused, Stale, field_error
from marketplace.core.gates import lock


@transaction.atomic
def set_frame(
    *, actor: Actor, alliance_id: int, codes: Iterable[str], expected_number: int | None = None
) -> AllianceFrame:
    """Owners of the lead say which figures members report: codes of deals.service_figures. The same
    ones again stay the same version. Members are asked anew; until they answer, what they accepted
    before holds.

    expected_number: of the version that was seen, 0 for none. Raises NotFound for outsiders,
    Refused for a member, Invalid on `codes`, Stale.
    """
    alliance = _locked(actor, alliance_id)
    if not leads(actor, alliance):
        raise Refused("lead_only", _("Only owners of the leading organisation may do this."))
    wanted = set(codes)
    if wanted - set(FIGURES):
        raise field_error("codes", _("Choose figures of the list."), code="unknown_code")
    if not wanted:
        raise field_error("codes", _("Choose at least one figure."), code="required")
    before = current_frame(alliance)
    if expected_number is not None and expected_number != (before.number if before else 0):
        raise Stale("stale_version", _("The frame has changed since you opened it. Reload it."))
    chosen = [code for code in FIGURES if code in wanted]
    if before is not None and before.codes == chosen:
        return before
    newest = AllianceFrame.objects.filter(alliance=alliance).first()
    frame = AllianceFrame(
        alliance=alliance, lead_id=alliance.lead_id, number=newest.number + 1 if newest else 1,
        codes=chosen,
    )  # fmt: skip
    frame.made_by_id = actor.user_id
    frame.save()
    record(
        event_kinds.FRAME_SET, actor=actor, obj=alliance, organisation_ids=[alliance.lead_id],
        data={"number": frame.number, "codes": chosen},
    )  # fmt: skip
    members = AllianceMember.objects.filter(
        alliance=alliance, state=AllianceMember.State.MEMBER, organisation__kind="tti"
    ).exclude(organisation=alliance.lead_id)  # fmt: skip
    owners = Membership.objects.filter(
        organisation__in=members.values("organisation_id"), roles__contains=["owner"],
        user__is_active=True,
    )  # fmt: skip
    people = set(owners.values_list("user_id", flat=True))
    _tell(people, notices.FRAME_SET, alliance, actor, f"{alliance.public_id}-{frame.number}")
    return frame


@transaction.atomic
def accept_frame(
    *, actor: Actor, alliance_id: int, organisation: str, number: int
) -> FrameAcceptance:
    """An owner of a member lets the lead read the figures of a version; accepted again, it stays as
    it is.

    organisation: public id. number: of the version that was shown; raises Stale when another is in
    force, NotFound for who owns no such member, Conflict without a frame.
    """
    alliance = _locked(actor, alliance_id)
    member = _own_member(actor, alliance, organisation)
    frame = current_frame(alliance)
    if frame is None:
        raise Conflict("no_frame", _("The lead asks for no figures at present."))
    if number != frame.number:
        raise Stale("stale_version", _("The frame has changed since you opened it. Reload it."))
    held = acceptances(alliance, [member.pk]).get(member.pk)
    if held is not None and held.frame_id == frame.pk:
        return held
    now = timezone.now()
    _end(alliance, member, actor)  # older versions, and what was given in an earlier membership
    made = FrameAcceptance(frame=frame, organisation=member, accepted_at=now)
    made.accepted_by_id = actor.user_id
    made.save()
    record(
        event_kinds.FRAME_ACCEPTED, actor=actor, obj=alliance,
        organisation_ids=[alliance.lead_id, member.pk], data={"number": frame.number},
    )  # fmt: skip
    people = set(owner_ids(alliance.lead_id))
    _tell(people, notices.FRAME_ACCEPTED, alliance, actor, f"{made.pk}")
    return made


@transaction.atomic
def end_frame(*, actor: Actor, alliance_id: int, organisation: str) -> None:
    """An owner of a member stops sharing at once. Done again, nothing happens. Raises NotFound."""
    alliance = _locked(actor, alliance_id)
    member = _own_member(actor, alliance, organisation)
    if not _end(alliance, member, actor):
        return
    record(
        event_kinds.FRAME_ENDED, actor=actor, obj=alliance,
        organisation_ids=[alliance.lead_id, member.pk],
    )  # fmt: skip


def end_all(alliance_id: int, actor: Actor) -> None:
    """What members accepted was for the lead that was: it ends with it, also should it come back
    (accounts.followers). In the transaction, and under the lock, of who hands it over."""
    alliance = Alliance.objects.get(pk=alliance_id)
    rows = FrameAcceptance.objects.filter(frame__alliance=alliance, ended_at__isnull=True)
    for row in rows.select_related("frame").order_by("pk"):
        row.ended_at, row.ended_by_id = timezone.now(), actor.user_id
        row.save(update_fields=["ended_at", "ended_by"])
        record(
            event_kinds.FRAME_ENDED, actor=actor, obj=alliance,
            organisation_ids=[row.frame.lead_id, row.organisation_id],
        )  # fmt: skip


def _locked(actor: Actor, alliance_id: int) -> Alliance:
    """Under its lock nobody joins, leaves or hands the lead over meanwhile."""
    if not alliances_of(actor).filter(pk=alliance_id).exists():
        raise NotFound
    return lock(Alliance.objects.all(), alliance_id)


def _own_member(actor: Actor, alliance: Alliance, organisation: str) -> Organisation:
    for one in own_members(actor, alliance):
        if one.public_id == organisation:
            return one
    raise NotFound


def _end(alliance: Alliance, member: Organisation, actor: Actor) -> int:
    rows = FrameAcceptance.objects.filter(
        frame__alliance=alliance, organisation=member, ended_at__isnull=True
    )
    return rows.update(ended_at=timezone.now(), ended_by_id=actor.user_id)


def _tell(people: set[int], kind: str, alliance: Alliance, actor: Actor, key: str) -> None:
    notify(
        people - {actor.user_id or 0}, kind,
        params={"alliance_en": alliance.name_en, "alliance_zh": alliance.name_zh},
        url=f"/service-figures/alliances/{alliance.public_id}/", key=key,
    )  # fmt: skip
