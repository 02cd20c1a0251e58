"""Files that nobody can trust: each clear refusal, and what is read all the same."""

import codecs
import io
import json
import secrets
import subprocess
import zipfile
from decimal import Decimal

import openpyxl
import pytest

from listings.imports.guessing import guess
from listings.imports.refusals import FILES, ROWS
from listings.imports.taking_out import ENVIRONMENT, MEMORY, PROGRAM
from listings.imports.values import read_value


def unpack(tmp_path, content, form="csv"):
    """(the answer, the rows)."""
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    done = subprocess.run(
        [*PROGRAM, form, str(source), str(target), str(MEMORY), "60"],
        capture_output=True, check=False, timeout=120, env=ENVIRONMENT,
    )  # fmt: skip
    assert done.returncode in (0, 3), done.stderr.decode()[-800:]
    rows = target.read_text().splitlines() if target.exists() else []
    return json.loads(done.stdout), [json.loads(row) for row in rows]


def sheet(*rows, also=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name in also:
        book.create_sheet(name).append(["other"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(archive, **parts):
    """The archive with some of its parts replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, parts.get(name, old.read(name)))
    return out.getvalue()


TEXT = '编号;名称\n1;低温电解液\n2;"隔膜\n耐穿刺"\n'


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8-sig"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8-sig"),
        (TEXT.encode("gb18030"), "gb18030"),
        (TEXT.encode("utf-16"), "utf-16"),
        (TEXT.replace(";", "\t").encode(), "utf-8-sig"),
        (TEXT.replace(";", ",").replace("\n", "\r\n").encode(), "utf-8-sig"),
    ],
)
def test_encoding_and_delimiter_are_found(tmp_path, content, encoding):
    answer, rows = unpack(tmp_path, content)
    assert (answer["encoding"], answer["total"]) == (encoding, 2)
    assert rows[0] == {"n": 2, "row": {"编号": "1", "名称": "低温电解液"}}
    assert rows[1]["row"]["名称"].splitlines() == ["隔膜", "耐穿刺"]


@pytest.mark.parametrize(
    ("content", "form", "code"),
    [
        (b"", "csv", "no_rows"),
        (b"id,title\n", "csv", "no_rows"),
        (b"id,x\n1,\xff\xff\n", "csv", "encoding"),
        (b"id\x00,title\n1,2\n", "csv", "not_text"),
        (b"%PDF-1.4 something", "csv", "not_text"),
        (b"PK\x03\x04aaaa", "csv", "not_text"),
        ("id,title,Title ,title\n1,a,b,c\n", "csv", "twice"),
        ("1,2023,80.5\n2,2024,90\n", "csv", "no_header"),
        ("A very long text. " * 20 + ",x\n1,2\n", "csv", "no_header"),
        (",".join(f"c{n}" for n in range(10_000)) + "\n", "csv", "too_many_columns"),
        ("id,text\n1," + "x" * 10_000_000 + "\n", "csv", "row_too_long"),
        ('id,text\n1,"' + "x\n" * 2_000_000, "csv", "row_too_long"),
        ("id,text\n" + "1,a\n" * 200_001, "csv", "too_many_rows"),
        ('[{"id": 1}]', "jsonl", "json_array"),
        (json.dumps({f"c{n}": 1 for n in range(10_000)}), "jsonl", "too_many_columns"),
        (b"no zip", "xlsx", "not_xlsx"),
        (sheet(["id", "title"]), "xlsx", "no_rows"),
        (sheet([f"c{n}" for n in range(10_000)], [1]), "xlsx", "too_many_columns"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(tmp_path, content, form, code):
    answer, _rows = unpack(tmp_path, content, form)
    assert answer["error"] == code
    assert str(FILES[code]) % answer["about"]


def test_jsonl_lines_fall_one_by_one(tmp_path):
    lines = [
        '{"id": 1, "tags": ["a"]}', "{no", "[1]", '{"a": NaN}', '{"a": "\\ud800"}',
        '{"a": "' + "x" * 1_000_001 + '"}', "[" * 100_000, "", '{"id": 2}', '{"a\\u0000b": 1}',
    ]  # fmt: skip
    answer, rows = unpack(tmp_path, "\n".join(lines), "jsonl")
    assert answer["total"] == 9
    errors = {row["n"]: row["error"] for row in rows if "error" in row}
    assert errors == {
        2: "not_json", 3: "not_object", 4: "not_json", 5: "not_json", 6: "row_long",
        7: "not_json", 10: "column_name",
    }  # fmt: skip
    assert set(errors.values()) <= set(ROWS)
    assert [row["row"] for row in rows if "row" in row] == [{"id": 1, "tags": ["a"]}, {"id": 2}]


def test_cells_of_excel(tmp_path):
    import datetime as dt

    content = sheet(
        ["编号", "名称", "", "日期"], [1, "=1+1", "x", dt.datetime(2027, 1, 5)],
        [2.0, "隔膜", None, 2.5],
        [], [True, "a", "b", "c", "more"], also=["Codes"],
    )  # fmt: skip
    answer, rows = unpack(tmp_path, content, "xlsx")
    assert answer["total"] == 3
    assert rows[0] == {
        "n": 2, "error": "formula", "about": {"column": "名称"},
        "row": {"编号": "1", "名称": "=1+1", "#3": "x", "日期": "2027-01-05"},
    }  # fmt: skip
    assert rows[1] == {"n": 3, "row": {"编号": "2", "名称": "隔膜", "#3": "", "日期": "2.5"}}
    assert (rows[2]["n"], rows[2]["error"]) == (5, "more_cells")


def test_excel_files_made_to_harm(tmp_path):
    good = sheet(["id", "title"], [1, "x"])
    entity = (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row></sheetData></worksheet>'
    )
    answer, _rows = unpack(tmp_path, changed(good, **{"xl/worksheets/sheet1.xml": entity}), "xlsx")
    assert answer["error"] == "xml_entities"
    bomb = changed(good, **{"xl/worksheets/sheet1.xml": b" " * 60_000_000})
    answer, _rows = unpack(tmp_path, bomb, "xlsx")
    assert answer["error"] == "too_much_to_unpack"
    broken = changed(good, **{"xl/worksheets/sheet1.xml": b"<worksheet"})
    answer, _rows = unpack(tmp_path, broken, "xlsx")
    assert answer["error"] == "not_xlsx"
    # a size that the file only claims
    far = good_with_far_cell()
    answer, _rows = unpack(tmp_path, far, "xlsx")
    assert answer["error"] == "too_many_columns"


def good_with_far_cell():
    book = openpyxl.Workbook()
    book.active.append(["id", "title"])
    book.active.append([1, "x"])
    book.active["XFD3"] = "far"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_formula_in_a_csv_is_refused_and_an_exported_apostrophe_taken_off(tmp_path):
    text = "id,title\n1,=HYPERLINK(1)\n2,'=1+1\n3,-40 °C electrolyte\n4,'quoted'\n"
    _answer, rows = unpack(tmp_path, text)
    assert rows[0]["error"] == "formula"
    assert [row["row"]["title"] for row in rows[1:]] == ["=1+1", "-40 °C electrolyte", "'quoted'"]


@pytest.mark.parametrize(
    ("target", "text", "value"),
    [
        ("field", "新能源与高效节能", "new_energy"), ("field", "炼金术", "炼金术"),
        ("modes", "独占许可；Joint development", ["exclusive_licence", "joint_development"]),
        ("trl", "TRL 6", "6"), ("trl", "第7级", "7"), ("trl", "中试或样机演示", "6"),
        ("trl", "6 · Demonstrated", "6"), ("trl", "high", "high"),
        ("price_min", "80万元", "800000"), ("price_min", "1,200,000", "1200000"),
        ("price_max", "1.5 亿", "150000000"), ("price_min", "面议", ""),
        ("price_min", "dear", "dear"),
        ("deadline", "2027年1月5日", "2027-01-05"), ("deadline", "2027/1/5", "2027-01-05"),
        ("deadline", "soon", "soon"), ("region", "广东", "440000"), ("region", "深圳市", "440300"),
        ("region", "440305", "440305"), ("country", "德国", "DE"), ("country", "CN", "CN"),
        ("is_anonymous", "是", True), ("is_anonymous", "no", False), ("is_anonymous", "x", "x"),
        ("co_owners", "甲；乙", ["甲", "乙"]), ("specifications", '[{"value": 1}]', [{"value": 1}]),
        ("visibility", "认证会员", "members"), ("currency", "人民币", "CNY"),
        ("keywords_zh", "电解液、低温", ["电解液", "低温"]),
    ],
)  # fmt: skip
def test_what_people_write_in_cells(target, text, value):
    assert read_value(target, text) == value
    assert not isinstance(value, Decimal)


def test_columns_are_guessed_by_name_and_values():
    def column(name, *samples):
        return {"name": name, "samples": list(samples)}

    found = guess(
        [
            column("成果编号"), column("成果名称", "低温电解液"), column("摘要"),
            column("所属领域"),
            column("技术成熟度"), column("Title", "Electrolyte"), column("Description", "中文"),
            column("title_en"), column("备注"), column("关键词"), column("合作方式"), column("ID"),
        ],
        "technology",
    )  # fmt: skip
    assert found == {
        "成果编号": "external_id", "成果名称": "title_zh", "摘要": "summary_zh",
        "所属领域": "field",
        "技术成熟度": "trl", "Title": "", "Description": "body_zh", "title_en": "title_en",
        "备注": "", "关键词": "keywords_zh", "合作方式": "modes", "ID": "",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["technology", "need"])
def test_columns_of_which_only_the_values_speak_are_guessed(kind):
    columns = [
        {"name": "方式", "samples": ["普通许可；合作开发", "技术转让"]},
        {"name": "截止", "samples": ["2027年6月30日"]},
        {"name": "价格类型", "samples": ["参考价", "面议"]},
        {"name": "怎么转", "samples": ["普通许可", "随便"]},
        {"name": "大类", "samples": ["新材料", "农业", "其他"]},
        {"name": "报名到期", "samples": ["2027-06-30"]},
        {"name": "完成时间", "samples": ["2021-06-30"]}, {"name": "数", "samples": ["3", "6"]},
        {"name": "专利状态", "samples": ["公开"]}, {"name": "空", "samples": []},
    ]  # fmt: skip
    found = guess(columns, kind)
    assert (found["方式"], found["价格类型"], found["大类"]) == ("modes", "price_kind", "field")
    if kind == "need":
        assert (found["截止"], found["报名到期"]) == ("deadline", "")
    else:
        assert (found["截止"], found["报名到期"]) == ("valid_until", "")
    left = ["怎么转", "完成时间", "数", "专利状态", "空"]
    assert [found[name] for name in left] == [""] * 5
    assert read_value("price_kind", "参考价") == "indicative"
    assert read_value("modes", "技术转让；联合开发") == ["assignment", "joint_development"]


def test_a_name_says_its_language_in_front_or_behind():
    names = ["编号", "名称", "英文名称", "摘要（英文）", "中文摘要", "最低价格"]
    found = guess([{"name": name, "samples": []} for name in names], "technology")
    assert [found[name] for name in names] == [
        "external_id", "title_zh", "title_en", "summary_en", "summary_zh", "price_min",
    ]  # fmt: skip


def test_one_cell_used_a_thousand_times_is_not_written_a_thousand_times(tmp_path):
    big = "电" * 30_000
    answer, rows = unpack(tmp_path, sheet(["id"], *[[big] * 30] * 15), form="xlsx")
    assert answer["error"] == "too_much_to_unpack"
    assert len(rows) < 15


def test_a_row_far_below_all_others_does_not_keep_the_reader_busy(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = "id"
    book.active["A2"] = "1"
    book.active["A1048576"] = "far"
    out = io.BytesIO()
    book.save(out)
    answer, _rows = unpack(tmp_path, out.getvalue(), form="xlsx")
    assert answer["error"] == "too_many_rows"


def test_a_quote_that_does_not_end_is_refused_with_its_row(tmp_path):
    answer, _rows = unpack(tmp_path, 'id,te\n1,"unclosed\n2,Good\n3,Good\n')
    assert answer["error"] == "not_csv"


NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def raw_sheet(*cells):
    """An Excel file whose row 2 holds these cells as XML; style 1 is a date."""
    import datetime as dt

    good = sheet(["id", "title", "day"], ["1", "x", dt.datetime(2027, 1, 5)])
    rows = "".join(f'<row r="{n}">{"".join(row)}</row>' for n, row in enumerate(cells, 2))
    head = "".join(
        f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in ("id", "title", "day")
    )
    xml = (
        f'<worksheet xmlns="{NS}"><sheetData><row r="1">{head}</row>{rows}</sheetData></worksheet>'
    )
    return changed(good, **{"xl/worksheets/sheet1.xml": xml.encode()})


@pytest.mark.parametrize(
    ("cell", "error"),
    [
        ('<c r="C2" s="1"><v>99999999999</v></c>', "cell_date"),
        ('<c r="C2" s="1"><v>-1000000</v></c>', "cell_date"),
        ('<c r="C2" s="1"><v>1e999</v></c>', "cell_date"),
        ('<c r="C2" s="1"><v>soon</v></c>', "cell_date"),
        ('<c r="C2" t="d"><v>2027-13-45</v></c>', "cell_date"),
        ('<c r="C2"><v>soon</v></c>', "cell_error"),
        ('<c r="C2"><v>1e999</v></c>', "cell_error"),
        ('<c r="C2" t="s"><v>4711</v></c>', "cell_error"),
        ('<c r="C2" t="e"><v>#N/A</v></c>', "cell_error"),
        ('<c r="C2"><f>TODAY()</f><v>46000</v></c>', "formula"),
    ],
)
def test_a_cell_that_cannot_be_read_refuses_its_row_alone(tmp_path, cell, error):
    content = raw_sheet(
        ["<c><v>1</v></c>", cell],
        ["<c><v>2</v></c>", '<c r="C3" s="1"><v>46392</v></c>'],
        ["<c><v>3</v></c>", '<c r="C4" t="d"><v>2027-01-05T00:00:00</v></c>'],
    )
    answer, rows = unpack(tmp_path, content, "xlsx")
    assert answer["total"] == 3
    assert (rows[0]["n"], rows[0]["error"], rows[0]["about"]) == (2, error, {"column": "day"})
    assert rows[0]["row"]["id"] == "1"
    assert [(row["n"], row["row"]["day"]) for row in rows[1:]] == [
        (3, "2027-01-05"), (4, "2027-01-05"),
    ]  # fmt: skip


def test_texts_in_runs_without_their_reading_aids_and_with_escaped_characters(tmp_path):
    runs = (
        '<c t="inlineStr"><is><r><t>低温</t></r><r><t>电解液</t></r>'
        '<rPh sb="0" eb="1"><t>dī</t></rPh></is></c>'
    )
    lines = '<c t="inlineStr"><is><t>one_x000A_two_x005F_x</t></is></c>'
    _answer, rows = unpack(tmp_path, raw_sheet(["<c><v>1</v></c>", runs, lines]), "xlsx")
    assert rows[0]["row"] == {"id": "1", "title": "低温电解液", "day": "one\ntwo_x"}


HALVES = "_xD83D__xDE00_ _xD800_ _x0000_ _xFFFE_ _x005F_xD83D_"
WHOLE = "\U0001f600 \ufffd \x00 \ufffe _xD83D_"


def test_escaped_characters_in_halves_are_joined_and_a_half_alone_is_replaced(tmp_path):
    """In the cell itself and among the shared texts."""
    inline = f'<c t="inlineStr"><is><t>{HALVES}</t></is></c>'
    answer, rows = unpack(tmp_path, raw_sheet(["<c><v>1</v></c>", inline]), "xlsx")
    assert rows[0]["row"]["title"] == WHOLE
    assert "\x00" not in answer["columns"][1]["samples"][0]
    _answer, rows = unpack(tmp_path, with_shared(f"<si><t>{HALVES}</t></si>"), "xlsx")
    assert rows[0]["row"]["title"] == WHOLE


def with_shared(texts):
    """An Excel file whose cell B2 is the first of these shared texts."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    content = raw_sheet(["<c><v>1</v></c>", '<c t="s"><v>0</v></c>'])
    types = zipfile.ZipFile(io.BytesIO(content)).read("[Content_Types].xml").decode()
    named = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    content = changed(content, **{"[Content_Types].xml": types.replace("</Types>", named)})
    with zipfile.ZipFile(held := io.BytesIO(content), "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/sharedStrings.xml", f'<sst xmlns="{NS}">{texts}</sst>')
    return held.getvalue()


def test_many_texts_in_a_small_file_are_too_much_and_not_broken(tmp_path):
    content = with_shared(f"<si><t>{'x' * 500_000}</t></si>" * 60)
    with zipfile.ZipFile(held := io.BytesIO(content), "a") as book:
        # so that it is not the ratio which refuses it
        book.writestr("xl/media/image1.png", secrets.token_bytes(120_000))
    answer, _rows = unpack(tmp_path, held.getvalue(), "xlsx")
    assert answer == {"error": "too_much_to_unpack", "about": {}}
