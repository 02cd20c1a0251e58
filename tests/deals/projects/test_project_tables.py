"""Odd tables and odd cells: each told by row and column in both languages, never a crash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override

from deals.foreign.columns import columns, read_row
from deals.foreign.refusals import run_reason
from deals.models import Case
from marketplace.core.errors import Invalid, TooLarge
from tests.deals.projects.factories import NAMES, a_row, checked, excel, outcomes, table

if TYPE_CHECKING:
    from deals.models import ProjectImport
    from tests.cast import Cast


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def reasons(run: ProjectImport) -> list[str]:
    found = []
    for language in ("en", "zh-hans"):
        with override(language):
            found.append(run_reason(run.reason_code, run.reason_about))
    assert found[0] and found[1] and found[0] != found[1]
    return found


# --- Cells ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("trl", "0"), ("trl", "12"), ("trl", "seven"), ("trl", "2024"), ("trl", "6.5"),
        ("trl", "-3"), ("trl", "９９"), ("field", "Alchemy"), ("field", "炼金术"),
        ("country", "Atlantis"), ("country", "China"), ("country", "2024"),
        ("website", "javascript:alert(1)"), ("website", "not an address"),
        ("website", "ftp://a.example"), ("website", "a.example/" + "x" * 285),
        ("contact", f"A, {'a' * 250}@x.example"),
        ("contact", "Ana <ana@@x>"), ("contact", "A" * 81),
        ("reference", ""), ("reference", "R" * 61), ("title", ""), ("title", "T" * 201),
        ("summary", "S" * 2001), ("title", "a\u202eb"), ("reference", "a\x07b"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_taken_is_told_in_both_languages(column: str, text: str) -> None:
    _facts, faults = read_row(a_row(**{column: text}))
    assert [one["column"] for one in faults] == [column]
    [fault] = faults
    assert fault["text_en"] and fault["text_zh"] and fault["text_en"] != fault["text_zh"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in fault["text_zh"])


@pytest.mark.parametrize(
    ("column", "text", "wanted"),
    [
        ("trl", "TRL 7", 7), ("trl", "第5级", 5), ("field", "电子信息", "electronic_information"),
        ("field", "electronic information", "electronic_information"),
        ("field", "机器人与自动化", "advanced_manufacturing"), ("country", "GB", "GB"),
        ("country", "英国", "GB"), ("country", "香港", "HK"), ("reference", "2024", "2024"),
        ("contact", "安娜", {"name": "安娜", "mail": "", "phone": ""}),
        ("contact", "a@b.example", {"name": "a@b.example", "mail": "a@b.example", "phone": ""}),
        ("website", "https://a.example/x?y=1", "https://a.example/x?y=1"),
    ],
)  # fmt: skip
def test_a_cell_as_people_write_it(column: str, text: str, wanted: Any) -> None:
    facts, faults = read_row(a_row(**{column: text}))
    assert faults == []
    assert facts[column] == wanted


def test_every_fault_of_a_row_is_told() -> None:
    _facts, faults = read_row({"title": "", "trl": "12", "country": "Nowhere"})
    assert [one["column"] for one in faults] == ["reference", "title", "country", "trl"]


def test_columns_are_known_in_both_languages() -> None:
    for language in ("en", "zh-hans"):
        with override(language):
            row = dict(zip(columns().values(), a_row().values(), strict=True))
        facts, faults = read_row(row)
        assert (faults, len(facts)) == ([], len(NAMES))


# --- Files ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_faults_stand_in_the_readers_language_and_nothing_is_written(cast: Cast) -> None:
    run = checked(cast, table([
        a_row(1), a_row(2, trl="seven", country="Atlantis"), a_row(1), a_row(3, field="炼金术"),
    ]))  # fmt: skip
    assert outcomes(run) == [
        (2, "new", []), (3, "refused", ["country", "trl"]), (4, "refused", ["reference"]),
        (5, "refused", ["field"]),
    ]  # fmt: skip
    assert not Case.objects.exists()
    address = f"/cases/projects/import/{run.public_id}/"
    english = cast.broker.client.get(address).content.decode()
    assert "“seven” is no readiness level" in english and "row 2 already" in english
    chinese = cast.broker.client.get(address, headers={"Accept-Language": "zh-hans"})
    text = chinese.content.decode()
    assert "技术成熟度" in text and "第2行" in text.replace(" ", "")
    report = b"".join(cast.broker.client.get(f"{address}report.csv").streaming_content).decode()
    assert report.count("EU-0001") == 2 and "Alchemy" not in report
    only = cast.broker.client.get(f"{address}?outcome=refused").content.decode()
    assert "EU-0003" in only and "EU-0001" in only and "case would be opened" in only


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"reference,title\n", "a.csv", "no_rows"),
        (b"\x00\x01\x02" * 50, "a.csv", "not_text"),
        (b"no zip at all", "a.xlsx", "not_xlsx"),
        (b"title,country\nPump,ES\n", "a.csv", "column_missing"),
        (b"reference,ref,title\n1,2,Pump\n", "a.csv", "column_repeated"),
        (b"\xff\xfe\xfd\xff,title\n\xff\xff,x\n", "a.csv", ""),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_taken_says_why(
    cast: Cast, content: bytes, name: str, code: str
) -> None:
    run = checked(cast, SimpleUploadedFile(name, content))
    assert run.state == "failed"
    assert code in ("", run.reason_code)
    reasons(run)
    page = cast.broker.client.get(f"/cases/projects/import/{run.public_id}/")
    assert page.status_code == 200 and "could not be imported" in page.content.decode()


@pytest.mark.django_db
def test_a_hundred_thousand_rows_are_refused_clearly(cast: Cast) -> None:
    body = "reference,title\n" + "".join(f"R{nth},Pump\n" for nth in range(100_000))
    run = checked(cast, SimpleUploadedFile("many.csv", body.encode()))
    assert (run.state, run.reason_code, run.rows.name) == ("failed", "too_many_rows", "")
    assert "5000 rows" in reasons(run)[0].replace(",", "")
    assert not run.outcomes.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["virus.exe", "a.csv.exe", "a.xlsm", "a.xls", "a", "a.pdf"])
def test_a_wrong_ending_is_refused_at_its_field(cast: Cast, name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked(cast, SimpleUploadedFile(name, b"reference,title\n1,Pump\n"))
    assert "file" in refusal.value.fields
    answer = cast.broker.client.post(
        "/cases/projects/import/", {"file": SimpleUploadedFile(name, b"reference,title\n1,P\n")}
    )
    assert answer.status_code == 422


@pytest.mark.django_db
def test_an_empty_file_and_none_at_all_are_refused(cast: Cast) -> None:
    client = cast.broker.client
    for body in ({}, {"file": SimpleUploadedFile("a.csv", b"")}):
        answer = client.post("/cases/projects/import/", body)
        assert answer.status_code == 422
        assert 'id="id_file' in answer.content.decode()


@pytest.mark.django_db
def test_a_file_that_is_too_large_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deals.actions.project_imports.MAX_BYTES", 10)
    with pytest.raises(TooLarge):
        checked(cast, table([a_row(1)]))


@pytest.mark.django_db
def test_chinese_encodings_and_names_of_files(cast: Cast) -> None:
    body = "编号,项目名称,国家,技术领域\nX-1,海水热泵,西班牙,电子信息\n"
    run = checked(cast, SimpleUploadedFile("../../etc/项目.csv", body.encode("gb18030")))
    assert [row[1] for row in outcomes(run)] == ["new"]
    assert (run.name, run.outcomes.get().title) == ("项目.csv", "海水热泵")
    assert "项目" not in run.file.name and ".." not in run.file.name


@pytest.mark.django_db
def test_formulas_and_days_in_excel(cast: Cast) -> None:
    run = checked(cast, excel([
        ["reference", "title", "trl"], [2024, "Pump", 7], ["R-2", "=1+1", 3],
        ["R-3", "=HYPERLINK(\"x\")", 3], ["R-4", "Pump", "=2+2"],
    ]))  # fmt: skip
    told = outcomes(run)
    assert told[0] == (2, "new", [])
    assert [row[1:] for row in told[1:]] == [
        ("refused", ["title"]), ("refused", ["title"]), ("refused", ["trl"]),
    ]  # fmt: skip
    assert run.outcomes.get(line=2).reference == "2024"


@pytest.mark.django_db
def test_cells_that_look_like_formulas_are_harmless_in_the_report(cast: Cast) -> None:
    run = checked(cast, table([a_row(1, title="@SUM(A1)", reference="+1")]))
    address = f"/cases/projects/import/{run.public_id}/report.csv"
    text = b"".join(cast.broker.client.get(address).streaming_content).decode()
    assert "'@SUM(A1)" in text and "'+1" in text
