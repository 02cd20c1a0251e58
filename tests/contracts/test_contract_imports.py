"""Many contracts from one file: what becomes a draft, what is left alone, what is told."""

import csv
import io
import json
import time
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contracts.actions import change_contract
from contracts.actions.imports import start_contract_import, take_turn
from contracts.models import Contract, ContractImport
from marketplace.core.errors import Invalid
from tests.cast import Cast
from tests.contracts import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def a_row(number: int = 1, **values: Any) -> dict[str, Any]:
    return {
        "external_id": f"A-{number}", "类型": "技术服务", "Title in English": f"Tuning {number}",
        "total_amount": "12万元", "技术领域": "advanced_manufacturing", "payment_mode": "lump_sum",
        "签订日期": "2026/3/5", "buyer_name": "Sample Buyer Ltd", "seller_name": "Harbour Works",
        "less_parts": "2,000.50", **values,
    }  # fmt: skip


def jsonl(rows: list[dict[str, Any]]) -> SimpleUploadedFile:
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return SimpleUploadedFile("old.jsonl", text.encode())


def brought_in(cast: Cast, upload: SimpleUploadedFile) -> ContractImport:
    run = start_contract_import(
        actor=cast.colleague.actor, owner_id=cast.home.pk, source="old register", upload=upload
    )
    while run.is_working:
        take_turn(run.public_id)
        run.refresh_from_db()
    return run


def outcomes(run: ContractImport) -> list[tuple[str, str]]:
    return [(row.outcome, row.reason_en) for row in run.outcomes.all()]


def test_a_row_becomes_a_draft(cast: Cast) -> None:
    from django.utils.translation import override

    from contracts.codes import CONTRACT_TYPES
    from contracts.labels import fact_label

    with override("zh-hans"):
        type_name = str(fact_label("type"))
        row = a_row()
        row[type_name] = CONTRACT_TYPES.label("service")
        row[str(fact_label("signed_on"))] = row.pop("签订日期")
        row[str(fact_label("field"))] = row.pop("技术领域")
    row["seller_name"] = cast.home.name_zh
    row.pop("类型") if type_name != "类型" else None
    run = brought_in(cast, jsonl([row]))
    assert outcomes(run) == [("created", "")]
    contract = Contract.objects.get()
    assert (contract.state, contract.filed_by, str(contract.signed_on)) == (
        "draft", cast.home, "2026-03-05",
    )  # fmt: skip
    assert str(contract.technology_amount) == "117999.50"
    assert [party.organisation for party in contract.parties.all()] == [cast.home, None]


def plain(number: int = 1, **values: Any) -> dict[str, Any]:
    return {
        "external_id": f"A-{number}", "type": "service", "title_en": f"Tuning {number}",
        "total_amount": "120000", "buyer_name": "Sample Buyer Ltd", **values,
    }  # fmt: skip


def test_again_renews_untouched_drafts_and_leaves_the_others_alone(cast: Cast) -> None:
    brought_in(cast, jsonl([plain(1), plain(2), plain(3)]))
    touched = Contract.objects.get(title_en="Tuning 2")
    change_contract(actor=cast.colleague.actor, contract_id=touched.pk, facts={"title_en": "Mine"})
    gone = Contract.objects.get(title_en="Tuning 3")
    Contract.objects.filter(pk=gone.pk).update(state="submitted")
    again = [plain(1, total_amount="130000"), plain(2, total_amount="1"), plain(3, total_amount=1)]
    run = brought_in(cast, jsonl(again))
    assert [outcome for outcome, _why in outcomes(run)] == ["changed", "left", "left"]
    assert "changed this draft" in outcomes(run)[1][1] and "no draft" in outcomes(run)[2][1]
    amounts = Contract.objects.order_by("id").values_list("total_amount", flat=True)
    assert [str(one) for one in amounts] == ["130000.00", "120000.00", "120000.00"]
    run = brought_in(cast, jsonl(again[:1]))
    assert outcomes(run) == [("same", "")]


def test_wrong_rows_say_why_in_both_languages(cast: Cast) -> None:
    rows = [
        plain(1, type="barter"), plain(2, total_amount="many"), plain(3, external_id=""),
        plain(4, royalty={"base": "luck"}), plain(5),
    ]  # fmt: skip
    run = brought_in(cast, jsonl(rows))
    told = list(run.outcomes.all())
    assert [row.outcome for row in told] == ["refused"] * 4 + ["created"]
    assert "Type" in told[0].reason_en and "Royalty" in told[3].reason_en
    assert "ID" in told[2].reason_zh and told[0].reason_zh != told[0].reason_en


def test_a_formula_stays_text_and_the_report_is_defused(cast: Cast) -> None:
    run = brought_in(cast, jsonl([plain(1, title_en="=1+1", external_id="=cmd")]))
    assert Contract.objects.get().title_en == "=1+1"
    answer = cast.colleague.client.get(f"/contracts/import/{run.public_id}/report/")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    line = list(csv.reader(io.StringIO(text)))[1]
    assert line[1] == "'=cmd" and line[2] == "'=1+1"


@pytest.mark.parametrize("name", ["a.pdf", "a.xlsx", "a.jsonl"])
def test_a_bad_file_is_told_and_nothing_is_drafted(cast: Cast, name: str) -> None:
    upload = SimpleUploadedFile(name, b"%PDF-1.4 \x00 nothing")
    if name == "a.pdf":
        with pytest.raises(Invalid) as refusal:
            brought_in(cast, upload)
        assert "file" in refusal.value.fields
        return
    run = brought_in(cast, upload)
    page = cast.colleague.client.get(f"/contracts/import/{run.public_id}/").content.decode()
    assert run.state == "failed" and "could not be imported" in page
    assert not Contract.objects.exists()


def test_a_turn_that_is_cut_off_goes_on_where_it_was(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contracts.actions.imports.BATCH", 2)
    run = start_contract_import(
        actor=cast.colleague.actor, owner_id=cast.home.pk, source="old",
        upload=jsonl([plain(number) for number in range(5)]),
    )  # fmt: skip
    take_turn(run.public_id)  # reads
    take_turn(run.public_id, seconds=0)  # one batch
    run.refresh_from_db()
    assert (run.seen, Contract.objects.count()) == (2, 2)
    draft = "contracts.actions.imports.draft_contract"
    with monkeypatch.context() as broken:
        broken.setattr(draft, lambda **_given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take_turn(run.public_id)
    while run.is_working:
        take_turn(run.public_id, seconds=0)
        run.refresh_from_db()
    assert (run.seen, run.outcomes.count(), Contract.objects.count()) == (5, 5, 5)


def test_others_see_nothing_of_an_import(cast: Cast) -> None:
    run = brought_in(cast, jsonl([plain()]))
    for address in (
        f"/contracts/import/{run.public_id}/",
        f"/contracts/import/{run.public_id}/report/",
    ):
        assert cast.rival.client.get(address).status_code == 404
        assert cast.outsider.client.get(address).status_code == 404
    assert run.name not in cast.rival.client.get("/contracts/import/").content.decode()


def test_the_page_takes_a_file_and_shows_what_came_of_it(cast: Cast, run_jobs: Any) -> None:
    client = cast.colleague.client
    assert client.get("/contracts/import/").status_code == 200
    assert client.post("/contracts/import/", {"source": "x"}).status_code == 422
    answer = client.post(
        "/contracts/import/",
        {"organisation": cast.home.public_id, "source": "old", "file": jsonl([plain(odd="1")])},
    )
    run_jobs()
    page = client.get(answer["Location"]).content.decode()
    assert "Tuning 1" in page and "drafted" in page and "odd" in page
    template = client.get("/contracts/import/template/")
    assert "Seller: name" in b"".join(template.streaming_content).decode()  # type: ignore[attr-defined]


def test_complete_drafts_are_submitted_together_with_a_result_for_each(cast: Cast) -> None:
    good, bad = factories.drafted(cast), factories.drafted(cast, with_file=False)
    page = cast.colleague.client.get("/contracts/?tab=drafts").content.decode()
    assert "Submit those that are complete" in page and good.public_id in page
    body = {"contract": [good.public_id, bad.public_id]}
    text = cast.colleague.client.post("/contracts/submit-complete/", body).content.decode()
    assert "1 of 2 drafts" in text and "Attach the signed contract" in text
    good.refresh_from_db()
    assert good.state == "submitted"
    bad.refresh_from_db()
    assert bad.state == "draft"


def test_a_thousand_rows(cast: Cast) -> None:
    start = time.perf_counter()
    run = brought_in(cast, jsonl([plain(number) for number in range(1000)]))
    seconds = time.perf_counter() - start
    assert run.outcomes.filter(outcome="created").count() == 1000
    assert seconds < 120


@pytest.mark.parametrize(
    ("column", "cell"),
    [("instalments", '[{"due_on": 20260301, "amount": 5}]'),
     ("royalty", '{"base": "sales", "steps": {"rate": "3"}}'),
     ("royalty", '{"base": "sales", "steps": 5}'),
     ("instalments", '[{"event": "\\ud800", "amount": 5}]')],
)  # fmt: skip
def test_a_cell_of_an_odd_shape_refuses_its_row_alone(cast: Cast, column: str, cell: str) -> None:
    run = brought_in(cast, jsonl([plain(1, **{column: cell}), plain(2)]))
    assert [outcome for outcome, _reason in outcomes(run)] == ["refused", "created"]
    assert all(reason for outcome, reason in outcomes(run) if outcome == "refused")
