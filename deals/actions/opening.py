"""Opening an introduction: by the matcher's followers, by one side, or by a broker."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deals import event_kinds, notices, states
from deals.actions.access import organisation_ids, tell
from deals.actions.offers import offer
from deals.actions.releases import keep_open
from deals.models import Introduction, Origin, Side
from deals.queries.nda import asked_by
from deals.queries.visibility import brokering_organisations
from deals.rules import MAX_ASKED, PARTY_ROLES
from events.actions import record
from listings.models import Listing
from listings.models.listings import Kind, Tier
from listings.queries.visibility import published_for
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, Refused, field_error
from matching.models import Answer, Match

PARTIES = (Side.NEED.value, Side.TECHNOLOGY.value)


@transaction.atomic
def open_for_match(match_id: int) -> Introduction | None:
    """Open the introduction of a match in which both sides are interested; once, however often
    this runs. None when the interest or one of the listings is gone meanwhile."""
    match = (
        Match.objects.select_for_update(of=("self",))
        .select_related("need", "technology")
        .filter(pk=match_id)
        .first()
    )
    if match is None or not (match.need_answer == match.technology_answer == Answer.INTERESTED):
        return None
    answered_at = max(
        moment
        for moment in (match.need_answered_at, match.technology_answered_at, match.created_at)
        if moment is not None
    )
    latest = (
        Introduction.objects.filter(need=match.need, technology=match.technology)
        .order_by("-id")
        .first()
    )
    # a second run of the job must not reopen what was closed meanwhile; a new answer does
    if latest is not None and (latest.is_live or latest.created_at >= answered_at):
        if latest.match_id is None:
            Introduction.objects.filter(pk=latest.pk).update(match=match)
        return latest
    if not (match.need.is_open and match.technology.is_open):
        return None
    introduction, _created = open_pair(
        match.need,
        match.technology,
        origin=Origin.BOTH_INTERESTED,
        actor=Actor.system(),
        match=match,
    )
    offer(introduction)
    return introduction


@transaction.atomic
def open_by_hand(*, actor: Actor, need_id: int, technology_id: int) -> tuple[Introduction, bool]:
    """Ask for an introduction of one's own listing to another's, or, as a broker, bring two
    listings together. Returns the introduction and whether it is new: an open one of the pair is
    returned as it is.

    Raises NotFound for a listing that the actor may not know of, Refused without a role on either
    side, Conflict for a pair of one owner or after too many open requests.
    """
    need = _listing(actor, need_id, Kind.NEED)
    technology = _listing(actor, technology_id, Kind.TECHNOLOGY)
    if need.owner_id == technology.owner_id:
        raise Conflict("same_owner", _("Both listings belong to the same organisation."))
    own = [listing for listing in (need, technology) if actor.can(listing.owner_id, *PARTY_ROLES)]
    if own:
        return _ask(actor, need, technology, own[0].owner_id)
    tti = brokering_organisations(actor).first()
    if tti is None:
        raise Refused(
            "not_your_listing",
            _("Choose a published listing of your own organisation for one side of the pair."),
        )
    introduction, is_new = open_pair(
        need, technology, origin=Origin.BY_BROKER, actor=actor, state=states.WITH_BROKER,
        broker_id=actor.user_id, broker_organisation=tti, claimed_at=timezone.now(),
    )  # fmt: skip
    if not is_new and actor.user_id != introduction.broker_id:
        raise Conflict("already_open", _("These two are already talking to each other."))
    return introduction, is_new


def _ask(
    actor: Actor, need: Listing, technology: Listing, organisation_id: int
) -> tuple[Introduction, bool]:
    if organisation_id not in actor.verified_ids and not actor.is_system:
        raise Refused(
            "not_verified",
            _("Your organisation must be verified before it asks for introductions."),
        )
    asked = Introduction.objects.filter(
        origin=Origin.BY_HAND, opened_by__memberships__organisation_id=organisation_id
    ).exclude(state=states.CLOSED)
    if asked.distinct().count() >= MAX_ASKED:
        raise Conflict(
            "too_many_asked",
            _("Your organisation has %(limit)s open requests. Close some before asking again.")
            % {"limit": MAX_ASKED},
        )
    return open_pair(need, technology, origin=Origin.BY_HAND, actor=actor)


def _listing(actor: Actor, listing_id: int, kind: str) -> Listing:
    found = published_for(actor).filter(pk=listing_id, revision_of__isnull=True).first()
    if found is None:
        raise NotFound
    if found.kind != kind:
        raise field_error(kind, _("This is not a listing of that kind."), code="wrong_kind")
    return found


def open_pair(
    need: Listing, technology: Listing, *, origin: str, actor: Actor, match: Match | None = None,
    **more: Any,
) -> tuple[Introduction, bool]:  # fmt: skip
    """Create it, or return the one that is open: the constraint decides who was first.

    The other rooms' rules are the caller's; of an enquiry without a name the caller tells people.
    """
    live = Introduction.objects.filter(need=need, technology=technology).exclude(
        state=states.CLOSED
    )
    match = match or Match.objects.filter(need=need, technology=technology).first()
    # the text of the institution that brings two parties together; its room asks for the same
    house = getattr(more.get("broker_organisation"), "pk", None)
    try:
        with transaction.atomic():
            introduction = Introduction.objects.create(
                need=need, technology=technology, need_party_id=need.owner_id,
                technology_party_id=technology.owner_id, match=match, origin=origin,
                opened_by_id=actor.user_id,
                nda_version=asked_by(house, timezone.localdate()).version, **more,
            )  # fmt: skip
    except IntegrityError:
        return live.get(), False
    keep_open(introduction)
    record(
        event_kinds.OPENED, actor=actor, obj=introduction,
        organisation_ids=organisation_ids(introduction),
        after={"state": introduction.state},
        data={
            # a confidential listing is not named in what the other side's history is made from
            "need": _named(need), "technology": _named(technology), "origin": str(origin),
            "match": match.public_id if match and origin != Origin.UNNAMED else "",
        },
    )  # fmt: skip
    if origin == Origin.UNNAMED:
        return introduction, True
    kind = notices.OPENED if origin == Origin.BOTH_INTERESTED else notices.ASKED
    asking = (
        set()
        if origin != Origin.BY_HAND
        else {side for side in PARTIES if actor.can(introduction.party_id(side), *PARTY_ROLES)}
    )
    tell(
        introduction, kind, [side for side in PARTIES if side not in asking], actor=actor,
        key=f"opened-{introduction.public_id}",
    )  # fmt: skip
    return introduction, True


def _named(listing: Listing) -> str:
    return "" if listing.visibility == Tier.CONFIDENTIAL else listing.public_id
