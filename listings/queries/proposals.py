"""What a listing's own text proposes. For those who may change it: the caller has asked that."""

from listings import states
from listings.models import DismissedProposal, Listing
from listings.proposals import Proposal, proposals_for


def dismissed_keys(listing: Listing) -> frozenset[str]:
    """Keys of the proposals that somebody of the owner did not want."""
    kept_at = listing.revision_of_id or listing.pk
    return frozenset(
        DismissedProposal.objects.filter(listing_id=kept_at).values_list("key", flat=True)
    )


def proposed_for(listing: Listing) -> list[Proposal]:
    """Proposals of the listing as it is stored, without those that were dismissed."""
    return proposals_for(listing, listing.specifications.all(), dismissed_keys(listing))


def working_copy(listing: Listing) -> Listing:
    """The row that its people change: the open revision of a published listing, else itself."""
    if listing.state not in states.REVISED:
        return listing
    return Listing.objects.filter(revision_of=listing).first() or listing
