"""A sealed tender and an open auction, from the announcement to a signed result and a deal room."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from contracts.certificates.keys import make_key_file, private_key
from deals.actions.sale_opening import move_sales
from deals.actions.sale_results import MARKET_KEY, verify_document
from deals.models import Sale
from tests.deals.sales import factories
from tests.journeys import clerks, dealers, sellers
from tests.journeys.material import TECHNOLOGY
from tests.listings.factories import published

if TYPE_CHECKING:
    from tests.cast import Cast
    from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WHAT: dict[Any, str] = {
    "What is sold": "licence", "Exclusivity": "sole", "Territory": "China",
    "Terms in Chinese": "独家许可，为期十年。", "Terms in English": "Sole licence for ten years.",
}  # fmt: skip


def test_a_sealed_tender_is_opened_by_two_keys(sit_down: Any, cast: Cast, run_jobs: Any) -> None:
    published(cast.home, **TECHNOLOGY)
    seller, notary = sit_down(cast.owner), sit_down(cast.broker)
    first, second = sit_down(cast.rival), sit_down(cast.outsider, "zh-hans", 390)
    make_key_file(MARKET_KEY)
    sellers.sell(
        seller, "tender", TECHNOLOGY["title_en"], WHAT,
        {"Starting price": "100,000", "Reserve price": "150,000",
         "Bids from": sellers.moment(hours=1), "Bids until": sellers.moment(hours=25)},
        {"Deposit": "5,000", "Deposit comes in until": sellers.moment(hours=20),
         "Opens the bids with you": cast.tti.public_id},
    )  # fmt: skip
    page = seller.page.url
    notary.open(page)
    outer = sellers.take_key(notary)
    inner = sellers.take_key(seller)
    assert first.page.request.get(page).status == 404  # a draft is nobody else's
    sellers.announce(seller, inner)
    run_jobs()
    for person, title in ((first, "title_en"), (second, "title_zh")):
        sellers.apply(person, TECHNOLOGY[title])
        assert "150,000" not in person.page.content()
    for name in ("Torch Works", "Lakeside University"):
        seller.open(page)
        sellers.admit(seller, name, {
            "Amount": "5,000", ("On", "deposit"): clerks.day(0), "Reference": "Bank 7",
        })  # fmt: skip
    run_jobs()

    sale = Sale.objects.get()
    with factories.during(sale):
        move_sales()
        for person, amount in ((first, "180,000"), (second, "210,000")):
            person.open(page)
            sellers.bid(person, amount, "Seal it")
            person.sees_word("Nonce")
            person.follow("I have kept it")
        seller.open(page)
        for person in (seller, first):
            person.open(page)
            assert "210,000" not in person.page.content()
    with factories.after(sale, minutes=1):
        move_sales()
        run_jobs()
        seller.open(page)
        seller.sees_word("First the organisation that opens with you enters its key. It was told.")
        notary.open(page)
        sellers.open_bids(notary, outer)
        assert "210,000" not in notary.page.content()  # the inner seal still holds
        seller.open(page)
        sellers.open_bids(seller, inner)
        run_jobs()
        _ends_in_a_room(seller, second, page, "210,000.00", run_jobs)
        assert _result(first)["price"] == "210000.00"
    assert "Lakeside" not in first.page.content()  # rivals know each other by number


def test_an_auction_is_outbid_until_its_end(sit_down: Any, cast: Cast, run_jobs: Any) -> None:
    published(cast.home, **TECHNOLOGY)
    seller = sit_down(cast.owner, "zh-hans", 390)
    first, second = sit_down(cast.rival), sit_down(cast.outsider, "zh-hans")
    make_key_file(MARKET_KEY)
    sellers.sell(
        seller, "auction", TECHNOLOGY["title_zh"], WHAT,
        {"Starting price": "100,000", "Increment": "10,000", "Extension in minutes": "5",
         "Extensions at most": "3", "Bids from": sellers.moment(hours=1),
         "Bids until": sellers.moment(hours=25)},
        {"Everybody reads": "price"},
    )  # fmt: skip
    page = seller.page.url
    sellers.announce(seller)
    run_jobs()
    sellers.apply(first, TECHNOLOGY["title_en"])
    sellers.apply(second, TECHNOLOGY["title_zh"])
    for name in ("火炬工坊", "湖畔大学"):
        seller.open(page)
        sellers.admit(seller, name)
    run_jobs()

    sale = Sale.objects.get()
    with factories.during(sale):
        move_sales()
        first.open(page)
        sellers.bid(first, "100,000", "Bid", "verb")
        first.sees_word("You lead. Nothing more is needed now.")
        second.open(page)
        second.fill({"Your bid": "105,000"}, second.page.locator("#bid"))
        second.press("Look at it once more")  # below the least bid: told so, nothing lost
        if second.page.locator(".field__error").count() == 0:
            second.press("Bid", context="verb", within=second.page.locator("main"))
        second.sees("110,000.00")
        assert second.field("Your bid").input_value() in ("105,000", "105000", "105000.00")
        sellers.bid(second, "120,000", "Bid", "verb")
        first.finds("120,000.00")
    sale.refresh_from_db()
    with factories.at(sale.ends_at - 2 * factories.MINUTE):  # late: the end moves
        first.open(page)
        sellers.bid(first, "130,000", "Bid", "verb")
        second.open(page)
        second.sees_word("Another bidder leads.")
        sellers.bid(second, "150,000", "Bid", "verb")
    visitor = sit_down(None)
    with factories.after(sale, minutes=1):
        move_sales()
        run_jobs()
        visitor.open(page)
        visitor.sees("150,000.00")
        assert "Lakeside" not in visitor.page.locator("main").inner_text()
        _ends_in_a_room(seller, second, page, "150,000.00", run_jobs)


def _ends_in_a_room(
    seller: Person, winner: Person, page: str, price: str, run_jobs: Any
) -> None:  # fmt: skip
    """The winner is named, the result is signed, the room's first offer says the price."""
    seller.open(page)
    seller.sees(price)
    facts = _result(seller)
    assert facts["outcome"] == "decided" and facts["price"] == price.replace(",", "")
    seller.open(page)
    seller.press("Open the deal room")
    run_jobs()
    seller.follow("To the deal room")
    dealers.accept_agreement(seller, "Sam Seller")
    winner.open(page)
    winner.follow("To the deal room")
    dealers.accept_agreement(winner, "魏得标")
    seller.page.reload()
    seller.follow("Write an offer", within=seller.page.locator("main"))
    assert seller.field("Fixed sum").input_value().replace(",", "") in (
        price.replace(",", ""), price.replace(",", "").removesuffix(".00"),
    )  # fmt: skip


def _result(person: Person) -> dict[str, Any]:
    """The file that anybody who took part downloads, verified with the key inside the market."""
    person.page.reload()
    with person.page.expect_download() as started:
        person.page.get_by_role("link", name=person.word("Signed result (JSON)")).click()
    content = started.value.path().read_bytes()
    assert json.loads(content)["signature"]
    key = private_key(MARKET_KEY)
    assert key is not None
    return verify_document(content, key.public_key())
