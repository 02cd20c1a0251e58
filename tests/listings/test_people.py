"""Closing an account whose organisation still has listings on the market."""

import pytest

from accounts.actions.people import close_account, export_data
from listings.models import Listing
from marketplace.core.errors import Conflict
from tests.accounts.test_people import opened
from tests.cast import Cast


@pytest.mark.parametrize("state", ["published", "in_review", "paused"])
def test_the_only_owner_of_an_organisation_with_open_listings_cannot_close(cast: Cast, state: str):
    row = Listing.objects.create(
        kind="technology", owner=cast.outside, title_en="A coating", field="new_materials",
        state=state, posted_by=cast.outsider.user,
    )  # fmt: skip
    with pytest.raises(Conflict) as refusal:
        close_account(actor=cast.outsider.actor)
    assert "withdraw the listings" in str(refusal.value.fields[""][0])
    Listing.objects.filter(pk=row.pk).update(state="withdrawn")
    assert opened(export_data(actor=cast.outsider.actor))["listings"][0]["state"] == "withdrawn"
    close_account(actor=cast.outsider.actor)
    row.refresh_from_db()
    assert row.owner == cast.outside
