"""What the two sides do from an introduction to a draft contract, page by page."""

from typing import Any

from tests.journeys.people import Person


def ask_for(person: Person, place: str, title: str, own: str) -> None:
    """An introduction to the owner of a listing, for one of one's own, both by their titles."""
    person.go(place)
    person.follow(title, within=person.page.locator("main"))
    person.follow("Ask for an introduction", within=person.page.locator("main"))
    person.page.get_by_role("radio", name=own).check()
    person.press("Ask for the introduction")


def open_introduction(person: Person) -> None:
    """The newest one."""
    person.go("Introductions")
    person.through(person.page.locator("h2.listing-row__title a").first)


def talk(person: Person, words: str) -> None:
    person.fill({"Message": words})
    person.press("Send")
    person.sees(words)


def open_room_between(person: Person, *, title: str, supplier: str, taker: str) -> None:
    """A broker's own room, of two organisations that were not introduced here."""
    person.go("Introductions")
    person.follow("Deal rooms", within=person.page.locator("main"))
    person.through(person.page.locator("main a[href='/rooms/new/']").first)
    person.fill({"Title": title, "Supplier": supplier, "Taker": taker})
    person.press("Open the room")
    assert "/new/" not in person.page.url, person.page.locator("form").last.inner_text()


def enter_room(person: Person) -> None:
    """The newest one, from the list."""
    person.go("Introductions")
    person.follow("Deal rooms", within=person.page.locator("main"))
    person.through(person.page.locator("main a[href^='/rooms/']:not([href$='/new/'])").first)


def accept_agreement(person: Person, name: str) -> None:
    person.follow("Read and accept", within=person.page.locator("main"))
    person.fill({"Your full name": name})
    person.field("I have read the agreement, may bind my organisation, and accept it.").check()
    person.press("Accept the agreement")


def make_offer(person: Person, facts: dict[Any, str], instalments: list[dict[str, str]]) -> None:
    """The first one or a counter-offer; what is not said stays as it was."""
    is_first = person.page.locator("table.offers").count() == 0
    person.follow(
        "Write an offer" if is_first else "Write a counter-offer",
        within=person.page.locator("main"),
    )  # fmt: skip
    person.fill(facts)
    for number, row in enumerate(instalments):
        person.fill(row, person.page.locator(".deduction").nth(number))
    person.press("Make the offer" if is_first else "Make the counter-offer")
    errors = person.page.locator(".field__error, form .notice--danger")
    assert "/offers/" not in person.page.url, errors.all_inner_texts()


def accept_offer(person: Person) -> None:
    """The contract is drafted from it at once, and shown."""
    person.confirm("Accept the offer", "Accept")
    if "/contracts/" not in person.page.url:
        person.follow("Open the contract", within=person.page.locator("main"))


def put_document(person: Person, name: str, content: bytes, facts: dict[Any, str]) -> None:
    section = person.page.locator("section[aria-labelledby=documents]")
    person.fill(facts, section)
    section.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/pdf", "buffer": content}
    )
    person.press("Put it in", within=section)


def say(person: Person, words: str) -> None:
    """To everybody in the room."""
    form = person.page.locator("#write")
    person.fill({"Message": words}, form)
    person.press("Send", within=form)
    person.sees(words)


def make_kept_offer(person: Person, facts: dict[Any, str]) -> None:
    """The draft of one's own side, completed and made."""
    person.through(person.page.locator(".panel--sunken a").first)
    person.fill(facts)
    person.press("Make the counter-offer")
    errors = person.page.locator(".field__error, form .notice--danger")
    assert "/offers/" not in person.page.url, errors.all_inner_texts()
