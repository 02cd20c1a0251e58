"""What people of a technology transfer institution do in a case, page by page."""

from typing import Any

from tests.journeys.people import Person


def open_case(person: Person, docket: str) -> None:
    person.menu("Cases")
    person.follow("List", context="cases", within=person.page.locator("main"))
    person.fill({"Words or docket number": docket})
    person.press("Filter")
    row = person.page.locator("tr, article").filter(has_text=docket)
    person.through(row.locator("a[href^='/cases/']").first)


def docket_shown(person: Person) -> str:
    """On the page of a case."""
    line = person.page.locator(".page-head p.cluster span.tabular").inner_text()
    return str(line.split(" · ")[0])


def part(person: Person, name: str) -> None:
    """Another page of the case that is open."""
    person.follow(name, within=person.page.locator(".tabs"))


def move(person: Person, stage: str) -> None:
    """To a stage by its name."""
    form = person.page.locator("#move form")
    form.locator("select[name=stage]").select_option(label=stage)
    person.press("Move", context="case", within=form)


def add(person: Person, place: str, facts: dict[Any, str], button: str = "Add") -> None:
    """A client, a listing, a contact, a task or a tie, in its own part of the page."""
    section = person.page.locator(f"#{place}")
    person.fill(facts, section)
    person.press(button, within=section.locator("form").filter(has=person.field(*_first(facts))))


def _first(facts: dict[Any, str]) -> tuple[Any, ...]:
    label = next(iter(facts))
    return (label,) if isinstance(label, str) else (label[0], None, label[1])


def score(person: Person, scores: list[int | None]) -> None:
    """My scorecard, criterion by criterion; None stays unknown."""
    person.follow("My scorecard", within=person.page.locator("main"))
    rows = person.page.locator("fieldset.form__section")
    assert rows.count() >= len(scores)
    for number, value in enumerate(scores):
        if value is not None:
            person.fill({"Score": str(value)}, rows.nth(number))
            person.fill({("Evidence", "assessment"): f"Measured {value}"}, rows.nth(number))
    person.press("Save", within=person.page.locator("main"))


def decide(person: Person, verdict: str, reason: str, words: str) -> None:
    form = person.page.locator("#decision form")
    person.fill({"Reason": reason, "Words": words}, form)
    form.locator(f"input[name=verdict][value={verdict}]").check()
    person.press("Keep the decision", within=form)


def protect(person: Person, facts: dict[Any, str]) -> None:
    person.follow("Add a step", context="protection", within=person.page.locator("main"))
    person.fill(facts)
    person.press("Save", within=person.page.locator("main"))


def log_contact(person: Person, facts: dict[Any, str]) -> None:
    person.follow("Log a contact", within=person.page.locator("main"))
    person.fill(facts)
    person.press("Save", within=person.page.locator("main"))


def new_case(person: Person, facts: dict[Any, str]) -> None:
    person.menu("Cases")
    person.follow("New case", within=person.page.locator("main"))
    person.fill(facts)
    person.press("Open the case")
    assert "/new/" not in person.page.url, person.page.locator("form").last.inner_text()


def keep_note(person: Person, words: str) -> None:
    form = person.page.locator("#note form")
    person.fill({"Note": words}, form)
    person.press("Keep the note", within=form)
    person.sees(words)
