"""The file to fill in: columns, an example row, and the lists of codes."""

from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import get_language, gettext

from listings.exports.writing import write_objects, write_table
from listings.imports.targets import label_of, targets_of
from listings.imports.values import CODES, WORDED, read_value
from listings.models.exchange import Format
from marketplace.core.bilingual import is_chinese
from marketplace.core.codes import IP_KINDS, IP_STATUSES

# The id of the example row: an import leaves it out, since people forget to delete it.
EXAMPLE_ID = "EXAMPLE-1"
_TECHNOLOGY = {
    "title_en": "Low-temperature electrolyte for pouch cells",
    "title_zh": "软包电池用低温电解液",
    "summary_en": "Keeps 84% of its capacity at −40 °C, 11 points more than usual blends.",
    "summary_zh": "零下 40 ℃ 容量保持率 84%，比常用配方高 11 个百分点。",
    "body_en": "A blend of fluorinated esters that does not freeze; made in a 200 kg reactor.",
    "body_zh": "氟代酯混合溶剂，低温不凝固；已在 200 公斤反应釜中制备。",
    "trl": "6", "project_source": "national", "keywords_en": "electrolyte; low temperature",
    "keywords_zh": "电解液；低温", "modes": "exclusive_licence; joint_development",
    "price_kind": "indicative", "price_min": "800000", "price_max": "3000000",
}  # fmt: skip
_NEED = {
    **_TECHNOLOGY,
    "title_en": "Electrolyte that keeps its capacity at −40 °C",
    "title_zh": "寻求零下 40 ℃ 仍保持容量的电解液",
    "summary_en": "Our pouch cells lose half of their capacity in the northern winter.",
    "summary_zh": "我们的软包电池在北方冬季容量损失一半。",
    "body_en": "We need a blend that can be filled on our present line.",
    "body_zh": "需要可在现有产线上灌注的配方。",
    "tried_en": "Carbonate blends: they freeze.", "tried_zh": "碳酸酯配方：会凝固。",
    "judged_en": "By a test of 50 cells.", "judged_zh": "以 50 只电芯试验评判。",
    "deadline": "2099-12-31",
}  # fmt: skip
_SHARED = {
    "field": "new_energy", "sub_field": "", "country": "CN", "region": "440300", "currency": "CNY",
    "visibility": "public", "is_anonymous": "no",
}  # fmt: skip


def write_template(path: Path, form: str, kind: str) -> None:
    """In the active language: column names and, in tables, names instead of codes."""
    names = ["external_id", *targets_of(kind)]
    example = {
        "external_id": EXAMPLE_ID, **_SHARED, **example_parts(),
        **(_NEED if kind == "need" else _TECHNOLOGY),
    }  # fmt: skip
    if form == Format.JSONL:
        told = {name: example[name] for name in names if example.get(name)}
        parts = {name: read_value(name, told[name]) for name in WORDED if name in told}
        write_objects(path, [told | parts])
        return
    write_table(
        path, form, [str(label_of(name)) for name in names],
        [[_named(name, example.get(name, "")) for name in names]],
        sheet=gettext("Listings"), more=[(gettext("Codes"), code_rows())],
    )  # fmt: skip


def example_parts() -> dict[str, str]:
    """Specifications and IP rights as they are written in a cell, in the active language."""
    if is_chinese(get_language()):
        return {
            "specifications": "容量保持率 ≥ 84% (−40 ℃，0.5C放电); 离子电导率 ≥ 3.1 mS/cm",
            "ip_rights": "发明专利，ZL202310123456.7，CN，已授权，有效期至 2043-01-17，"
            "“低温电解液”",
        }
    return {
        "specifications": "Capacity retention ≥ 84% (−40 °C, 0.5C); Ionic conductivity ≥ 3.1 mS/cm",
        "ip_rights": "Invention patent, ZL202310123456.7, CN, Granted, until 2043-01-17, "
        "“Low-temperature electrolyte”",
    }


def _named(name: str, value: str) -> str:
    if name == "is_anonymous":
        return gettext("no")
    if name not in CODES or name == "trl" or not value:
        return value
    return "; ".join(CODES[name].label(one.strip()) for one in value.split(";"))


def code_rows() -> Iterator[list[str]]:
    """What may stand in a column with a list of codes: the code or either name."""
    yield [gettext("Column"), gettext("Code"), gettext("Name"), gettext("Other name")]
    chinese = is_chinese(get_language())
    for target, codes in (*CODES.items(), ("ip_rights", IP_KINDS), ("ip_rights", IP_STATUSES)):
        for code in codes:
            names = [code.zh, code.en] if chinese else [code.en, code.zh]
            yield [str(label_of(target)), code.code, *names]
