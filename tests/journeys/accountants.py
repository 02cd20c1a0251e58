"""What people do with the income of a registered contract, page by page."""

from typing import Any

from tests.journeys.people import Person


def keep_income(person: Person, number: str) -> None:
    """From the menu to the account of the contract with that number."""
    person.menu("Income")
    row = person.page.locator("li").filter(has_text=number)
    person.press("Keep its income", within=row)


def choose_scheme(person: Person, code: str) -> None:
    person.fill({"Scheme": code})
    person.press("Choose this scheme")


def name_inventors(person: Person, rows: list[dict[Any, str]]) -> None:
    person.follow("Name the inventors")
    fields = person.page.locator("#inventors fieldset")
    for number, row in enumerate(rows):
        if number == fields.count():
            person.page.get_by_role("button", name=person.word("Add an inventor")).click()
            fields.nth(number).wait_for()
        person.fill(row, fields.nth(number))
    person.page.locator(".form__actions").get_by_role("button", name=person.word("Save")).click()
    person.sees_word("Change the inventors")


def enter_receipt(person: Person, facts: dict[Any, str]) -> None:
    person.follow("Enter a receipt", within=person.page.locator("main"))
    person.fill(facts)
    person.press("Enter it", context="income")
    assert "/receipts/" not in person.page.url, person.page.locator("form").inner_text()


def enter_cost(person: Person, facts: dict[Any, str]) -> None:
    person.follow("Enter a cost", within=person.page.locator("main"))
    person.fill(facts)
    person.press("Enter it", context="income")
    assert "/costs/" not in person.page.url, person.page.locator("form").inner_text()


def draft_run(person: Person) -> None:
    person.press("Draft a distribution")
    person.sees_word("Every step")


def read_statement(person: Person, part: str) -> None:
    """One's own, from the menu; `part` is the sum as it stands there."""
    person.menu("Income")
    person.follow("My statements", within=person.page.locator("main"))
    person.sees(part)
    person.through(person.page.locator("main tbody a").first)
    person.sees(part)
