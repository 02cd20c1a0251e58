"""Taking and dismissing the specifications that a poster's own text proposes."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from listings import states
from listings.actions.access import locked_for_change
from listings.actions.drafts import save_draft
from listings.actions.revisions import start_revision
from listings.models import DismissedProposal, Listing
from listings.queries.proposals import proposed_for, working_copy
from listings.rules import MAX_DISMISSED, MAX_SPECIFICATIONS
from listings.snapshots import SPECIFICATION_FIELDS
from marketplace.core.actor import Actor
from marketplace.core.errors import field_error


@transaction.atomic
def take_proposals(
    *, actor: Actor, listing_id: int, keys: Collection[str], expected_version: int | None = None
) -> Listing:
    """Add proposed specifications behind the stored ones; returns the row that was changed (of a
    published listing its revision). Raises Invalid on `take` for a key that is not proposed (any
    more) or when there would be too many, Stale, and what save_draft raises."""
    listing = locked_for_change(listing_id, actor, expected_version=expected_version)
    if listing.state in states.REVISED:
        listing = start_revision(actor=actor, listing_id=listing.pk)
    offered = {one.key: one for one in proposed_for(listing)}
    for key in keys:
        if key not in offered:
            raise field_error(
                "take",
                _("This is not proposed any more: the text or the specifications were changed. "
                  "Ask for the proposals again."),
                code="not_proposed",
            )  # fmt: skip
    rows = [
        {name: getattr(row, name) for name in SPECIFICATION_FIELDS}
        for row in listing.specifications.all()
    ]
    rows += [offered[key].row() for key in dict.fromkeys(keys)]
    if len(rows) > MAX_SPECIFICATIONS:
        raise field_error(
            "take",
            _("A listing has at most %(limit)s specifications. Remove some first.")
            % {"limit": MAX_SPECIFICATIONS},
            code="too_many",
        )
    return save_draft(actor=actor, listing_id=listing.pk, data={"specifications": rows})


@transaction.atomic
def dismiss_proposals(*, actor: Actor, listing_id: int, keys: Collection[str]) -> Listing:
    """Do not propose these again for the same words. A key that is not proposed (any more) is
    left out: what it asked for is so already."""
    listing = locked_for_change(listing_id, actor)
    offered = {one.key for one in proposed_for(working_copy(listing))}
    kept_at = listing.revision_of_id or listing.pk
    DismissedProposal.objects.bulk_create(
        [DismissedProposal(listing_id=kept_at, key=key) for key in sorted(offered & set(keys))],
        ignore_conflicts=True,
    )
    old = DismissedProposal.objects.filter(listing_id=kept_at).order_by("-id")
    DismissedProposal.objects.filter(pk__in=list(old.values_list("pk", flat=True)[MAX_DISMISSED:])
                                     ).delete()  # fmt: skip
    return listing


@transaction.atomic
def propose_again(*, actor: Actor, listing_id: int) -> Listing:
    """Forget what was dismissed."""
    listing = locked_for_change(listing_id, actor)
    kept_at = listing.revision_of_id or listing.pk
    DismissedProposal.objects.filter(listing_id=kept_at).delete()
    return listing


@transaction.atomic
def decide_proposals(
    *, actor: Actor, listing_id: int, take: Collection[str], dismiss: Collection[str],
    again: bool = False, expected_version: int | None = None,
) -> Listing:  # fmt: skip
    """All of it or nothing: forget what was dismissed (again), dismiss, take. Returns the row that
    was changed. Raises Invalid when nothing is asked for, and what the single steps raise."""
    listing = locked_for_change(listing_id, actor, expected_version=expected_version)
    if not (take or dismiss or again):
        raise field_error("take", _("Name proposals to take or to dismiss."), code="nothing_to_do")
    if again:
        propose_again(actor=actor, listing_id=listing.pk)
    if dismiss:
        dismiss_proposals(actor=actor, listing_id=listing.pk, keys=dismiss)
    if take:
        return take_proposals(actor=actor, listing_id=listing.pk, keys=take)
    return listing
