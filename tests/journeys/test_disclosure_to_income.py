"""The nine steps of a licensing office: from a disclosure to the income and an amendment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys import accountants, clerks, dealers, institutions, inventors
from tests.journeys.material import NEED, TECHNOLOGY
from tests.journeys.people import engage, mailed_link
from tests.listings.factories import published

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
POINT = "Harbour Registration Point"
ADA = "ada@inventors.example"
OFFER: dict[Any, str] = {
    "Contract type": "licence", "Exclusivity": "ordinary", "Term in months": "60",
    "Territory": "China", "Kind of price": "firm", "Fixed sum": "1,000,000",
    "of it upfront": "400,000",
}  # fmt: skip


def test_from_a_disclosure_to_income_and_an_amendment(
    sit_down: Any, cast: Cast, run_jobs: Any, tmp_path: Path
) -> None:
    technology = published(cast.tti, **TECHNOLOGY)
    published(cast.home, kind="need", **NEED)
    treasurer_of = engage(cast.tti, "owner", name="Tess Till")
    researcher = sit_down(cast.outsider, "zh-hans", 390)
    title = "含氟酯类低温电解液"

    # 1: disclosed and signed by both inventors, one of whom has no account
    inventors.disclose(
        researcher,
        {("Title in Chinese", "disclosure"): title, "Description in Chinese": "零下四十度不凝固。"},
        [{("Name", "person"): "Outsider", "E-mail": "outsider@cast.example", "Part, %": "60"},
         {("Name", "person"): "Ada Moss", "E-mail": ADA, "Part, %": "40"}],
        "渡口转移中心",
    )  # fmt: skip
    run_jobs()
    inventors.sign(researcher, "Outsider")
    broker = sit_down(cast.broker)
    broker.menu("Disclosures")
    broker.follow("Inbox of disclosures")
    assert title not in broker.page.content()  # not before the last signature
    ada = sit_down(None)
    ada.open(mailed_link(ADA, "/disclosures/sign/"))
    inventors.sign(ada, "Ada Moss")
    run_jobs()

    # 2 to 4: taken up, assessed, protected, marketed
    docket = inventors.take_up(broker, title, "Broker")
    case = broker.page.url
    institutions.add(broker, "contact", {("Name", "person"): "Outsider"})
    institutions.move(broker, "Assessment")
    institutions.part(broker, "Assessment")
    institutions.score(broker, [4, 5, 3, 4, 4, None, 3])
    broker.sees_word("Weighted mean")
    institutions.decide(broker, "accept", "strong_case", "Two firms asked already.")
    broker.sees("Two firms asked already.")
    broker.open(case)
    institutions.part(broker, "Protection")
    institutions.protect(broker, {
        ("What", "patent"): "filing", ("Office", "patent"): "CNIPA", "Number": "2026100000011",
        "Date": clerks.day(-20), ("Deadline", "patent"): clerks.day(40), "Cost": "12,000",
    })  # fmt: skip
    broker.sees("¥12,000")
    broker.open(case)
    institutions.add(
        broker, "listing", {"Number of a technology or need": technology.public_id}
    )  # fmt: skip
    institutions.move(broker, "Marketing")
    institutions.part(broker, "Marketing")
    institutions.log_contact(broker, {
        "Whom": "Lantern Works", ("How", "approach"): "fair", "What came of it": "interested",
        "Next step": "Send the summary", "Until": clerks.day(7),
    })  # fmt: skip
    broker.sees("Send the summary")

    # 5: introduced, in a room under the agreement, two offers, accepted
    taker = sit_down(cast.owner, "zh-hans")
    dealers.ask_for(taker, "Technologies", TECHNOLOGY["title_zh"], NEED["title_zh"])
    dealers.talk(taker, "可以提供测试数据吗？")
    run_jobs()
    dealers.open_introduction(broker)
    dealers.talk(broker, "Yes, in the deal room.")
    broker.press("Open the deal room")
    room = broker.page.url
    dealers.accept_agreement(broker, "Bo Broker")
    dealers.enter_room(taker)
    dealers.accept_agreement(taker, "欧文")
    broker.open(room)
    dealers.make_offer(broker, {**OFFER, "Valid until": clerks.day(20)}, [
        {"Or at this event": "pilot accepted", "Amount": "600,000"},
    ])  # fmt: skip
    run_jobs()
    taker.open(room)
    dealers.make_offer(taker, {"Fixed sum": "900,000", "Valid until": clerks.day(10)}, [
        {"Amount": "500,000"},
    ])  # fmt: skip
    broker.open(room)
    dealers.accept_offer(broker)
    run_jobs()

    # the contract drafted from the offer is completed, submitted and registered
    contract = broker.page.url
    broker.sees("¥900,000.00")
    clerks.complete(broker, {
        "Sub-type": "ordinary_licence", "Right it is about": "invention",
        "Signed on": clerks.day(0),
    }, ["institution_university", "enterprise_limited"], POINT)  # fmt: skip
    run_jobs()
    registrar = sit_down(cast.registrar)
    clerks.claim(registrar)
    number = clerks.register(registrar)
    run_jobs()

    # 6 to 7: what came in, what the patent cost, shared by a scheme, approved by another owner
    institutions.open_case(broker, docket)
    institutions.add(
        broker, "ties", {"Contract": contract.rstrip("/").rsplit("/", 1)[1]}, "Save"
    )  # fmt: skip
    accountants.keep_income(broker, number)
    account = broker.page.url
    accountants.choose_scheme(broker, "OTL-THIRDS")
    accountants.name_inventors(broker, [
        {("Name", "person"): "Outsider", "Percent": "60", "E-mail": "outsider@cast.example"},
        {("Name", "person"): "Ada Moss", "Percent": "40", "E-mail": ADA},
    ])  # fmt: skip
    accountants.enter_receipt(broker, {
        "What for": "upfront", "Received on": clerks.day(0), "Amount": "400,000",
        "Reference": "Bank 77",
    })  # fmt: skip
    accountants.enter_cost(broker, {
        "What for": "legal", "Spent on": clerks.day(-1), "Amount": "1,000.50",
    })  # fmt: skip
    broker.open(case)
    institutions.part(broker, "Protection")
    broker.follow("Filing", within=broker.page.locator("main"))
    broker.press("Enter the cost")
    broker.open(account)
    broker.sees("¥13,000.50")
    accountants.draft_run(broker)
    run = broker.page.url
    assert broker.page.get_by_role("button", name="Approve").count() == 0
    treasurer = sit_down(treasurer_of)
    treasurer.open(run)
    treasurer.press("Approve")
    run_jobs()
    # 15 % of 400,000 and the costs taken off, a third of the rest, 60 % of that
    accountants.read_statement(researcher, "65,399.90")

    # 9: the contract is amended; the income goes on under the same number
    clerks.open_own(broker, TECHNOLOGY["title_en"])
    broker.press("Amend")
    broker.fill({"Total contract amount": "1,000,000"})
    broker.fill({"Amount": "600,000"}, broker.page.locator("#instalments .deduction").nth(1))
    clerks.attach(broker, "supplement.pdf", "Supplement. Price 1,000,000 yuan.")
    clerks.submit(broker, POINT)
    run_jobs()
    clerks.claim(registrar)
    assert clerks.register(registrar) == number
    run_jobs()
    broker.open(account)
    broker.sees("¥600,000.00")
    clerks.open_own(taker, TECHNOLOGY["title_zh"])
    paper = clerks.fetch_certificate(taker, tmp_path)
    assert paper.number == number and re.search(r"1,000,000\.00", paper.text)
    visitor = sit_down(None)
    assert clerks.check(visitor, paper) == clerks.valid(visitor)
