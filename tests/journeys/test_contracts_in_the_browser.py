"""A contract of each type, from an empty form to the certificate, typed in a browser."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.cast import PASSWORD, Cast, Player
from tests.contracts import factories
from tests.journeys import clerks
from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
POINT = {"en": "Harbour Registration Point", "zh-hans": "港湾登记点"}


def test_development_is_returned_with_remarks_corrected_and_amended(
    sit_down: Any, cast: Cast, run_jobs: Any, tmp_path: Path
) -> None:
    title = "Commissioned development of fabric inspection"
    seller, registrar = sit_down(cast.colleague), sit_down(cast.registrar)
    clerks.start_draft(seller, "development")
    clerks.state_facts(seller, {
        "Sub-type": "commissioned", "Title in English": title,
        "Technology field": "advanced_manufacturing",
    })  # fmt: skip
    clerks.name_seller(seller, "enterprise_limited")
    clerks.find_buyer(seller, "Lakeside")
    seller.fill({"Total contract amount": "480,000", "How it is paid": "instalments"})
    for kind, amount in (("equipment", "60,000"), ("raw_materials", "20,000")):
        row = clerks.add_row(seller, "amounts", "Add a deduction")
        seller.fill({"Kind": kind, "Amount": amount, "Note": "two sets"}, row)
    seller.sees("¥400,000.00")  # worked out while one types
    clerks.state_instalments(seller, [
        {"Due on": clerks.day(10), "Amount": "240,000"},
        {"Or at this event": "acceptance", "Amount": "200,000"},
    ])  # fmt: skip
    seller.sees("¥40,000.00 is missing")
    seller.fill({"Amount": "240,000"}, seller.page.locator("#instalments .deduction").nth(1))
    clerks.attach(seller, "signed.pdf", "Development contract. Price 480,000 yuan.")
    clerks.submit(seller, POINT["en"])
    run_jobs()

    clerks.claim(registrar)
    with registrar.page.expect_download() as paper:
        registrar.page.get_by_role("link", name="signed.pdf").click()
    assert paper.value.path().read_bytes().startswith(b"%PDF")
    clerks.give_back(
        registrar, "Please see the remark.", {"Deductions": "Are both sets carriers of the result?"}
    )
    registrar.sees_word("Returned to the parties. The clock stands still.")

    clerks.open_own(seller, title)
    seller.sees("Are both sets carriers of the result?")
    seller.follow("Correct it")
    seller.fill({"Amount": "40,000"}, seller.page.locator("#amounts .deduction").first)
    seller.sees("¥420,000.00")
    clerks.submit(seller, POINT["en"])
    run_jobs()
    clerks.claim(registrar)
    changes = registrar.page.locator("[aria-labelledby=differences]")
    assert "60,000.00" in changes.locator("del").first.inner_text()
    assert "40,000.00" in changes.locator("ins").first.inner_text()
    number = clerks.register(registrar)
    run_jobs()
    clerks.open_own(seller, title)
    first = clerks.fetch_certificate(seller, tmp_path)
    assert first.number == number and "¥420,000.00" in first.text
    visitor = sit_down(None)
    assert clerks.check(visitor, first) == clerks.valid(visitor)
    _verify_with_the_published_key(visitor, first, tmp_path)

    clerks.open_own(seller, title)
    seller.press("Amend")
    seller.fill({"Total contract amount": "600,000"})
    seller.fill({"Amount": "360,000"}, seller.page.locator("#instalments .deduction").nth(1))
    clerks.attach(seller, "supplement.pdf", "Supplement. Price 600,000 yuan.")
    clerks.submit(seller, POINT["en"])
    run_jobs()
    clerks.claim(registrar)
    changes = registrar.page.locator("[aria-labelledby=differences]").inner_text()
    assert "480,000.00" in changes and "600,000.00" in changes
    assert clerks.register(registrar) == number
    run_jobs()
    clerks.open_own(seller, title)
    second = clerks.fetch_certificate(seller, tmp_path)
    assert second.number == number and second.code != first.code and "540,000.00" in second.text
    assert clerks.check(visitor, second) == clerks.valid(visitor)
    assert clerks.check(visitor, first).startswith("No longer valid: replaced by a newer edition")


def test_transfer_for_a_rising_royalty_is_cancelled_from_a_phone(
    sit_down: Any, cast: Cast, run_jobs: Any, tmp_path: Path
) -> None:
    title = "隧道衬砌快速修补专利权转让"
    seller, registrar = sit_down(cast.owner, "zh-hans", 390), sit_down(cast.registrar, "zh-hans")
    clerks.start_draft(seller, "transfer")
    clerks.state_facts(seller, {
        "Sub-type": "patent_transfer", "Title in Chinese": title,
        "Technology field": "urban_social", "Right it is about": "invention",
    })  # fmt: skip
    clerks.name_seller(seller, "enterprise_limited")
    clerks.find_buyer(seller, "湖畔")
    seller.fill({"Total contract amount": "30万", "How it is paid": "royalty"})
    clerks.state_royalty(
        seller, {"A share of": "sales", "The rate is": "rising", "Reported and paid": "year"},
        [("0", "3"), ("500万", "4.5")],
    )  # fmt: skip
    seller.page.locator("#schedule").get_by_text("4.5%").first.wait_for()
    clerks.attach(seller, "合同.pdf", "专利权转让合同")
    seller.page.locator("input[name=public_facts][value=title]").check()
    clerks.submit(seller, POINT["zh-hans"])
    run_jobs()
    clerks.claim(registrar)
    number = clerks.register(registrar)
    run_jobs()
    clerks.open_own(seller, title)
    paper = clerks.fetch_certificate(seller, tmp_path)
    visitor = sit_down(None, "zh-hans", 390)
    assert clerks.check(visitor, paper) == clerks.valid(visitor)
    visitor.sees(title)  # its parties made the title public

    clerks.open_own(seller, title)
    panel = seller.page.locator("details.confirm").filter(has_text="登记").last
    panel.locator("summary").click()
    seller.fill({"Reason": "双方协商解除。"}, panel)
    seller.press("Cancel it", within=panel)
    run_jobs()
    clerks.open_own(seller, title)
    ended = clerks.fetch_certificate(seller, tmp_path)
    assert ended.number == number
    verdict = clerks.check(visitor, paper)
    assert verdict == visitor.word(
        "No longer valid: cancelled by the parties on %(day)s"
    ) % {"day": clerks.day(0)}  # fmt: skip


def test_licence_abroad_waits_for_the_decision_of_its_hit(
    sit_down: Any, cast: Cast, run_jobs: Any, tmp_path: Path
) -> None:
    call_command("load_catalogue", samples=True, stdout=io.StringIO())
    title = "Know-how licence of a low-temperature electrolyte"
    seller, registrar = sit_down(cast.colleague), sit_down(cast.registrar)
    clerks.start_draft(seller, "licence")
    clerks.state_facts(seller, {
        "Sub-type": "know_how_licence", "Title in English": title,
        "Technology field": "new_energy", "Right it is about": "know_how",
    })  # fmt: skip
    clerks.name_seller(seller, "enterprise_limited")
    clerks.type_buyer(seller, {
        "Name, as in the contract": "Fjord Cells AS", "Kind of party": "abroad",
        "Country or area": "NO", "Social credit or registration code": "NO-1",
    })  # fmt: skip
    seller.fill({"Total contract amount": "1,200,000", "How it is paid": "upfront_royalty"})
    clerks.state_royalty(
        seller,
        {"A share of": "profit", "The rate is": "fixed", "Reported and paid": "half_year",
         "Upfront fee": "1,000,000", "Upfront fee due on": clerks.day(30),
         "Minimum a year": "50,000"},
        [("0", "5")],
    )  # fmt: skip
    clerks.state_instalments(seller, [
        {"Or at this event": "first statement", "Amount": "200,000", "Note": "realised so far"},
    ])  # fmt: skip
    clerks.attach(seller, "licence.pdf", "Licence of an electrolyte for cells.")
    clerks.submit(seller, POINT["en"])
    seller.sees_word("Export and import screening")
    run_jobs()

    clerks.claim(registrar)
    registrar.sees("SX-0201")
    registrar.press("Register", context="decision", within=registrar.page.locator(".decide"))
    assert not registrar.page.locator("main h1 ~ p a.tabular").count()  # held, and told why
    registrar.follow("Decide", context="button", within=registrar.page.locator("main"))
    registrar.page.locator("input[name=outcome][value=licensed]").check()
    registrar.press("Keep the decision")
    assert registrar.page.locator(".field__error").count() == 4  # why, and the licence
    assert registrar.page.locator("input[name=outcome][value=licensed]").is_checked()
    registrar.fill({
        "Why": "The export licence was shown.", "Number of the licence": "SX-2026-17",
        "Given on": clerks.day(-9), "By which authority": "Commerce bureau",
        "Note for the registration point": "Original seen.",
    })  # fmt: skip
    registrar.press("Keep the decision")
    registrar.sees("SX-2026-17")
    number = clerks.register(registrar)
    run_jobs()
    clerks.open_own(seller, title)
    seller.sees("The export licence was shown.")
    assert "Original seen." not in seller.page.content()
    paper = clerks.fetch_certificate(seller, tmp_path)
    visitor = sit_down(None)
    assert paper.number == number and clerks.check(visitor, paper) == clerks.valid(visitor)


def test_consulting_is_asked_about_and_answered_from_a_phone(
    sit_down: Any, cast: Cast, run_jobs: Any, tmp_path: Path
) -> None:
    title = "果品干燥余热回收可行性论证"
    seller, registrar = sit_down(cast.owner, "zh-hans", 390), sit_down(cast.registrar, "zh-hans")
    clerks.start_draft(seller, "consulting")
    clerks.state_facts(seller, {
        "Sub-type": "feasibility", "Title in Chinese": title, "Technology field": "new_energy",
    })  # fmt: skip
    clerks.name_seller(seller, "enterprise_limited")
    clerks.type_buyer(seller, {
        "Name, as in the contract": "滨海果品有限公司", "Kind of party": "enterprise_limited",
        "Social credit or registration code": "91310000MA1TEST01X", "Region": "310115",
    })  # fmt: skip
    seller.fill({"Total contract amount": "8.5万", "How it is paid": "lump_sum"})
    seller.sees("85,000.00")
    clerks.attach(seller, "合同.pdf", "技术咨询合同")
    clerks.submit(seller, POINT["zh-hans"])
    run_jobs()
    clerks.claim(registrar)
    clerks.ask(registrar, "报告由谁验收？")
    registrar.press("Register", context="decision", within=registrar.page.locator(".decide"))
    registrar.sees_word(
        "A question to the parties has no answer yet. Wait for it, or tick “decide without the "
        "answer”."
    )
    clerks.open_own(seller, title)
    seller.fill({"Answer": "由委托方验收，见附件。"})
    seller.field("File").set_input_files(
        {"name": "说明.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}
    )
    seller.press("Send the answer")
    registrar.menu("Registrar’s desk")
    registrar.follow(title)
    registrar.sees("由委托方验收，见附件。")
    registrar.sees("说明.pdf")
    number = clerks.register(registrar)
    run_jobs()
    clerks.open_own(seller, title)
    paper = clerks.fetch_certificate(seller, tmp_path)
    visitor = sit_down(None, "zh-hans", 390)
    assert paper.number == number and clerks.check(visitor, paper) == clerks.valid(visitor)


def test_large_service_is_read_by_two_registrars_and_later_revoked(
    sit_down: Any, cast: Cast, run_jobs: Any, tmp_path: Path
) -> None:
    title = "Commissioning of a membrane line"
    seller, registrar = sit_down(cast.colleague), sit_down(cast.registrar)
    clerks.start_draft(seller, "service")
    clerks.state_facts(seller, {
        "Sub-type": "general_service", "Title in English": title,
        "Technology field": "environment_resources",
    })  # fmt: skip
    clerks.name_seller(seller, "enterprise_limited")
    clerks.find_buyer(seller, "Lakeside")
    seller.fill({"Total contract amount": "5.5 million", "How it is paid": "instalments"})
    seller.press("Save draft")  # no number: refused at its place, nothing lost
    assert seller.field("Total contract amount").input_value() == "5.5 million"
    assert seller.field("Title in English").input_value() == title
    seller.fill({"Total contract amount": "5,500,000"})
    seller.sees("a second registrar must approve it")
    clerks.state_instalments(seller, [
        {"Due on": clerks.day(5), "Amount": "2,500,000"},
        {"Due on": clerks.day(90), "Amount": "3,000,000"},
    ])  # fmt: skip
    clerks.attach(seller, "signed.pdf", "Service contract. Price 5,500,000 yuan.")
    clerks.submit(seller, POINT["en"])
    run_jobs()
    clerks.claim(registrar)
    registrar.press("Approve and pass to second review")
    second = sit_down(_second_registrar(cast))
    second.menu("Registrar’s desk")
    second.follow("Second review", within=second.page.locator("main"))
    second.follow(title)
    second.press("Approve and register")
    number = clerks.number_shown(second)
    run_jobs()
    clerks.open_own(seller, title)
    paper = clerks.fetch_certificate(seller, tmp_path)
    visitor = sit_down(None)
    assert paper.number == number and clerks.check(visitor, paper) == clerks.valid(visitor)

    clerks.end(second, "Obtained by false statements.", "Revoke it", context="contract")
    run_jobs()
    assert clerks.check(visitor, paper).startswith("No longer valid: revoked")
    clerks.open_own(seller, title)
    seller.sees("Obtained by false statements.")


def _second_registrar(cast: Cast) -> Player:
    user = factories.second_registrar(cast)
    user.set_password(PASSWORD)
    user.save()
    return Player("second", user, cast.point, "")


def _verify_with_the_published_key(visitor: Person, paper: clerks.Paper, folder: Path) -> None:
    """As somebody far away: the command alone, with the key that the market publishes."""
    answer = visitor.page.request.get("/.well-known/yizhan-seal-keys.json")
    key = folder / "key.pem"
    key.write_text(json.loads(answer.text())["keys"][0]["public_key"])
    manage = Path(__file__).resolve().parents[2] / "manage.py"
    command = [sys.executable, str(manage), "verify_certificate", "--key", str(key)]
    done = subprocess.run([*command, str(paper.file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and f"Number {paper.number}" in done.stdout, done
    bad = folder / "altered.pdf"
    bad.write_bytes(paper.file.read_bytes().replace(b"/Type", b"/Tyqe", 1))
    done = subprocess.run([*command, str(bad)], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "NOT GENUINE" in done.stderr, done
