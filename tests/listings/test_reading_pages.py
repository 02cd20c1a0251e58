"""Lists and pages of listings as a person meets them."""

import re

import pytest

from listings.indexing import index_many
from listings.models import Listing
from listings.models.listings import State
from tests.listings.factories import draft, organisation, published

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "browse"}


def text(response):
    return response.content.decode()


# --- lists --------------------------------------------------------------------------------------


def test_a_list_without_listings_offers_the_first_step(client):
    assert "No technology is posted yet" in text(client.get("/technologies/"))
    assert "No need is posted yet" in text(client.get("/needs/"))


def test_technologies_and_needs_have_lists_of_their_own(client):
    published(title_en="An electrolyte")
    published(kind="need", title_en="A colder battery")
    assert "An electrolyte" in text(client.get("/technologies/"))
    assert "A colder battery" not in text(client.get("/technologies/"))
    assert "A colder battery" in text(client.get("/needs/"))


def test_htmx_gets_the_results_alone_and_a_clean_address(client):
    published(title_en="An electrolyte")
    answer = client.get("/technologies/?q=&trl_min=&field=new_energy&currency=CNY", **HTMX)
    assert "<html" not in text(answer)
    assert "An electrolyte" in text(answer)
    assert answer["HX-Push-Url"] == "/technologies/?field=new_energy"
    assert "HX-Request" in answer["Vary"]


def test_back_by_htmx_gets_the_whole_page(client):
    answer = client.get("/technologies/", HTTP_HX_HISTORY_RESTORE_REQUEST="true", **HTMX)
    assert "<html" in text(answer)


def test_an_empty_result_says_which_filter_emptied_it(client):
    published(title_en="An electrolyte", trl=3)
    answer = text(client.get("/technologies/?trl_min=7&field=new_energy"))
    assert "Nothing fits all of that" in answer
    assert re.search(r"without “TRL 7 or higher”</a>\s*<span[^>]*><span[^>]*>1<", answer)
    assert re.search(r'<span class="faint">without “New energy[^”]*” 0', answer)


def test_what_was_typed_stays_in_the_box_and_is_escaped(client):
    answer = text(client.get("/technologies/", {"q": '"><script>alert(1)</script>'}))
    assert "<script>alert" not in answer
    assert "&quot;&gt;&lt;script&gt;" in answer


def test_an_unreadable_filter_is_told(client):
    published()
    assert "could not be read" in text(client.get("/technologies/?field=zeppelins"))


def test_a_page_beyond_the_end_answers_politely(client):
    published()
    answer = client.get("/technologies/?page=99999999")
    assert answer.status_code == 200
    assert "this is its last one" in text(answer)


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_lists_are_only_read(client, method):
    assert getattr(client, method)("/technologies/").status_code == 405


# --- one listing --------------------------------------------------------------------------------


def test_a_stranger_reads_what_is_public_and_learns_what_is_closed(client):
    listing = published(
        organisation("Lakeside"), members_text_en="For members.", confidential_text_en="Secret.",
        specifications=[
            {"metric_en": "Retention", "comparator": "ge", "value": "84", "unit": "%",
             "compared_with_en": "61% carbonate", "condition_en": "-40 degC"},
            {"metric_en": "Hidden metric", "comparator": "ge", "value": "1", "unit": "%",
             "tier": "members"},
        ],
    )  # fmt: skip
    page = text(client.get(f"/technologies/{listing.public_id}/"))
    assert "Fluorinated ester electrolyte" in page
    assert "Lakeside" in page
    assert "61% carbonate" in page
    assert "For members." not in page
    assert "Secret." not in page
    assert "Hidden metric" not in page
    assert "1 more figure or document for verified members" in page
    assert "Details under a non-disclosure agreement" in page
    assert "Ask for an introduction" in page


def test_a_member_reads_the_members_tier(cast):
    listing = published(cast.outside, members_text_en="For members.")
    address = f"/technologies/{listing.public_id}/"
    assert "For members." in text(cast.owner.client.get(address))
    assert "For members." not in text(cast.claimant.client.get(address))


def test_an_anonymous_owner_is_nowhere_on_the_page(cast):
    listing = published(
        cast.outside, is_anonymous=True, region="420111",
        ip_rights=[{"kind": "invention", "status": "granted", "number": "ZL201", "office": "CN"}],
    )  # fmt: skip
    for player in (cast.visitor, cast.rival, cast.moderator, cast.operator):
        page = text(player.client.get(f"/technologies/{listing.public_id}/"))
        assert "Lakeside University" not in page
        assert cast.outside.public_id not in page
        assert "ZL201" not in page
        assert "Hongshan" not in page
    assert "ZL201" in text(cast.outsider.client.get(f"/technologies/{listing.public_id}/"))


@pytest.mark.parametrize("visibility", ["members", "confidential"])
def test_a_hidden_listing_is_not_found(cast, visibility):
    listing = published(cast.outside, visibility=visibility)
    address = f"/technologies/{listing.public_id}/"
    assert cast.visitor.client.get(address).status_code == 404
    assert cast.claimant.client.get(address).status_code == 404
    expected = 200 if visibility == "members" else 404
    assert cast.rival.client.get(address).status_code == expected
    assert cast.outsider.client.get(address).status_code == 200


def test_a_draft_is_found_by_its_people_alone(cast):
    listing = draft(cast.home)
    address = f"/technologies/{listing.public_id}/"
    assert cast.owner.client.get(address).status_code == 200
    assert cast.rival.client.get(address).status_code == 404
    assert cast.operator.client.get(address).status_code == 404


def test_an_address_of_the_other_kind_leads_to_the_right_one(client):
    listing = published(kind="need")
    answer = client.get(f"/technologies/{listing.public_id}/")
    assert answer.status_code == 302
    assert answer["Location"] == f"/needs/{listing.public_id}/"


def test_the_owner_sees_the_state_and_the_moves(cast):
    listing = published(cast.home)
    page = text(cast.owner.client.get(f"/technologies/{listing.public_id}/"))
    assert "Your listing" in page
    assert f"/listings/{listing.public_id}/move/pause/" in page
    assert "Ask for an introduction" not in page
    other = text(cast.rival.client.get(f"/technologies/{listing.public_id}/"))
    assert "Your listing" not in other
    assert "/move/" not in other


def test_a_paused_listing_is_gone_for_others(cast):
    listing = published(cast.home)
    Listing.objects.filter(pk=listing.pk).update(state=State.PAUSED)
    address = f"/technologies/{listing.public_id}/"
    assert cast.visitor.client.get(address).status_code == 404
    assert "noindex" in text(cast.owner.client.get(address))


def test_markup_in_texts_is_shown_as_text(client):
    listing = published(title_en="<b>Bold</b> & co", body_en="<script>alert(1)</script>")
    page = text(client.get(f"/technologies/{listing.public_id}/"))
    assert "<script>alert" not in page
    assert "<b>Bold" not in page
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; co" in page


def test_a_need_shows_must_and_wish_deadline_and_budget(client):
    listing = published(
        kind="need", price_kind="firm", price_min="1200000", tried_en="Two blends.",
        judged_en="By a sample.", trl=6,
        specifications=[
            {"metric_en": "Retention", "comparator": "ge", "value": "80", "unit": "%",
             "strength": "wish"},
        ],
    )  # fmt: skip
    page = text(client.get(f"/needs/{listing.public_id}/"))
    for expected in ("wish", "Budget", "¥1.2", "Two blends.", "By a sample.", "TRL 6 or higher"):
        assert expected in page


@pytest.mark.parametrize("public_id", ["ZZZZZZZZZZ", "x", "%00", "1" * 500, "../../etc"])
def test_an_id_of_nothing_is_not_found(client, public_id):
    assert client.get(f"/technologies/{public_id}/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_a_page_takes_the_same_queries_however_much_it_holds(
    client, rows, django_assert_num_queries
):
    specifications = [
        {"metric_en": f"Metric {n}", "comparator": "ge", "value": "1", "unit": "%"}
        for n in range(rows)
    ]
    listing = published(specifications=specifications)
    for _ in range(rows):
        published(title_en="Another electrolyte")
    index_many(list(Listing.objects.values_list("pk", flat=True)), meanings=False)
    # row, owner, specifications, rights, documents, co-owners, versions, meaning, how rare its
    # words are, by words, the similar ones, whether it is sold by tender or auction
    with django_assert_num_queries(12):
        client.get(f"/technologies/{listing.public_id}/")


def test_a_page_in_chinese_speaks_chinese(client):
    listing = published(title_zh="低温电解液", summary_zh="在低温下保持容量。")
    page = text(client.get(f"/technologies/{listing.public_id}/", HTTP_ACCEPT_LANGUAGE="zh-CN"))
    assert "<h1" in page
    assert "低温电解液</h1>" in page
    assert "达到的指标" in page or "技术原理" in page
    assert "Ask for an introduction" not in page


def test_an_organisations_page_lists_what_it_posted_under_its_name(cast):
    published(cast.outside, title_en="Named one")
    published(cast.outside, title_en="Unnamed one", is_anonymous=True)
    page = text(cast.visitor.client.get(f"/organisations/{cast.outside.public_id}/"))
    assert "Named one" in page
    assert "Unnamed one" not in page


def test_links_of_a_list_leave_out_what_the_form_sent_empty(client):
    published(field="new_energy")
    page = text(client.get("/technologies/?q=&trl_min=&trl_max=&price_min=&currency=CNY&sort="))
    assert 'href="?field=new_energy"' in page
    assert not re.search(r'href="\?[^"]*trl_max=["&]', page)
