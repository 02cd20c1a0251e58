"""An approach as a page, a report and a table of figures show it, in the reader's language."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from deals.models import Simulation, ValuationInputs
from deals.valuing import drawings
from deals.valuing.approaches import APPROACHES, Approach, Field
from deals.valuing.computing import field_at
from deals.valuing.explaining import number, working
from deals.valuing.words import PROBLEMS, WARNINGS
from marketplace.core import formatting
from marketplace.core.components.charts import chart_bars

MOST_BARS = 12


@dataclass(frozen=True)
class InputRow:
    """One input: what it is, its ends as they read, the law of its draws."""

    label: str
    low: str
    base: str
    high: str
    law: str = ""


@dataclass(frozen=True)
class SimulationView:
    row: Simulation
    problem: str
    figures: list[tuple[str, str]] = field(default_factory=list)
    columns: list[tuple[str, str, int]] = field(default_factory=list)  # from, to, draws
    drawing: str = ""

    @property
    def is_waiting(self) -> bool:
        return self.row.is_waiting


@dataclass(frozen=True)
class TreeRow:
    label: str
    parent: str
    chance: str
    worth: str
    break_even: str


@dataclass(frozen=True)
class ApproachView:
    """low, base, high: Decimal amounts in the valuation's currency."""

    approach: Approach
    row: ValuationInputs
    low: Decimal
    base: Decimal
    high: Decimal
    working: list[tuple[str, str]]
    inputs: list[InputRow]
    tornado: list[tuple[str, Decimal, Decimal]]
    tornado_drawing: SafeString
    tree: list[TreeRow]
    tree_drawing: SafeString
    warnings: list[str]
    simulation: SimulationView | None

    @property
    def code(self) -> str:
        return self.approach.code

    @property
    def label(self) -> str:
        return label_of(self.approach, self.row.inputs)


def label_of(approach: Approach, inputs: Any) -> str:
    """The name, with the style of an option said."""
    if approach.code == "black_scholes":
        return _("%(approach)s, European") % {"approach": approach.label}
    if approach.code == "binomial" and inputs:
        if inputs["style"] == "american":
            return _("%(approach)s, American") % {"approach": approach.label}
        return _("%(approach)s, European") % {"approach": approach.label}
    return str(approach.label)


def laws() -> list[tuple[str, str]]:
    """Choices of how an input is drawn."""
    return [
        ("triangular", pgettext("law", "triangular")),
        ("normal", pgettext("law", "normal")),
        ("lognormal", pgettext("law", "lognormal")),
        ("uniform", pgettext("law", "uniform")),
    ]


def view_of(row: ValuationInputs, simulation: Simulation | None, currency: str) -> ApproachView:
    """row: with inputs."""
    approach = APPROACHES[row.approach]
    assert row.inputs is not None and row.outcome is not None
    inputs, outcome = row.inputs, row.outcome
    base = Decimal(outcome["base"])
    bars = [
        (path_label(approach, inputs, bar["path"]), Decimal(bar["at_low"]), Decimal(bar["at_high"]))
        for bar in outcome["tornado"]
    ]
    rows = _tree_rows(inputs, outcome) if approach.code == "tree" else []
    return ApproachView(
        approach=approach, row=row, low=Decimal(outcome["low"]), base=base,
        high=Decimal(outcome["high"]),
        working=working(approach.code, inputs, outcome),
        inputs=input_rows(approach, inputs),
        tornado=bars,
        tornado_drawing=_tornado(bars, base),
        tree=rows, tree_drawing=_tree_drawing(rows),
        warnings=[str(WARNINGS[code]) for code in outcome["warnings"]],
        simulation=_simulation(simulation, currency) if simulation else None,
    )  # fmt: skip


def ranges_drawing(views: Sequence[ApproachView]) -> SafeString:
    """Low, base and high of every approach side by side."""
    spans = [(one.label, float(one.low), float(one.base), float(one.high)) for one in views]
    return (
        drawings.ranges(spans, _("Low, base and high value by approach"))
        if spans
        else SafeString("")
    )


def path_label(approach: Approach, inputs: Mapping[str, Any], path: str) -> str:
    """ "rows.2.amount" -> "Prototype: Cost (C)"."""
    found = field_at(approach, path)
    parts = path.split(".")
    if len(parts) < 3:
        return str(found.label)
    place = int(parts[1])
    return f"{row_label(approach, inputs['rows'][place], place)}: {found.label}"


def row_label(approach: Approach, row: Mapping[str, Any], place: int) -> str:
    return str(row.get("label") or f"{approach.row_label} {place + 1}")


def input_rows(approach: Approach, inputs: Mapping[str, Any]) -> list[InputRow]:
    found = []
    for choice in approach.choices:
        word = dict(choice.options).get(inputs[choice.name], "")
        found.append(InputRow(str(choice.label), "", str(word), ""))
    found += [_input_row(*told) for told in stored_inputs(approach, inputs)]
    return found


def stored_inputs(
    approach: Approach, inputs: Mapping[str, Any]
) -> Iterator[tuple[str, Field, Any]]:  # fmt: skip
    """(what it is, the input, as it is stored) of all figures; of rows without what goes without
    saying."""
    for one in approach.fields:
        if inputs.get(one.name) is not None:
            yield str(one.label), one, inputs[one.name]
    for place, row in enumerate(inputs.get("rows", [])):
        for one in approach.rows:
            if one.name == "label" or row.get(one.name) in (None, ""):
                continue
            if one.default and not _says_more(one, row[one.name]):
                continue
            yield f"{row_label(approach, row, place)}: {one.label}", one, row[one.name]


def _says_more(one: Field, value: Any) -> bool:
    """Whether a figure differs from what would hold without it."""
    ends = (
        [value[end] for end in ("low", "base", "high")] if isinstance(value, Mapping) else [value]
    )
    return any(end != one.default for end in ends)


def _input_row(label: str, one: Field, value: Any) -> InputRow:
    if not isinstance(value, Mapping):
        return InputRow(label, "", _figure(one, value), "")
    if value["low"] == value["high"]:
        return InputRow(label, "", _figure(one, value["base"]), "")
    law = dict(laws())[value["law"]]
    low, base, high = (_figure(one, value[end]) for end in ("low", "base", "high"))
    return InputRow(label, low, base, high, law)


def _figure(one: Field, value: str) -> str:
    if one.unit == "text":
        return value
    return number(value, 12) + ("%" if one.unit == "percent" else "")


def _tornado(bars: list[tuple[str, Decimal, Decimal]], base: Decimal) -> SafeString:
    if not bars:
        return SafeString("")
    spans = [(name, float(low), float(base), float(high)) for name, low, high in bars[:MOST_BARS]]
    return drawings.tornado(
        spans,
        _("What each input does to the value, the widest first; the line is the base value"),
        (_("at its high end"), _("at its low end")),
    )


def _tree_rows(inputs: Mapping[str, Any], outcome: Mapping[str, Any]) -> list[TreeRow]:
    detail, rows = outcome["detail"], []
    for place, row in enumerate(inputs["rows"]):
        needed = detail["break_even"][place]
        rows.append(
            TreeRow(
                row["label"], row["parent"], _share(row["chance"]["base"]) if row["parent"] else "",
                number(detail["worth"][place]), _share(needed) if needed is not None else "",
            )
        )  # fmt: skip
    return rows


def _share(value: Any) -> str:
    share = round(Decimal(str(value)), 6)
    return formatting.percent_text(share, 0 if share * 100 == int(share * 100) else 2)


def _tree_drawing(rows: list[TreeRow]) -> SafeString:
    if not rows:
        return SafeString("")
    place_of = {row.label: place for place, row in enumerate(rows)}
    nodes = [
        (
            f"{row.chance} {row.label}".strip(), row.worth,
            place_of[row.parent] if row.parent else None,
        )
        for row in rows
    ]  # fmt: skip
    return drawings.tree(nodes, _("The tree: chance, stage or result, and what it is worth there"))


def _simulation(row: Simulation, currency: str) -> SimulationView:
    if row.result is None:
        return SimulationView(row, str(PROBLEMS.get(row.problem, "")))
    result = row.result
    percentiles = result["percentiles"]
    figures = [
        (_("Mean"), number(result["mean"])),
        (_("Standard deviation"), number(result["deviation"])),
        *((f"P{share}", number(percentiles[share])) for share in percentiles),
        (_("Chance of a value below 0"), _share(result["chance_of_loss"])),
    ]
    edges, counts = result["edges"], result["counts"]
    columns = [
        (number(edges[place], 0), number(edges[place + 1], 0), count)
        for place, count in enumerate(counts)
    ]
    labels = [
        formatting.amount_text(round((Decimal(edges[i]) + Decimal(edges[i + 1])) / 2, 2), currency)
        if (len(counts) - 1 - i) % 6 == 3 else ""
        for i in range(len(counts))
    ]  # fmt: skip
    return SimulationView(row, "", figures, columns, _histogram(labels, counts))


def _histogram(labels: list[str], counts: list[int]) -> SafeString:
    return chart_bars(labels, counts, _("How often the draws gave which value"))
