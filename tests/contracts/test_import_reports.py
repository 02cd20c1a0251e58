"""What is told of each row of an import is kept for some weeks; the numbers stay."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from contracts.actions.import_runs import forget_reports
from contracts.actions.imports import start_contract_import
from contracts.imports.columns import read_row
from contracts.models import Contract, ContractImportRow, ImportedContract
from tests.contracts.test_contract_imports import a_row, brought_in, jsonl

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.IMPORT_REPORT_DAYS = 10


def days_on(days: int) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=days)


def test_a_report_is_deleted_after_its_days_and_its_numbers_stay(cast: Cast) -> None:
    rows = [a_row(1), a_row(2), a_row(3, type="barter")]
    rows[2].pop("类型")
    run = brought_in(cast, jsonl(rows))
    before = dict(ContractImportRow.objects.values_list("line", "outcome"))
    assert sorted(before.values()) == ["created", "created", "refused"]
    assert forget_reports(days_on(9)) == 0
    assert ContractImportRow.objects.count() == 3
    assert forget_reports(days_on(11)) == 1
    assert not ContractImportRow.objects.exists()
    assert forget_reports(days_on(11)) == 0, "again changes nothing"
    assert Contract.objects.count() == ImportedContract.objects.count() == 2
    page = cast.colleague.client.get(f"/contracts/import/{run.public_id}/")
    text = page.content.decode()
    assert {(key, count) for key, _name, count in page.context["tabs"]} == {
        ("created", 2), ("refused", 1),
    }  # fmt: skip
    assert "the numbers are left" in text and f"{run.public_id}/report" not in text
    report = f"/contracts/import/{run.public_id}/report/"
    assert cast.colleague.client.get(report).status_code == 404
    api = cast.colleague.api
    told = api.get(f"/api/v1/contract-imports/{run.public_id}/").json()
    assert told["report_gone"] and told["counts"] == {"created": 2, "refused": 1}
    assert api.get(f"/api/v1/contract-imports/{run.public_id}/rows/").status_code == 404
    again = brought_in(cast, jsonl(rows))
    told = api.get(f"/api/v1/contract-imports/{again.public_id}/").json()
    assert not told["report_gone"] and told["counts"] == {"same": 2, "refused": 1}
    assert set(again.outcomes.values_list("outcome", flat=True)) == {"same", "refused"}


def test_what_is_at_work_or_waits_keeps_its_report(cast: Cast) -> None:
    from contracts.actions.imports import take_turn

    run = start_contract_import(
        actor=cast.colleague.actor, owner_id=cast.home.pk, source="old", upload=jsonl([a_row()]),
        is_dry=True,
    )  # fmt: skip
    while run.is_working:
        take_turn(run.public_id)
        run.refresh_from_db()
    assert run.state == "checked"
    assert forget_reports(days_on(11)) == 0
    assert ContractImportRow.objects.count() == 1


def test_a_table_says_what_the_register_may_show_and_where_the_broker_is(cast: Cast) -> None:
    own = {"organisation": cast.home.public_id, "code": "", "names": set()}
    given = read_row(
        {"public_facts": "The title；amount, 双方名称", "Broker: name": "Go-between",
         "Broker: country": "CN", "Broker: region": "310115"}, own,
    )  # fmt: skip
    assert given["facts"]["public_facts"] == ["title", "amount", "parties"]
    [broker] = given["parties"]
    assert (broker["country"], broker["region"]) == ("CN", "310115")
    run = brought_in(cast, jsonl([a_row(public_facts="title, weather")]))
    [row] = run.outcomes.all()
    assert row.outcome == "refused" and "What the public register may show" in row.reason_en
    brought_in(cast, jsonl([a_row(public_facts="title")]))
    assert Contract.objects.get().public_facts == ["title"]
