"""Importing files: idempotent, judged row by row, never half done."""

import gzip
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from listings.models import Listing, ListingVersion, SearchEntry
from marketplace.core.models import Job
from tests.listings import factories as f

pytestmark = pytest.mark.django_db
MAP = "id=external_id,title=title_en,text=body_en,area=field"


@pytest.fixture
def owner():
    return f.organisation("Source Office")


def run(path, owner, *more, mapping=MAP):
    out, err = StringIO(), StringIO()
    call_command(
        "import_listings", str(path), "--source", "test", "--owner", owner.public_id,
        "--kind", "technology", "--map", mapping, "--processes", "0", *more,
        stdout=out, stderr=err,
    )  # fmt: skip
    return out.getvalue() + err.getvalue()


def jsonl(tmp_path, rows, name="rows.jsonl"):
    path = tmp_path / name
    text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def row(number, **values):
    return {"id": f"R{number}", "title": f"Title {number}", "text": "A nickel electrode.",
            "area": "new_energy", **values}  # fmt: skip


def test_rows_are_published_and_can_be_found(tmp_path, owner):
    out = run(jsonl(tmp_path, [row(1), row(2)], "rows.jsonl.gz"), owner)
    assert "2 new, 0 changed, 0 as before, 0 refused" in out
    listing = Listing.objects.get(external_id="R1")
    assert (listing.state, listing.field, listing.owner) == ("published", "new_energy", owner)
    assert listing.published_version == 1
    assert listing.valid_until is not None
    assert ListingVersion.objects.filter(listing=listing).get().data["title_en"] == "Title 1"
    assert "nickel" in SearchEntry.objects.get(pk=listing.pk).words_public


def test_the_same_file_again_changes_nothing_and_a_changed_row_only_itself(tmp_path, owner):
    path = jsonl(tmp_path, [row(1), row(2)])
    run(path, owner)
    before = list(Listing.objects.order_by("pk").values())
    Job.objects.all().delete()
    assert "0 new, 0 changed, 2 as before" in run(path, owner)
    assert list(Listing.objects.order_by("pk").values()) == before
    assert not Job.objects.exists()
    out = run(jsonl(tmp_path, [row(1), row(2, text="A cobalt electrode."), row(3)]), owner)
    assert "1 new, 1 changed, 1 as before" in out
    changed = Listing.objects.get(external_id="R2")
    assert (changed.version, changed.published_version) == (2, 2)
    words = SearchEntry.objects.get(pk=changed.pk).words_public
    assert "cobalt" in words
    assert "nickel" not in words


def test_a_row_its_owner_withdrew_stays_withdrawn(tmp_path, owner):
    from listings.actions.lifecycle import withdraw
    from marketplace.core.actor import Actor

    run(jsonl(tmp_path, [row(1)]), owner)
    listing = Listing.objects.get()
    withdraw(actor=Actor.system(), listing_id=listing.pk)
    SearchEntry.objects.all().delete()
    run(jsonl(tmp_path, [row(1, text="Another text.")]), owner)
    listing.refresh_from_db()
    assert (listing.state, listing.body_en) == ("withdrawn", "Another text.")
    assert not SearchEntry.objects.exists()


def test_wrong_rows_are_reported_with_line_and_reason_and_the_others_stored(tmp_path, owner):
    report = tmp_path / "refused.jsonl"
    path = jsonl(
        tmp_path,
        [
            row(1), "{no json", "[1]", row(2, title=""), row(3, area="alchemy"),
            row(4, title="x" * 300), row(5, text="a\u202eb"), {"title": "no id"}, row(1), row(6),
        ],
    )  # fmt: skip
    out = run(path, owner, "--report", str(report))
    assert "2 new, 0 changed, 0 as before, 8 refused" in out
    rows = [json.loads(line) for line in report.read_text().splitlines()]
    assert [entry["line"] for entry in rows] == [2, 3, 4, 5, 6, 7, 8, 9] or sorted(
        entry["line"] for entry in rows
    ) == [2, 3, 4, 5, 6, 7, 8, 9]
    by_line = {entry["line"]: entry for entry in rows}
    assert set(by_line[4]["fields"]) == {"title_en"}
    assert set(by_line[5]["fields"]) == {"field"}
    assert "stands twice" in by_line[9]["error"]
    assert set(Listing.objects.values_list("external_id", flat=True)) == {"R1", "R6"}


def test_csv_with_specified_encoding_and_constants(tmp_path, owner):
    path = tmp_path / "rows.csv"
    path.write_bytes("编号,名称,正文\n1,低温电解液,不凝固\n2,隔膜,耐穿刺\n".encode("gb18030"))
    mapping = "编号=external_id,名称=title_zh,正文=body_zh"
    with pytest.raises(CommandError, match="line 1 is not utf-8"):
        run(path, owner, mapping=mapping)
    assert not Listing.objects.exists()
    out = run(
        path, owner, "--encoding", "gb18030", "--set", "field=new_energy", "--set", "trl=4",
        mapping=mapping,
    )  # fmt: skip
    assert "2 new" in out
    assert Listing.objects.get(external_id="1").title_zh == "低温电解液"
    assert set(Listing.objects.values_list("trl", flat=True)) == {4}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--map", "title=titel_en"], "no field of a listing"),
        (["--map", "title"], "not of the form"),
        (["--owner", "NOBODY0000"], "no organisation"),
        (["--set", "trl"], "not of the form"),
        (["--guess-field", "alchemy"], "no technology field"),
    ],
)
def test_a_wrong_command_is_refused_in_one_sentence(tmp_path, owner, arguments, words):
    with pytest.raises(CommandError, match=words):
        run(jsonl(tmp_path, [row(1)]), owner, *arguments)
    assert not Listing.objects.exists()


def test_a_file_that_is_not_there_or_no_gzip(tmp_path, owner):
    with pytest.raises(CommandError, match="is no file"):
        run(tmp_path / "none.jsonl", owner)
    (tmp_path / "broken.jsonl.gz").write_bytes(b"not gzip")
    with pytest.raises(CommandError, match="cannot be read"):
        run(tmp_path / "broken.jsonl.gz", owner)


def test_a_mapping_file_chooses_cuts_guesses_and_names_a_co_owner(tmp_path, owner):
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "kind: technology\nexternal_id: id\nfields: {title_en: title|text, body_en: text}\n"
        "cut: [title_en]\nguess_field: new_materials\nco_owner: company\npublished_at: year\n"
    )
    path = jsonl(
        tmp_path,
        [
            {"id": 1, "title": "", "text": "Lithium battery " * 30, "company": "Cold Cells",
             "year": 2015},
            {"id": 2, "title": "Something", "text": "Nothing known.", "year": "soon"},
        ],
    )  # fmt: skip
    call_command(
        "import_listings", str(path), "--source", "m", "--owner", owner.public_id,
        "--mapping", str(mapping), "--processes", "0", stdout=StringIO(),
    )  # fmt: skip
    first, second = Listing.objects.order_by("external_id")
    assert len(first.title_en) <= 200
    assert first.title_en.endswith("…")
    assert (first.field, second.field) == ("new_energy", "new_materials")
    assert first.co_owners.get().name == "Cold Cells"
    assert timezone.localtime(first.published_at).year == 2015


AWARD = {
    "id": "A1", "title": "A kiln that fires tiles with hydrogen", "owner": "Redkiln Ceramics",
    "abstract": "We fire roof tiles with hydrogen and keep their colour. " * 20, "year": 2019,
}  # fmt: skip
TOPIC = {
    "id": "T1", "title": "", "release_date": "2021-03-04",
    "description": "OBJECTIVE: a pump that moves slurry of 60 percent solids. " * 20,
}  # fmt: skip


@pytest.mark.parametrize(
    ("mapping", "kind", "record", "title", "year"),
    [("awards", "technology", AWARD, AWARD["title"], 2019),
     ("topics", "need", TOPIC, "OBJECTIVE: a pump", 2021)],
)  # fmt: skip
def test_the_documented_mappings_read_their_rows(
    tmp_path, owner, mapping, kind, record, title, year
):
    out = StringIO()
    call_command(
        "import_listings", str(jsonl(tmp_path, [record])), "--source", "public",
        "--owner", owner.public_id, "--mapping", f"docs/how-to/mappings/{mapping}.yaml",
        "--processes", "0", stdout=out,
    )  # fmt: skip
    assert "1 new" in out.getvalue()
    made = Listing.objects.get()
    assert (made.kind, made.country) == (kind, "US")
    assert timezone.localtime(made.published_at).year == year
    assert made.title_en.startswith(title)
    assert [row.name for row in made.co_owners.all()] == (
        ["Redkiln Ceramics"] if kind == "technology" else []
    )


@pytest.mark.django_db(transaction=True)
def test_processes_and_the_writing_thread_store_the_same(tmp_path, owner):
    rows = [row(number) for number in range(1, 8)] + [row(8, area="alchemy")]
    out = run(jsonl(tmp_path, rows), owner, "--processes", "1")
    assert "7 new, 0 changed, 0 as before, 1 refused" in out
    assert SearchEntry.objects.count() == 7
    assert "7 as before" in run(jsonl(tmp_path, rows), owner, "--processes", "1")
