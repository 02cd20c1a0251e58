"""Imports by Excel, API and command: checked first, in words of a cell, stopped, looked after."""

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone
from openpyxl import Workbook

from contracts.actions.import_runs import look_after_imports
from contracts.actions.imports import start_contract_import
from contracts.models import Contract, ContractImport
from events.models import Notification
from marketplace.core.models import Job
from tests.cast import Cast
from tests.contracts import factories
from tests.contracts.test_contract_imports import jsonl, outcomes, plain

pytestmark = pytest.mark.django_db
API = "/api/v1/contract-imports/"


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def excel(*rows: dict[str, Any]) -> SimpleUploadedFile:
    book = Workbook()
    sheet = book.active
    names = list(dict.fromkeys(name for row in rows for name in row))
    sheet.append(names)
    for row in rows:
        sheet.append([row.get(name) for name in names])
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("old.xlsx", out.getvalue())


TERMS = [
    plain(1, signed_on=dt.date(2026, 3, 5), total_amount=120000, payment_mode="instalments",
          instalments="2026-03-10: 50000; 验收合格：7万"),
    plain(2, payment_mode="royalty", royalty="Sales 3% from 0, 2% from 1000000",
          reporting="Every year", minimum_per_year="1万"),
    plain(3, payment_mode="royalty", royalty="产品销售额 3%，第3年起2.5%", reporting="year"),
    plain(4, royalty='{"base": "profit", "steps": [{"rate": "5"}]}'),
    plain(5, royalty="luck 3%"),
    plain(6, instalments="some day"),
    plain(7, royalty="Sales 3.5.1%"),
]  # fmt: skip


def test_an_excel_table_is_checked_then_imported_with_its_terms(cast: Cast, run_jobs: Any) -> None:
    client = cast.colleague.client
    body = {"organisation": cast.home.public_id, "source": "old", "dry_run": "on"}
    address = client.post("/contracts/import/", {**body, "file": excel(*TERMS)})["Location"]
    run_jobs()
    page = client.get(address).content.decode()
    assert "Import the rows" in page and "nothing was drafted yet" in page
    assert not Contract.objects.exists()
    run = ContractImport.objects.get()
    wanted = ["created"] * 4 + ["refused"] * 3
    assert [outcome for outcome, _why in outcomes(run)] == wanted
    told = list(run.outcomes.order_by("line"))[4:]
    assert all("not read" in row.reason_en and row.reason_zh != row.reason_en for row in told)
    assert client.post(f"{address}run/").status_code == 302
    run_jobs()
    run.refresh_from_db()
    assert (run.state, run.rows.name) == ("done", "")
    assert [outcome for outcome, _why in outcomes(run)] == wanted
    first, second, third, fourth = Contract.objects.order_by("id")
    assert [(str(row.due_on), row.event, row.amount) for row in first.instalments.all()] == [
        ("2026-03-10", "", 50000), ("None", "验收合格", 70000),
    ]  # fmt: skip
    assert str(first.signed_on) == "2026-03-05"
    assert (second.royalty.base, second.royalty.rate_kind, second.royalty.minimum_per_year) == (
        "sales", "falling", 10000,
    )  # fmt: skip
    assert [(one.from_amount, one.rate) for one in second.royalty_steps.all()] == [
        (0, 3), (1000000, 2),
    ]  # fmt: skip
    assert [(one.from_year, float(one.rate)) for one in third.royalty_steps.all()] == [
        (1, 3.0), (3, 2.5),
    ]  # fmt: skip
    assert fourth.royalty.base == "profit"
    kinds = Notification.objects.filter(recipient=cast.colleague.user).values_list(
        "kind", flat=True
    )
    assert sorted(kinds) == ["contract.import_checked", "contract.import_done"]
    assert client.post(f"{address}cancel/").status_code == 302  # too late: told on the page
    assert "has ended already" in client.get(address).content.decode()


def test_the_api_uploads_shows_progress_pages_rows_and_stops(cast: Cast, run_jobs: Any) -> None:
    client = cast.colleague.api
    body = {"owner": cast.home.public_id, "source": "old"}
    made = client.post(
        API, {**body, "file": excel(plain(1), plain(2, type="barter"))}, format="multipart"
    )
    assert made.status_code == 201, made.content
    address = f"{API}{made.json()['id']}/"
    assert made.json()["state"] == "uploaded"
    run_jobs()
    told = client.get(address).json()
    assert (told["state"], told["seen"], told["total"]) == ("done", 2, 2)
    page = client.get(f"{address}rows/", {"page_size": 1}).json()
    assert len(page["results"]) == 1 and page["results"][0]["contract"]
    refused = client.get(f"{address}rows/", {"outcome": "refused"}).json()["results"]
    assert [row["line"] for row in refused] == [3]
    assert client.get(f"{address}rows/", {"outcome": "odd"}).status_code == 400
    assert client.post(f"{address}cancel/").status_code == 409
    for other in (cast.rival.api, cast.outsider.api, cast.registrar.api):
        assert other.get(address).status_code == other.get(f"{address}rows/").status_code == 404
        assert other.post(f"{address}cancel/").status_code == 404
    foreign = {"owner": cast.outside.public_id}
    assert (
        client.post(
            API, {**body, **foreign, "file": jsonl([plain()])}, format="multipart"
        ).status_code
        == 400
    )
    dry = client.post(
        API, {**body, "dry_run": "true", "file": jsonl([plain(3)])}, format="multipart"
    ).json()["id"]
    assert client.post(f"{API}{dry}/run/").status_code == 409  # not checked yet
    stopped = client.post(f"{API}{dry}/cancel/").json()
    assert stopped["state"] == "cancelled"
    run_jobs()
    assert Contract.objects.count() == 1


def test_an_import_that_stands_still_is_asked_for_again_then_given_up(
    cast: Cast, run_jobs: Any
) -> None:
    run = start_contract_import(
        actor=cast.colleague.actor, owner_id=cast.home.pk, source="old", upload=jsonl([plain()])
    )
    Job.objects.all().delete()  # as when its tries were used up
    assert look_after_imports() == 0
    assert Job.objects.filter(kind="contracts.import_turn", key=run.public_id).count() == 1
    assert look_after_imports(timezone.now() + dt.timedelta(days=2)) == 0, "its job waits"
    Job.objects.all().delete()
    assert look_after_imports(timezone.now() + dt.timedelta(days=2)) == 1
    run.refresh_from_db()
    assert (run.state, run.reason_code) == ("failed", "stuck")
    assert Notification.objects.get().kind == "contract.import_failed"


def test_a_checked_table_is_kept_for_a_week(cast: Cast, run_jobs: Any) -> None:
    run = start_contract_import(
        actor=cast.colleague.actor, owner_id=cast.home.pk, source="old",
        upload=jsonl([plain()]), is_dry=True,
    )  # fmt: skip
    run_jobs()
    assert look_after_imports() == 0
    assert look_after_imports(timezone.now() + dt.timedelta(days=8)) == 1
    run.refresh_from_db()
    assert (run.state, run.rows.name) == ("cancelled", "")


def test_the_command_checks_and_imports(cast: Cast, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "old.xlsx"
    path.write_bytes(excel(plain(1), plain(2, type="barter")).read())
    given = ["--owner", cast.home.public_id, "--source", "old", "--person",
             cast.colleague.user.email]  # fmt: skip
    call_command("import_contracts", str(path), *given, "--dry-run")
    assert "created: 1" in capsys.readouterr().out and not Contract.objects.exists()
    call_command("import_contracts", str(path), *given)
    out = capsys.readouterr().out
    assert "created: 1" in out and "row 3 A-2: " in out
    assert Contract.objects.count() == 1


def test_many_are_submitted_by_api_with_a_result_for_each(cast: Cast) -> None:
    good, bad = factories.drafted(cast), factories.drafted(cast, with_file=False)
    body = {"contracts": [bad.public_id, "0000000000", good.public_id]}
    answer = cast.colleague.api.post("/api/v1/contracts/submit/", body, format="json").json()
    assert [(row["submitted"], row["code"]) for row in answer] == [
        (False, "incomplete"), (False, "not_found"), (True, ""),
    ]  # fmt: skip
    assert answer[0]["fields"]["files"]
    good.refresh_from_db()
    assert good.state == "submitted"
