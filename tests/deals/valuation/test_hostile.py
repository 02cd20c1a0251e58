"""Figures and requests that somebody sends on purpose: refused or shown, never broken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from deals.actions import valuations as actions
from deals.models import Simulation, Valuation
from deals.rules import MAX_VALUATIONS
from deals.valuation import NoValue
from deals.valuing.approaches import APPROACHES
from deals.valuing.computing import compute, simulate
from deals.valuing.explaining import number, working
from deals.valuing.reading import read
from marketplace.core.errors import Conflict, Invalid, Stale
from tests.deals.valuation import factories
from tests.deals.valuation.vectors import COST, DAVANRIK, RELIEF

if TYPE_CHECKING:
    from tests.cast import Cast


def nested(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {"base": "1"}
    for _level in range(levels):
        found = {"base": found}
    return found


def outcome(code: str, inputs: Any) -> dict[str, Any]:
    return compute(code, read(APPROACHES[code], inputs))


@pytest.mark.parametrize("name", ["revenue", "royalty"])
@pytest.mark.parametrize("levels", [1, 2, 900])
def test_nested_figures_are_refused_however_deep(name: str, levels: int) -> None:
    with pytest.raises(Invalid) as refused:
        read(APPROACHES["relief"], {**RELIEF, name: nested(levels)})

    assert f"inputs.{name}.base" in refused.value.fields


def test_a_nested_name_is_refused() -> None:
    rows = [{"label": nested(900), "amount": "1"}]
    with pytest.raises(Invalid) as refused:
        read(APPROACHES["cost"], {"rows": rows})

    assert "inputs.rows.0.label" in refused.value.fields


def test_a_number_too_long_to_read_is_refused_not_cut() -> None:
    with pytest.raises(Invalid):
        read(APPROACHES["relief"], {**RELIEF, "revenue": "0." + "0" * 60 + "1e70"})


def test_flows_beyond_all_money_that_cancel_are_refused() -> None:
    rows = [{"year": 100, "amount": 10**15}, {"year": 100, "amount": -(10**15)}]
    with pytest.raises(Invalid) as refused:
        outcome("dcf", {"rate": "-99.9", "rows": rows})

    assert refused.value.code == "no_value"


def test_a_step_beyond_all_money_is_still_written_down() -> None:
    """Growth and discount cancel out: the value is small, the sales of a late year are not."""
    inputs = read(APPROACHES["relief"], {
        "revenue": 10**15, "growth": 1000, "rate": 1000, "years": 40, "royalty": "0.001",
    })  # fmt: skip
    found = compute("relief", inputs)

    assert working("relief", inputs, found)[-1][0] == "V"
    assert number(10**21) == "1.0000 × 10^21" and number(10**20) == "100,000,000,000,000,000,000"


@pytest.mark.parametrize(
    "inputs",
    [
        # the end of the tail lies beyond all money, though the middle does not
        {**RELIEF, "revenue": {"low": "0.01", "base": "1", "high": "1000000000000000",
                               "law": "lognormal"}, "growth": "1000", "years": "9"},
        # draws of a life reach where a fixed growth leaves the range of floats
        {**RELIEF, "growth": "999", "rate": "-99.9999",
         "years": {"low": "0.5", "base": "1", "high": "1.5", "law": "normal"}},
    ],
)  # fmt: skip
def test_a_simulation_that_leaves_all_money_says_so(inputs: Any) -> None:
    try:
        found = simulate("relief", read(APPROACHES["relief"], inputs), seed=1, draws=1000)
    except NoValue as problem:
        assert problem.code == "not_finite"
    else:
        assert found["draws"] == 1000


def test_the_span_holds_every_bar_of_the_tornado() -> None:
    """A rate works the other way on a loss than on a gain: both at their worst end by themselves
    are not the worst together."""
    found = outcome("dcf", {
        "rate": {"low": "-50", "base": "10", "high": "200"},
        "rows": [
            {"year": 0, "amount": {"low": -50, "base": 100, "high": 120}},
            {"year": 3, "amount": {"low": -400, "base": 40, "high": 60}},
        ],
    })  # fmt: skip
    ends = [float(bar[end]) for bar in found["tornado"] for end in ("at_low", "at_high")]

    assert float(found["low"]) <= min(ends) and max(ends) <= float(found["high"])


def test_a_lognormal_law_of_rows_asks_nothing_of_those_without_a_range() -> None:
    rows = [dict(row) for row in DAVANRIK["rows"]]
    rows[0]["cost"] = {"low": "20", "base": "30", "high": "40", "law": "lognormal"}
    for row in rows[1:]:
        row["payoff"] = {"base": row["payoff"], "law": "lognormal"}

    assert outcome("tree", {"rows": rows})["base"] == "13.98"


def test_adjustments_have_a_range() -> None:
    found = outcome("market", {"rows": [
        {"label": "A deal", "price": "100", "stage": {"low": "0.5", "base": "0.8", "high": "1"}},
    ]})  # fmt: skip

    assert (found["low"], found["base"], found["high"]) == ("50.00", "80.00", "100.00")
    assert [bar["path"] for bar in found["tornado"]] == ["rows.0.stage"]


# --- With an account -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_two_who_save_at_once_do_not_overwrite_each_other_unseen(cast: Cast) -> None:
    made = factories.valued(cast)
    one = {"actor": cast.owner.actor, "valuation_id": made.pk, "approach": "relief"}
    with pytest.raises(Stale):
        actions.save_inputs(**one, inputs={**RELIEF, "tax": "10"}, expected_number=0)  # type: ignore[arg-type]

    url = f"{made.get_absolute_url()}by/relief/"
    typed = {
        "number": "0", "do": "save", "revenue_base": "7000000", "growth_base": "10",
        "years_base": "5", "royalty_base": "5", "tax_base": "25", "rate_base": "20",
    }  # fmt: skip
    refused = cast.owner.client.post(url, typed)
    html = refused.content.decode()
    assert refused.status_code == 422 and "save again to put them above" in html
    assert 'value="7000000"' in html and 'name="number" value="1"' in html
    assert cast.owner.client.post(url, {**typed, "number": "1"}).status_code == 302
    assert made.versions.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("rows", ["²", "٣", "9" * 5000, "-1", "1e3", ""])
def test_a_number_of_rows_that_is_none_breaks_nothing(cast: Cast, rows: str) -> None:
    made = factories.begun(cast)
    for wanted in ("rows", "save", "draw"):
        answer = cast.owner.client.post(
            f"{made.get_absolute_url()}by/market/",
            {"rows": rows, "number": rows, "do": wanted, "since": "1800", "type": "x"},
        )
        assert answer.status_code in (200, 422), (rows, wanted)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "row_words", "form_words"),
    [
        ("en", "At most 100 rows", "That was too large to take"),
        ("zh-hans", "最多", "内容过大"),
    ],
)
def test_a_form_of_a_thousand_rows_is_refused_in_words(
    cast: Cast, language: str, row_words: str, form_words: str
) -> None:
    made = factories.begun(cast)
    client, url = cast.owner.client, f"{made.get_absolute_url()}by/tree/"
    client.cookies["language"] = language

    def sent(number: int) -> Any:
        typed = {"rows": str(number), "do": "save"}
        for place in range(number):
            typed |= {
                f"row-{place}-{name}": "1"
                for name in ("label", "parent", "chance_base", "cost_base", "payoff_base")
            }
        return client.post(url, typed)

    many, far_too_many = sent(150), sent(1000)

    assert many.status_code == 422 and row_words in many.content.decode()
    assert far_too_many.status_code == 413 and form_words in far_too_many.content.decode()
    assert not made.versions.exists()


@pytest.mark.django_db
def test_copies_count_among_the_drafts(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    made = factories.final(cast)
    monkeypatch.setattr(actions, "MAX_VALUATIONS", 1)
    assert MAX_VALUATIONS > 1
    actions.copy_valuation(actor=cast.owner.actor, valuation_id=made.pk)

    with pytest.raises(Conflict):
        actions.copy_valuation(actor=cast.owner.actor, valuation_id=made.pk)
    assert cast.owner.client.post(f"{made.get_absolute_url()}copy/").status_code == 409
    assert Valuation.objects.count() == 2


@pytest.mark.django_db
def test_a_simulation_beyond_all_money_ends_and_does_not_block_the_valuation(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = factories.valued(cast)
    asked = actions.ask_for_simulation(
        actor=cast.owner.actor, valuation_id=made.pk, approach="relief", draws=1000, seed=1
    )

    def too_far(*_figures: Any, **_more: Any) -> Any:
        raise OverflowError

    monkeypatch.setattr("deals.valuation.income.relief", too_far)
    actions.run_simulation(asked.pk)

    done = Simulation.objects.get()
    assert (done.problem, done.is_waiting) == ("not_finite", False)


@pytest.mark.django_db
def test_figures_for_programs_are_plain_numbers(cast: Cast) -> None:
    made = factories.valued(cast)
    actions.save_inputs(
        actor=cast.owner.actor, valuation_id=made.pk, approach="cost",
        inputs={**COST, "rows": [{**COST["rows"][0], "label": "=cmd()"}]},
    )  # fmt: skip
    lines = cast.owner.client.get(f"{made.get_absolute_url()}figures.csv").content.decode()

    assert "relief,input,Revenue of year 1 (R),2000000,3000000,4500000,CNY" in lines
    assert "relief,input,Royalty (ρ),3,5,7,percent" in lines
    assert ",=cmd()" not in lines
