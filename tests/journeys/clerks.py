"""What a party and a registrar do with a contract, page by page, each a `Person` at a browser."""

import datetime as dt
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
from django.core.management import call_command
from django.utils import timezone

from tests.contracts.documents import pdf_of
from tests.journeys.people import Person

Facts = dict[str, str]


def day(distance: int) -> str:
    """An ISO date so many days from today."""
    return str(timezone.localdate() + dt.timedelta(days=distance))


# --- The form ------------------------------------------------------------------------------------


def start_draft(person: Person, kind: str) -> None:
    """From the list of contracts to the empty form of a type."""
    person.go("Contracts")
    person.follow("New contract")
    person.page.locator(f"input[name=type][value={kind}]").check()
    person.press("Start the draft")


def state_facts(person: Person, facts: Facts) -> None:
    """The first part; `facts` by the labels of the inputs, dates are given."""
    person.fill({
        "Signed on": day(-3), "Valid from": day(-3), "Valid to": day(720), **facts,
    }, person.page.locator("#what"))  # fmt: skip


def name_seller(person: Person, kind: str) -> None:
    person.fill({"Kind of party": kind}, person.page.locator("fieldset.party").first)


def find_buyer(person: Person, name: str) -> None:
    """A buyer of the platform, by part of its name; it fills its row itself."""
    row = person.page.locator("fieldset.party").nth(1)
    person.fill({"Find on the platform": name}, row)
    row.get_by_role("button", name=person.word("Find")).click()
    assert row.get_by_role("radio").first.is_checked()


def type_buyer(person: Person, facts: Facts) -> None:
    person.fill(facts, person.page.locator("fieldset.party").nth(1))


def add_row(person: Person, part: str, button: str) -> Any:
    """One more row of deductions, instalments or steps; what was typed stays."""
    section = person.page.locator(f"#{part}")
    rows = section.locator(".deduction")
    before = rows.count()
    section.get_by_role("button", name=person.word(button)).click()
    rows.nth(before).wait_for()
    return rows.nth(before)


def state_royalty(person: Person, facts: Facts, steps: list[tuple[str, str]]) -> None:
    """`steps`: from an amount, a rate in percent."""
    part = person.page.locator("#royalty")
    person.fill(facts, part)
    for number, (begins, rate) in enumerate(steps):
        row = (
            add_row(person, "royalty", "Add a step") if number else part.locator(".deduction").first
        )
        person.fill({"From an amount of": begins, "Rate in percent": rate}, row)


def state_instalments(person: Person, rows: list[Facts]) -> None:
    for number, facts in enumerate(rows):
        first = person.page.locator("#instalments .deduction").first
        row = add_row(person, "instalments", "Add an instalment") if number else first
        person.fill(facts, row)


def attach(person: Person, name: str, text: str) -> None:
    """A file that is stored with the next save."""
    file = {"name": name, "mimeType": "application/pdf", "buffer": pdf_of([text])}
    person.field("Add a file").set_input_files(file)


def submit(person: Person, point: str) -> None:
    person.field("Registration point").select_option(label=point)
    person.press("Save and submit")
    problems = person.page.locator("form .field__error, form .notice--danger")
    assert "/edit/" not in person.page.url, problems.all_inner_texts()
    person.sees_word("to be decided by")


def complete(person: Person, facts: Facts, kinds: list[str], point: str) -> None:
    """A draft that was made from an offer: what it lacks, the kind of each party, the signed file;
    and to the registration point."""
    person.follow("Edit", within=person.page.locator("main"))
    person.fill(facts)
    parties = person.page.locator("fieldset.party")
    for number, kind in enumerate(kinds):
        person.fill({"Kind of party": kind}, parties.nth(number))
    attach(person, "signed.pdf", "Licence, signed by both.")
    submit(person, point)


def open_own(person: Person, title: str) -> None:
    """A contract out of one's list."""
    person.go("Contracts")
    person.follow(title, within=person.page.locator("main"))


# --- The registrar -------------------------------------------------------------------------------


def claim(registrar: Person) -> None:
    """The file that waits; no check of the machine speaks against it."""
    registrar.menu("Registrar’s desk")
    registrar.press("Claim")
    registrar.sees_word("Checked for you")
    assert registrar.page.locator(".checks__item.is-passed").count() >= 4
    assert registrar.page.locator("[aria-labelledby=checks] .is-failed").count() == 0


def unfold(person: Person, title: str) -> Any:
    """The part of the desk under that heading, opened."""
    part = person.page.locator("details.fold").filter(
        has=person.page.locator("> summary", has_text=person.word(title))
    )
    part.locator("> summary").first.click()
    return part.first


def give_back(registrar: Person, words: str, remarks: Facts) -> None:
    form = unfold(registrar, "Return for completion").locator("form")
    registrar.fill({"What is to be corrected": words}, form)
    unfold(registrar, "Remarks at single facts")
    registrar.fill(remarks, form)
    registrar.press("Return it", within=form)


def ask(registrar: Person, words: str) -> None:
    form = unfold(registrar, "Ask the parties").locator("form")
    registrar.fill({"Question": words}, form)
    registrar.press("Send the question", within=form)
    registrar.sees_word("waits for an answer")


def register(registrar: Person) -> str:
    """The yes that registers; returns the number."""
    registrar.press("Register", context="decision", within=registrar.page.locator(".decide"))
    return number_shown(registrar)


def number_shown(person: Person) -> str:
    shown = person.page.locator("main h1 ~ p a.tabular").inner_text()
    number = re.sub(r"\s", "", shown)
    assert re.fullmatch(r"\d{16}", number), shown
    return number


def end(registrar: Person, words: str, button: str, context: str = "") -> None:
    form = unfold(registrar, "Cancel or revoke").locator("form")
    registrar.fill({"Reason": words}, form)
    registrar.press(button, context=context, within=form)


# --- The certificate -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Paper:
    """A certificate as it was downloaded; `number` and `code` are read out of it."""

    file: Path
    number: str
    code: str
    text: str


def fetch_certificate(person: Person, folder: Path) -> Paper:
    """From the contract's page to the PDF on the disk, whose seal the command finds genuine."""
    person.follow("Certificate", context="contract", within=person.page.locator("main"))
    with person.page.expect_download() as started:
        person.page.get_by_role("link", name=person.word("Download the PDF")).click()
    file = folder / f"{len(list(folder.glob('*.pdf')))}-{started.value.suggested_filename}"
    started.value.save_as(file)
    said = io.StringIO()
    call_command("verify_certificate", str(file), stdout=said)
    assert said.getvalue().startswith("GENUINE:"), said.getvalue()
    document = pypdfium2.PdfDocument(file)
    try:
        text = "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
    number, code = (
        re.search(pattern, text)
        for pattern in (r"\d{4} \d{6} \d{6}", r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")
    )
    assert number and code, text
    return Paper(file, number[0].replace(" ", ""), code[0], text)


def check(visitor: Person, paper: Paper) -> str:
    """Somebody without an account types what stands on the paper; returns the verdict."""
    visitor.open("/")
    visitor.go("Register")
    visitor.follow("Check a certificate or its file")
    visitor.fill({"Registration number": paper.number, "Verification code": paper.code})
    visitor.press("Check")
    return str(visitor.page.locator(".deed__verdict").inner_text())


def valid(person: Person) -> str:
    words = person.word("Valid: registered and in force on %(day)s")
    return words % {"day": timezone.localdate().isoformat()}
