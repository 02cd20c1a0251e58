"""What a researcher, further inventors and their institution do with a disclosure, page by page."""

import re
from typing import Any

from tests.journeys.clerks import day
from tests.journeys.institutions import docket_shown
from tests.journeys.people import Person

Inventor = dict[Any, str]


def disclose(person: Person, facts: dict[Any, str], inventors: list[Inventor], to: str) -> None:
    """The three short steps, up to the letters that ask for signatures."""
    person.menu("Disclosures")
    person.follow("Disclose an invention")
    person.fill(facts)
    person.press("Save and go on")
    rows = person.page.locator("#inventors fieldset")
    for number, inventor in enumerate(inventors):
        if number == rows.count():
            person.page.get_by_role("button", name=person.word("Add an inventor")).click()
            rows.nth(number).wait_for()
        person.fill(inventor, rows.nth(number))
    person.press("Save and go on")
    person.fill({"To which institution": to, "First conceived on": day(-90), "Funder": "NSFC"})
    person.press("Save and look it over")
    person.press("Ask for signatures")


def sign(person: Person, name: str) -> None:
    """On the page of a disclosure, or of the link in the letter."""
    person.fill({"Your name, as your signature": name})
    person.field(
        "I am an inventor of this, and what stands here is true and complete."
    ).check()  # fmt: skip
    person.press("Sign", context="disclosure", within=person.page.locator("main"))
    person.sees(re.compile(person.word("You have signed")))


def take_up(person: Person, title: str, responsible: str) -> str:
    """From the inbox of an institution to a case; returns its docket number."""
    person.menu("Disclosures")
    person.follow("Inbox of disclosures")
    person.follow(title, within=person.page.locator("main"))
    person.fill({"Responsible": responsible}, person.page.locator("#accept"))
    person.press("Open a case")
    return docket_shown(person)
