"""What accounts asks of this room: a person's data, and what stands against its leaving."""

from collections.abc import Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import closing, personal_data
from accounts.models import Organisation
from listings import states
from listings.models import Favourite, Listing, SavedSearch
from marketplace.core.bilingual import pick

OPEN = (states.IN_REVIEW, states.PUBLISHED, states.PAUSED)


def data_of(user_id: int) -> list[dict[str, Any]]:
    """Listings that the person started, by id, kind and state: the texts are the owner's."""
    names = ("public_id", "kind", "state", "created_at", "owner__public_id")
    rows = Listing.objects.filter(posted_by_id=user_id).order_by("id").values(*names)
    return [dict(row) for row in rows]


def kept_by(user_id: int) -> dict[str, list[dict[str, Any]]]:
    """Saved searches and favourites: of a favourite the id and one's own note, no text of it."""
    searches = ("public_id", "name", "kind", "query", "frequency", "created_at", "told_at")
    favourites = ("listing__public_id", "note", "created_at")
    return {
        "saved_searches": [
            dict(row)
            for row in SavedSearch.objects.filter(user_id=user_id).order_by("pk").values(*searches)
        ],
        "favourites": [
            dict(row)
            for row in Favourite.objects.filter(user_id=user_id).order_by("pk").values(*favourites)
        ],
    }


def forget(user_id: int) -> None:
    """What a person kept goes with its account."""
    SavedSearch.objects.filter(user_id=user_id).delete()
    Favourite.objects.filter(user_id=user_id).delete()


def open_listings(organisation_ids: frozenset[int]) -> Iterable[str | Promise]:
    """Why organisations that nobody would own any more cannot be left: somebody must answer."""
    holders = Organisation.objects.filter(
        pk__in=Listing.objects.filter(owner_id__in=sorted(organisation_ids), state__in=OPEN).values(
            "owner_id"
        )
    )
    for organisation in holders.order_by("id"):
        yield _(
            "%(organisation)s has listings on the market and no other owner. Make somebody else an "
            "owner, or withdraw the listings."
        ) % {"organisation": pick(organisation, "name", get_language())}


def register() -> None:
    """Called once at start."""
    personal_data.provide("listings", data_of)
    personal_data.provide("kept", kept_by)
    closing.obstacle(open_listings)
    closing.at_closing(forget)
