"""The one door of `Listing.state`: every move locks, checks the table, writes an event, and
queues what follows from it."""

import datetime as dt
from collections.abc import Mapping

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.actions import notify, record
from listings import event_kinds, notices, states
from listings.actions import revisions
from listings.actions.access import locked, locked_for_change, people_of
from listings.completeness import check_complete
from listings.indexing import show_facts
from listings.models import Listing, ListingVersion, Review
from listings.queries.visibility import visible_to
from listings.rules import MAX_VALID_DAYS, default_valid_until, renewed_until
from listings.snapshots import snapshot
from marketplace.core import jobs
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, Refused, field_error

RENEWAL_SALT = "listings.renewal"

# --- From draft to published -------------------------------------------------------------------


@transaction.atomic
def submit(*, actor: Actor, listing_id: int, expected_version: int | None = None) -> Listing:
    """Hand a draft in: to the moderators, or straight out when the organisation is trusted.

    Returns the listing that readers will see: for a revision that was published at once, the
    original. Raises Invalid with every missing field, Conflict `not_verified`.
    """
    listing = locked_for_change(listing_id, actor, expected_version=expected_version)
    move = "publish" if listing.owner.is_trusted or actor.is_system else "submit"
    target = states.TRANSITIONS.target(move, listing.state)
    check_complete(listing)
    if not listing.owner.is_verified and not actor.is_system:
        raise Conflict(
            "not_verified",
            _("Your organisation is not verified yet. The draft is kept: ask for verification, "
              "then submit it."),
        )  # fmt: skip
    if move == "publish":
        return _publish(listing, actor, event=event_kinds.PUBLISHED)
    Review.objects.create(listing=listing, submitted_by_id=actor.user_id)
    _move(listing, target, event_kinds.SUBMITTED, actor)
    return listing


@transaction.atomic
def approve(*, actor: Actor, listing_id: int) -> Listing:
    """A moderator lets a submitted listing or revision through; returns what readers will see."""
    listing = _locked_for_review(listing_id, actor)
    states.TRANSITIONS.target("approve", listing.state)
    _close_review(listing, Review.State.APPROVED, actor)
    published = _publish(listing, actor, event=event_kinds.PUBLISHED, approved_by=actor.user_id)
    notify(
        people_of(published), notices.APPROVED, url=page_of(published),
        params=title_params(published), key=f"{published.pk}-{published.published_version}",
    )  # fmt: skip
    return published


@transaction.atomic
def return_(*, actor: Actor, listing_id: int, reason: str) -> Listing:
    """A moderator sends a submitted listing back with a reason, which the owner reads."""
    reason = reason.strip()
    if not reason:
        raise field_error("reason", _("Say what should be changed."), code="reason_missing")
    if len(reason) > 2000:
        raise field_error("reason", _("At most 2,000 characters."), code="too_long")
    listing = _locked_for_review(listing_id, actor)
    target = states.TRANSITIONS.target("return", listing.state)
    review = _close_review(listing, Review.State.RETURNED, actor, reason)
    _move(listing, target, event_kinds.RETURNED, actor)
    notify(
        people_of(listing), notices.RETURNED, url=f"/listings/{listing.public_id}/edit/what/",
        params={**title_params(listing), "reason": reason}, key=f"review-{review.pk}",
    )  # fmt: skip
    return listing


@transaction.atomic
def take_back(*, actor: Actor, listing_id: int) -> Listing:
    """The owner takes a submitted listing back to change it."""
    listing = locked_for_change(listing_id, actor)
    target = states.TRANSITIONS.target("take_back", listing.state)
    _close_review(listing, Review.State.WITHDRAWN, actor)
    _move(listing, target, event_kinds.TAKEN_BACK, actor)
    return listing


# --- While it is published ---------------------------------------------------------------------


def pause(*, actor: Actor, listing_id: int) -> Listing:
    """Take a published listing out of sight for a while; matches rest."""
    return _simple(actor, listing_id, "pause", event_kinds.PAUSED)


def resume(*, actor: Actor, listing_id: int) -> Listing:
    """Show a paused listing again; one whose validity has run out gets a new term."""
    return _simple(actor, listing_id, "resume", event_kinds.RESUMED)


def withdraw(*, actor: Actor, listing_id: int) -> Listing:
    """Take a listing off the market for good; it can be reopened as a draft."""
    return _simple(actor, listing_id, "withdraw", event_kinds.WITHDRAWN)


def mark_fulfilled(*, actor: Actor, listing_id: int) -> Listing:
    """A technology was transferred, or a need met; it leaves the market and is kept."""
    return _simple(actor, listing_id, "fulfil", event_kinds.FULFILLED)


def reopen(*, actor: Actor, listing_id: int) -> Listing:
    """A withdrawn or fulfilled listing becomes a draft again."""
    return _simple(actor, listing_id, "reopen", event_kinds.REOPENED)


@transaction.atomic
def renew(*, actor: Actor, listing_id: int, until: dt.date | None = None) -> Listing:
    """Extend the validity (by a full term unless a date is given); an expired one returns.

    Raises Invalid when the date is past or more than three years away.
    """
    listing = locked_for_change(listing_id, actor)
    target = states.TRANSITIONS.target("renew", listing.state)
    today = timezone.localdate()
    before = listing.valid_until
    listing.valid_until = until or renewed_until(listing, today)
    if not today <= listing.valid_until <= today + dt.timedelta(days=MAX_VALID_DAYS):
        raise field_error(
            "valid_until", _("Choose a day from today to three years ahead."), code="bad_date"
        )
    if listing.deadline and listing.deadline < today:
        listing.deadline = None  # a past deadline would say that answers are no longer wanted
    data = {"valid_until": [str(before or ""), str(listing.valid_until)]}
    _move(listing, target, event_kinds.RENEWED, actor, "valid_until", "deadline", data=data)
    return listing


# --- The clock ---------------------------------------------------------------------------------


def expire_due(today: dt.date | None = None) -> int:
    """Expire what is past its validity; returns how many. One short transaction each."""
    today = today or timezone.localdate()
    due = Listing.objects.filter(
        state__in=[states.PUBLISHED, states.PAUSED], valid_until__lt=today, revision_of=None
    )
    done = 0
    for pk in list(due.order_by("pk").values_list("pk", flat=True)):
        done += _expire(pk, today)
    return done


@transaction.atomic
def _expire(listing_id: int, today: dt.date) -> int:
    listing = locked(listing_id)
    if (
        listing.state not in states.TRANSITIONS.moves["expire"][0]
        or listing.valid_until is None
        or listing.valid_until >= today
    ):
        return 0  # renewed or moved meanwhile
    _move(listing, states.EXPIRED, event_kinds.EXPIRED, Actor.system())
    notify(
        people_of(listing), notices.EXPIRED, url=renewal_page(listing),
        params=title_params(listing), key=f"{listing.pk}-{listing.valid_until}",
    )  # fmt: skip
    return 1


def remind_expiring(today: dt.date | None = None) -> int:
    """Tell the owners of what expires within 14 and within 3 days, once each; returns how many
    listings were looked at."""
    today = today or timezone.localdate()
    soon = Listing.objects.filter(
        state=states.PUBLISHED, valid_until__range=(today, today + dt.timedelta(days=14))
    )
    looked_at = 0
    for listing in soon.iterator():
        assert listing.valid_until is not None
        step = 3 if (listing.valid_until - today).days <= 3 else 14
        with transaction.atomic():
            notify(
                people_of(listing), notices.EXPIRING, url=renewal_page(listing),
                params={**title_params(listing), "until": listing.valid_until.isoformat()},
                key=f"{listing.pk}-{listing.valid_until}-{step}",
            )  # fmt: skip
        looked_at += 1
    return looked_at


# --- Shared steps ------------------------------------------------------------------------------


def changed(listing_ids: list[int]) -> None:
    """What can be found of these listings has changed: index them, then tell the followers."""
    jobs.enqueue_many("listings.index_listing", [(str(pk), {"listing": pk}) for pk in listing_ids])


@transaction.atomic
def _simple(actor: Actor, listing_id: int, move: str, kind: str) -> Listing:
    listing = locked_for_change(listing_id, actor)
    if listing.revision_of_id is not None:
        raise Conflict("is_revision", _("This is a revision. Do it on the listing itself."))
    target = states.TRANSITIONS.target(move, listing.state)
    today = timezone.localdate()
    also = []
    if target == states.PUBLISHED and (listing.valid_until is None or listing.valid_until < today):
        listing.valid_until = default_valid_until(listing, today)
        also = ["valid_until"]
    if target in (states.WITHDRAWN, states.FULFILLED):
        revisions.drop_revision_of(listing)
    _move(listing, target, kind, actor, *also)
    return listing


def _move(
    listing: Listing, target: str, kind: str, actor: Actor, *also: str,
    data: Mapping[str, object] | None = None,
) -> None:  # fmt: skip
    """Store the state (and the fields in `also`), the event, and the index job where readers
    will notice."""
    before = listing.state
    listing.state = target
    listing.version += 1
    listing.save(update_fields=["state", "version", "updated_at", *also])
    record(
        kind, actor=actor, obj=listing, organisation_ids=[listing.owner_id],
        before={"state": before}, after={"state": target}, data=data,
    )  # fmt: skip
    if states.PUBLISHED in (before, target) and listing.revision_of_id is None:
        show_facts(listing)
        changed([listing.pk])


def _publish(
    listing: Listing, actor: Actor, *, event: str, approved_by: int | None = None
) -> Listing:
    """Publish a locked draft; a revision replaces the content of its original and is gone."""
    if listing.revision_of_id is not None:
        listing = revisions.merge(listing)
        event = event_kinds.REVISED
    today = timezone.localdate()
    before = listing.state
    # a revision of a paused or expired listing changes its text, not whether it is shown
    if event == event_kinds.PUBLISHED:
        listing.state = states.PUBLISHED
    if listing.valid_until is None or (
        listing.state == states.PUBLISHED and listing.valid_until < today
    ):
        listing.valid_until = default_valid_until(listing, today)
    listing.published_at = listing.published_at or timezone.now()
    listing.published_version += 1
    listing.version += 1
    listing.save()
    ListingVersion.objects.create(
        listing=listing, number=listing.published_version, data=snapshot(listing),
        approved_by_id=approved_by,
    )  # fmt: skip
    record(
        event, actor=actor, obj=listing, organisation_ids=[listing.owner_id],
        before={"state": before}, after={"state": listing.state},
        data={"version": listing.published_version},
    )  # fmt: skip
    show_facts(listing)
    changed([listing.pk])
    return listing


def _locked_for_review(listing_id: int, actor: Actor) -> Listing:
    """Locked, for a moderator who is not of the posting organisation."""
    if not (actor.is_moderator or actor.is_system):
        if visible_to(actor).filter(pk=listing_id).exists():
            raise Refused("not_a_moderator", _("Only moderators decide on reviews."))
        raise NotFound
    listing = locked(listing_id)
    if listing.owner_id in actor.organisation_ids:
        raise Refused(
            "own_listing", _("You belong to the posting organisation: another moderator decides.")
        )
    return listing


def _close_review(listing: Listing, state: str, actor: Actor, reason: str = "") -> Review:
    review = Review.objects.select_for_update().get(listing=listing, state=Review.State.WAITING)
    review.state = state
    review.decided_by_id = actor.user_id
    review.decided_at = timezone.now()
    review.reason = reason
    review.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    return review


def title_params(listing: Listing) -> dict[str, str]:
    return {"title_en": listing.title_en, "title_zh": listing.title_zh}


def page_of(listing: Listing) -> str:
    room = "technologies" if listing.is_technology else "needs"
    return f"/{room}/{listing.public_id}/"


def renewal_page(listing: Listing) -> str:
    """The signed link of a reminder (listings.renewal)."""
    token = signing.dumps([listing.public_id, str(listing.valid_until)], salt=RENEWAL_SALT)
    return f"/renew/{token}/"
