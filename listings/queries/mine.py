"""The actor's own listings: counts by state, and what each asks for next."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from listings import states
from listings.models import Listing, Review
from listings.queries.visibility import editable_by
from marketplace.core.actor import Actor

SORTS = {
    "changed": ("-updated_at", "-pk"),
    "published": ("-published_at", "-pk"),
    "until": ("valid_until", "pk"),
    "score": ("coach_score", "pk"),
}


def my_listings(actor: Actor, *, owner_id: int | None = None, kind: str = "") -> QuerySet[Listing]:
    """Listings of the actor's organisations without revisions, which show on their originals."""
    own = editable_by(actor).filter(revision_of__isnull=True)
    if owner_id is not None:
        own = own.filter(owner_id=owner_id)
    return own.filter(kind=kind) if kind else own


def for_page(own: QuerySet[Listing], state: str, sort: str) -> QuerySet[Listing]:
    """One state (or all), sorted, with owner, revision and the last reason of a return."""
    last_reason = Review.objects.filter(listing=OuterRef("pk")).order_by("-pk").values("reason")[:1]
    if state:
        own = own.filter(state=state)
    return (
        own.select_related("owner", "revision")
        .annotate(last_reason=Subquery(last_reason))
        .order_by(*SORTS.get(sort, SORTS["changed"]))
    )


def counts_by_state(own: QuerySet[Listing]) -> Mapping[str, int]:
    """State -> how many."""
    rows = own.order_by().values_list("state").annotate(number=Count("pk"))
    return dict(rows)


@dataclass(frozen=True, slots=True)
class NextAction:
    """label and url of the one thing to do; post: a button that posts. why: shown beside it."""

    label: str | Promise
    url: str
    post: bool = False
    why: str | Promise = ""


def next_action(listing: Listing, today: dt.date) -> NextAction | None:
    """What the owner does next with a listing, or None when it only has to wait."""
    here = listing.public_id
    revision = getattr(listing, "revision", None)
    if revision is not None and revision.state == states.DRAFT:
        return NextAction(
            _("Finish the revision"), reverse("edit_listing_start", args=[revision.public_id]),
            why=_("A changed version is not handed in yet."),
        )  # fmt: skip
    if listing.state == states.DRAFT:
        returned = bool(getattr(listing, "last_reason", ""))
        return NextAction(
            _("Go on"), reverse("edit_listing_start", args=[here]),
            why=_("Returned by the review desk.") if returned else "",
        )  # fmt: skip
    if listing.state == states.EXPIRED:
        return NextAction(_("Renew"), reverse("listing_renew", args=[here]))
    if listing.state == states.PAUSED:
        return NextAction(_("Resume"), reverse("listing_move", args=[here, "resume"]), post=True)
    if listing.state == states.PUBLISHED:
        if listing.valid_until and listing.valid_until <= today + dt.timedelta(days=14):
            return NextAction(
                _("Renew"), reverse("listing_renew", args=[here]), why=_("Expires soon.")
            )
        if listing.coach_score < 60:
            return NextAction(
                _("Improve"), reverse("edit_listing_start", args=[here]),
                why=_("Listings that say more are matched better."),
            )  # fmt: skip
    return None
