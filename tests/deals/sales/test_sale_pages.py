"""Pages and API of tenders and auctions: from the technology to the room by forms alone, closed
doors, odd input, both languages."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from deals.actions import sale_bidders, sale_opening
from deals.models import Sale, SaleBid, SaleBidder
from tests.deals.sales import factories
from tests.deals.sales.factories import admit, after, announced, bid, during, seal

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def moment(**delta: float) -> str:
    import datetime as dt

    return timezone.localtime(timezone.now() + dt.timedelta(**delta)).strftime("%Y-%m-%dT%H:%M")


def version(sale: Sale) -> str:
    return str(Sale.objects.get(pk=sale.pk).version)


def test_a_tender_by_forms_alone(cast: Cast) -> None:
    technology = factories.published(cast.home)
    client = cast.colleague.client
    assert "Sell it by tender" in client.get(f"/technologies/{technology.public_id}/").text
    made = client.post("/tenders/new/", {"listing": technology.public_id, "kind": "tender"})
    sale = Sale.objects.get()
    url = f"/tenders/{sale.public_id}/"
    assert made["Location"] == f"{url}edit/object/"
    given = {"version": version(sale), "sold": "licence", "exclusivity": "sole",
             "terms_zh": "许可十年。", "terms_en": "Ten years."}  # fmt: skip
    assert client.post(f"{url}edit/object/", given)["Location"] == f"{url}edit/price/"
    stale = client.post(f"{url}edit/object/", given)
    assert stale.status_code == 422 and "许可十年" in stale.text, "nothing typed is lost"
    price = {"version": version(sale), "currency": "CNY", "start_price": "1万", "reserve": "abc",
             "starts_at": moment(hours=1), "planned_end": moment(days=1)}  # fmt: skip
    wrong = client.post(f"{url}edit/price/", price)
    assert wrong.status_code == 422 and 'value="abc"' in wrong.text
    price |= {"reserve": "2万"}
    assert client.post(f"{url}edit/price/", price).status_code == 302
    who = {"version": version(sale), "access": "verified", "publicity": "count"}
    assert client.post(f"{url}edit/bidders/", who)["Location"] == url
    refused = client.post(f"{url}announce/", {"version": version(sale), "opening_key": "A"})
    assert refused.status_code == 422 and "Take the opening key first" in refused.text
    key_page = client.post(f"{url}key/")
    assert key_page["Cache-Control"] == "private, no-store"
    found = re.search(r'translate="no">([A-Z2-7-]+)<', key_page.text)
    assert found is not None
    assert found[1] not in client.get(url).text
    sent = {"version": version(sale), "opening_key": found[1]}
    assert client.post(f"{url}announce/", sent).status_code == 302
    sale.refresh_from_db()
    assert sale.state == "announced" and sale.reserve == Decimal(20000)
    visitor = cast.visitor.client.get(url).text
    assert "20,000" not in visitor and "There is one; it is secret" in visitor
    assert technology.title_en in cast.visitor.client.get("/tenders/").text
    assert "Sold by sealed tender" in cast.visitor.client.get(
        f"/technologies/{technology.public_id}/"
    ).text  # fmt: skip
    outsider = cast.outsider.client
    applied = outsider.post(f"{url}apply/", {"organisation": cast.outside.pk, "is_sme": "on"})
    assert applied.status_code == 302
    row = SaleBidder.objects.get()
    one = f"{url}bidders/{row.public_id}/"
    assert cast.outside.name_en in client.get(f"{url}bidders/").text
    assert client.post(one, {"decide": "admit"}, follow=True).status_code == 200
    with during(sale):
        once_more = outsider.post(f"{url}seal/", {"amount": "3万"})
        assert once_more.status_code == 200 and not SaleBid.objects.exists()
        assert "¥30,000" in once_more.text
        receipt = outsider.post(f"{url}seal/", {"amount": "30000", "sure": "1"}).text
        nonce = re.search(r">([0-9a-f]{64})<", receipt)
        assert nonce is not None and "30,000" in receipt
        for player in (cast.owner, cast.outsider, cast.rival, cast.visitor):
            page = player.client.get(url).text
            assert "30,000" not in page and nonce[1] not in page
    with after(sale):
        assert client.post(f"{url}open/", {"opening_key": "wrong"}).status_code == 422
        assert client.post(f"{url}open/", {"opening_key": found[1]}).status_code == 302
        page = outsider.get(url).text
        assert "30,000" in page and "Signed result" in page
        assert outsider.get(f"{url}result.json").json()["facts_sha256"]
        assert client.post(f"{url}step/room/").status_code == 302
    sale.refresh_from_db()
    assert sale.room is not None and sale.room.taker == cast.outside


def test_an_auction_page_lives_by_polling(cast: Cast) -> None:
    sale, _keys = announced(cast)
    for player in (cast.outsider, cast.rival):
        admit(sale, cast, player.actor)
    url = sale.get_absolute_url()
    with during(sale):
        page = cast.outsider.client.get(url).text
        mark = re.search(r"news/\?after=([\w-]+)", page)
        assert mark is not None
        ask: dict[str, Any] = {"headers": {"HX-Request": "true"}}
        news = f"{url}news/?after={mark[1]}"
        assert cast.outsider.client.get(news, **ask).status_code == 204
        made = cast.rival.client.post(f"{url}bid/", {"amount": "1000", "sure": "1", "seen": "0"})
        assert made.status_code == 302
        part = cast.outsider.client.get(news, **ask).text
        assert "¥1,000" in part and "Another bidder leads" in part
        assert cast.rivals.name_en not in part and cast.rivals.name_zh not in part
        twice = cast.rival.client.post(f"{url}bid/", {"amount": "1000", "sure": "1", "seen": "0"})
        assert twice.status_code == 409 and SaleBid.objects.count() == 1
        low = cast.outsider.client.post(f"{url}bid/", {"amount": "1050", "sure": "1", "seen": "0"})
        assert low.status_code == 409 and "Somebody was quicker" in low.text
        assert 'value="1050"' in low.text or 'value="1,050"' in low.text
        everybody = cast.visitor.client.get(url).text
        assert "1,000.00" not in everybody.split("Rules")[0], "only the number of bids is told"
        assert cast.visitor.client.get(news).status_code == 302


@pytest.mark.parametrize(
    "amount", ["", "abc", "-5", "0", "1e5000", "9" * 30, "NaN", "\x00", "1.005"]
)
@pytest.mark.parametrize("kind", ["auction", "tender"])
def test_odd_amounts_are_told_at_the_field(cast: Cast, kind: str, amount: str) -> None:
    sale, _keys = announced(cast, kind)
    admit(sale, cast, cast.outsider.actor)
    door = "bid" if kind == "auction" else "seal"
    with during(sale):
        page = cast.outsider.client.post(
            f"/tenders/{sale.public_id}/{door}/", {"amount": amount, "sure": "1"}
        )
        assert page.status_code in (409, 422)
        answer = cast.outsider.api.post(
            f"/api/v1/tenders/{sale.public_id}/{door}/", {"amount": amount}, format="json"
        )
        assert answer.status_code == 400
    assert not SaleBid.objects.exists()


def test_doors_of_a_draft_and_of_an_invited_sale_are_closed(cast: Cast) -> None:
    draft = factories.drafted(cast)
    invited, _keys = announced(cast, "tender", access="invited")
    for sale in (draft, invited):
        for player in (cast.visitor, cast.outsider, cast.rival, cast.operator, cast.moderator):
            for door in ("", "news/", "result.json", "edit/object/", "announce/", "bidders/",
                         "proxies/", "open/", "reveal/", "apply/"):  # fmt: skip
                answer = player.client.get(f"/tenders/{sale.public_id}/{door}")
                assert answer.status_code == 404 or "/account/login" in answer.get("Location", "")
            api = player.api.get(f"/api/v1/tenders/{sale.public_id}/")
            assert api.status_code == 404
        assert sale.public_id not in cast.visitor.client.get("/tenders/").text


def test_what_bidders_do_not_read_of_each_other_and_of_the_seller(cast: Cast) -> None:
    sale, _keys = announced(cast, "tender", reserve=Decimal(7_777_777), deposit=Decimal(5),
                            deposit_until=timezone.now() + factories.HOUR)  # fmt: skip
    row = admit(sale, cast, cast.outsider.actor)
    admit(sale, cast, cast.rival.actor)
    with during(sale):
        seal(sale, cast.outsider.actor, 8_888_888)
        url, api = sale.get_absolute_url(), f"/api/v1/tenders/{sale.public_id}/"
        told = ""
        for path in (url, f"{url}news/", "/tenders/", "/tenders/mine/"):
            told += cast.rival.client.get(path, headers={"HX-Request": "true"}).text
        for path in (api, f"{api}bids/", "/api/v1/tenders/", f"{api}proxies/"):
            told += cast.rival.api.get(path).content.decode()
        for secret in ("7777777", "7,777,777", "8888888", cast.outside.name_en,
                       cast.outside.public_id, row.public_id):  # fmt: skip
            assert secret not in told
        assert cast.rival.api.get(f"{api}bidders/").status_code == 403
        assert cast.rival.client.get(f"{url}bidders/{row.public_id}/").status_code == 404
        assert cast.rival.api.get(f"{api}result/").status_code == 404
        rows = cast.owner.api.get(f"{api}bids/").json()
        assert [line["amount"] for line in rows] == [None]


def test_an_auction_by_api(cast: Cast) -> None:
    technology = factories.published(cast.home)
    api = cast.colleague.api
    import datetime as dt

    now = timezone.now()
    made = api.post("/api/v1/tenders/", {
        "technology": technology.public_id, "kind": "auction", "sold": "assignment",
        "terms_en": "Everything.", "increment": "100", "starts_at": now + dt.timedelta(hours=1),
        "planned_end": "2099-12-31T23:59:59Z",
    }, format="json")  # fmt: skip
    assert made.status_code == 201, made.content
    url = f"/api/v1/tenders/{made.json()['id']}/"
    far = api.post(f"{url}announce/")
    assert far.status_code == 400 and "planned_end" in far.content.decode()
    odd = api.patch(url, {"planned_end": "9999-12-31T23:59:59Z"}, format="json")
    assert odd.status_code == 400
    changed = api.patch(url, {"planned_end": now + dt.timedelta(days=2)}, format="json",
                        headers={"If-Match": made["ETag"]})  # fmt: skip
    assert changed.status_code == 200
    again = api.patch(url, {"increment": "5"}, format="json", headers={"If-Match": made["ETag"]})
    assert again.status_code == 412
    assert api.post(f"{url}announce/").json()["state"] == "announced"
    assert api.patch(url, {"increment": "5"}, format="json").status_code == 409
    assert cast.visitor.api.get(url).json()["role"] == ""
    assert cast.outsider.api.post(f"{url}apply/").json()["own"]["number"] == 1
    rows = api.get(f"{url}bidders/").json()
    decided = api.post(f"{url}bidders/{rows[0]['id']}/decide/", {"admit": True}, format="json")
    assert decided.status_code == 200
    sale = Sale.objects.get()
    with during(sale):
        leads = cast.outsider.api.post(f"{url}bid/", {"amount": "500"}, format="json").json()
        assert leads["leads"] and leads["price"] == "500.00" and leads["least_bid"] == "600.00"
    with after(sale):
        sale_opening.move_sales()
        assert cast.outsider.api.get(f"{url}result/").json()["facts"]
        room = api.post(f"{url}open-room/").json()["room"]
    assert cast.outsider.api.get(f"/api/v1/rooms/{room}/").status_code == 200


def test_a_list_of_many_costs_as_much_as_of_few(cast: Cast, django_assert_num_queries: Any) -> None:
    from tests.listings.factories import organisation

    for _number in range(3):
        announced(cast)
    row = sale_bidders.apply_to_bid(actor=cast.outsider.actor, sale_id=Sale.objects.latest("pk").pk)
    assert row.number == 1 and organisation()
    client = cast.visitor.client
    client.get("/tenders/")
    with django_assert_num_queries(QUERIES):
        assert client.get("/tenders/").text.count("listing-row__title") == 3
    for _number in range(4):
        announced(cast)
    with django_assert_num_queries(QUERIES):
        assert client.get("/tenders/").text.count("listing-row__title") == 7


QUERIES = 3


def test_pages_in_chinese(cast: Cast) -> None:
    sale, _keys = announced(cast, "tender")
    admit(sale, cast, cast.outsider.actor)
    client = cast.outsider.client
    client.cookies["language"] = "zh-hans"
    with during(sale):
        page = client.get(sale.get_absolute_url()).text
    assert "密封" in page and "许可十年" in page and "Make a sealed bid" not in page


def test_cancelled_in_the_middle_of_an_auction(cast: Cast) -> None:
    sale, _keys = announced(cast)
    admit(sale, cast, cast.outsider.actor)
    with during(sale):
        bid(sale, cast.outsider.actor, 1000)
        url = sale.get_absolute_url()
        cast.owner.client.post(f"{url}step/cancel/", {"reason": ""})
        assert Sale.objects.get().state == "announced" or Sale.objects.get().state == "open"
        cast.owner.client.post(f"{url}step/cancel/", {"reason": "A right is disputed."})
        assert "A right is disputed." in cast.outsider.client.get(url).text
