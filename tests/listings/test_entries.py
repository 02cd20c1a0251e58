"""The narrow search table and the listings themselves tell every reader the same."""

from importlib import import_module

import pytest
from django.db import connection

from listings.actions import lifecycle
from listings.models import Listing, SearchEntry
from listings.models.search import FACTS
from listings.queries.entries import entries_for
from listings.queries.visibility import published_for
from marketplace.core.actor import Actor
from tests.listings.factories import draft, member_of, organisation, published

pytestmark = pytest.mark.django_db


def test_who_may_find_an_entry_may_see_its_listing_and_the_reverse():
    owner, other = organisation(), organisation()
    for visibility in ("public", "members", "confidential"):
        published(owner, visibility=visibility)
        published(owner, visibility=visibility, is_anonymous=True)
    draft(owner)
    readers = [
        Actor.visitor(), Actor.system(), member_of(owner), member_of(other),
        member_of(organisation(verified=False)),
    ]  # fmt: skip
    for reader in readers:
        shown = set(published_for(reader).values_list("pk", flat=True))
        assert set(entries_for(reader).values_list("pk", flat=True)) == shown, reader


@pytest.mark.parametrize("move", [lifecycle.pause, lifecycle.withdraw, lifecycle.mark_fulfilled])
def test_what_leaves_the_market_leaves_the_search_in_the_same_transaction(move):
    listing = published()
    assert SearchEntry.objects.filter(pk=listing.pk).exists()
    move(actor=Actor.system(), listing_id=listing.pk)
    assert not SearchEntry.objects.filter(pk=listing.pk).exists()


def test_what_is_published_is_there_at_once_by_its_facts_and_later_by_its_words(run_jobs):
    listing = published(ip_rights=[{"kind": "invention", "status": "granted", "office": "CN"}])
    entry = SearchEntry.objects.get(pk=listing.pk)
    assert entry.words_public is None
    assert entry.ip_kinds == ["invention"]
    run_jobs(check=False)
    entry.refresh_from_db()
    assert "electrolyt" in entry.words_title
    stored = Listing.objects.get(pk=listing.pk)
    assert [getattr(entry, name) for name in FACTS] == [getattr(stored, name) for name in FACTS]


@pytest.mark.parametrize("anonymous", [False, True])
def test_tags_say_all_that_one_filters_by_and_of_the_anonymous_no_place_below_the_province(
    anonymous, run_jobs
):
    listing = published(
        is_anonymous=anonymous, region="440305", trl=6, modes=["assignment"], field="new_energy",
        more_fields=["new_materials"], ip_rights=[{"kind": "invention", "status": "granted"}],
    )  # fmt: skip
    run_jobs(check=False)
    tags = SearchEntry.objects.get(pk=listing.pk).tags
    assert {
        "field:new_energy", "field:new_materials", "mode:assignment", "ip:invention", "trl:6",
        "country:CN", "in:44",
    } <= set(tags)  # fmt: skip
    assert ({"in:4403", "in:440305"} <= set(tags)) is not anonymous
    # what an older market gets when it is upgraded
    SearchEntry.objects.update(tags=[])
    with connection.cursor() as cursor:
        cursor.execute(import_module("listings.migrations.0012_tags").FILL)
    assert SearchEntry.objects.get(pk=listing.pk).tags == tags
