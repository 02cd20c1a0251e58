"""A valuation as a document: a PDF by typst, and rows of figures."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contracts.certificates.typesetting import pdf_of
from deals.models import Valuation
from deals.valuing.drawings import tree_layout
from deals.valuing.explaining import number
from deals.valuing.showing import MOST_BARS, ApproachView, stored_inputs, view_of
from marketplace.core import formatting
from marketplace.core.bilingual import pick

_TEMPLATE = Path(__file__).resolve().parent / "report.typ"
LANGUAGES = {"zh": "zh-hans", "en": "en"}
HEADER = ("approach", "part", "name", "low", "base", "high", "unit")
_MOST_ROWS = 60  # of one table in the document


def pdf_of_valuation(valuation: Valuation, versions: Sequence[Any], language: str) -> bytes:
    """versions: queries.read_all(valuation).current; language: zh or en. The same valuation gives
    the same bytes."""
    with translation.override(LANGUAGES[language]):
        views = [view_of(one.row, one.simulation, valuation.currency) for one in versions]
        return pdf_of(_TEMPLATE, _data(valuation, views, language), valuation.updated_at)


def _data(valuation: Valuation, views: Sequence[ApproachView], language: str) -> dict[str, Any]:
    currency = valuation.currency

    def money(value: Any) -> str:
        return formatting.amount_text(value, currency, exact=True)

    facts = [
        (_("For"), pick(valuation.organisation, "name", LANGUAGES[language]).value),
        (_("Value as of"), formatting.date_text(valuation.valued_on, "long")),
        (_("Currency"), currency),
        (_("State"), str(valuation.get_state_display())),
        (_("Number"), f"{valuation.public_id} · {valuation.edition}"),
    ]
    if valuation.finalised_at:
        facts.append((_("Made final"), formatting.date_text(valuation.finalised_at, "long")))
    ends = [float(end) for one in views for end in (one.low, one.base, one.high)]
    return {
        "language": language,
        "title": valuation.title,
        "kind": _("Valuation report"),
        "facts": facts,
        "value": [money(valuation.low), money(valuation.base), money(valuation.high)]
        if valuation.base is not None
        else [],
        "conclusion": valuation.conclusion,
        "words": {
            "value": pgettext("valuation", "Value"),
            "low": _("Low"), "base": _("Base"), "high": _("High"),
            "conclusion": _("How we come to it"), "by": _("By approach"),
            "approach": _("Approach"), "formula": _("Formula"), "working": _("With the numbers"),
            "inputs": _("Inputs"), "input": _("Input"), "law": _("Law"),
            "tornado": _("Sensitivity"), "at_low": _("Value at low"),
            "at_high": _("Value at high"), "simulation": _("Simulation"),
            "tree": _("Tree"), "follows": _("Follows"), "chance": _("Probability"),
            "worth": _("Worth"), "break_even": _("Break-even"),
            "span": _("Low and high: every input at the end that by itself makes the value "
                      "smaller, or larger. Amounts in %(currency)s.") % {"currency": currency},
            "bars": _("What each input does to the value, the widest first; the line is the base "
                      "value"),
            "ends": [_("at its high end"), _("at its low end")],
            "draws": _("How often the draws gave which value"),
            "nodes": _("The tree: chance, stage or result, and what it is worth there"),
            "draft": _("Draft") if not valuation.is_final else "",
        },
        "span": [min([0.0, *ends]), max([0.0, *ends])],
        "approaches": [_approach(one) for one in views],
    }  # fmt: skip


def _approach(one: ApproachView) -> dict[str, Any]:
    simulation = one.simulation
    done = simulation is not None and simulation.figures
    result = (simulation.row.result if simulation else None) or {"counts": [], "edges": []}
    return {
        "label": one.label, "about": str(one.approach.about), "formula": one.approach.formula,
        "low": number(one.low), "base": number(one.base), "high": number(one.high),
        "ends": [float(one.low), float(one.base), float(one.high)],
        "working": one.working[:_MOST_ROWS],
        "inputs": [
            (row.label, row.low, row.base, row.high, row.law) for row in one.inputs[:_MOST_ROWS]
        ],
        "tornado": [
            (name, number(low), number(high)) for name, low, high in one.tornado[:_MOST_ROWS]
        ],
        "tree": [
            (row.label, row.parent, row.chance, row.worth, row.break_even) for row in one.tree
        ],
        "bars": [
            (name, float(low), float(high)) for name, low, high in one.tornado[:MOST_BARS]
        ],
        "nodes": _nodes(one),
        "counts": result["counts"],
        "edges": [number(edge, 0) for edge in result["edges"]],
        "warnings": one.warnings,
        "simulation": simulation.figures if simulation is not None and done else [],
        "simulated": _("%(draws)s draws, seed %(seed)s") % {
            "draws": formatting.number_text(simulation.row.draws), "seed": simulation.row.seed
        } if simulation is not None and done else "",
    }  # fmt: skip


def _nodes(one: ApproachView) -> list[tuple[str, str, int | None, int, float]]:
    """(name with its chance, worth, place of the parent, depth, line) of every node of a tree."""
    place_of = {row.label: place for place, row in enumerate(one.tree)}
    parents = [place_of[row.parent] if row.parent else None for row in one.tree]
    depth, line, _lines = tree_layout(parents)
    return [
        (f"{row.chance} {row.label}".strip(), row.worth, parents[place], depth[place], line[place])
        for place, row in enumerate(one.tree)
    ]


def figure_rows(valuation: Valuation, views: Sequence[ApproachView]) -> Iterator[Sequence[Any]]:
    """Rows under HEADER; numbers as they are stored, so that a program can read them. unit: the
    currency, percent, probability, factor, years, year, count, text, draws."""
    if valuation.base is not None:
        yield (
            "", "value", valuation.title, valuation.low, valuation.base, valuation.high,
            valuation.currency,
        )  # fmt: skip
    for one in views:
        yield one.code, "value", one.label, one.low, one.base, one.high, valuation.currency
        for label, field, stored in stored_inputs(one.approach, one.row.inputs or {}):
            ends = stored if isinstance(stored, Mapping) else {"base": stored}
            yield (
                one.code, "input", label, *(ends.get(end, "") for end in ("low", "base", "high")),
                valuation.currency if field.unit == "money" else field.unit,
            )  # fmt: skip
        for name, low, high in one.tornado:
            yield one.code, "sensitivity", name, low, one.base, high, valuation.currency
        detail = (one.row.outcome or {})["detail"] if one.tree else {}
        for place, leaf in enumerate(one.tree):
            yield one.code, "worth", leaf.label, "", detail["worth"][place], "", valuation.currency
            needed = detail["break_even"][place]
            if needed is not None:
                yield one.code, "break_even", leaf.label, "", round(needed, 6), "", "probability"
        result = one.simulation.row.result if one.simulation is not None else None
        if result is not None:
            yield one.code, "simulation", "mean", "", result["mean"], "", valuation.currency
            for share, figure in result["percentiles"].items():
                yield one.code, "simulation", f"P{share}", "", figure, "", valuation.currency
            for place, count in enumerate(result["counts"]):
                low, high = result["edges"][place], result["edges"][place + 1]
                yield one.code, "histogram", place + 1, low, count, high, "draws"
