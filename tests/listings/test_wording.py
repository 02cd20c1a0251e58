"""Specifications and IP rights in a cell: read as people write them, read back as exported."""

import pytest
from django.utils.translation import override

from listings.actions.specifications import build_rights, build_specifications
from listings.imports.blank import example_parts
from listings.imports.values import read_value
from listings.models import Listing
from listings.snapshots import RIGHT_FIELDS, SPECIFICATION_FIELDS
from listings.wording.items import Unread
from listings.wording.rights import read_rights, rights_text
from listings.wording.specifications import read_specifications, specifications_text
from marketplace.demo.entries import authored, content_of
from tests.listings.importing import started

COLUMNS = "id,t,s,f,l,spec,ip\n"
FIELDS = {"title_en": "t", "summary_en": "s", "field": "f", "trl": "l", "specifications": "spec",
          "ip_rights": "ip"}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_is_exported_is_read_back_for_the_whole_demo_market(language):
    """As words, so that a person can read and change it; and unchanged."""
    seen = 0
    with override(language):
        for entry in authored():
            content = content_of(entry)
            specifications = build_specifications(Listing(), content["specifications"], {})
            rights = build_rights(Listing(), content.get("ip_rights"), {})
            texts = specifications_text(specifications), rights_text(rights)
            assert None not in texts, entry.row["key"]
            errors: dict = {}
            again = (
                build_specifications(Listing(), read_value("specifications", texts[0]), errors),
                build_rights(Listing(), read_value("ip_rights", texts[1]), errors),
            )
            assert not errors, (entry.row["key"], errors)
            for before, after, names in (
                (specifications, again[0], (*SPECIFICATION_FIELDS, "base_value", "base_upper")),
                (rights, again[1], RIGHT_FIELDS),
            ):
                assert [[getattr(row, name) for name in names] for row in before] == [
                    [getattr(row, name) for name in names] for row in after
                ], entry.row["key"]
                seen += len(before)
    assert seen > 1500


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Energy density ≥ 330 Wh/kg", ("能量密度", "ge", "330", None, "Wh/kg")),
        ("能量密度不低于330Wh/kg", ("能量密度", "ge", "330", None, "Wh/kg")),
        ("energy density at least 330 Wh/kg", ("能量密度", "ge", "330", None, "Wh/kg")),
        ("噪声 < 38 dB(A)", ("噪声", "le", "38", None, "dB(A)")),
        ("Noise 30-38 dB(A)", ("噪声", "between", "30", "38", "dB(A)")),
        ("工作温度：−40℃至85℃", ("工作温度", "between", "-40", "85", "degC")),
        ("厚度 30±2 μm", ("厚度", "between", "28", "32", "um")),
        ("循环寿命 ≥ 1,500 次", ("循环寿命", "ge", "1500", None, "count")),
        ("循环寿命＝１５００次", ("循环寿命", "eq", "1500", None, "count")),
        ("Temperature between 10 and 20 degC", ("", "between", "10", "20", "degC")),
        ("Voltage at 2 A/cm2 1.8 V", ("", "eq", "1.8", None, "V")),
    ],
)
def test_a_specification_is_read_as_it_is_said(text, wanted):
    (row,) = read_specifications(text)
    assert (row["metric_zh"], row["comparator"], row["value"], row["upper"], row["unit"]) == wanted


def test_conditions_stand_in_brackets_or_after_a_comma_and_items_on_lines():
    rows = read_specifications(
        "容量保持率 ≥ 84%（−40 ℃；0.5C）\nNoise ≤ 38 dB(A), 1 m; Mass ≤ 2 kg (vs 3 kg) (wish)"
    )
    assert [row["condition_zh"] or row["condition_en"] for row in rows] == [
        "−40 ℃；0.5C", "1 m", "",
    ]  # fmt: skip
    assert (rows[2]["compared_with_en"], rows[2]["strength"]) == ("3 kg", "wish")


@pytest.mark.parametrize(
    ("text", "number", "why"),
    [("fast", 1, "figure"), ("Mass ≤ 2 kg; ≥ 5 mm", 2, "metric"),
     ("Mass ≤ 2 kg (dry) (wet)", 1, "rest"), ("Length 5 mm to 2 cm", 1, "figure")],
)  # fmt: skip
def test_what_is_no_specification_is_told_by_its_place(text, number, why):
    read = read_specifications(text)
    assert isinstance(read, Unread) and (read.number, read.why) == (number, why)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("发明专利ZL202310123456.7已授权", ("invention", "granted", "ZL202310123456.7", "", "")),
        ("软件著作权 2023SR0123456", ("software", "registered", "2023SR0123456", "", "")),
        ("US patent 11,234,567 B2 granted", ("invention", "granted", "11,234,567 B2", "US", "")),
        ("invention, EP 3 123 456, EPO, filed", ("invention", "filed", "EP 3 123 456", "EPO", "")),
        ("know-how", ("know_how", "secret", "", "", "")),
        ("实用新型《一种，装置》授权，有效期至2041年3月2日",
         ("utility_model", "granted", "", "", "一种，装置")),
        ("发明专利 CN202310123456.7", ("invention", "", "CN202310123456.7", "", "")),
    ],
)  # fmt: skip
def test_a_right_is_read_as_it_is_said(text, wanted):
    (row,) = read_rights(text)
    assert tuple(row[k] for k in ("kind", "status", "number", "office", "title")) == wanted


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_examples_of_the_template_are_right(language):
    with override(language):
        for name, text in example_parts().items():
            errors: dict = {}
            build = build_rights if name == "ip_rights" else build_specifications
            assert build(Listing(), read_value(name, text), errors) and not errors


@pytest.mark.django_db
def test_reasons_name_the_item_and_its_field_and_show_a_right_one(
    cast, run_jobs, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    cells = [
        ("Mass ≤ 2 kg; Speed ≥ 5 blorps", ""),
        ("very fast", "patent number one"),
        ("", "发明专利 CN202310123456.7; Utility model, CN, lost-ish"),
        ('[{"metric_en": "P", "comparator": "around", "value": 1}]', '[{"kind": "magic"}]'),
        ("Energy density ≥ 330 Wh/kg", "Know-how"),
    ]
    lines = "".join(
        f'{n},Pump {n},It pumps,new_energy,5,"{a.replace(chr(34), chr(34) * 2)}",'
        f'"{b.replace(chr(34), chr(34) * 2)}"\n'
        for n, (a, b) in enumerate(cells)
    )
    run = started(
        cast, COLUMNS + lines, mapping={"external_id": "id", "fields": FIELDS}, proceed="check"
    )
    run_jobs()
    run.refresh_from_db()
    assert (run.state, run.created, run.refused) == ("checked", 1, 4), run.reason_code
    said = [(fault.field, fault.reason_en, fault.reason_zh) for fault in run.faults.all()]
    en, zh = (" ".join(row[n] for row in said) for n in (1, 2))
    assert "Specification 2, unit: “blorps” is not a unit we know" in en and "rpm" not in en
    assert "Specification 1: no figure with a unit was found in “very fast”" in en
    assert "Energy density" not in en and "Capacity retention ≥ 84%" in en
    assert "IP right 1, status of the right: it is missing; write one of: Filed, Granted" in en
    assert "Specification 1, comparison: “around” is not known; write one of: at least" in en
    assert "“magic” is not known; write one of: Invention patent" in en
    assert "指标 2，单位：" in zh and "知识产权 1，权利状态：" in zh
    for text in (en, zh):
        assert "ip_kinds" not in text and "cannot be blank" not in text and "objects" not in text


@pytest.mark.parametrize(
    ("said", "comparator"),
    [("噪声不得超过 30 dB", "le"), ("光电转换效率不得低于 20%", "ge"), ("能耗不应大于 5 kWh", "le"),
     ("Efficiency not under 90 %", "ge"), ("Noise no greater than 30 dB", "le"),
     ("Noise must not exceed 30 dB", "le")],
)  # fmt: skip
def test_what_is_denied_asks_for_the_opposite(said: str, comparator: str) -> None:
    [row] = read_specifications(said)
    assert row["comparator"] == comparator
    assert not {"不得", "不应", "not", "no"} & {
        row["metric_zh"][-2:],
        row["metric_en"].rpartition(" ")[2],
    }


@pytest.mark.parametrize(
    "said",
    ["发明专利，CN202310123456.7，未授权", "Invention patent, EP1234567, not granted",
     "发明专利，ZL2015101234567，专利权无效", "Invention patent, EP1, application rejected",
     "发明 " + "《" * 1_000_000],
)  # fmt: skip
def test_a_status_that_is_denied_is_not_taken(said: str) -> None:
    assert isinstance(read_rights(said), Unread)
