"""Who may know of a listing, and what of it each may read: one table for both doors."""

import pytest

from listings import states
from listings.actions import grants, lifecycle
from listings.actions.drafts import save_draft
from listings.actions.revisions import start_revision
from listings.disclosure import access_to, disclosed, disclosed_many
from listings.models import Listing
from listings.queries.visibility import visible_to
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound
from tests.listings import factories as f

pytestmark = pytest.mark.django_db

SECRET = {
    "members_text_en": "MEMBERS", "confidential_text_en": "NDA",
    "specifications": [
        {"metric_en": "Open", "comparator": "ge", "value": "1", "tier": "public"},
        {"metric_en": "Inner", "comparator": "ge", "value": "1", "tier": "members"},
        {"metric_en": "Secret", "comparator": "ge", "value": "1", "tier": "confidential"},
    ],
    "ip_rights": [{"kind": "invention", "status": "granted", "number": "ZL77", "title": "Named"}],
    "co_owners": ["Second Owner"],
}  # fmt: skip


@pytest.fixture
def people():
    """Every kind of reader."""
    home, stranger, partner = f.organisation("Home"), f.organisation(), f.organisation("Partner")
    unverified = f.organisation(verified=False)
    return {
        "visitor": Actor.visitor(),
        "unverified": f.member_of(unverified),
        "member": f.member_of(stranger),
        "partner": f.member_of(partner),
        "own": f.member_of(home, "analyst"),
        "moderator": f.moderator(),
        "system": Actor.system(),
        "_home": home,
        "_partner": partner,
    }


def readers(people):
    return {name: who for name, who in people.items() if not name.startswith("_")}


def who_sees(people, listing):
    return {
        name for name, who in readers(people).items()
        if visible_to(who).filter(pk=listing.pk).exists()
    }  # fmt: skip


EVERYBODY = {"visitor", "unverified", "member", "partner", "own", "moderator", "system"}


@pytest.mark.parametrize(
    ("visibility", "expected"),
    [
        ("public", EVERYBODY),
        ("members", {"member", "partner", "own", "system"}),
        ("confidential", {"own", "system"}),
    ],
)
def test_a_published_listing_is_known_by_its_visibility(people, visibility, expected):
    listing = f.published(people["_home"], visibility=visibility)
    assert who_sees(people, listing) == expected


@pytest.mark.parametrize("state", ["draft", "paused", "expired", "withdrawn", "fulfilled"])
def test_what_is_not_published_is_known_to_its_own_people_only(people, state):
    listing = f.published(people["_home"])
    Listing.objects.filter(pk=listing.pk).update(state=state)
    assert who_sees(people, listing) == {"own", "system"}


def test_what_is_in_review_is_known_to_moderators_too(people):
    listing = f.draft(people["_home"])
    Listing.objects.filter(pk=listing.pk).update(state=states.IN_REVIEW)
    assert who_sees(people, listing) == {"own", "system", "moderator"}


def test_a_revision_is_never_public(people):
    listing = f.published(people["_home"])
    revision = start_revision(actor=Actor.system(), listing_id=listing.pk)
    assert who_sees(people, revision) == {"own", "system"}
    assert who_sees(people, listing) == EVERYBODY


def test_a_confidential_listing_is_known_to_who_holds_a_release_of_that_tier(people):
    listing = f.published(people["_home"], visibility="confidential")
    for tier in ("public", "members"):
        grants.release_to(
            actor=Actor.system(), listing_id=listing.pk,
            organisation_id=people["_partner"].pk, tier=tier,
        )  # fmt: skip
        assert who_sees(people, listing) == {"own", "system"}
    grants.release_to(
        actor=Actor.system(), listing_id=listing.pk,
        organisation_id=people["_partner"].pk, tier="confidential",
    )  # fmt: skip
    assert who_sees(people, listing) == {"own", "system", "partner"}
    lifecycle.pause(actor=Actor.system(), listing_id=listing.pk)
    assert who_sees(people, listing) == {"own", "system", "partner"}
    grants.end_release(
        actor=Actor.system(), listing_id=listing.pk, organisation_id=people["_partner"].pk
    )
    assert who_sees(people, listing) == {"own", "system"}


def test_both_doors_agree_on_who_may_know_of_it(people):
    made = []
    for visibility in ("public", "members", "confidential"):
        for state in ("draft", "in_review", "published", "paused", "fulfilled"):
            listing = f.published(people["_home"], visibility=visibility)
            Listing.objects.filter(pk=listing.pk).update(state=state)
            made.append(listing.pk)
    grants.release_to(
        actor=Actor.system(), listing_id=made[-1], organisation_id=people["_partner"].pk,
        tier="confidential",
    )  # fmt: skip
    rows = list(Listing.objects.all())
    for name, who in readers(people).items():
        by_rows = set(visible_to(who).values_list("pk", flat=True))
        assert set(access_to(rows, who)) == by_rows, name


@pytest.mark.parametrize(
    ("reader", "tier", "metrics", "withheld"),
    [
        ("visitor", "public", ["Open"], ("members", "confidential")),
        ("unverified", "public", ["Open"], ("members", "confidential")),
        ("member", "members", ["Open", "Inner"], ("confidential",)),
        ("own", "confidential", ["Open", "Inner", "Secret"], ()),
        ("system", "confidential", ["Open", "Inner", "Secret"], ()),
    ],
)
def test_texts_and_parts_are_shown_by_tier(people, reader, tier, metrics, withheld):
    listing = f.published(people["_home"], **SECRET)
    seen = disclosed(listing, people[reader])
    assert seen.tier == tier
    assert [row.metric_en for row in seen.specifications] == metrics
    assert seen.withheld == withheld
    assert bool(seen.members_text_en) == ("members" not in withheld)
    assert bool(seen.confidential_text_en) == ("confidential" not in withheld)


@pytest.mark.parametrize(
    ("reader", "knows"),
    [("visitor", False), ("member", False), ("own", True), ("partner", True)],
)
def test_an_anonymous_owner_is_withheld_with_all_that_would_name_it(people, reader, knows):
    listing = f.published(
        people["_home"], is_anonymous=True, country="CN", region="440305",
        source_url="https://home.example/x", **SECRET,
    )  # fmt: skip
    grants.release_to(
        actor=Actor.system(), listing_id=listing.pk, organisation_id=people["_partner"].pk
    )
    seen = disclosed(listing, people[reader])
    assert (seen.owner is not None) is knows
    assert bool(seen.co_owners) is knows
    assert bool(seen.source_url) is knows
    assert (seen.ip_rights[0].number == "ZL77") is knows
    assert (seen.ip_rights[0].title == "Named") is knows
    assert seen.region == ("440305" if knows else "440000")
    assert seen.owner_is_verified


def test_what_one_may_not_know_of_is_not_found(people):
    listing = f.published(people["_home"], visibility="confidential")
    with pytest.raises(NotFound):
        disclosed(listing, people["member"])
    assert disclosed_many([listing], people["member"]) == {}


@pytest.mark.parametrize("count", [1, 3])
def test_many_are_disclosed_in_a_fixed_number_of_queries(people, count, django_assert_num_queries):
    made = [f.published(people["_home"], **SECRET).pk for _ in range(count)]
    rows = list(Listing.objects.filter(pk__in=made))
    with django_assert_num_queries(6):  # grants, owner, four kinds of parts
        disclosed_many(rows, people["partner"])
    rows = list(Listing.objects.filter(pk__in=made))
    with django_assert_num_queries(1):  # owner
        disclosed_many(rows, people["visitor"], detail=False)


def test_an_anonymous_listing_that_names_its_owner_cannot_be_submitted(people):
    from marketplace.core.errors import Invalid

    made = f.draft(people["_home"], is_anonymous=True, body_en="We at HOME make it.")
    with pytest.raises(Invalid) as refused:
        lifecycle.submit(actor=Actor.system(), listing_id=made.pk)
    assert set(refused.value.fields) == {"body_en"}
    save_draft(actor=Actor.system(), listing_id=made.pk, data={"body_en": "We make it."})
    assert lifecycle.submit(actor=Actor.system(), listing_id=made.pk).state == states.PUBLISHED
