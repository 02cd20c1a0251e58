"""The formula of an approach with the numbers put in, line by line, at the base of every input."""

from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext
from typing import Any

from django.utils.translation import gettext as _

from deals.valuing.approaches import FACTORS
from marketplace.core import formatting

Inputs = Mapping[str, Any]
Line = tuple[str, str]  # what it is, the sum
MOST_LINES = 100
_MOST_GROUPED = Decimal(10) ** 21


def working(code: str, inputs: Inputs, outcome: Mapping[str, Any]) -> list[Line]:
    """(label, sum) for each step; the last line is the value."""
    return _WORKINGS[code](inputs, outcome["detail"], number(outcome["base"]))[:MOST_LINES]


def number(value: Any, decimals: int = 2) -> str:
    """Grouped digits, rounded for reading, zeros at the end left away; from 10^21 on as a power of
    ten, which a step of a sum may reach though the sum is small."""
    exact = Decimal(str(value))
    if abs(exact) >= _MOST_GROUPED:
        return f"{exact:.4e}".replace("e+", " × 10^")
    with localcontext(prec=40):
        rounded = round(exact, decimals)
    return formatting.number_text(rounded + 0)


def precise(value: Any) -> str:
    return number(value, 5)


def _base(figure: Any) -> Any:
    return figure["base"] if isinstance(figure, Mapping) else figure


def _share(figure: Any) -> str:
    """A percentage as the share that the formula takes: 6.7 -> 0.067."""
    return number(Decimal(_base(figure)) / 100, 8)


def _named(row: Mapping[str, Any], place: int, word: str) -> str:
    return row.get("label") or f"{word} {place}"


def _cost(inputs: Inputs, _detail: Any, value: str) -> list[Line]:
    lines, total = [], Decimal(0)
    for place, row in enumerate(inputs["rows"], 1):
        amount, index = Decimal(_base(row["amount"])), Decimal(_base(row["index"]))
        total += amount * index
        lines.append(
            (
                _named(row, place, _("Cost")),
                f"{number(amount)} × {number(index, 6)} = {number(amount * index)}",
            )
        )
    lost = _share(inputs["obsolescence"])
    return [*lines, ("V", f"{number(total)} × (1 − {lost}) = {value}")]


def _market(inputs: Inputs, detail: Any, value: str) -> list[Line]:
    lines = []
    for row, adjusted in zip(inputs["rows"], detail["adjusted"], strict=True):
        factors = " × ".join(number(_base(row[name]), 6) for name in FACTORS)
        lines.append(
            (row["label"], f"{number(_base(row['price']))} × {factors} = {number(adjusted)}")
        )
    word = _("mean") if inputs["summary"] == "mean" else _("median")
    return [*lines, ("V", f"{word} = {value}")]


def _time(inputs: Inputs, year: int) -> str:
    return number(
        Decimal(year) - Decimal("0.5") if inputs["timing"] == "mid_year" and year else year
    )


def _flows(inputs: Inputs, detail: Any, value: str) -> list[Line]:
    lines, rate = [], _share(inputs["rate"])
    for place, (row, present) in enumerate(zip(inputs["rows"], detail["present"], strict=True), 1):
        chance = f" × {number(_base(row['chance']), 6)}" if "chance" in row else ""
        year, named = int(row["year"]), _named(row, place, _("Cash flow"))
        lines.append(
            (
                _("%(what)s, year %(year)s") % {"what": named, "year": year},
                f"{number(_base(row['amount']))}{chance} / (1 + {rate})^{_time(inputs, year)} = "
                f"{number(present)}",
            )
        )
    return [*lines, ("V", f"Σ = {value}")]


def _relief(inputs: Inputs, _detail: Any, value: str) -> list[Line]:
    revenue, growth, royalty, tax, rate = (
        Decimal(_base(inputs[name])) for name in ("revenue", "growth", "royalty", "tax", "rate")
    )
    growth, royalty, tax, rate = growth / 100, royalty / 100, tax / 100, rate / 100
    life, lines = Decimal(_base(inputs["years"])), []
    for year in range(1, int(life.to_integral_value(rounding="ROUND_CEILING")) + 1):
        part = min(Decimal(1), life - (year - 1))
        of_year = f" × {number(part, 4)}" if part < 1 else ""
        sales = revenue * (1 + growth) ** (year - 1)
        time = Decimal(year) - (Decimal("0.5") if inputs["timing"] == "mid_year" else 0)
        present = sales * royalty * (1 - tax) * part / (1 + rate) ** time
        lines.append((
            _("Year %(year)s") % {"year": year},
            f"{number(sales)} × {number(royalty, 8)} × (1 − {number(tax, 8)}){of_year} / "
            f"(1 + {number(rate, 8)})^{number(time)} = {number(present)}",
        ))  # fmt: skip
    return [*lines, ("V", f"Σ = {value}")]


def _letters(inputs: Inputs, detail: Any) -> tuple[str, str, str, str, str, str]:
    s, k, t = (number(_base(inputs[name]), 6) for name in ("s", "k", "t"))
    return (
        s,
        k,
        t,
        _share(inputs["volatility"]),
        _share(inputs["rate"]),
        precise(detail["dividend"]),
    )


def _black_scholes(inputs: Inputs, detail: Any, value: str) -> list[Line]:
    s, k, t, spread, rate, lost = _letters(inputs, detail)
    d1, d2, n1, n2 = (precise(detail[name]) for name in ("d1", "d2", "n1", "n2"))
    top = f"ln({s} / {k}) + ({rate} − {lost} + {spread}² / 2) × {t}"
    inflows, outlay = f"{s} × e^(−{lost} × {t}) × {n1}", f"{k} × e^(−{rate} × {t}) × {n2}"
    return [
        ("d₁", f"[{top}] / ({spread} × √{t}) = {d1}"),
        ("d₂", f"{d1} − {spread} × √{t} = {d2}"),
        ("N(d₁), N(d₂)", f"{n1}, {n2}"),
        (_("C, European"), f"{inflows} − {outlay} = {value}"),
    ]


def _binomial(inputs: Inputs, detail: Any, value: str) -> list[Line]:
    _s, _k, t, spread, rate, lost = _letters(inputs, detail)
    step, up, down = precise(detail["step"]), precise(detail["up"]), precise(detail["down"])
    style = _("C, American") if inputs["style"] == "american" else _("C, European")
    beside = _("European %(european)s; American %(american)s; Black and Scholes %(closed)s") % {
        "european": number(detail["european"]),
        "american": number(detail["american"]),
        "closed": number(detail["black_scholes"]),
    }
    chance = f"(e^(({rate} − {lost}) × {step}) − {down}) / ({up} − {down})"
    return [
        ("Δt", f"{t} / {inputs['steps']} = {step}"),
        ("u, d", f"e^({spread} × √{step}) = {up}, 1 / u = {down}"),
        ("p", f"{chance} = {precise(detail['chance'])}"),
        (style, f"= {value}"),
        (_("For comparison"), beside),
    ]


def _tree(inputs: Inputs, detail: Any, value: str) -> list[Line]:
    rows, worth, lines = inputs["rows"], detail["worth"], []
    for place, row in enumerate(rows):
        below = [child for child, one in enumerate(rows) if one["parent"] == row["label"]]
        if not below:
            continue
        terms = [f"{number(_base(row['payoff']))} − {number(_base(row['cost']))}"] + [
            f"{number(_base(rows[child]['chance']), 6)} × {number(worth[child])}"
            for child in below
            if Decimal(worth[child])
        ]
        lines.append((row["label"], f"{' + '.join(terms)} = {number(worth[place])}"))
    success = formatting.percent_text(round(Decimal(str(detail["success"])), 6), 2)
    return [*lines[::-1], (_("P(success)"), success), ("V", value)]


_WORKINGS: dict[str, Callable[[Inputs, Any, str], list[Line]]] = {
    "cost": _cost, "market": _market, "dcf": _flows, "rnpv": _flows, "relief": _relief,
    "black_scholes": _black_scholes, "binomial": _binomial, "tree": _tree,
}  # fmt: skip
