"""A client's need goes from one institution of an alliance to another, and so does its fee."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.deals.alliance.factories import allied
from tests.journeys import alliances, clerks, dealers, institutions
from tests.journeys.people import Person, engage

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
POINT = "Harbour Registration Point"
TITLE = "Fruit drying line"
OURS, THEIRS = "the client wants out of its lease", "they would pay twice as much"
OFFER: dict[Any, str] = {
    "Contract type": "licence", "Exclusivity": "ordinary", "Term in months": "36",
    "Kind of price": "firm", "Fixed sum": "120,000",
}  # fmt: skip


def test_a_need_is_carried_by_another_member_and_the_fee_is_split(
    sit_down: Any, cast: Cast, run_jobs: Any
) -> None:
    group = allied(cast)
    first = sit_down(cast.broker, "zh-hans", 390)
    second = sit_down(engage(group.second, "owner", "broker", name="Bea Second"))
    third = sit_down(engage(group.third, "owner", "broker", name="Cy Third"))

    # the first institution opens a case, keeps a note of its own and offers the case
    institutions.new_case(first, {
        ("What is it about?", "case"): "果品干燥线", "Responsible": "Broker",
        ("Pipeline", "case"): "need_brokerage",
    })  # fmt: skip
    case = first.page.url
    case_id = case.rstrip("/").rsplit("/", 1)[1]
    institutions.add(first, "client", {("Client", "case"): "Lantern Works"})
    institutions.keep_note(first, OURS)
    alliances.offer_case(first, {
        "Title on the board": TITLE, "What members should know": "Heat pumps, 2 t a day.",
        "Part of the fee for you, %": "30", "Part for who closes the deal, %": "70",
        "Claims until": clerks.day(10),
    })  # fmt: skip
    run_jobs()

    # two members read the board; one claims, one is chosen
    for reader in (second, third):
        alliances.find(reader, TITLE)
        _never(reader, OURS, "Lantern Works", case_id)
    board = second.page.url
    alliances.claim(second, "We know the drying of fruit.")
    alliances.claim(third, "So do we.")
    _never(third, "We know the drying of fruit.")
    run_jobs()
    alliances.find(first, TITLE)
    chosen = first.page.locator("li").filter(has_text="We know the drying of fruit.")
    first.press("Give it to them", within=chosen)
    run_jobs()

    # the second carries it on in a case of its own
    second.open(board)
    second.sees("30 : 70")
    own = second.page.locator(".aside-block a[href^='/cases/']").first
    second.through(own)
    carried = second.page.url
    second.sees("Lantern Works")
    _never(second, OURS, case_id)
    institutions.keep_note(second, THEIRS)
    number = _deal(sit_down, cast, second, run_jobs)
    second.open(carried)
    institutions.add(second, "ties", {"Contract": number[0]}, "Save")

    # the fee: 5 % of 100,000 and 3 % of the rest, and 150.50 of costs
    alliances.agree_terms(second, {
        ("Client", "case"): "Lantern Works", "Agreed on": clerks.day(-30),
        "Costs that are paid back, at most": "2,000",
    }, [("0", "5"), ("100,000", "3")])  # fmt: skip
    second.sees(number[1])
    alliances.draft_statement(second, {
        "Costs to pay back": "150.50", "What the costs were for": "Travel",
    })  # fmt: skip
    statement = second.page.url
    assert second.page.get_by_role("button", name="Approve").count() == 0
    answer = first.page.request.get(statement)
    assert answer.status == 404  # a draft is nobody else's
    treasurer = sit_down(engage(group.second, "owner", name="Dee Till"))
    treasurer.open(statement)
    treasurer.press("Approve")
    run_jobs()
    second.open(board)
    alliances.report(second, "Signed and registered.")

    # both read their part, each in its own language, and no note of the other
    for reader in (first, second):
        reader.open(board)
        reader.through(reader.page.locator(".aside-block a[href^='/commissions/']").first)
        for part in ("5,600.00", "5,750.50", "1,680.00", "3,920.00"):
            reader.sees(part)
    for address in (board, case, statement, "/referrals/", "/cases/", "/notifications/"):
        first.open(address)
        _never(first, THEIRS)
    for address in (board, carried, statement, "/referrals/", "/cases/", "/notifications/"):
        second.open(address)
        _never(second, OURS, case_id)
    assert first.page.request.get(carried).status == 404
    assert second.page.request.get(case).status == 404
    for address in (statement, case, carried):
        assert third.page.request.get(address).status == 404
    third.open(board)
    _never(third, OURS, THEIRS, "5,600.00", "Signed and registered.", "Lantern Works")


def _deal(sit_down: Any, cast: Cast, broker: Person, run_jobs: Any) -> tuple[str, str]:
    """A room between two organisations, one offer, a registered contract: its id and number."""
    dealers.open_room_between(
        broker, title=TITLE, supplier="Lakeside University", taker="Lantern Works"
    )  # fmt: skip
    room = broker.page.url
    run_jobs()
    seller, taker = sit_down(cast.outsider), sit_down(cast.owner)
    for person, name in ((seller, "Sue Lake"), (taker, "Tom Lantern")):
        dealers.enter_room(person)
        dealers.accept_agreement(person, name)
    dealers.make_offer(taker, {**OFFER, "Valid until": clerks.day(9)}, [])
    seller.open(room)
    dealers.accept_offer(seller)
    public_id = seller.page.url.rstrip("/").rsplit("/", 1)[1]
    clerks.complete(seller, {
        "Sub-type": "ordinary_licence", "Right it is about": "know_how",
        "Technology field": "advanced_manufacturing", "Signed on": clerks.day(0),
    }, ["institution_university", "enterprise_limited", "institution_other"], POINT)  # fmt: skip
    run_jobs()
    registrar = sit_down(cast.registrar)
    clerks.claim(registrar)
    number = clerks.register(registrar)
    run_jobs()
    return public_id, number


def _never(person: Person, *secrets: str) -> None:
    content = person.page.content()
    assert not [text for text in secrets if text in content], person.page.url
