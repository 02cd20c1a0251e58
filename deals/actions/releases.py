"""What a party opens to the other side: its name, its confidential details; and the end of it."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from deals import event_kinds, notices
from deals.actions.access import locked_for, organisation_ids, tell, touch
from deals.actions.room_brokers import follow_broker
from deals.models import Introduction, Side, other_party
from deals.models.introductions import State
from deals.queries.nda import text_of
from deals.rules import PARTY_ROLES
from events.actions import record
from listings.actions.grants import end_release, release_to
from listings.models import Listing
from listings.models.listings import Tier
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Refused

PARTIES = (Side.NEED.value, Side.TECHNOLOGY.value)


def keep_open(introduction: Introduction) -> None:
    """What the market shows of both listings now stays open to the other party and the broker
    when a listing is paused or expires: people must not lose sight of what they talk about.

    Widens nothing: a confidential listing is not opened, an anonymous owner not named.
    """
    for side in PARTIES:
        listing = introduction.listing_of(side)
        for organisation_id in (
            introduction.party_id(other_party(side)),
            introduction.broker_organisation_id,
        ):
            if organisation_id is not None and _is_open_to(listing, organisation_id):
                release_to(
                    actor=Actor.system(), listing_id=listing.pk, organisation_id=organisation_id,
                    tier=listing.visibility, reveals_owner=not listing.is_anonymous,
                    reason=_reason(introduction),
                )  # fmt: skip


@transaction.atomic
def release_identity(
    *, actor: Actor, introduction_id: int, side: str = "", expected_version: int | None = None
) -> Introduction:
    """Let the other side and the broker know who stands behind an anonymous or confidential
    listing. Nothing else is opened by it."""
    introduction, side = locked_for(
        actor, introduction_id, side=side, among=PARTIES, expected_version=expected_version
    )
    listing = introduction.listing_of(side)
    # a confidential listing needs the NDA before it is shown; its owner's name does not
    tier = Tier.PUBLIC if listing.visibility == Tier.CONFIDENTIAL else listing.visibility
    for organisation_id in (
        introduction.party_id(other_party(side)),
        introduction.broker_organisation_id,
    ):
        if organisation_id is not None:
            release_to(
                actor=actor, listing_id=listing.pk, organisation_id=organisation_id, tier=tier,
                reveals_owner=True, reason=_reason(introduction),
            )  # fmt: skip
    touch(introduction)
    record(
        event_kinds.IDENTITY_RELEASED, actor=actor, obj=introduction,
        organisation_ids=organisation_ids(introduction), data={"side": side},
    )  # fmt: skip
    follow_broker(introduction, actor=actor)
    to = [other_party(side), Side.BROKER.value]
    tell(introduction, notices.RELEASED, to, actor=actor)
    return introduction


@transaction.atomic
def release_details(
    *, actor: Actor, introduction_id: int, side: str = "", expected_version: int | None = None
) -> Introduction:
    """Open the confidential tier of one's listing to the other party.

    Raises Conflict until both parties have accepted the agreement. The broker's institution is no
    party of it and gets nothing.
    """
    introduction, side = locked_for(
        actor, introduction_id, side=side, among=PARTIES, expected_version=expected_version
    )
    if not nda_in_force(introduction):
        raise Conflict(
            "nda_missing",
            _("Both sides must accept the non-disclosure agreement before details are released."),
        )
    listing = introduction.listing_of(side)
    release_to(
        actor=actor, listing_id=listing.pk, tier=Tier.CONFIDENTIAL,
        organisation_id=introduction.organisation_id_of(other_party(side)),
        reveals_owner=not listing.is_anonymous, reason=_reason(introduction),
    )  # fmt: skip
    touch(introduction)
    record(
        event_kinds.DETAILS_RELEASED, actor=actor, obj=introduction,
        organisation_ids=organisation_ids(introduction), data={"side": side},
    )  # fmt: skip
    tell(introduction, notices.RELEASED, [other_party(side)], actor=actor)
    return introduction


@transaction.atomic
def revoke_release(
    *, actor: Actor, introduction_id: int, side: str = "", expected_version: int | None = None
) -> Introduction:
    """End what was opened to the other side and the broker, from now on; also after closing."""
    introduction, side = locked_for(
        actor, introduction_id, side=side, among=PARTIES, expected_version=expected_version,
        may_be_closed=True,
    )  # fmt: skip
    end_releases(introduction, side, actor=actor)
    if introduction.state != State.CLOSED:
        keep_open(introduction)
    touch(introduction)
    record(
        event_kinds.RELEASE_ENDED, actor=actor, obj=introduction,
        organisation_ids=organisation_ids(introduction), data={"side": side},
    )  # fmt: skip
    tell(introduction, notices.RELEASE_ENDED, [other_party(side), Side.BROKER.value], actor=actor)
    return introduction


def end_releases(
    introduction: Introduction, side: str, *, actor: Actor, unless_needed: bool = False
) -> None:
    """End every release of one party's listing that serves this introduction.

    unless_needed: keep those that another live introduction of the listing with the same
    organisation stands on.
    """
    listing = introduction.listing_of(side)
    if not actor.can(listing.owner_id, *PARTY_ROLES):
        raise Refused("not_your_listing", _("Only the owner of a listing ends its releases."))
    for organisation_id in (
        introduction.party_id(other_party(side)),
        introduction.broker_organisation_id,
    ):
        if organisation_id is None or (
            unless_needed and _is_needed(introduction, side, organisation_id)
        ):
            continue
        end_release(actor=actor, listing_id=listing.pk, organisation_id=organisation_id)


def nda_in_force(introduction: Introduction) -> bool:
    """Whether both parties accepted the very text that this introduction names."""
    text = text_of(introduction.nda_version)
    accepted = introduction.nda_acceptances.filter(text_hash=text.hash).values_list(
        "side", flat=True
    )
    return set(accepted) >= set(PARTIES)


def _is_needed(introduction: Introduction, side: str, organisation_id: int) -> bool:
    mine, theirs = f"{side}_id", f"{other_party(side)}_party_id"
    return (
        Introduction.objects.exclude(pk=introduction.pk)
        .exclude(state=State.CLOSED)
        .filter(**{mine: introduction.listing_of(side).pk})
        .filter(Q(**{theirs: organisation_id}) | Q(broker_organisation_id=organisation_id))
        .exists()
    )


def _is_open_to(listing: Listing, organisation_id: int) -> bool:
    if listing.visibility == Tier.PUBLIC:
        return True
    return (
        listing.visibility == Tier.MEMBERS
        and Organisation.objects.filter(pk=organisation_id, verified_at__isnull=False).exists()
    )


def _reason(introduction: Introduction) -> str:
    return f"introduction {introduction.public_id}"
