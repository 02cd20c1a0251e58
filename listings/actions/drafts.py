"""Starting, saving and deleting drafts."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from events.actions import record
from listings import event_kinds, states
from listings.actions import revisions
from listings.actions.access import locked_for_change
from listings.actions.content import apply_content
from listings.actions.specifications import replace_parts
from listings.coach import score
from listings.duplicates import set_fingerprint
from listings.models import Listing
from listings.models.listings import Kind
from listings.rules import EDIT_ROLES
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, Refused, field_error


@transaction.atomic
def create_draft(
    *, actor: Actor, kind: str, owner_id: int, data: Mapping[str, Any] | None = None
) -> Listing:
    """Start a technology or a need of an organisation in which the actor edits or brokers.

    data: see `save_draft`. The organisation's country and region are taken over when not given.
    """
    if kind not in Kind.values:
        raise field_error("kind", _("Post a technology or a need."), code="unknown_kind")
    if not actor.can(owner_id, *EDIT_ROLES):
        if owner_id in actor.organisation_ids:
            raise Refused("role_missing", _("You need the role of an editor or a broker there."))
        raise NotFound
    owner = Organisation.objects.filter(pk=owner_id).first()
    if owner is None:
        raise NotFound
    listing = Listing(
        kind=kind, owner=owner, posted_by_id=actor.user_id, country=owner.country,
        region=owner.region,
    )  # fmt: skip
    parts = apply_content(listing, data or {})
    _finish(listing)
    listing.save()
    replace_parts(parts, listing)
    _rescore(listing)
    record(
        event_kinds.DRAFTED, actor=actor, obj=listing, organisation_ids=[owner_id],
        after={"state": listing.state}, data={"kind": kind},
    )  # fmt: skip
    return listing


@transaction.atomic
def save_draft(
    *, actor: Actor, listing_id: int, data: Mapping[str, Any], expected_version: int | None = None
) -> Listing:
    """Change what is given and keep the rest; returns the row that was changed.

    data: names of listings.actions.content.SCALARS, and `specifications`, `ip_rights`,
    `co_owners` as whole lists. A published, paused or expired listing is not touched: its
    revision is started (or continued) and returned. Raises Invalid with every wrong field,
    Stale, Conflict while it is in review.
    """
    listing = locked_for_change(listing_id, actor)
    if listing.state in states.REVISED:
        if expected_version is not None and expected_version != listing.version:
            _stale(listing, expected_version, actor)
        listing = revisions.start_revision(actor=actor, listing_id=listing.pk)
    elif expected_version is not None:
        _stale(listing, expected_version, actor)
    if listing.state != states.DRAFT:
        raise Conflict(
            "wrong_state",
            _("It is being reviewed. Take it back from review to change it.")
            if listing.state == states.IN_REVIEW
            else _("Reopen it as a draft to change it."),
        )
    parts = apply_content(listing, data)
    _finish(listing)
    listing.version += 1
    listing.save()
    replace_parts(parts, listing)
    _rescore(listing)
    return listing


def _stale(listing: Listing, expected: int, actor: Actor) -> None:
    locked_for_change(listing.pk, actor, expected_version=expected)


@transaction.atomic
def delete_draft(*, actor: Actor, listing_id: int) -> None:
    """Delete a draft that was never published, with its files."""
    listing = locked_for_change(listing_id, actor)
    if listing.revision_of_id is not None:
        revisions.discard_revision(actor=actor, listing_id=listing_id)
        return
    if listing.state != states.DRAFT or listing.published_version:
        raise Conflict(
            "wrong_state", _("Only a draft that was never published is deleted. Withdraw it.")
        )
    files = [document.file.name for document in listing.documents.all()]
    record(
        event_kinds.DELETED, actor=actor, obj=listing, organisation_ids=[listing.owner_id],
        before={"state": listing.state},
    )  # fmt: skip
    listing.delete()
    revisions.forget_files(files)


def _finish(listing: Listing) -> None:
    set_fingerprint(listing)


def _rescore(listing: Listing) -> None:
    """The coach looks at stored parts too, so the score follows the save."""
    listing.coach_score = score(listing)
    Listing.objects.filter(pk=listing.pk).update(coach_score=listing.coach_score)
