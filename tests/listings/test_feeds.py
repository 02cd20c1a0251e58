"""Feeds, sitemap, robots, and what search engines are told: always what a visitor sees."""

import json
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.utils import timezone

from listings.actions import lifecycle
from listings.indexing import index_many
from listings.models import Listing
from tests.listings.factories import published

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()


def atom(client, query="", **headers):
    answer = client.get(f"/technologies/feed.atom{query}", headers=headers)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.content)  # noqa: S314 (our own)


def entries(feed):
    return [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]


def test_atom_holds_the_newest_of_the_search(cast):
    published(cast.home, title_en="One <b>&amp;</b>", field="aerospace")
    published(cast.home, title_en="Two", title_zh="二")
    hidden = published(cast.home, title_en="Hidden", visibility="members")
    for player in (cast.visitor, cast.owner):  # whoever asks
        assert entries(atom(player.client)) == ["Two", "One <b>&amp;</b>"]
    assert entries(atom(cast.visitor.client, "?field=aerospace")) == ["One <b>&amp;</b>"]
    chinese = atom(cast.visitor.client, "?lang=zh-hans")
    assert entries(chinese)[0] == "二" and "技术成果" in chinese.findtext(f"{ATOM}title")
    assert hidden.public_id not in ElementTree.tostring(chinese, encoding="unicode")


def test_ids_stay_and_anonymous_owners_are_not_named(cast):
    listing = published(cast.home, is_anonymous=True)
    feed = atom(cast.owner.client)
    assert next(feed.iter(f"{ATOM}id")).text
    (entry,) = feed.iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == f"tag:testserver,2026:listing/{listing.public_id}"
    assert "Lantern" not in ElementTree.tostring(feed, encoding="unicode")


def test_json_feed_is_one(cast):
    listing = published(cast.home, kind="need", title_zh="低温电解液")
    answer = cast.visitor.client.get("/needs/feed.json?lang=zh-hans")
    assert answer["Content-Type"].startswith("application/feed+json")
    body = json.loads(answer.content)
    assert body["version"] == "https://jsonfeed.org/version/1.1"
    assert body["feed_url"].endswith("/needs/feed.json?lang=zh-hans")
    (item,) = body["items"]
    assert item["title"] == "低温电解液" and item["url"].endswith(f"/needs/{listing.public_id}/")
    assert item["authors"] == [{"name": "灯笼工坊"}]


def test_at_most_fifty_and_the_same_queries(cast, django_assert_num_queries):
    first = published(cast.home)
    rows = [
        Listing(kind="technology", owner=cast.home, state="published", field="aerospace",
                title_en=f"T{n}", published_at=timezone.now())
        for n in range(60)
    ]  # fmt: skip
    index_many([row.pk for row in Listing.objects.bulk_create(rows)], meanings=False)
    with django_assert_num_queries(3):
        found = entries(atom(cast.visitor.client))
    assert len(found) == 50 and first.title_en not in found


def test_unchanged_feed_answers_304(cast):
    published(cast.home)
    first = cast.visitor.client.get("/technologies/feed.atom")
    for headers in (
        {"If-None-Match": first["ETag"]},
        {"If-Modified-Since": first["Last-Modified"]},
    ):
        again = cast.visitor.client.get("/technologies/feed.atom", headers=headers)
        assert (again.status_code, again.content) == (304, b"")
    published(cast.home, title_en="New")
    changed = cast.visitor.client.get(
        "/technologies/feed.atom", headers={"If-None-Match": first["ETag"]}
    )
    assert changed.status_code == 200


def test_list_names_its_feeds(cast):
    published(cast.home)
    page = cast.visitor.client.get("/technologies/?q=electrolyte").content.decode()
    assert '<link rel="alternate" type="application/atom+xml"' in page
    assert "/technologies/feed.atom?q=electrolyte&amp;lang=en" in page


# --- Sitemap and robots --------------------------------------------------------------------------


def locations(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    tree = ElementTree.fromstring(answer.content)  # noqa: S314 (our own)
    return [one.text for one in tree.iter(f"{MAP}loc")]


def test_sitemap_holds_what_visitors_see_in_parts(cast, monkeypatch):
    from marketplace import crawlers

    monkeypatch.setattr(crawlers, "PART", 2)
    made = [published(cast.home, title_en=f"T{n}") for n in range(3)]
    hidden = published(cast.home, visibility="members")
    paused = published(cast.home)
    lifecycle.pause(actor=cast.owner.actor, listing_id=paused.pk)
    index = locations(cast.visitor.client, "/sitemap.xml")
    parts = [one.partition("testserver")[2] for one in index if "technologies" in one]
    assert parts == ["/sitemap-technologies-1.xml", "/sitemap-technologies-2.xml"]
    listed = [one for part in parts for one in locations(cast.owner.client, part)]
    assert [one.rstrip("/").rpartition("/")[2] for one in listed] == [m.public_id for m in made]
    assert hidden.public_id not in "".join(listed)
    places = locations(cast.visitor.client, "/sitemap-organisations-1.xml")
    assert any(cast.home.public_id in one for one in places)
    assert not any(cast.claim.public_id in one for one in places)
    for wrong in ("technologies-9", "technologies-0", "people-1"):
        assert cast.visitor.client.get(f"/sitemap-{wrong}.xml").status_code == 404


def test_robots_and_favicon(client):
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /technologies/?" in text and "Sitemap: http://testserver/sitemap.xml" in text
    answer = client.get("/favicon.ico")
    assert answer.status_code == 302 and answer["Location"].endswith("mark.svg")


# --- Heads of pages ------------------------------------------------------------------------------


def data_of(page):
    start = page.index('<script type="application/ld+json">') + len(
        '<script type="application/ld+json">'
    )
    return json.loads(page[start : page.index("</script>", start)])


def test_listing_says_in_data_what_a_visitor_reads(cast):
    listing = published(
        cast.home, title_en="Evil </script><script>alert(1)</script>", title_zh="恶",
        price_kind="firm", price_min="1000", members_text_en="for members",
        specifications=[
            {"metric_en": "Mass", "comparator": "le", "value": "2", "unit": "kg"},
            {"metric_en": "Closed", "comparator": "le", "value": "2", "unit": "kg",
             "tier": "members"},
        ],
    )  # fmt: skip
    page = cast.owner.client.get(f"/technologies/{listing.public_id}/").content.decode()
    data = data_of(page)
    assert data["name"] == "Evil </script><script>alert(1)</script>"
    assert "<script>alert" not in page
    assert [row["name"] for row in data["additionalProperty"]] == ["Mass"]
    assert data["brand"]["name"] == "Lantern Works"
    url = f"http://testserver/technologies/{listing.public_id}/"
    assert f'<link rel="canonical" href="{url}">' in page
    assert f'hreflang="zh-Hans" href="{url}?lang=zh-hans"' in page
    assert 'property="og:title"' in page


def test_closed_and_anonymous_listings_tell_nothing_more(cast):
    closed = published(cast.home, kind="need", visibility="members")
    page = cast.owner.client.get(f"/needs/{closed.public_id}/").content.decode()
    assert "ld+json" not in page and "og:title" not in page
    hidden = published(cast.home, kind="need", is_anonymous=True)
    page = cast.owner.client.get(f"/needs/{hidden.public_id}/").content.decode()
    assert "seeker" not in data_of(page) and "Lantern" not in json.dumps(data_of(page))


def test_organisation_says_who_it_is_unless_it_is_only_a_claim(cast):
    page = cast.visitor.client.get(f"/organisations/{cast.outside.public_id}/").content.decode()
    assert data_of(page)["@type"] == "CollegeOrUniversity"
    page = cast.claimant.client.get(f"/organisations/{cast.claim.public_id}/").content.decode()
    assert "ld+json" not in page


def test_page_has_an_address_in_each_language(cast):
    listing = published(cast.home, title_en="Electrolyte", title_zh="电解液")
    client = cast.visitor.client
    page = client.get(f"/technologies/{listing.public_id}/?lang=zh-hans").content.decode()
    assert '<html lang="zh-Hans"' in page
    assert '<html lang="en"' in client.get("/technologies/?lang=xx").content.decode()
    answer = client.post(
        "/language/", {"language": "en", "next": "/technologies/?q=a&lang=zh-hans"}
    )
    assert answer["Location"] == "/technologies/?q=a"
