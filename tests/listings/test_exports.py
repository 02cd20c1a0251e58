"""Taking listings out: what is in a file, who gets it, and that no cell is a formula."""

import csv
import datetime as dt
import io
import json

import openpyxl
import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import override

from listings.actions import exports
from listings.changes import LABELS
from listings.exports.cells import fitting, harmless
from listings.exports.finding import Asked
from listings.models import ExportRun, Listing
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Conflict
from tests.listings import factories as f
from tests.listings.importing import upload

pytestmark = pytest.mark.django_db
EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "\t=1", "\r=1"]


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    cache.clear()


def body(answer):
    return b"".join(answer.streaming_content)


def status(answer):
    """The status of an answer whose bytes nobody reads."""
    b"".join(answer.streaming_content if answer.streaming else [])
    return answer.status_code


def table(answer):
    return list(csv.reader(io.StringIO(body(answer).decode("utf-8-sig"))))


def test_a_search_is_exported_as_it_is_found(cast, run_jobs):
    f.published(cast.home, title_en="A quiet pump")
    f.published(cast.home, title_en="A loud fan", body_en="Nothing of that kind.")
    run_jobs()
    answer = cast.visitor.client.get("/technologies/export/?q=%22pump%22&file=csv")
    assert answer["Content-Disposition"] == 'attachment; filename="yizhan-technology.csv"'
    assert "no-store" in answer["Cache-Control"]
    head, *rows = table(answer)
    assert [row[head.index("Title (English)")] for row in rows] == ["A quiet pump"]
    assert rows[0][head.index("Owner")] == "Lantern Works"
    book = openpyxl.load_workbook(
        io.BytesIO(body(cast.visitor.client.get("/technologies/export/?file=xlsx")))
    )
    assert book.active.max_row == 3
    line = body(cast.visitor.client.get("/technologies/export/?q=%22pump%22&file=jsonl"))
    assert json.loads(line)["field"] == "new_energy"
    assert cast.visitor.client.get("/technologies/export/?file=exe").status_code == 400


@pytest.mark.parametrize("text", EVIL)
def test_no_cell_starts_a_formula(cast, text):
    assert harmless(text) == "'" + text
    title = text.strip() if text.strip() != text else text
    f.published(cast.home, title_en=title, keywords_en=[title])
    _head, *rows = table(cast.visitor.client.get("/technologies/export/?file=csv"))
    assert any(cell == "'" + title for cell in rows[0])
    assert not [cell for cell in rows[0] if cell.startswith(tuple("=+-@＝＋－＠"))]
    book = openpyxl.load_workbook(
        io.BytesIO(body(cast.visitor.client.get("/technologies/export/?file=xlsx")))
    )
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s", "n", "d"}
    assert all(cell.data_type == "s" for cell in cells if str(cell.value).startswith(text[0]))


@pytest.mark.parametrize(("language", "sheet"), [("en", "Technologies"), ("zh-hans", "技术成果")])
def test_an_excel_file_is_ready_to_work_with(cast, language, sheet):
    f.published(cast.home, trl=6, price_kind="indicative", price_min="800000.50",
                title_zh="低温电解液" * 9, price_max="900000")  # fmt: skip
    Listing.objects.update(valid_until=dt.date(2099, 12, 31))
    with override(language):
        trl, price, until = (str(LABELS[name]) for name in ("trl", "price_min", "valid_until"))
    client = cast.visitor.client
    client.cookies["language"] = language
    page = openpyxl.load_workbook(
        io.BytesIO(body(client.get("/technologies/export/?file=xlsx")))
    ).active
    head = [cell.value for cell in page[1]]
    at = dict(zip(head, page[2], strict=True))
    assert (page.title, page.freeze_panes) == (sheet, "A2")
    assert (at[trl].value, at[price].value) == (6, 800000.5)
    assert at[until].value == dt.datetime(2099, 12, 31) and at[until].is_date
    widths = [page.column_dimensions[cell.column_letter].width for cell in page[1]]
    assert max(widths) == 48 and min(widths) == 10


def test_visitors_get_a_bounded_number_of_rows_and_files(cast, monkeypatch):
    monkeypatch.setattr(exports, "VISITOR_ROWS", 1)
    f.published(cast.home)
    f.published(cast.home)
    client = cast.visitor.client
    assert "first 1" in client.get("/technologies/export/").content.decode()
    assert len(table(client.get("/technologies/export/?file=csv"))) == 2
    codes = [status(client.get("/technologies/export/?file=csv")) for _ in range(10)]
    assert codes[-1] == 429
    assert client.get("/my/listings/export/?file=csv").status_code == 302


def test_large_ones_are_written_in_the_background_for_the_asker_alone(cast, run_jobs, monkeypatch):
    from listings.views import exports as views

    monkeypatch.setattr(views, "AT_ONCE", 1)
    f.published(cast.home, confidential_text_en="ours")
    f.published(cast.home)
    page = cast.owner.client.get("/my/listings/export/?file=csv")
    assert page.status_code == 200 and "background" in page.content.decode()
    answer = cast.owner.client.post("/my/listings/export/", {"file": "csv"})
    run = ExportRun.objects.get()
    file = f"/my/exports/{run.public_id}/file/"
    assert answer["Location"] == f"/my/exports/{run.public_id}/"
    assert cast.owner.client.get(file).status_code == 404
    run_jobs()
    assert len(table(cast.owner.client.get(file))) == 3
    from events.models import Notification

    assert Notification.objects.get(kind="listing.export_ready").recipient == cast.owner.user
    for player in (cast.colleague, cast.rival, cast.operator):
        assert player.client.get(file).status_code == 404
        assert player.api.get(f"/api/v1/exports/{run.public_id}/content/").status_code == 404
    assert status(cast.owner.api.get(f"/api/v1/exports/{run.public_id}/content/")) == 200
    run.refresh_from_db()
    # who has left an organisation does not take its texts along
    from accounts.models import Membership

    kept = list(Membership.objects.filter(user=cast.owner.user))
    Membership.objects.filter(user=cast.owner.user).delete()
    assert cast.owner.client.get(file).status_code == 404
    Membership.objects.bulk_create(kept)
    later = timezone.now() + dt.timedelta(days=4)
    assert exports.forget_exports(later) == 1
    assert cast.owner.client.get(file).status_code == 404


def test_a_person_has_few_waiting(cast):
    for _ in range(3):
        exports.ask_export(actor=cast.owner.actor, asked=Asked("need"), form="csv")
    with pytest.raises(Conflict):
        exports.ask_export(actor=cast.owner.actor, asked=Asked("need"), form="csv")


def test_pages_of_imports(cast, run_jobs):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = cast.colleague.client
    text = "编号,名称,摘要,领域,成熟度\n1,电解液,不凝固,新能源与高效节能,6\n2,膜,耐穿刺,炼金术,6\n"
    answer = client.post("/my/imports/", {
        "file": SimpleUploadedFile("成果.csv", text.encode("gb18030")), "kind": "technology",
        "source": "库", "owner": cast.home.public_id,
    })  # fmt: skip
    page = answer["Location"]
    assert "being taken out" in client.get(page).content.decode()
    run_jobs()
    assert 'name="column-1"' in client.get(page).content.decode()
    columns = {"column-1": "title_zh", "column-2": "summary_zh", "column-3": "field",
               "column-4": "trl", "submit": "1"}  # fmt: skip
    refused = client.post(page + "check/", columns)
    assert refused.status_code == 422 and "tells one row" in refused.content.decode()
    assert client.post(page + "check/", {**columns, "external_id": "0"}).status_code == 302
    run_jobs()
    assert "炼金术" in client.get(page).content.decode()
    head, row = table(client.get(page + "report/"))
    assert head[:2] == ["编号", "名称"] and row[:2] == ["2", "膜"] and "炼金术" in row[-1]
    for player in (cast.rival, cast.operator, cast.newcomer):
        for path in ("", "report/"):
            assert player.client.get(page + path).status_code == 404
        for path in ("check/", "start/", "cancel/"):
            assert player.client.post(page + path).status_code == 404
    assert cast.visitor.client.get(page).status_code == 302
    client.post(page + "start/")
    run_jobs()
    assert "What the import did" in client.get(page).content.decode()
    client.post(page + "cancel/", follow=True)
    for form in ("csv", "xlsx", "jsonl"):
        assert status(client.get(f"/my/imports/template/?kind=need&file={form}")) == 200


def test_the_page_says_what_is_left_out_and_what_stays_as_it_was(cast, run_jobs):
    from listings.models import ImportRun

    client = cast.owner.client
    head = "编号,名称,摘要,领域,成熟度,备忘\n"
    rows = "".join(f"{n},电解液{n},不凝固,新能源与高效节能,6,乙\n" for n in range(7))
    bad = "".join(f"{n},膜{n},耐穿刺,炼金术,6,乙\n" for n in range(10, 13))
    columns = {"column-1": "title_zh", "column-2": "summary_zh", "column-3": "field",
               "column-4": "trl", "external_id": "0"}  # fmt: skip
    for text in (head + rows, head + rows + bad):
        page = client.post("/my/imports/", {
            "file": upload(text), "kind": "technology", "source": "库",
            "owner": cast.home.public_id,
        })["Location"]  # fmt: skip
        run_jobs()
        shown = client.get(page).content.decode()
        assert "Columns left out" in shown and "备忘" in shown.split("not imported")[0]
        client.post(page + "check/", columns)
        run_jobs()
        client.post(page + "start/") if text == head + rows else None
        run_jobs()
    run = ImportRun.objects.first()
    assert (run.state, run.same, run.refused) == ("checked", 7, 3)
    shown = client.get(page).content.decode()
    assert "As before: 7; refused: 3" in shown and "Columns left out" in shown


def test_the_template_is_understood_and_its_example_left_out(cast, run_jobs):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from listings.actions.imports import start_import
    from listings.imports.guessing import guess

    content = body(cast.owner.client.get("/my/imports/template/?file=xlsx"))
    run = start_import(
        actor=cast.owner.actor, owner_id=cast.home.pk, kind="technology", source="x",
        upload=SimpleUploadedFile("t.xlsx", content),
    )  # fmt: skip
    run_jobs()
    run.refresh_from_db()
    assert run.state == "read", run.reason
    assert "" not in guess(run.columns, "technology").values()


def test_the_api_goes_the_same_way(cast, run_jobs):
    from django.core.files.uploadedfile import SimpleUploadedFile

    def send(key):
        return cast.owner.api.post("/api/v1/imports/", {
            "file": SimpleUploadedFile("a.jsonl", b'{"id": "1", "t": "A pump", "b": "Pumps."}\n'),
            "owner": cast.home.public_id, "kind": "need", "source": "api", "dry_run": "false",
            "mapping": json.dumps({"external_id": "id", "fields": {"title_en": "t", "body_en": "b"},
                                   "constants": {"field": "new_energy"}}),
        }, format="multipart", headers={"Idempotency-Key": key})  # fmt: skip

    first = send("k")
    assert first.status_code == 201, first.json()
    assert send("k").json()["id"] == first.json()["id"]
    run_jobs()
    run = cast.owner.api.get(f"/api/v1/imports/{first.json()['id']}/").json()
    assert (run["state"], run["created"], run["refused"]) == ("done", 1, 0)
    asked = cast.owner.api.post("/api/v1/exports/", {"own": True, "format": "jsonl"}).json()
    run_jobs()
    line = body(cast.owner.api.get(f"/api/v1/exports/{asked['id']}/content/"))
    assert json.loads(line)["external_id"] == "1"


def test_a_file_that_cannot_be_written_is_given_up_and_the_asker_may_ask_again(
    cast, run_jobs, monkeypatch
):
    def broken(*args):
        raise ValueError("no such character")

    run = exports.ask_export(actor=cast.outsider.actor, asked=Asked("technology"), form="csv")
    monkeypatch.setattr(exports, "ids_of", broken)
    run_jobs()
    run.refresh_from_db()
    assert run.state == "failed" and run.reason_code == "not_written"


def test_a_character_that_no_xml_can_hold_is_refused_and_never_written():
    assert fitting("a\ufffeb\x0bc") == "abc"
    with pytest.raises(ValidationError):
        clean_text("a\ufffe")


@pytest.mark.parametrize(
    "query",
    ["price_min=1E-9999999", "price_max=1e5", "price_min=-1", "price_min=NaN", "spec=%00x>=1",
     "spec=" + "x" * 5000, "field=" + "&field=".join(map(str, range(3000)))],
)  # fmt: skip
def test_a_strange_filter_is_left_out_everywhere(cast, query):
    for page in ("/technologies/?", "/technologies/export/?file=csv&", "/technologies/feed.json?"):
        answer = cast.visitor.client.get(page + query)
        # an export says no to an address that is too long to be kept
        assert answer.status_code == 200 or ("export" in page and answer.status_code == 400), page
        if not answer.streaming:
            assert len(answer.content) < 400_000
