"""Releasing a listing's owner or its higher tiers to one organisation, and ending that."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from events.actions import record
from listings import event_kinds
from listings.actions.access import locked_for_change
from listings.disclosure import RANK
from listings.models import DisclosureGrant
from listings.models.listings import Tier
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, field_error


@transaction.atomic
def release_to(
    *, actor: Actor, listing_id: int, organisation_id: int, tier: str = Tier.PUBLIC,
    reveals_owner: bool = True, reason: str = "",
) -> DisclosureGrant:  # fmt: skip
    """Release the owner's name and the texts up to `tier` to an organisation.

    An open release is widened, never narrowed (end it for that). A room above that acts on the
    owner's word passes Actor.system() and says why in `reason`.
    """
    listing = locked_for_change(listing_id, actor)
    if listing.revision_of_id is not None:
        raise Conflict("is_revision", _("This is a revision. Do it on the listing itself."))
    if tier not in RANK:
        raise field_error("tier", _("Choose what to release."), code="unknown_code")
    if not Organisation.objects.filter(pk=organisation_id).exists():
        raise NotFound
    grant, created = DisclosureGrant.objects.select_for_update().get_or_create(
        listing=listing, organisation_id=organisation_id, revoked_at=None,
        defaults={
            "tier": tier, "reveals_owner": reveals_owner, "reason": reason[:200],
            "granted_by_id": actor.user_id,
        },
    )  # fmt: skip
    if not created:
        if RANK[tier] <= RANK[grant.tier] and reveals_owner <= grant.reveals_owner:
            return grant
        grant.tier = max(tier, grant.tier, key=RANK.__getitem__)
        grant.reveals_owner = grant.reveals_owner or reveals_owner
        grant.save(update_fields=["tier", "reveals_owner"])
    record(
        event_kinds.RELEASED, actor=actor, obj=listing,
        organisation_ids=[listing.owner_id, organisation_id],
        data={"tier": grant.tier, "reveals_owner": grant.reveals_owner},
    )  # fmt: skip
    return grant


@transaction.atomic
def end_release(*, actor: Actor, listing_id: int, organisation_id: int) -> None:
    """End an open release; nothing happens when there is none."""
    listing = locked_for_change(listing_id, actor)
    ended = DisclosureGrant.objects.filter(
        listing=listing, organisation_id=organisation_id, revoked_at__isnull=True
    ).update(revoked_at=timezone.now())
    if ended:
        record(
            event_kinds.RELEASE_ENDED, actor=actor, obj=listing,
            organisation_ids=[listing.owner_id, organisation_id],
        )  # fmt: skip
