"""Asking for a broker, taking an introduction up, stepping back."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from deals import event_kinds, notices, states
from deals.actions.access import locked, locked_for, organisation_ids, tell, touch
from deals.actions.releases import keep_open
from deals.actions.room_brokers import follow_broker
from deals.models import Introduction, Side
from deals.queries.offers import asked_institutions, is_offered_to
from deals.queries.visibility import brokering_organisations, claimable_by, visible_to
from events.actions import notify, record
from listings.actions.grants import end_release
from listings.models.listings import Tier
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, Refused, field_error

PARTIES = (Side.NEED.value, Side.TECHNOLOGY.value)


@transaction.atomic
def ask_for_broker(
    *, actor: Actor, introduction_id: int, side: str = "", expected_version: int | None = None
) -> Introduction:
    """Put the pair on the brokers' desks. Nothing happens when it already waits there.

    Raises Conflict when it has a broker, or while a listing is confidential: brokers are shown
    what the market shows, and of this pair the market shows nothing.
    """
    introduction, side = locked_for(
        actor, introduction_id, side=side, among=PARTIES, expected_version=expected_version
    )
    if introduction.broker_organisation_id is not None:
        raise Conflict("has_broker", _("This introduction already has a broker."))
    hidden = {introduction.need.visibility, introduction.technology.visibility}
    if Tier.CONFIDENTIAL in hidden:
        raise Conflict(
            "confidential_pair",
            _("One of the listings is confidential, so it cannot be shown to brokers."),
        )
    if introduction.broker_asked_at is not None:
        return introduction
    introduction.broker_asked_at = timezone.now()
    introduction.broker_asked_side = side
    touch(introduction, "broker_asked_at", "broker_asked_side")
    record(
        event_kinds.BROKER_ASKED, actor=actor, obj=introduction,
        organisation_ids=organisation_ids(introduction), data={"side": side},
    )  # fmt: skip
    need = introduction.need
    notify(
        _all_brokers(introduction), notices.BROKER_WANTED, url="/desk/",
        params={"title_en": need.title_en, "title_zh": need.title_zh},
        key=f"wanted-{introduction.public_id}-{introduction.version}",
    )  # fmt: skip
    return introduction


@transaction.atomic
def claim(
    *, actor: Actor, introduction_id: int, organisation_id: int | None = None
) -> Introduction:
    """Take an introduction up as a broker of an institution (the first one of the actor's, unless
    named). Raises NotFound when it is not on the actor's desk, Conflict when another was quicker.
    """
    if not claimable_by(actor).filter(pk=introduction_id).exists():
        taken = locked(introduction_id) if visible_to(actor).filter(pk=introduction_id) else None
        if taken is not None and taken.broker_id == actor.user_id:
            return taken
        if taken is None and not _was_wanted(introduction_id, actor):
            raise NotFound
        raise Conflict("taken", _("Another broker has taken it up meanwhile."))
    introduction = locked(introduction_id)
    if introduction.broker_organisation_id is not None or not introduction.is_live:
        raise Conflict("taken", _("Another broker has taken it up meanwhile."))
    choices = {one.pk: one for one in brokering_organisations(actor)}
    asked = asked_institutions(introduction)
    if asked is not None:  # what was meant for one institution does not go to another
        choices = {pk: one for pk, one in choices.items() if pk in asked}
    if organisation_id is not None and organisation_id not in choices:
        raise field_error("organisation", _("You are no broker there."), code="unknown_code")
    chosen: Organisation = choices[organisation_id or next(iter(choices))]
    before = introduction.state
    move = "join" if before == states.IN_TALKS else "claim"
    introduction.state = states.TRANSITIONS.target(move, before)
    introduction.broker_id = actor.user_id
    introduction.broker_organisation = chosen
    introduction.claimed_at = timezone.now()
    touch(introduction, "state", "broker", "broker_organisation", "claimed_at")
    keep_open(introduction)
    follow_broker(introduction, actor=actor)
    record(
        event_kinds.CLAIMED, actor=actor, obj=introduction,
        organisation_ids=organisation_ids(introduction),
        before={"state": before}, after={"state": introduction.state},
        data={"broker_organisation": chosen.public_id},
    )  # fmt: skip
    tell(
        introduction, notices.CLAIMED, PARTIES, actor=actor,
        params={"broker_en": chosen.name_en, "broker_zh": chosen.name_zh},
    )  # fmt: skip
    return introduction


@transaction.atomic
def step_back(
    *, actor: Actor, introduction_id: int, expected_version: int | None = None
) -> Introduction:
    """Give an introduction back; the parties go on alone or ask for another broker."""
    introduction, _side = locked_for(
        actor, introduction_id, side=Side.BROKER, among=[Side.BROKER],
        expected_version=expected_version,
    )  # fmt: skip
    before = introduction.state
    move = "leave" if before == states.IN_TALKS else "step_back"
    concerned = organisation_ids(introduction)
    introduction.state = states.TRANSITIONS.target(move, before)
    for listing_id in (introduction.need_id, introduction.technology_id):
        end_release(
            actor=Actor.system(), listing_id=listing_id,
            organisation_id=introduction.broker_organisation_id or 0,
        )  # fmt: skip
    introduction.broker_id = None
    introduction.broker_organisation = None
    introduction.claimed_at = None
    introduction.broker_asked_at = None
    introduction.broker_asked_side = ""
    touch(
        introduction, "state", "broker", "broker_organisation", "claimed_at", "broker_asked_at",
        "broker_asked_side",
    )  # fmt: skip
    follow_broker(introduction, actor=actor)
    record(
        event_kinds.STEPPED_BACK, actor=actor, obj=introduction, organisation_ids=concerned,
        before={"state": before}, after={"state": introduction.state},
    )  # fmt: skip
    tell(introduction, notices.STEPPED_BACK, PARTIES, actor=actor)
    return introduction


def _was_wanted(introduction_id: int, actor: Actor) -> bool:
    """Whether it stood on this broker's desk a moment ago: then saying "taken" tells nothing."""
    if not brokering_organisations(actor).exists():
        return False
    institutions = list(brokering_organisations(actor).values_list("pk", flat=True))
    wanted = Q(broker_asked_at__isnull=False) | is_offered_to(institutions)
    found = Introduction.objects.filter(wanted, pk=introduction_id).first()
    return found is not None and Tier.CONFIDENTIAL not in (
        found.need.visibility, found.technology.visibility,
    )  # fmt: skip


def _all_brokers(introduction: Introduction) -> set[int]:
    """People who may take it up: brokers of verified institutions that are no party."""
    own = [introduction.need_party_id, introduction.technology_party_id]
    return set(
        Membership.objects.filter(
            organisation__kind="tti", organisation__verified_at__isnull=False,
            roles__contains=["broker"], user__is_active=True,
        )
        .exclude(organisation_id__in=own)
        .exclude(user__memberships__organisation_id__in=own)
        .values_list("user_id", flat=True)
    )  # fmt: skip


def refuse_unless_broker(actor: Actor) -> None:
    """The desk is for brokers of verified institutions."""
    if not brokering_organisations(actor).exists():
        raise Refused(
            "not_a_broker",
            _("The desk is for brokers of verified technology transfer institutions."),
        )
