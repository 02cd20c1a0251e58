"""The broker of a deal room follows that of its introduction."""

from django.utils import timezone

from deals import event_kinds, room_states
from deals.actions.room_access import note, touch
from deals.models import DealRoom, Introduction
from deals.queries.pairs import PARTIES, hides_owner
from listings.models import DisclosureGrant
from marketplace.core.actor import Actor


def follow_broker(introduction: Introduction, *, actor: Actor) -> None:
    """When a broker takes the introduction up or steps back, or a party shows its name to the one
    there is; the people of one who steps back are out at once. In the caller's transaction, which
    holds the introduction's row."""
    room = (
        DealRoom.objects.select_for_update(of=("self",)).filter(introduction=introduction).first()
    )
    if room is None:
        return
    house, broker = broker_for(introduction)
    if (house, broker) == (room.broker_organisation_id, room.broker_id):
        return
    room.seats.filter(side=room_states.BROKER, ended_at__isnull=True).update(
        ended_at=timezone.now(), ended_by_id=actor.user_id
    )
    room.broker_id = broker
    room.broker_organisation_id = house
    touch(room, "broker", "broker_organisation")
    note(event_kinds.ROOM_BROKER, room, actor=actor)


def broker_for(introduction: Introduction) -> tuple[int | None, int | None]:
    """Institution and broker who belong into its room. In a room everybody is known, so a broker
    comes in only once both parties' names are open to its institution."""
    house = introduction.broker_organisation_id
    parties = (introduction.need_party_id, introduction.technology_party_id)
    if house is None or house in parties or not _knows_both(introduction, house):
        return None, None
    return house, introduction.broker_id


def _knows_both(introduction: Introduction, organisation_id: int) -> bool:
    hidden = {
        introduction.listing_of(side).pk for side in PARTIES if hides_owner(introduction, side)
    }
    shown = DisclosureGrant.objects.filter(
        listing_id__in=hidden, organisation_id=organisation_id, reveals_owner=True,
        revoked_at__isnull=True,
    ).values_list("listing_id", flat=True)  # fmt: skip
    return hidden <= set(shown)
