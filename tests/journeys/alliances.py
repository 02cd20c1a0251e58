"""What institutions of an alliance do with a case that they offer to each other, page by page."""

from typing import Any

from tests.journeys.people import Person


def offer_case(person: Person, facts: dict[Any, str]) -> None:
    """From the case that is open to the board."""
    person.follow("Offer it to an alliance", within=person.page.locator("#alliance"))
    person.page.locator("input[name=mode][value=share]").check()
    person.page.locator("input[name=choice][value=pick]").check()
    person.fill(facts)
    person.press("Put it on the board")
    assert "/new/" not in person.page.url, person.page.locator("form").last.inner_text()


def find(person: Person, title: str) -> None:
    person.menu("Alliance board")
    person.follow(title, within=person.page.locator("main"))


def claim(person: Person, words: str) -> None:
    person.fill({"Why your institution?": words})
    person.field("We accept this split of the fee").check()
    person.press("Claim it", within=person.page.locator("#claim"))


def report(person: Person, words: str) -> None:
    person.fill({"Report": words}, person.page.locator("#report"))
    person.press("Send the report")
    person.sees(words)


def agree_terms(person: Person, facts: dict[Any, str], tiers: list[tuple[str, str]]) -> None:
    """With the client, from the case that is open; `tiers`: from an amount, percent."""
    person.follow("Fee of brokerage", within=person.page.locator("#alliance"))
    person.follow("Enter the terms")
    for number, (above, percent) in enumerate(tiers):
        if number:
            person.press("Another tier")
        inputs = person.page.locator(
            f"input[name=form-{number}-above], input[name=form-{number}-percent]"
        )
        inputs.nth(0).fill(above)
        inputs.nth(1).fill(percent)
    person.fill(facts)
    person.page.locator("input[name=due][value=signing]").check()
    person.press("Save", within=person.page.locator("main"))


def draft_statement(person: Person, facts: dict[Any, str]) -> None:
    person.fill(facts)
    person.press("Draft a statement")
    person.sees_word("Statement of commission")
