"""The whole way in a browser: two people, their mail, a real worker, one registered contract.

Nobody is moved by a program: people follow links, type and press, each in a browser of its own.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from tests.journeys.material import EVIDENCE, NEED, NORTH, PDF, SOUTH, TECHNOLOGY
from tests.journeys.people import Person, Post, sign_in

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = [
    pytest.mark.browser, pytest.mark.worker, pytest.mark.django_db(transaction=True),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _one_market(live_server, settings, monkeypatch, tmp_path):
    """Pages and worker share an address, files and mail; both match by words alone."""
    from marketplace.core.encoder import encoder

    cache.clear()
    encoder.cache_clear()
    settings.ENCODER = "none"
    settings.PUBLIC_URL = live_server.url
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setenv("ENCODER", "none")
    monkeypatch.setenv("PUBLIC_URL", live_server.url)
    monkeypatch.setenv("YIZHAN_HOME", str(tmp_path))
    yield
    encoder.cache_clear()


@pytest.fixture
def post(tmp_path, wait_until) -> Post:
    return Post(tmp_path / "mail", wait_until)


# --- Coming in -----------------------------------------------------------------------------------


def sign_up(person: Person, name: str, address: str, post: Post) -> None:
    person.open("/")
    person.follow("Sign in", within=person.page.locator("header"))
    person.follow("Create an account")
    person.fill({"Your name": name, "E-mail address": address, "Password": "a lamp on every hill"})
    person.field("I agree to the rules of the market: true statements, and secrets kept.").check()
    person.press("Create account")
    person.sees_word("Look into your mail")
    person.open(post.link(address, "confirm-email"))
    person.press("Yes, confirm it")


def found_organisation(person: Person, facts: dict[str, str]) -> None:
    """From the dashboard, where a newcomer arrives, to papers on the operators' desk."""
    person.follow("Enter it")
    person.fill(facts)
    person.press("Found it")
    person.field("Copy of the certificate").set_input_files(EVIDENCE)
    person.press("Ask for verification")
    person.sees_word("An operator is looking at your papers")


def verify_all(operator: Person, names: list[str]) -> None:
    for name in names:
        operator.menu("Dashboard")
        operator.follow(name)
        with operator.page.expect_download() as papers:
            operator.page.get_by_role("link", name="licence.pdf").click()
        assert papers.value.path().read_bytes() == PDF
        operator.press("Verify")


# --- Posting -------------------------------------------------------------------------------------


def post_listing(person: Person, facts: dict[str, Any]) -> None:
    """All six steps, typed in both languages."""
    is_need = facts is NEED
    person.menu("Dashboard")
    person.follow("Post", context="button", within=person.page.locator("main"))
    need = "A need: a problem that we want solved"
    technology = "A technology: something we have and others could use"
    person.field(need if is_need else technology).check()
    person.press("Start")
    what(person, facts, is_need)
    specifications(person, facts)
    terms(person, facts, is_need)
    person.press("Save and continue")  # who sees what: everybody
    person.follow("Continue")  # no documents
    person.press("Submit for review")


def what(person: Person, facts: dict[str, Any], is_need: bool) -> None:
    person.fill({
        "Technology field": facts["field"],
        "Least readiness you can use (TRL)" if is_need else "Readiness (TRL)": str(facts["trl"]),
    })  # fmt: skip
    for code, title in (("zh", "In Chinese"), ("en", "In English")):
        side = person.page.locator("details.side-lang").filter(
            has=person.page.locator("summary", has_text=person.word(title))
        )
        if side.get_attribute("open") is None:
            side.locator("summary").click()
        person.fill({
            "Title": facts[f"title_{code}"], "Summary": facts[f"summary_{code}"],
            "Description": facts[f"body_{code}"],
        }, side)  # fmt: skip
    person.press("Save and continue")


def specifications(person: Person, facts: dict[str, Any]) -> None:
    own = "zh" if person.language != "en" else "en"
    for number, row in enumerate(facts["specifications"]):
        fields = person.page.locator("fieldset.figure-row").nth(number)
        person.fill({
            "Metric": row[f"metric_{own}"], "Comparison": row["comparator"],
            "Value": row["value"], "Unit": row["unit"],
        }, fields)  # fmt: skip
        if "strength" in row:
            person.fill({"Weight": row["strength"]}, fields)
        fields.locator("summary").click()
        if "condition_en" in row:
            person.fill({"Condition in English": row["condition_en"]}, fields)
        if "compared_with_en" in row:
            person.fill({"Compared with, in English": row["compared_with_en"]}, fields)
    person.press("Save and continue")


def terms(person: Person, facts: dict[str, Any], is_need: bool) -> None:
    for mode in facts["modes"]:
        person.page.locator(f"input[name=modes][value={mode}]").check()
    person.page.locator(f"input[name=price_kind][value={facts['price_kind']}]").check()
    person.fill({"From": facts["price_min"], "To": facts["price_max"]})
    if not is_need:
        right = facts["ip_rights"][0]
        person.fill(
            {"Right": right["kind"], "Status": right["status"], "Number": right["number"]},
            person.page.locator("fieldset.figure-row").first,
        )
    person.press("Save and continue")


def approve_all(moderator: Person) -> None:
    """The desk leads from one submission to the next, and says when none is left."""
    moderator.menu("Review desk")
    moderator.through(moderator.page.locator("tbody a").first)
    moderator.press("Approve and publish")
    moderator.press("Approve and publish")
    moderator.sees("Nothing waits")


# --- Dealing -------------------------------------------------------------------------------------


def answer_interested(person: Person, other_title: str) -> None:
    person.go("Matches")
    person.finds(other_title)
    person.through(person.page.locator("h2 a[data-key-item]").first)
    pair = person.page.locator("#pair")
    assert re.fullmatch(r"\d{1,3}", pair.locator(".decision__figure").inner_text())
    strong = person.word("strong")
    assert strong in pair.locator(".decision__score").inner_text()
    for part in ("Why it fits", "Terms that meet", "What stands against it"):
        person.sees_word(part)
    table = pair.locator("table").inner_text()
    assert "80" in table and "84" in table and "2,000" in table, table
    person.press("Interested", context="answer")


def open_introduction(person: Person) -> None:
    """The worker opens it; people find it in their list."""
    person.go("Introductions")
    person.finds("↔")
    person.through(person.page.locator("h2.listing-row__title a").first)


def talk(person: Person, words: str) -> None:
    person.fill({"Message": words})
    person.press("Send")
    person.sees(words)


# --- The contract --------------------------------------------------------------------------------


def draft_and_submit(seller: Person, point: str) -> None:
    """From the introduction; parties, title and field are there already."""
    today = timezone.localdate()
    seller.press("Draft the contract")
    seller.follow("Edit")
    main = seller.page.locator("main")
    parties = main.locator("fieldset.party")
    assert parties.count() == 2
    assert seller.field("Name, as in the contract").first.input_value() == "南方大学"
    seller.fill({
        "Sub-type": "ordinary_licence", "Right it is about": "invention",
        "Signed on": str(today - dt.timedelta(days=2)),
        "Valid from": str(today - dt.timedelta(days=2)),
        "Valid to": str(today + dt.timedelta(days=365)),
        "Total contract amount": "1,200,000", "How it is paid": "lump_sum",
    })  # fmt: skip
    seller.sees("¥1,200,000.00")  # worked out while one types
    seller.fill({"Kind of party": "institution_university"}, parties.nth(0))
    seller.fill({"Kind of party": "enterprise_limited"}, parties.nth(1))
    seller.field("Add a file").set_input_files({**EVIDENCE, "name": "signed.pdf"})
    seller.field("Registration point").select_option(label=point)
    seller.press("Save and submit")
    seller.sees("signed.pdf")
    seller.sees(re.compile("to be decided by"))


def register(registrar: Person) -> str:
    """Claimed, read, registered; the number it got."""
    registrar.menu("Registrar’s desk")
    registrar.press("Claim")
    registrar.sees("Checked for you")
    with registrar.page.expect_download() as paper:
        registrar.page.get_by_role("link", name="signed.pdf").click()
    assert paper.value.path().read_bytes() == PDF
    registrar.press("Register", context="decision", within=registrar.page.locator(".decide"))
    shown = registrar.page.locator("main h1 ~ p a.tabular").inner_text()
    number = re.sub(r"\s", "", shown)
    assert re.fullmatch(r"\d{16}", number), shown
    return number


def look_up(visitor: Person, number: str) -> None:
    visitor.open("/")
    visitor.go("Register")
    box = visitor.page.get_by_role("searchbox", name="Number or title")
    box.fill(number)
    visitor.press("Find", within=visitor.page.locator("main"))


def test_from_two_sign_ups_to_a_registered_contract(
    new_page: Any, cast: Cast, worker: Any, post: Post
) -> None:
    buyer = Person(new_page(language="zh-CN", width=390, height=844), "zh-hans")
    seller = Person(new_page())
    sign_up(buyer, "赵北", "zhao@north.example", post)
    sign_up(seller, "Sam Smith", "smith@south.example", post)
    found_organisation(buyer, NORTH)
    found_organisation(seller, SOUTH)

    operator = Person(new_page())
    sign_in(operator, cast.operator)
    verify_all(operator, ["Northern Buses", "Southern University"])

    post_listing(buyer, NEED)
    post_listing(seller, TECHNOLOGY)
    moderator = Person(new_page())
    sign_in(moderator, cast.moderator)
    approve_all(moderator)

    answer_interested(buyer, TECHNOLOGY["title_zh"])
    answer_interested(seller, NEED["title_en"])
    seller.sees_word("Both sides are interested: an introduction is being opened for you.")
    open_introduction(buyer)
    talk(buyer, "可以提供 200 公斤反应釜的测试数据吗？")
    open_introduction(seller)
    seller.sees("可以提供 200 公斤反应釜的测试数据吗？")
    talk(seller, "Yes, with the protocol of each batch.")
    buyer.finds("Yes, with the protocol of each batch.")

    draft_and_submit(seller, "Harbour Registration Point")
    registrar = Person(new_page())
    sign_in(registrar, cast.registrar)
    number = register(registrar)

    visitor = Person(new_page())
    look_up(visitor, number)
    visitor.sees("Registered and in force")
    buyer.open(post.link("zhao@north.example", "/contracts/"))
    buyer.sees(f"{number[:4]} {number[4:10]} {number[10:]}")
