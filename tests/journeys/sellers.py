"""What a seller and its bidders do in a tender or an auction, page by page."""

import datetime as dt
from typing import Any

from django.utils import timezone

from tests.journeys.people import Person


def moment(**distance: float) -> str:
    """A time of the market's clock from now on, as an input takes it."""
    return (timezone.localtime() + dt.timedelta(**distance)).strftime("%Y-%m-%dT%H:%M")


def list_sales(person: Person) -> None:
    """By the foot of the page."""
    person.follow("Tenders and auctions", within=person.page.locator("footer"))


def sell(
    person: Person, kind: str, title: str,
    what: dict[Any, str], price: dict[Any, str], who: dict[Any, str],
) -> None:  # fmt: skip
    """A draft in three steps; the page of the sale is open then."""
    list_sales(person)
    person.follow("Sell a technology")
    person.fill({"Technology": title})
    person.page.locator(f"input[name=kind][value={kind}]").check()
    person.press("Go on", within=person.page.locator("main"))
    for facts in (what, price, who):
        person.fill(facts)
        last = facts is who
        person.press("Save" if last else "Save and go on", within=person.page.locator("main"))
    errors = person.page.locator(".field__error")
    assert "/edit/" not in person.page.url, errors.all_inner_texts()


def take_key(person: Person) -> str:
    """The key, as it is shown once."""
    person.confirm("Take the key", "Show me the key")
    key = str(person.page.locator(".sale-key").inner_text()).strip()
    person.follow("I have kept it")
    return key


def announce(person: Person, key: str = "") -> None:
    person.follow("Look it through and announce")
    if key:
        person.fill({"Opening key": key})
    person.press("Announce", within=person.page.locator("main"))
    assert "/announce/" not in person.page.url, person.page.locator("main").inner_text()


def apply(person: Person, title: str, *, is_sme: bool = False) -> None:
    """From the list of sales."""
    list_sales(person)
    person.follow(title, within=person.page.locator("main"))
    person.follow("Apply", context="sale")
    if is_sme:
        person.field("It is a small or medium enterprise").check()
    person.press("Apply", context="sale", within=person.page.locator("main form"))


def admit(person: Person, name: str, deposit: dict[Any, str] | None = None) -> None:
    """From the page of the sale; a deposit that came in admits by itself."""
    person.follow("Bidders and deposits")
    person.follow(name, within=person.page.locator("main"))
    if deposit:
        person.fill(deposit)
        person.press("Enter it", context="income")
    else:
        person.press("Admit")


def bid(person: Person, amount: str, button: str, context: str = "") -> None:
    """Typed, read once more, given."""
    person.fill({"Your bid": amount}, person.page.locator("#bid"))
    person.press("Look at it once more")
    assert person.page.locator("h1").inner_text() == person.word("Is this your bid?")
    person.press(button, context=context, within=person.page.locator("main"))


def open_bids(person: Person, key: str) -> None:
    person.follow("Enter the opening key")
    person.fill({"Opening key": key})
    person.press("Open the bids")
