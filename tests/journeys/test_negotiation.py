"""Four rounds of a negotiation, on a phone and at a desk, up to a registered contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.deals import factories
from tests.journeys import clerks, dealers

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
POINT = "Harbour Registration Point"


def test_four_rounds_end_in_a_registered_contract(
    sit_down: Any, cast: Cast, run_jobs: Any, tmp_path: Path
) -> None:
    factories.introduced(
        cast, need={"title_zh": "求购低温电解液"}, technology={"title_zh": "含氟酯类电解液"}
    )
    supplier, taker = sit_down(cast.outsider), sit_down(cast.owner, "zh-hans", 390)
    for person, words in ((taker, "您好"), (supplier, "Good morning")):
        dealers.open_introduction(person)
        dealers.talk(person, words)
    supplier.press("Open the deal room")
    room = supplier.page.url
    dealers.accept_agreement(supplier, "Sue Lake")
    taker.open(room)
    dealers.accept_agreement(taker, "欧文")

    # 1: indicative, which nobody can accept
    supplier.open(room)
    dealers.make_offer(supplier, {
        "Contract type": "licence", "Exclusivity": "sole", "Territory": "China",
        "Term in months": "60", "Kind of price": "indicative", "Fixed sum": "1,000,000",
        "Valid until": clerks.day(30),
    }, [])  # fmt: skip
    taker.open(room)
    taker.sees_word(
        "This offer is indicative: it says where the other side stands and binds nobody. Ask for "
        "a firm or floor one, or write a counter-offer."
    )
    assert taker.page.get_by_text(taker.word("Accept the offer")).count() == 0

    # 2: a counter-offer, first a draft that the other side does not see
    taker.follow("Write a counter-offer", within=taker.page.locator("main"))
    taker.fill({"Kind of price": "firm", "Fixed sum": "60万", "Exclusivity": "ordinary"})
    taker.press("Save as a draft")
    supplier.open(room)
    assert "600,000" not in supplier.page.content()
    taker.open(room)
    dealers.make_kept_offer(taker, {"Valid until": clerks.day(20)})
    supplier.open(room)
    supplier.sees("600,000")
    old = supplier.page.context.new_page()  # a page that stays open behind
    old.goto(room)

    # 3: countered; the offer before it can no longer be accepted from the page behind
    dealers.make_offer(supplier, {
        "Fixed sum": "850,000", "of it upfront": "250,000", "Valid until": clerks.day(15),
    }, [{"Or at this event": "pilot accepted", "Amount": "600,000"}])  # fmt: skip
    panel = old.locator("details.confirm").filter(has_text="Accept the offer").first
    panel.locator("summary").click()
    with old.expect_navigation():
        panel.get_by_role("button", name="Accept", exact=True).click()
    assert "/contracts/" not in old.url
    old.close()

    # 4: the last word of the taker, accepted
    taker.open(room)
    dealers.make_offer(taker, {
        "Fixed sum": "780,000", "Valid until": clerks.day(10), "In words": "含两次现场培训。",
    }, [{"Amount": "530,000"}])  # fmt: skip
    supplier.open(room)
    supplier.follow("All 4 offers, step by step", within=supplier.page.locator("main"))
    steps = supplier.page.locator("main section")
    assert steps.count() == 4
    first = steps.first.inner_text()
    assert "¥850,000.00 ¥780,000.00 −¥70,000.00" in first, first
    supplier.open(room)
    dealers.accept_offer(supplier)
    run_jobs()
    taker.open(room)
    taker.sees_word("Open the contract")
    counter = taker.page.get_by_role("link", name=taker.word("Write a counter-offer"))
    assert counter.count() == 0

    # the draft says what was agreed; it is registered, and both have the certificate
    supplier.sees("¥780,000.00")
    supplier.sees("含两次现场培训。")
    clerks.complete(supplier, {
        "Right it is about": "invention", "Signed on": clerks.day(0),
    }, ["institution_university", "enterprise_limited"], POINT)  # fmt: skip
    run_jobs()
    registrar = sit_down(cast.registrar)
    clerks.claim(registrar)
    number = clerks.register(registrar)
    run_jobs()
    clerks.open_own(taker, "含氟酯类电解液")
    paper = clerks.fetch_certificate(taker, tmp_path)
    assert paper.number == number and "780,000.00" in paper.text
