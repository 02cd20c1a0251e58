"""Moves of a listing, one by one and in a whole life."""


import pytest
from django.utils import timezone

from events.models import Event
from listings import states
from listings.actions import lifecycle
from listings.models import ListingVersion, Review, SearchEntry
from tests.listings import factories as f

pytestmark = pytest.mark.django_db


def test_a_trusted_organisation_publishes_at_once(run_jobs):
    owner = f.organisation(is_trusted=True)
    actor = f.member_of(owner)
    made = f.draft(owner, actor)
    listing = lifecycle.submit(actor=actor, listing_id=made.pk)
    assert listing.state == states.PUBLISHED
    assert listing.published_version == 1
    assert listing.valid_until > timezone.localdate()
    assert ListingVersion.objects.get().data["title_en"] == f.TECHNOLOGY["title_en"]
    run_jobs()
    assert SearchEntry.objects.filter(pk=listing.pk, words_public__isnull=False).exists()


def test_others_go_through_review():
    owner = f.organisation()
    actor, moderator = f.member_of(owner), f.moderator()
    made = f.draft(owner, actor)
    assert lifecycle.submit(actor=actor, listing_id=made.pk).state == states.IN_REVIEW
    returned = lifecycle.return_(actor=moderator, listing_id=made.pk, reason="Say more.")
    assert returned.state == states.DRAFT
    lifecycle.submit(actor=actor, listing_id=made.pk)
    assert lifecycle.approve(actor=moderator, listing_id=made.pk).state == states.PUBLISHED
    assert sorted(Review.objects.values_list("state", flat=True)) == ["approved", "returned"]
    kinds = list(Event.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == [
        "listing.drafted", "listing.submitted", "listing.returned", "listing.submitted",
        "listing.published",
    ]  # fmt: skip
