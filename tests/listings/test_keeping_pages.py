"""Pages of what a reader keeps: saved searches, favourites, comparison, last seen."""

import pytest

from listings.actions import lifecycle, saved
from listings.models import Favourite, SavedSearch
from listings.queries.saved import kept_ids
from marketplace.core.actor import Actor
from tests.listings.factories import published

pytestmark = pytest.mark.django_db


def text(answer, status=200):
    assert answer.status_code == status, answer.content[:2000]
    return answer.content.decode()


# --- Saved searches ------------------------------------------------------------------------------


def test_a_search_is_saved_from_the_list_and_from_a_list_without_hits(cast):
    published(cast.home)
    for address in ("/technologies/", "/technologies/?q=zirconium&field=aerospace"):
        page = text(cast.newcomer.client.get(address))
        assert "/searches/new/?kind=technology" in page
    address = "/searches/new/?kind=technology&q=zirconium&field=aerospace&page=2"
    form = text(cast.newcomer.client.get(address))
    assert "“zirconium”, Aerospace" in form
    answer = cast.newcomer.client.post(address, {"name": "", "frequency": "weekly"})
    assert answer["Location"] == "/technologies/?q=zirconium&field=aerospace"
    search = SavedSearch.objects.get()
    assert (search.frequency, search.fields) == ("weekly", ["aerospace"])
    assert "“zirconium”, Aerospace" in text(cast.newcomer.client.get("/searches/"))


def test_a_visitor_is_led_through_signing_in_and_back(cast):
    answer = cast.visitor.client.get("/searches/new/?kind=need&q=coating")
    assert answer.status_code == 302
    assert answer["Location"].endswith("next=/searches/new/%3Fkind%3Dneed%26q%3Dcoating")


def test_refusals_keep_what_was_typed(cast):
    page = text(
        cast.newcomer.client.post(
            "/searches/new/?kind=technology&q=coating", {"name": "A" * 200, "frequency": "daily"}
        ),
        400,
    )
    assert "A" * 200 in page
    search = saved.save_search(
        actor=cast.newcomer.actor, kind="technology", query=_query("q=coating")
    )
    url = f"/searches/{search.public_id}/"
    prefix = search.public_id
    page = text(
        cast.newcomer.client.post(
            url, {f"{prefix}-name": "bad\u202ename", f"{prefix}-frequency": "now"}
        ),
        400,
    )
    assert "invisible control characters" in page and "bad\u202ename" in page
    assert cast.newcomer.client.get("/searches/new/?kind=x").status_code == 404
    assert (
        cast.newcomer.client.post(
            "/searches/new/?kind=technology&q=!!", {"name": "x", "frequency": "now"}
        ).status_code
        == 400
    )


def test_rename_change_delete_and_no_strangers(cast):
    search = saved.save_search(
        actor=cast.newcomer.actor, kind="technology", query=_query("q=coating")
    )
    url, prefix = f"/searches/{search.public_id}/", search.public_id
    data = {f"{prefix}-name": "Coatings", f"{prefix}-frequency": "never"}
    assert cast.rival.client.post(url, data).status_code == 404
    assert cast.newcomer.client.post(url, data).status_code == 302
    search.refresh_from_db()
    assert (search.name, search.frequency) == ("Coatings", "never")
    assert cast.rival.client.post(f"{url}delete/").status_code == 404
    assert cast.newcomer.client.post(f"{url}delete/").status_code == 302
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize("number", [1, 4])
def test_saved_searches_take_the_same_queries(cast, number, django_assert_num_queries):
    for place in range(number):
        saved.save_search(
            actor=cast.newcomer.actor, kind="technology", query=_query(f"q=coating{place}")
        )
    cast.newcomer.client.get("/searches/")
    with django_assert_num_queries(10):
        text(cast.newcomer.client.get("/searches/"))


def _query(text_):
    from django.http import QueryDict

    return QueryDict(text_)


# --- Favourites ----------------------------------------------------------------------------------


def test_keep_write_a_note_and_drop(cast):
    listing = published(cast.home)
    client, url = cast.newcomer.client, f"/listings/{listing.public_id}/keep/"
    answer = client.post(url, {"next": "/technologies/"})
    assert (answer.status_code, answer["Location"]) == (302, "/technologies/")
    assert kept_ids(cast.newcomer.actor) == {listing.pk}
    assert 'aria-pressed="true"' in text(client.get(f"/technologies/{listing.public_id}/"))
    favourite = Favourite.objects.get()
    client.post(
        f"/kept/{favourite.public_id}/", {f"{favourite.public_id}-note": "ask about −40 °C"}
    )
    assert "ask about −40 °C" in text(client.get("/kept/?note=about"))
    assert "ask about" not in text(client.get("/kept/?kind=need"))
    client.post(url, {"drop": "1"})
    assert not Favourite.objects.exists()
    assert "Nothing is kept yet" in text(client.get("/kept/"))


def test_button_answers_with_itself_to_htmx(cast):
    listing = published(cast.home)
    answer = cast.newcomer.client.post(
        f"/listings/{listing.public_id}/keep/", headers={"HX-Request": "true"}
    )
    page = text(answer)
    assert 'name="drop"' in page and "<html" not in page


def test_hidden_listing_stays_without_any_content(cast):
    listing = published(cast.home, title_en="Brackenmoor separator")
    saved.keep(actor=cast.newcomer.actor, public_id=listing.public_id, note="my own words")
    lifecycle.pause(actor=cast.owner.actor, listing_id=listing.pk)
    page = text(cast.newcomer.client.get("/kept/"))
    assert "No longer open to you" in page and "my own words" in page
    assert "Brackenmoor" not in page and listing.public_id not in page
    assert "No longer open" not in text(cast.newcomer.client.get("/kept/?kind=technology"))
    favourite = Favourite.objects.get()
    cast.newcomer.client.post(f"/kept/{favourite.public_id}/", {"drop": "1"})
    assert not Favourite.objects.exists()


def test_nobody_keeps_what_it_cannot_see_nor_reads_others(cast):
    hidden = published(cast.home, visibility="members")
    assert cast.newcomer.client.post(f"/listings/{hidden.public_id}/keep/").status_code == 404
    saved.keep(actor=cast.rival.actor, public_id=hidden.public_id)
    favourite = Favourite.objects.get()
    assert cast.owner.client.post(f"/kept/{favourite.public_id}/", {"drop": "1"}).status_code == 404
    assert cast.visitor.client.post(f"/listings/{hidden.public_id}/keep/").status_code == 302
    evil = cast.rival.client.post(
        f"/listings/{hidden.public_id}/keep/", {"next": "https://evil.example/"}
    )
    assert evil["Location"] == "/kept/"


@pytest.mark.parametrize("number", [1, 5])
def test_favourites_take_the_same_queries(cast, number, django_assert_num_queries):
    for _place in range(number):
        listing = published(cast.home)
        saved.keep(actor=cast.newcomer.actor, public_id=listing.public_id)
    cast.newcomer.client.get("/kept/")
    with django_assert_num_queries(15):
        text(cast.newcomer.client.get("/kept/"))


# --- Comparison ----------------------------------------------------------------------------------


def spec(metric, value, unit, comparator="ge", **more):
    return {"metric_en": metric, "comparator": comparator, "value": value, "unit": unit, **more}


@pytest.fixture
def pair(cast):
    first = published(
        cast.home, title_en="First", trl=4, price_kind="firm", price_min="100000",
        specifications=[spec("Tensile strength", "800", "MPa"), spec("Mass", "2", "kg", "le"),
                        spec("Secret strength", "1", "MPa", tier="confidential")],
    )  # fmt: skip
    second = published(
        cast.outside, title_en="Second", trl=7, price_kind="firm", price_min="300000",
        specifications=[{"metric_zh": "抗拉强度", "comparator": "ge", "value": "1.2",
                         "unit": "GPa"}, spec("Mass", "2500", "g", "le")],
    )  # fmt: skip
    return first, second


def test_figures_stand_in_one_unit_and_the_best_is_said(cast, pair):
    first, second = pair
    page = text(
        cast.visitor.client.get(f"/compare/?id={first.public_id}&id={second.public_id}")
    ).replace("\xa0", " ")
    assert page.count("Tensile strength") == 1
    assert "≥ 800 MPa" in page and "≥ 1,200 MPa" in page and "stated as ≥ 1.2 GPa" in page
    assert "≤ 2.5 kg" in page
    assert page.count(">best<") == 2 and "highest" in page and "lowest" in page
    assert "Secret strength" not in page
    assert page.index("Readiness") < page.index("Technology field")  # what differs comes first


def test_choose_by_button_without_an_account(cast, pair):
    first, second = pair
    client = cast.visitor.client
    for listing in pair:
        client.post(f"/listings/{listing.public_id}/compare/", {"next": "/technologies/"})
    page = text(client.get("/technologies/"))
    assert "2 chosen for comparing" in page
    answer = client.get("/compare/")
    assert answer["Location"] == f"/compare/?id={first.public_id}&id={second.public_id}"
    client.post(f"/listings/{first.public_id}/compare/")
    assert "1 chosen for comparing" in text(client.get("/technologies/"))
    client.post("/compare/clear/")
    assert "Nothing is chosen" in text(client.get("/compare/"))


def test_fifth_is_refused_and_hidden_ones_are_left_out(cast, pair):
    client = cast.visitor.client
    for _n in range(3):
        client.post(f"/listings/{published(cast.home).public_id}/compare/")
    client.post(f"/listings/{pair[0].public_id}/compare/")
    client.post(f"/listings/{pair[1].public_id}/compare/")
    assert "4 are compared at most" in text(client.get("/technologies/"))
    hidden = published(cast.home, title_en="Brackenmoor", visibility="members")
    need = published(cast.home, kind="need")
    page = text(
        client.get(
            f"/compare/?id={pair[0].public_id}&id={hidden.public_id}&id={need.public_id}"
            f"&id={pair[1].public_id}"
        )
    )
    assert "is not open to you" in page and "others were left out" in page
    assert "Brackenmoor" not in page
    assert client.post(f"/listings/{hidden.public_id}/compare/").status_code == 404
    for nonsense in ("?id=x", "?id=", "?id=0000000000", "?kind=zz", "?id=%00"):
        assert client.get(f"/compare/{nonsense}").status_code in (200, 302)


@pytest.mark.parametrize("number", [2, 4])
def test_comparison_takes_the_same_queries(cast, number, django_assert_num_queries):
    ids = "&".join(f"id={published(cast.home).public_id}" for _n in range(number))
    cast.visitor.client.get(f"/compare/?{ids}")
    with django_assert_num_queries(6):
        text(cast.visitor.client.get(f"/compare/?{ids}"))


# --- Last seen -----------------------------------------------------------------------------------


def test_last_seen_is_shown_as_far_as_open_and_forgotten_by_one_click(cast):
    listing = published(cast.home, title_en="Seen electrolyte")
    gone = published(cast.home, title_en="Gone electrolyte")
    client = cast.visitor.client
    for one in (listing, gone):
        client.get(f"/technologies/{one.public_id}/")
    lifecycle.withdraw(actor=Actor.system(), listing_id=gone.pk)
    for page in ("/", "/needs/"):
        shown = text(client.get(page))
        assert "You looked at" in shown and "Seen electrolyte" in shown
        assert "Gone electrolyte" not in shown
    client.post("/seen/forget/")
    assert "You looked at" not in text(client.get("/needs/"))


def test_forged_cookie_is_nothing(cast):
    listing = published(cast.home)
    client = cast.visitor.client
    client.cookies["seen"] = listing.public_id
    assert "You looked at" not in text(client.get("/needs/"))
    client.cookies["compare_technology"] = "'; DROP.\x7f.." + listing.public_id
    assert text(client.get("/technologies/"))


def test_twelve_are_remembered_the_last_first(rf):
    from django.http import HttpResponse

    from listings.remembered import remember, seen_ids

    request = rf.get("/")
    for number in range(15):
        response = HttpResponse()
        remember(request, response, f"{number:010d}")
        request.COOKIES["seen"] = response.cookies["seen"].value
    ids = seen_ids(request)
    assert len(ids) == 12 and ids[0] == f"{14:010d}"


def test_what_was_kept_goes_with_the_account_and_stands_in_its_data(cast):
    from listings.people import forget, kept_by

    listing = published(cast.home)
    saved.keep(actor=cast.newcomer.actor, public_id=listing.public_id, note="n")
    saved.save_search(actor=cast.newcomer.actor, kind="need", query=_query("q=coating"))
    data = kept_by(cast.newcomer.user.pk)
    assert data["favourites"][0]["note"] == "n" and data["saved_searches"][0]["kind"] == "need"
    forget(cast.newcomer.user.pk)
    assert not any(kept_by(cast.newcomer.user.pk).values())


def test_choosing_for_comparison_changes_the_button_in_its_place(cast, client):
    listing = published(cast.home, title_en="Lantern")
    answer = client.post(
        f"/listings/{listing.public_id}/compare/",
        {"next": "/technologies/?q=lantern"},
        headers={"HX-Request": "true"},
    )
    page = answer.content.decode()
    assert answer.status_code == 200 and 'aria-pressed="true"' in page
    assert 'id="tray-technology" hx-swap-oob="true"' in page and "1 chosen" in page
    assert 'value="/technologies/?q=lantern"' in page
    assert "Chosen for comparing" in page
