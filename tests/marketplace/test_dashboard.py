"""The dashboard: each role gets its own work, and nobody another's."""

import datetime as dt

import pytest
from django.utils import timezone

from listings.actions.lifecycle import return_, submit
from listings.models import Listing
from listings.models.listings import State
from marketplace.core.models import Job
from marketplace.dashboard import blocks_for, first_steps
from tests.listings.factories import actor_of, draft, published

pytestmark = pytest.mark.django_db


def keys(player):
    return {block.key for block in blocks_for(actor_of(player.user))}


def block(player, key):
    return next(block for block in blocks_for(actor_of(player.user)) if block.key == key)


def test_a_visitor_is_asked_to_sign_in(client):
    assert client.get("/dashboard/").status_code == 302


def test_every_role_gets_its_own_blocks(cast):
    assert {"talks", "matches", "listings"} == keys(cast.owner) == keys(cast.colleague)
    assert "requests" in keys(cast.broker)
    assert "files" in keys(cast.registrar)
    assert keys(cast.moderator) == {"reviews"}
    assert keys(cast.operator) == {"verifications", "jobs"}
    assert keys(cast.newcomer) == set()


@pytest.mark.parametrize(
    "role",
    ["owner", "colleague", "newcomer", "claimant", "broker", "registrar", "operator", "moderator"],
)
def test_every_dashboard_opens_in_both_languages(cast, role):
    player = cast.everybody[role]
    english = player.client.get("/dashboard/")
    assert english.status_code == 200
    assert "What is next" in english.content.decode()
    player.user.language = "zh-hans"
    player.user.save()
    chinese = player.client.get("/dashboard/").content.decode()
    assert "下一步" in chinese


def test_a_newcomer_gets_three_steps_and_they_get_done(cast):
    assert [step.done for step in first_steps(actor_of(cast.newcomer.user))] == [False] * 3
    claimed = first_steps(actor_of(cast.claimant.user))
    assert [step.done for step in claimed] == [True, False, False]
    assert claimed[1].url.endswith(f"{cast.claim.public_id}/verify/")
    assert [step.done for step in first_steps(actor_of(cast.owner.user))] == [True, True, False]
    published(cast.home)
    assert first_steps(actor_of(cast.owner.user)) == []


def test_returned_drafts_and_expiring_listings_come_before_other_drafts(cast):
    draft(cast.home, title_en="A draft")
    returned = draft(cast.home, title_en="A returned one")
    submit(actor=actor_of(cast.owner.user), listing_id=returned.pk)
    return_(actor=actor_of(cast.moderator.user), listing_id=returned.pk, reason="Say more.")
    soon = published(cast.home, title_en="Ends soon")
    Listing.objects.filter(pk=soon.pk).update(
        valid_until=timezone.localdate() + dt.timedelta(days=3)
    )
    lines = block(cast.owner, "listings").lines
    assert {lines[0].title.value, lines[1].title.value} == {"A returned one", "Ends soon"}
    assert lines[2].title.value == "A draft"
    assert block(cast.rival, "listings").lines == []


def test_moderators_see_what_waits_for_review(cast):
    listing = draft(cast.home, title_en="Please read me")
    submit(actor=actor_of(cast.owner.user), listing_id=listing.pk)
    found = block(cast.moderator, "reviews")
    assert found.count == 1
    assert found.lines[0].title.value == "Please read me"


def test_operators_see_failed_work_with_its_last_line(cast):
    Job.objects.create(
        kind="listings.index_listing", key="7", state=Job.State.FAILED, error="Trace\nbecause of x",
        run_after=timezone.now(),
    )  # fmt: skip
    line = block(cast.operator, "jobs").lines[0]
    assert "listings.index_listing" in line.title.value
    assert line.note == "because of x"


def test_what_is_calm_comes_after_what_asks(cast):
    draft(cast.home, title_en="A draft")
    assert blocks_for(actor_of(cast.owner.user))[0].key == "listings"


@pytest.mark.parametrize("number", [1, 3])
def test_a_dashboard_takes_the_same_queries_however_much_waits(
    cast, number, django_assert_max_num_queries
):
    for _ in range(number):
        draft(cast.home)
        Listing.objects.filter(pk=published(cast.home).pk).update(state=State.EXPIRED)
    with django_assert_max_num_queries(24):
        blocks_for(actor_of(cast.owner.user))
