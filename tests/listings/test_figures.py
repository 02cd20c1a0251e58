"""Figures read from sentences: how many of them are right, and what they are made of."""

import time
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from listings.figures.naming import names_in
from listings.figures.numerals import read_number
from listings.figures.quantities import quantities_in
from listings.figures.reading import MAX_READ, read_figures
from listings.figures.units import canonical
from listings.metrics import find
from marketplace.core.units import parse_unit

ROWS = yaml.safe_load(Path(__file__).with_name("figures.yaml").read_text(encoding="utf-8"))
# Measured: of 134 all are right, and one of 135 is missed; conditions 15 of 15.
PRECISION, RECALL, CONDITIONS = 0.98, 0.95, 0.9


def told(figure):
    """As figures.yaml writes it, without the condition."""
    value = f"{figure.value.normalize():f}"
    if figure.upper is not None:
        value += f"..{figure.upper.normalize():f}"
    name = figure.metric_en or figure.metric_zh
    return f"{name} {figure.comparator} {value} {figure.unit}".strip()


def read(row):
    return read_figures(row.get("need") or row["tech"], is_need="need" in row)


def test_what_is_proposed_is_right_and_little_is_missed():
    right = proposed = wanted = conditions = conditions_right = 0
    faults = []
    for row in ROWS:
        asked = {one.split(" @ ")[0]: one.partition(" @ ")[2] for one in row["wants"]}
        found = {told(one): one.condition for one in read(row)}
        right += len(asked.keys() & found.keys())
        proposed += len(found)
        wanted += len(asked)
        if asked.keys() != found.keys():
            faults.append((row, sorted(found)))
        for name in asked.keys() & found.keys():
            conditions += bool(asked[name])
            conditions_right += bool(asked[name]) and asked[name] == found[name]
    assert len(ROWS) >= 120
    assert right / proposed >= PRECISION, faults
    assert right / wanted >= RECALL, faults
    assert conditions_right / conditions >= CONDITIONS


def test_the_rows_are_of_both_kinds_and_languages_and_many_are_traps():
    chinese = [row for row in ROWS if any(c >= "\u4e00" for c in (row.get("need") or row["tech"]))]
    assert len(chinese) > 40
    assert len(ROWS) - len(chinese) > 40
    assert sum("need" in row for row in ROWS) > 40
    assert sum(not row["wants"] for row in ROWS) > 25


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,200", "1200"), ("1.2万", "12000"), ("3亿", "300000000"), ("3×10^-4", "0.0003"),
        ("3×10⁻⁴", "0.0003"), ("2.5e3", "2500"), ("两千五百", "2500"), ("一万二千", "12000"),
        ("十二", "12"), ("三点五", "3.5"), ("二〇", "20"), ("1.5 million", "1500000"),
    ],
)  # fmt: skip
def test_numbers(text, value):
    assert read_number(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("5 W/(m·K)", "W/(m*K)"), ("5 mS cm⁻¹", "mS/cm"), ("5毫克每升", "mg/L"),
        ("5 tonnes per day", "t/day"), ("5吨/日", "t/day"), ("5 MPa·m^0.5", "MPa*m^0.5"),
        ("5立方米/小时", "m^3/h"), ("5 dB(A)", "dB(A)"), ("5次循环", "count"),
        ("５０％", "%"), ("5 percent", "%"), ("5 ℃", "degC"), ("5 degrees Celsius", "degC"),
    ],
)  # fmt: skip
def test_units(text, unit):
    from listings.figures.numerals import narrowed

    assert [one.unit for one in quantities_in(narrowed(text))] == [unit]
    assert parse_unit(unit)


@pytest.mark.parametrize(
    "text", ["5 in total", "5 at once", "10 kg/batch", "升级 5 升级",
             "GB18030 m", "2024年", "1990s", "5 do", "第3次", "R-410A", "ISO 9001"],
)  # fmt: skip
def test_what_is_no_quantity(text):
    assert quantities_in(text) == []


@pytest.mark.parametrize(
    ("text", "value", "upper"),
    [
        ("零下40度至85度", -40, 85), ("−40～85 ℃", -40, 85), ("10 to 15 mm", 10, 15),
        ("between 10 and 15 mm", 10, 15), ("1～2万次", 10000, 20000), ("10±0.5 mm", 9.5, 10.5),
        ("百分之八十到九十", 80, 90),
    ],
)  # fmt: skip
def test_ranges(text, value, upper):
    (one,) = quantities_in(text)
    assert (float(one.value), float(one.upper)) == (value, upper)


def test_the_longest_name_of_a_metric_wins():
    assert [text[2][0].en for text in names_in("energy density and density")] == [
        "Energy density", "Density",
    ]  # fmt: skip


def test_every_word_that_is_known_belongs_to_a_metric():
    words = yaml.safe_load(Path("listings/figures/words.yaml").read_text(encoding="utf-8"))
    known = [*words["said"], *words["also"], *words["neutral"], *words["smaller"],
             *words["only"].values(), *words["any"]]  # fmt: skip
    assert [name for name in known if find(name) is None] == []
    assert all(canonical(unit.replace("*", "·")) for unit in ("Wh/kg", "mA·h/g"))


HOSTILE = {
    "a bridge that leads nowhere": ("需" * 23 + "好≥5mm、") * 120,
    "text": " ".join(row.get("need") or row["tech"] for row in ROWS) * 5,
    "digits": "80 " * 7000, "ranges": "1-2-3-" * 4000, "numerals": "一二三" * 7000,
    "figures": "≥ 5 MPa " * 2500, "units": "1 m m m " * 2500, "powers": "1 m⁻" * 5000,
    "names": "capacity retention at 80 " * 1000, "leads": "在经于历连续循环高温" * 2000 + "80℃",
    "blanks": "80" + " " * 19_990 + "%", "brackets": "（" * 20_000, "over": "5 kW·h/" * 2800,
    "dots": "1...." * 4000, "below": "零下" * 10_000, "dashes": "-" * 20_000,
    "links": "达到" * 10_000 + "80%", "held": "at the a an up to only more than " * 600 + "8%",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_twenty_thousand_characters_are_read_at_once(name):
    text = HOSTILE[name][:20_000]
    read_figures(text, is_need=True)
    spent = []
    for _ in range(3):
        began = time.process_time()
        found = read_figures(text, is_need=True)
        spent.append(time.process_time() - began)
    assert len(found) <= MAX_READ
    # 12 ms for real text and at most 50 ms for the worst here; room for a slow machine
    assert min(spent) < 0.15
