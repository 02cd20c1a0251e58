"""Moves of a listing, one by one and in a whole life."""

import datetime as dt

import pytest
from django.utils import timezone

from events.models import Event
from listings import states
from listings.actions import lifecycle
from listings.actions.drafts import delete_draft, save_draft
from listings.models import Listing, ListingVersion, Review, SearchEntry
from listings.models.listings import State
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Stale
from marketplace.core.models import Job
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


def in_state(state, owner=None):
    listing = f.published(owner or f.organisation())
    Listing.objects.filter(pk=listing.pk).update(state=state)
    if state == states.IN_REVIEW:
        Review.objects.create(listing=listing)
    Job.objects.all().delete()
    listing.refresh_from_db()
    return listing


MOVES = {
    "submit": lambda who, pk: lifecycle.submit(actor=who, listing_id=pk),
    "take_back": lambda who, pk: lifecycle.take_back(actor=who, listing_id=pk),
    "pause": lambda who, pk: lifecycle.pause(actor=who, listing_id=pk),
    "resume": lambda who, pk: lifecycle.resume(actor=who, listing_id=pk),
    "renew": lambda who, pk: lifecycle.renew(actor=who, listing_id=pk),
    "withdraw": lambda who, pk: lifecycle.withdraw(actor=who, listing_id=pk),
    "fulfil": lambda who, pk: lifecycle.mark_fulfilled(actor=who, listing_id=pk),
    "reopen": lambda who, pk: lifecycle.reopen(actor=who, listing_id=pk),
}


@pytest.mark.parametrize(
    "state",
    State.values,
)
@pytest.mark.parametrize("move", sorted(MOVES))
def test_every_move_from_every_state_is_legal_or_changes_nothing(move, state):
    owner = f.organisation()
    who = f.member_of(owner)
    listing = in_state(state, owner)
    start, target = states.TRANSITIONS.moves[move]
    if state in start:
        MOVES[move](who, listing.pk)
        listing.refresh_from_db()
        assert listing.state == target
        assert Event.objects.latest("id").after == {"state": target}
        touches = states.PUBLISHED in (state, target)
        assert Job.objects.filter(kind="listings.index_listing").exists() is touches
        return
    before, events = Listing.objects.values().get(), Event.objects.count()
    with pytest.raises(Conflict):
        MOVES[move](who, listing.pk)
    assert Listing.objects.values().get() == before
    assert Event.objects.count() == events
    assert not Job.objects.exists()


@pytest.mark.parametrize("move", sorted(MOVES))
def test_a_stranger_can_move_nothing(move):
    listing = in_state(states.PUBLISHED)
    before = Listing.objects.values().get()
    with pytest.raises(Refused):
        MOVES[move](f.member_of(f.organisation()), listing.pk)
    with pytest.raises(Refused):
        MOVES[move](f.member_of(listing.owner, "analyst"), listing.pk)
    hidden = in_state(states.WITHDRAWN)
    with pytest.raises(NotFound):
        MOVES[move](f.member_of(f.organisation()), hidden.pk)
    assert Listing.objects.values().get(pk=listing.pk) == before


def test_only_a_moderator_of_another_organisation_decides():
    owner = f.organisation()
    listing = in_state(states.IN_REVIEW, owner)
    own_moderator = f.person(is_moderator=True)
    for who in (f.member_of(owner), f.member_of(owner, user=own_moderator)):
        with pytest.raises(Refused):
            lifecycle.approve(actor=who, listing_id=listing.pk)
        with pytest.raises(Refused):
            lifecycle.return_(actor=who, listing_id=listing.pk, reason="No.")
    listing.refresh_from_db()
    assert listing.state == states.IN_REVIEW
    with pytest.raises(Invalid):
        lifecycle.return_(actor=f.moderator(), listing_id=listing.pk, reason="  ")


def test_an_unverified_organisation_keeps_its_draft_and_learns_why():
    owner = f.organisation(verified=False)
    actor = f.member_of(owner)
    made = f.draft(owner, actor)
    with pytest.raises(Conflict) as refused:
        lifecycle.submit(actor=actor, listing_id=made.pk)
    assert refused.value.code == "not_verified"
    made.refresh_from_db()
    assert made.state == states.DRAFT


def test_an_incomplete_draft_is_told_everything_that_is_missing():
    owner = f.organisation()
    actor = f.member_of(owner)
    made = f.draft(owner, actor, title_en="", summary_en="", body_en="", field="", trl=None)
    with pytest.raises(Invalid) as refused:
        lifecycle.submit(actor=actor, listing_id=made.pk)
    assert set(refused.value.fields) == {"title_en", "summary_en", "field", "trl"}


# --- revisions ------------------------------------------------------------------------------------


def test_a_published_listing_is_changed_through_a_revision_that_readers_do_not_see(run_jobs):
    owner = f.organisation()
    actor = f.member_of(owner)
    listing = f.published(
        owner, specifications=[{"metric_en": "Power", "comparator": "le", "value": "3"}]
    )
    revision = save_draft(
        actor=actor, listing_id=listing.pk,
        data={"title_en": "New", "specifications": [
            {"metric_en": "Power", "comparator": "le", "value": "2"}]},
    )  # fmt: skip
    listing.refresh_from_db()
    assert revision.pk != listing.pk
    assert listing.title_en == f.TECHNOLOGY["title_en"]
    again = save_draft(actor=actor, listing_id=listing.pk, data={"title_zh": "新"})
    assert again.pk == revision.pk
    lifecycle.submit(actor=actor, listing_id=revision.pk)
    merged = lifecycle.approve(actor=f.moderator(), listing_id=revision.pk)
    assert merged.pk == listing.pk
    listing.refresh_from_db()
    assert (listing.title_en, listing.title_zh, listing.published_version) == ("New", "新", 2)
    assert [str(row.value.normalize()) for row in listing.specifications.all()] == ["2"]
    assert Listing.objects.count() == 1
    assert [v.data["title_en"] for v in listing.versions.order_by("number")] == [
        f.TECHNOLOGY["title_en"], "New",
    ]  # fmt: skip


def test_a_discarded_revision_leaves_the_original_as_it_was():
    from listings.actions.revisions import discard_revision, start_revision

    owner = f.organisation()
    actor = f.member_of(owner)
    listing = f.published(
        owner, specifications=[{"metric_en": "P", "comparator": "ge", "value": 1}]
    )
    before = Listing.objects.values().get()
    revision = start_revision(actor=actor, listing_id=listing.pk)
    discard_revision(actor=actor, listing_id=revision.pk)
    assert Listing.objects.values().get() == before
    assert listing.specifications.count() == 1


def test_a_revision_of_a_paused_listing_does_not_show_it():
    owner = f.organisation(is_trusted=True)
    actor = f.member_of(owner)
    listing = f.published(owner)
    lifecycle.pause(actor=actor, listing_id=listing.pk)
    revision = save_draft(actor=actor, listing_id=listing.pk, data={"title_en": "New"})
    merged = lifecycle.submit(actor=actor, listing_id=revision.pk)
    assert (merged.pk, merged.state, merged.title_en) == (listing.pk, states.PAUSED, "New")


def test_an_older_version_is_not_overwritten():
    owner = f.organisation()
    actor = f.member_of(owner)
    made = f.draft(owner, actor)
    save_draft(actor=actor, listing_id=made.pk, data={"title_en": "A"})
    with pytest.raises(Stale):
        save_draft(actor=actor, listing_id=made.pk, data={"title_en": "B"}, expected_version=1)
    made.refresh_from_db()
    assert made.title_en == "A"


def test_a_draft_is_deleted_a_published_one_is_not():
    owner = f.organisation()
    actor = f.member_of(owner)
    made = f.draft(owner, actor)
    delete_draft(actor=actor, listing_id=made.pk)
    assert not Listing.objects.exists()
    listing = f.published(owner)
    with pytest.raises(Conflict):
        delete_draft(actor=actor, listing_id=listing.pk)


# --- the clock ------------------------------------------------------------------------------------


def test_expiry_reminders_and_renewal_by_link(client):
    from events.models import Notification

    owner = f.organisation()
    f.member_of(owner)
    listing = f.published(owner)
    today = timezone.localdate()

    def until(days):
        Listing.objects.filter(pk=listing.pk).update(valid_until=today + dt.timedelta(days=days))

    for days, told in ((30, 0), (14, 1), (13, 2), (3, 3), (3, 3)):
        until(days)
        lifecycle.remind_expiring()
        assert Notification.objects.count() == told, days
    link = Notification.objects.latest("id").url
    until(-1)
    assert lifecycle.expire_due() == 1
    assert lifecycle.expire_due() == 0
    listing.refresh_from_db()
    assert listing.state == states.EXPIRED
    assert client.get(link).status_code == 410  # its validity is another now
    link = Notification.objects.latest("id").url
    page = client.get(link).content.decode()
    assert f.TECHNOLOGY["title_en"] not in page  # a forwarded mail names nothing
    assert client.post(link).status_code == 200
    listing.refresh_from_db()
    assert listing.state == states.PUBLISHED
    assert client.post(link).status_code == 410
    assert client.get("/renew/forged/").status_code == 410


def test_followers_are_told_after_the_entry_is_written(run_jobs, monkeypatch):
    from listings import followers
    from marketplace.core import jobs

    told = []
    monkeypatch.setitem(
        jobs.KINDS, "test.follow",
        jobs.Kind("test.follow", lambda payload: told.append(
            (payload["listing"], SearchEntry.objects.filter(pk=payload["listing"]).exists())),
            "default", 1, dt.timedelta(minutes=1), None),
    )  # fmt: skip
    monkeypatch.setattr(followers, "_JOBS", ["test.follow"])
    listing = f.published()
    run_jobs()
    lifecycle.pause(actor=Actor.system(), listing_id=listing.pk)
    run_jobs()
    assert told == [(listing.pk, True), (listing.pk, False)]
