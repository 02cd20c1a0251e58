"""From stored inputs to a value: base, span, tornado, and what stands between.

Results are rounded to cents, half to even, here and once.
"""

import itertools
import math
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np

from deals.valuation import NoValue, Value, cost, income, market, monte_carlo, options, tree
from deals.valuation.sensitivity import Bar, Ends, Formula, extremes, tornado
from deals.valuing.approaches import APPROACHES, FACTORS, Approach, Field
from deals.valuing.words import PROBLEMS
from marketplace.core.errors import Invalid

CENT = Decimal("0.01")
MOST = 1e18  # a value beyond it is no amount of money
MOST_WORK = 1_000_000_000  # nodes of lattices in one simulation
Inputs = Mapping[str, Any]


def compute(code: str, inputs: Inputs) -> dict[str, Any]:
    """The outcome that is stored beside the inputs: low, base, high (text, in cents), `tornado`
    (path, at_low, at_high), `detail` (figures of the approach), `warnings` (codes).

    Raises Invalid when the formula has no answer.
    """
    approach = APPROACHES[code]
    formula, ends = formula_of(approach, inputs), ends_of(approach, inputs)
    base_point = {path: middle for path, (_low, middle, _high) in ends.items()}
    try:
        with np.errstate(all="ignore"):
            base = float(formula(base_point, frozenset()))
            bars = tornado(formula, ends)
            low, high = extremes(formula, ends, bars) if bars else (base, base)
            detail = _DETAILS.get(code, _nothing)(approach, inputs, base_point)
        _refuse_beyond(
            [base, low, high, *(end for bar in bars for end in (bar.at_low, bar.at_high))]
        )
    except ArithmeticError:  # beyond the range of floats, or of what is kept in cents
        raise _without_value("not_finite") from None
    except NoValue as problem:
        raise _without_value(problem.code) from None
    # inputs that work on each other: one of them alone may reach further than all together
    reached = [low, base, high, *(end for bar in bars for end in (bar.at_low, bar.at_high))]
    low, high = min(reached), max(reached)
    return {
        "low": cents(low), "base": cents(base), "high": cents(high),
        "tornado": [_told(bar) for bar in bars],
        "detail": detail,
        "warnings": _warnings(code, inputs, base, detail),
    }  # fmt: skip


def simulate(code: str, inputs: Inputs, *, seed: int, draws: int) -> dict[str, Any]:
    """The result of a Monte Carlo run as it is stored. Raises NoValue, also for figures beyond the
    range of floats."""
    approach = APPROACHES[code]
    ends = ends_of(approach, inputs)
    drawn = {}
    for path, (low, base, high) in ends.items():
        if low != high:
            field, figure = _at(approach, inputs, path)
            drawn[path] = monte_carlo.Drawn(
                figure["law"], low, base, high,
                _allowed(field, field.minimum), float(field.maximum) * field.scale,
            )  # fmt: skip
    fixed = {path: base for path, (low, base, high) in ends.items() if low == high}
    try:
        with np.errstate(all="ignore"):
            found = monte_carlo.simulate(
                formula_of(approach, inputs), drawn, fixed, seed=seed, draws=draws
            )
    except ArithmeticError:
        raise NoValue("not_finite") from None
    _refuse_beyond([found.mean, found.deviation, *found.percentiles.values(), *found.edges])
    return {
        "draws": found.draws, "mean": cents(found.mean), "deviation": cents(found.deviation),
        "percentiles": {str(share): cents(value) for share, value in found.percentiles.items()},
        "chance_of_loss": found.chance_of_loss,
        "edges": [cents(edge) for edge in found.edges], "counts": found.counts,
    }  # fmt: skip


def refusal_to_simulate(code: str, inputs: Inputs, draws: int) -> str:
    """A code of PROBLEMS when a run makes no sense or would take too long, else ""."""
    ends = ends_of(APPROACHES[code], inputs)
    if all(low == high for low, _base, high in ends.values()):
        return "no_spread"
    if code == "binomial" and draws * int(inputs["steps"]) ** 2 // 2 > MOST_WORK:
        return "too_much_work"
    return ""


def cents(value: float) -> str:
    """A result as text, rounded to cents."""
    return str(Decimal(repr(float(value))).quantize(CENT, rounding=ROUND_HALF_EVEN))


def ends_of(approach: Approach, inputs: Inputs) -> dict[str, tuple[float, float, float]]:
    """path -> low, base, high of every input that is a number, as the formula takes it."""
    found: dict[str, tuple[float, float, float]] = {}
    for field in approach.fields:
        _add_ends(found, field.name, field, inputs.get(field.name))
    for place, row in enumerate(inputs.get("rows", [])):
        for field in approach.rows:
            _add_ends(found, f"rows.{place}.{field.name}", field, row.get(field.name))
    return found


def formula_of(approach: Approach, inputs: Inputs) -> Formula:
    """The approach as a function of path -> value."""
    return _FORMULAS[approach.code](inputs)


def _add_ends(
    found: dict[str, tuple[float, float, float]], path: str, field: Field, value: Any
) -> None:  # fmt: skip
    if field.unit == "text" or value is None:
        return
    parts = value if isinstance(value, Mapping) else dict.fromkeys(("low", "base", "high"), value)
    low, base, high = (float(Decimal(parts[end])) * field.scale for end in ("low", "base", "high"))
    found[path] = (low, base, high)


def _at(approach: Approach, inputs: Inputs, path: str) -> tuple[Field, Any]:
    """The field and the stored figure of a path."""
    parts = path.split(".")
    name = parts[-1]
    among = approach.rows if parts[0] == "rows" and len(parts) == 3 else approach.fields
    field = next(one for one in among if one.name == name)
    stored = inputs["rows"][int(parts[1])][name] if among is approach.rows else inputs[name]
    return field, stored


def field_at(approach: Approach, path: str) -> Field:
    parts = path.split(".")
    among = approach.rows if len(parts) == 3 else approach.fields
    return next(one for one in among if one.name == parts[-1])


def _allowed(field: Field, minimum: Decimal) -> float:
    """The least draw: a hair above a minimum that is not allowed itself."""
    least = float(minimum) * field.scale
    return least + 1e-6 if field.above else least


def _refuse_beyond(values: list[float]) -> None:
    if not all(math.isfinite(value) and abs(value) <= MOST for value in values):
        raise NoValue("not_finite")


def _without_value(code: str) -> Invalid:
    return Invalid("no_value", PROBLEMS[code], fields={"inputs": [PROBLEMS[code]]})


def _told(bar: Bar) -> dict[str, str]:
    return {"path": bar.path, "at_low": cents(bar.at_low), "at_high": cents(bar.at_high)}


# --- The formulas over paths ---------------------------------------------------------------------

Values = Mapping[str, Value]


def _rows(inputs: Inputs) -> range:
    return range(len(inputs["rows"]))


def _cost(inputs: Inputs) -> Formula:
    rows = _rows(inputs)
    return lambda v, _varied: cost.value(
        [v[f"rows.{i}.amount"] for i in rows], [v[f"rows.{i}.index"] for i in rows],
        v["obsolescence"],
    )  # fmt: skip


def _adjusted(values: Values, place: int) -> Value:
    return market.adjusted(
        values[f"rows.{place}.price"], [values[f"rows.{place}.{name}"] for name in FACTORS]
    )


def _market(inputs: Inputs) -> Formula:
    rows, use_mean = _rows(inputs), inputs["summary"] == "mean"
    return lambda v, _varied: market.value([_adjusted(v, i) for i in rows], use_mean=use_mean)


def _dcf(inputs: Inputs) -> Formula:
    rows, mid_year = _rows(inputs), inputs["timing"] == "mid_year"
    years = [float(row["year"]) for row in inputs["rows"]]
    return lambda v, _varied: income.dcf(
        [(years[i], v[f"rows.{i}.amount"]) for i in rows], v["rate"], mid_year=mid_year
    )


def _rnpv(inputs: Inputs) -> Formula:
    rows, mid_year = _rows(inputs), inputs["timing"] == "mid_year"
    years = [float(row["year"]) for row in inputs["rows"]]
    return lambda v, _varied: income.rnpv(
        [(years[i], v[f"rows.{i}.amount"], v[f"rows.{i}.chance"]) for i in rows], v["rate"],
        mid_year=mid_year,
    )  # fmt: skip


def _relief(inputs: Inputs) -> Formula:
    names, mid_year = ("revenue", "growth", "years", "royalty", "tax", "rate"), inputs["timing"]
    return lambda v, _varied: income.relief(
        *(v[name] for name in names), mid_year=mid_year == "mid_year"
    )


def _option_of(values: Values) -> tuple[Value, ...]:
    lost = values["dividend"] if "dividend" in values else 1 / values["t"]
    return (*(values[name] for name in ("s", "k", "t", "volatility", "rate")), lost)


def _black_scholes(_inputs: Inputs) -> Formula:
    return lambda v, _varied: options.black_scholes(*_option_of(v)).value


def _binomial(inputs: Inputs) -> Formula:
    steps, is_american = int(inputs["steps"]), inputs["style"] == "american"
    return lambda v, _varied: options.binomial(*_option_of(v), steps=steps, is_american=is_american)


def _shape(inputs: Inputs) -> tree.Shape:
    return tree.shape_of([(row["label"], row["parent"]) for row in inputs["rows"]])


def _column(values: Values, inputs: Inputs, name: str) -> list[Value]:
    return [values[f"rows.{place}.{name}"] for place in _rows(inputs)]


def _tree(inputs: Inputs) -> Formula:
    shape, may_stop = _shape(inputs), inputs["policy"] == "may_stop"

    def worth(values: Values, varied: frozenset[str]) -> Value:
        moved = frozenset(place for place in _rows(inputs) if f"rows.{place}.chance" in varied)
        chances = tree.settled(shape, _column(values, inputs, "chance"), moved)
        found = tree.values(
            shape, chances, _column(values, inputs, "cost"), _column(values, inputs, "payoff"),
            may_stop=may_stop,
        )  # fmt: skip
        return found[shape.root]

    return worth


_FORMULAS: dict[str, Callable[[Inputs], Formula]] = {
    "cost": _cost, "market": _market, "dcf": _dcf, "rnpv": _rnpv, "relief": _relief,
    "black_scholes": _black_scholes, "binomial": _binomial, "tree": _tree,
}  # fmt: skip


# --- What stands between -------------------------------------------------------------------------


def _nothing(_approach: Approach, _inputs: Inputs, _base: Values) -> dict[str, Any]:
    return {}


def _market_detail(_approach: Approach, inputs: Inputs, base: Values) -> dict[str, Any]:
    return {"adjusted": [cents(_adjusted(base, place)) for place in _rows(inputs)]}


def _flows_detail(approach: Approach, inputs: Inputs, base: Values) -> dict[str, Any]:
    """Present value of each cash flow."""
    mid_year, found = inputs["timing"] == "mid_year", []
    for place, row in enumerate(inputs["rows"]):
        amount = base[f"rows.{place}.amount"] * base.get(f"rows.{place}.chance", 1.0)
        found.append(
            cents(income.discounted(amount, base["rate"], float(row["year"]), mid_year=mid_year))
        )
    return {"present": found}


def _black_scholes_detail(_approach: Approach, _inputs: Inputs, base: Values) -> dict[str, Any]:
    found = options.black_scholes(*_option_of(base))
    detail = {name: float(getattr(found, name)) for name in ("d1", "d2", "n1", "n2")}
    return {**detail, "dividend": float(_option_of(base)[-1])}


def _binomial_detail(_approach: Approach, inputs: Inputs, base: Values) -> dict[str, Any]:
    """The other style, and Black and Scholes, beside the figure."""
    figures, steps = _option_of(base), int(inputs["steps"])
    step = figures[2] / steps
    up = math.exp(figures[3] * math.sqrt(step))
    return {
        "european": cents(options.binomial(*figures, steps=steps, is_american=False)),
        "american": cents(options.binomial(*figures, steps=steps, is_american=True)),
        "black_scholes": cents(float(options.black_scholes(*figures).value)),
        "up": up, "down": 1 / up, "step": step,
        "chance": (math.exp((figures[4] - figures[5]) * step) - 1 / up) / (up - 1 / up),
        "dividend": float(figures[5]),
    }  # fmt: skip


def _tree_detail(_approach: Approach, inputs: Inputs, base: Values) -> dict[str, Any]:
    shape, may_stop = _shape(inputs), inputs["policy"] == "may_stop"
    chances, costs, payoffs = (_column(base, inputs, name) for name in ("chance", "cost", "payoff"))
    worth = [float(one) for one in tree.values(shape, chances, costs, payoffs, may_stop=may_stop)]
    needed = tree.break_even(shape, chances, costs, payoffs, worth)
    return {
        "worth": [cents(one) for one in worth],
        "success": tree.success(shape, chances, worth, may_stop=may_stop),
        # of a result that is worth nothing nobody asks how often it must come
        "break_even": [
            one if worth[place] > 0 else None for place, one in enumerate(needed)
        ],
    }  # fmt: skip


_DETAILS: dict[str, Callable[[Approach, Inputs, Values], dict[str, Any]]] = {
    "market": _market_detail, "dcf": _flows_detail, "rnpv": _flows_detail,
    "black_scholes": _black_scholes_detail, "binomial": _binomial_detail, "tree": _tree_detail,
}  # fmt: skip


def _warnings(code: str, inputs: Inputs, base: float, detail: Mapping[str, Any]) -> list[str]:
    found = []
    if code == "cost":
        found.append("cost_alone")
    if code == "market" and len(inputs["rows"]) < market.ENOUGH:
        found.append("few_comparables")
    if code == "rnpv":
        plain = inputs.get("plain_rate")
        if plain is not None and Decimal(inputs["rate"]["base"]) > Decimal(plain):
            found.append("risk_twice")
        rows = sorted(inputs["rows"], key=lambda row: int(row["year"]))
        chances = [Decimal(row["chance"]["base"]) for row in rows]
        if any(later > earlier for earlier, later in itertools.pairwise(chances)):
            found.append("chances_rise")
    if code == "tree" and base < 0:
        found.append("root_negative")
    if code == "binomial":
        american, european = Decimal(detail["american"]), Decimal(detail["european"])
        if american > european * Decimal("1.05"):
            found.append("american_differs")
    return found


__all__ = [
    "Ends", "cents", "compute", "ends_of", "field_at", "formula_of", "refusal_to_simulate",
    "simulate",
]  # fmt: skip
