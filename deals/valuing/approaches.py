"""Which inputs each approach has, and within which bounds."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from deals.models import ApproachCode

MAX_ROWS = 100
MAX_AMOUNT = Decimal(10) ** 15
FACTORS = ("scope", "time", "market", "stage")  # adjustments of a comparable price
_FACTOR: dict[str, Any] = {"minimum": Decimal("0.001"), "maximum": Decimal(1000)}
Words = str | Promise


@dataclass(frozen=True)
class Field:
    """One input. unit: money, percent, factor, years, probability, year, count, text.

    minimum and maximum are allowed values themselves unless `above` says that the minimum is not.
    ranged: has a low and a high end beside its base.
    """

    name: str
    label: Words
    unit: str
    minimum: Decimal = -MAX_AMOUNT
    maximum: Decimal = MAX_AMOUNT
    above: bool = False
    ranged: bool = True
    required: bool = True
    default: str = ""
    help: Words = ""
    is_folded: bool = False  # seldom filled in: a form keeps it behind a click

    @property
    def is_whole(self) -> bool:
        return self.unit in ("year", "count")

    @property
    def scale(self) -> float:
        """What a formula takes for 1 that was typed."""
        return 0.01 if self.unit == "percent" else 1.0


@dataclass(frozen=True)
class Choice:
    """One of a few; the first is the default."""

    name: str
    label: Words
    options: tuple[tuple[str, Words], ...]


@dataclass(frozen=True)
class Approach:
    code: str
    family: str  # cost, market, income, options
    about: Words
    formula: str
    fields: tuple[Field, ...] = ()
    choices: tuple[Choice, ...] = ()
    rows: tuple[Field, ...] = ()
    rows_label: Words = ""
    row_label: Words = ""

    @property
    def label(self) -> Words:
        return ApproachCode(self.code).label


def _money(name: str, label: Words, **more: object) -> Field:
    return Field(name, label, "money", **more)  # type: ignore[arg-type]


def _percent(name: str, label: Words, low: int, high: int, **more: object) -> Field:
    return Field(name, label, "percent", Decimal(low), Decimal(high), **more)  # type: ignore[arg-type]


def _rate(label: Words, **more: object) -> Field:
    return _percent("rate", label, -100, 1000, above=True, **more)


def _factor(name: str, label: Words) -> Field:
    """An adjustment; 1 adjusts nothing and goes without saying."""
    return Field(name, label, "factor", **_FACTOR, default="1", is_folded=True)


_TIMING = Choice(
    "timing",
    _("Cash flows come"),
    (("year_end", _("at the end of a year")), ("mid_year", _("in the middle of a year"))),
)
_ROW_YEAR = Field(
    "year", pgettext_lazy("valuation", "Year"), "year", Decimal(0), Decimal(100), ranged=False,
    help=_("Counted from today, which is 0."),
)  # fmt: skip
_LABEL = Field("label", _("What"), "text", ranged=False, required=False)
_OPTION = (
    _money("s", _("Present value of the inflows (S)"), minimum=Decimal(0), above=True),
    _money("k", _("Cost to develop (K)"), minimum=Decimal(0), above=True),
    Field("t", _("Life in years (t)"), "years", Decimal(0), Decimal(100), above=True),
    _percent(
        "volatility", _("Volatility a year (σ)"), 0, 1000, above=True,
        help=_("The standard deviation of the yearly return; √0.224 is 47.33%."),
    ),
    _rate(_("Rate without risk (r)"), help=_("Compounded continuously.")),
    _percent(
        "dividend", _("Yield lost by waiting (y)"), 0, 1000, required=False,
        help=_("Empty: 100% divided by the life, as for a patent that runs out."),
    ),
)  # fmt: skip

APPROACHES: dict[str, Approach] = {
    one.code: one
    for one in (
        Approach(
            "cost",
            "cost",
            _("What it would cost to make it again today. A floor, poor by itself."),
            "V = Σ Cᵢ × Iᵢ × (1 − o)",
            fields=(_percent("obsolescence", _("Obsolescence (o)"), 0, 100, default="0"),),
            rows=(
                _LABEL,
                _money("amount", _("Cost (C)"), minimum=Decimal(0)),
                Field(
                    "index",
                    _("Price index (I)"),
                    "factor",
                    **_FACTOR,
                    default="1",
                    help=_("Price level now over price level then; 1 for none."),
                ),
            ),
            rows_label=_("Costs"),
            row_label=_("Cost"),
        ),
        Approach(
            "market",
            "market",
            _("What was paid for comparable technologies, adjusted to this one."),
            "V = median(Pᵢ × f₁ × f₂ × f₃ × f₄)",
            choices=(
                Choice(
                    "summary",
                    _("Summed up by"),
                    (("median", _("the median")), ("mean", _("the mean"))),
                ),
            ),
            rows=(
                Field("label", _("Comparable and its source"), "text", ranged=False),
                _money("price", _("Price (P)"), minimum=Decimal(0), above=True),
                _factor("scope", _("Scope")),
                _factor("time", _("Time")),
                _factor("market", _("Market size")),
                _factor("stage", _("Maturity")),
            ),
            rows_label=_("Comparables"),
            row_label=_("Comparable"),
        ),
        Approach(
            "dcf",
            "income",
            _("What it will bring in, discounted to today."),
            "V = Σ CFₜ / (1 + r)ᵗ",
            fields=(_rate(_("Discount rate (r)")),),
            choices=(_TIMING,),
            rows=(_LABEL, _ROW_YEAR, _money("amount", _("Cash flow (CF)"))),
            rows_label=_("Cash flows"),
            row_label=_("Cash flow"),
        ),
        Approach(
            "rnpv",
            "income",
            _("Cash flows weighted with the chance of reaching them, then discounted."),
            "V = Σ CFₜ × Pₜ / (1 + r)ᵗ",
            fields=(
                _rate(_("Discount rate (r)")),
                _percent(
                    "plain_rate",
                    _("Rate before any premium for technical risk"),
                    -100,
                    1000,
                    above=True,
                    ranged=False,
                    required=False,
                    help=_("To notice a risk that is counted twice."),
                ),
            ),
            choices=(_TIMING,),
            rows=(
                _LABEL,
                _ROW_YEAR,
                _money("amount", _("Cash flow (CF)")),
                Field(
                    "chance", _("Chance of reaching it (P)"), "probability", Decimal(0), Decimal(1)
                ),
            ),
            rows_label=_("Cash flows"),
            row_label=_("Cash flow"),
        ),
        Approach(
            "relief",
            "income",
            _("The royalties that the owner of the technology need not pay to another."),
            "V = Σ R × (1 + g)ᵗ⁻¹ × ρ × (1 − τ) / (1 + r)ᵗ",
            fields=(
                _money("revenue", _("Revenue of year 1 (R)"), minimum=Decimal(0), above=True),
                _percent("growth", _("Growth a year (g)"), -100, 1000, above=True, default="0"),
                Field(
                    "years", _("Life in years (n)"), "years", Decimal(0), Decimal(100), above=True
                ),
                _percent("royalty", _("Royalty (ρ)"), 0, 100),
                _percent("tax", _("Tax (τ)"), 0, 100, default="0"),
                _rate(_("Discount rate (r)")),
            ),
            choices=(_TIMING,),
        ),
        Approach(
            "black_scholes",
            "options",
            _("The right, not the duty, to develop: exercised at the end only (European)."),
            "C = S·e⁻ʸᵗ·N(d₁) − K·e⁻ʳᵗ·N(d₂)",
            fields=_OPTION,
        ),
        Approach(
            "binomial",
            "options",
            _("The same right on a lattice of prices, exercised at the end only or at any time."),
            "u = e^(σ√Δt), d = 1/u, p = (e^((r−y)Δt) − d) / (u − d)",
            fields=(
                *_OPTION,
                Field(
                    "steps",
                    pgettext_lazy("lattice", "Steps"),
                    "count",
                    Decimal(1),
                    Decimal(2000),
                    ranged=False,
                    default="100",
                ),
            ),
            choices=(
                Choice(
                    "style",
                    _("Style"),
                    (
                        ("european", _("European: exercised at the end only")),
                        ("american", _("American: exercised at any time")),
                    ),
                ),
            ),
        ),
        Approach(
            "tree",
            "options",
            _("Stages with their costs and chances, and what the end is worth; one may stop."),
            "Vₙ = payoffₙ − costₙ + Σ pᵢ × Vᵢ",
            choices=(
                Choice(
                    "policy",
                    _("After a stage"),
                    (
                        ("may_stop", _("one may stop where going on is worth less than nothing")),
                        ("goes_on", _("one always goes on")),
                    ),
                ),
            ),
            rows=(
                Field("label", _("Stage or result"), "text", ranged=False),
                Field(
                    "parent",
                    _("Follows"),
                    "text",
                    ranged=False,
                    required=False,
                    help=_("Empty for the first stage."),
                ),
                Field(
                    "chance",
                    _("Probability"),
                    "probability",
                    Decimal(0),
                    Decimal(1),
                    required=False,
                    default="1",
                ),
                _money(
                    "cost", _("Cost of going on"), minimum=Decimal(0), required=False, default="0"
                ),
                _money(
                    "payoff",
                    _("Payoff"),
                    required=False,
                    default="0",
                    help=_("All amounts as present values."),
                ),
            ),
            rows_label=_("Stages and results"),
            row_label=_("Row"),
        ),
    )
}
FAMILIES: tuple[tuple[str, Words], ...] = (
    ("cost", _("Cost approach")),
    ("market", _("Market approach")),
    ("income", _("Income approach")),
    ("options", _("Real options")),
)
