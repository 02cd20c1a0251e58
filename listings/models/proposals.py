"""Proposed specifications that somebody did not want. Proposals themselves are not stored."""

from django.db import models

from listings.models.listings import Listing


class DismissedProposal(models.Model):
    """key: of listings.proposals.Proposal, a digest of the words it was read from, so that the same
    text does not propose it again and a changed one may. Kept at the original of a revision."""

    listing = models.ForeignKey(
        Listing, on_delete=models.CASCADE, related_name="dismissed_proposals"
    )
    key = models.CharField(max_length=16)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            # also serves: which of this listing were dismissed
            models.UniqueConstraint(fields=["listing", "key"], name="dismissed_proposal_once")
        ]
