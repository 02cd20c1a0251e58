"""A valuation from its beginning to its freezing: actions, database, job."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction

from deals.actions import valuations as actions
from deals.models import Simulation, Valuation, ValuationInputs
from deals.queries.valuations import comparables, read_all
from deals.valuing.differences import differences
from events.models import Event
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Stale
from tests.deals.valuation import factories
from tests.deals.valuation.vectors import COST, RELIEF

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def save(cast: Cast, made: Valuation, inputs: Any, **more: Any) -> ValuationInputs:
    return actions.save_inputs(
        actor=cast.owner.actor,
        valuation_id=made.pk,
        inputs=inputs,
        **{"approach": "relief", **more},
    )


def test_versions_say_who_when_why_and_what_changed(cast: Cast) -> None:
    made = factories.valued(cast)
    save(cast, made, {**RELIEF, "tax": "15"}, note="New tax rate")
    save(cast, made, {**RELIEF, "tax": "15"}, note="The same again")
    newest, first = read_all(made).history

    assert (newest.row.number, newest.row.note, newest.row.made_by) == (
        2, "New tax rate", cast.owner.user,
    )  # fmt: skip
    assert [(one.label, one.before, one.after) for one in differences(newest)] == [
        ("Tax (τ)", "25%", "15%")
    ]
    assert differences(first) == []
    made.refresh_from_db()
    assert made.version == 3


def test_an_approach_is_taken_off_and_stays_in_the_history(cast: Cast) -> None:
    made = factories.valued(cast)
    actions.remove_approach(actor=cast.owner.actor, valuation_id=made.pk, approach="relief")
    reading = read_all(made)

    assert (len(reading.current), len(reading.history)) == (0, 2)
    assert save(cast, made, RELIEF).number == 3


def test_only_roles_of_the_organisation_act(cast: Cast) -> None:
    made = factories.valued(cast)

    for player in (cast.rival, cast.outsider, cast.broker, cast.operator, cast.visitor):
        with pytest.raises(NotFound):
            actions.save_inputs(
                actor=player.actor, valuation_id=made.pk, approach="cost", inputs=COST
            )
        with pytest.raises(NotFound):
            actions.copy_valuation(actor=player.actor, valuation_id=made.pk)
        with pytest.raises(Refused):
            actions.begin_valuation(actor=player.actor, organisation_id=cast.home.pk, title="x")
    actions.save_inputs(
        actor=cast.colleague.actor, valuation_id=made.pk, approach="cost", inputs=COST
    )


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"title": " "}, "title"), ({"title": "x" * 161}, "title"),
        ({"currency": "XXX"}, "currency"),
        ({"listing": "0000000000"}, "listing"), ({"introduction": "0000000000"}, "introduction"),
        ({"title": "a\x00"}, "title"),
    ],
)  # fmt: skip
def test_a_beginning_that_is_refused_names_its_field(
    cast: Cast, facts: dict[str, Any], name: str
) -> None:
    with pytest.raises(Invalid) as refused:
        factories.begun(cast, **facts)

    assert list(refused.value.fields) == [name]


def test_finalising_needs_an_approach_and_a_value_that_rises(cast: Cast) -> None:
    def finalise(made: Valuation, low: Any, base: Any, high: Any, **more: Any) -> Valuation:
        return actions.finalise(
            actor=cast.owner.actor, valuation_id=made.pk, low=low, base=base, high=high, **more
        )

    with pytest.raises(Conflict):
        finalise(factories.begun(cast), None, Decimal(5), None)
    made = factories.valued(cast)
    for low, base, high, name in (
        (None, None, None, "base"), (Decimal(6), Decimal(5), None, "low"),
        (None, Decimal(5), Decimal(4), "high"), (None, Decimal("NaN"), None, "base"),
        (None, Decimal(10) ** 30, None, "base"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            finalise(made, low, base, high)
        assert name in refused.value.fields
    with pytest.raises(Stale):
        finalise(made, None, Decimal(5), None, expected_version=1)

    done = finalise(made, None, Decimal("5.005"), None, expected_version=2)

    assert (done.low, done.base, done.high, done.state) == (
        Decimal("5.00"), Decimal("5.00"), Decimal("5.00"), "final",
    )  # fmt: skip
    with pytest.raises(Conflict):
        save(cast, made, {**RELIEF, "tax": "1"})


def test_the_database_itself_freezes_what_is_final(
    cast: Cast, run_jobs: Callable[..., Any]
) -> None:
    made = factories.valued(cast)
    actions.ask_for_simulation(
        actor=cast.owner.actor, valuation_id=made.pk, approach="relief", draws=1000, seed=1
    )
    run_jobs()
    actions.finalise(
        actor=cast.owner.actor, valuation_id=made.pk, low=None, base=Decimal(4), high=None
    )
    row = ValuationInputs.objects.get()

    attempts: list[Callable[[], Any]] = [
        lambda: Valuation.objects.filter(pk=made.pk).update(base=5),
        lambda: Valuation.objects.filter(pk=made.pk).update(state="draft", finalised_at=None),
        lambda: Valuation.objects.filter(pk=made.pk).delete(),
        lambda: ValuationInputs.objects.update(note="other"),
        lambda: ValuationInputs.objects.all().delete(),
        lambda: ValuationInputs.objects.create(
            valuation=made, approach="cost", number=1, inputs={}, outcome={}
        ),
        lambda: Simulation.objects.update(result={}),
        lambda: Simulation.objects.create(inputs=row, seed=1, draws=1000),
    ]
    for attempt in attempts:
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()
    Valuation.objects.filter(pk=made.pk).update(made_by=None)  # a person may be forgotten
    ValuationInputs.objects.update(made_by=None)


def test_inputs_of_a_draft_are_append_only_too(cast: Cast) -> None:
    factories.valued(cast)

    for attempt in (
        lambda: ValuationInputs.objects.update(inputs={}),
        lambda: ValuationInputs.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()


def test_a_copy_is_a_draft_of_the_next_edition(cast: Cast) -> None:
    old = factories.final(cast)
    new = actions.copy_valuation(actor=cast.colleague.actor, valuation_id=old.pk)

    assert (new.edition, new.copied_from, new.state, new.base) == (2, old, "draft", None)
    assert read_all(new).current[0].row.inputs == read_all(old).current[0].row.inputs
    save(cast, new, {**RELIEF, "tax": "15"})
    assert read_all(old).current[0].row.inputs["tax"]["base"] == "25"


def test_a_simulation_is_a_job_that_may_run_twice(cast: Cast, run_jobs: Callable[..., Any]) -> None:
    made = factories.valued(cast)

    def ask(**more: Any) -> Simulation:
        return actions.ask_for_simulation(
            actor=cast.owner.actor, valuation_id=made.pk, approach="relief",
            **{"draws": 2000, "seed": 42, **more},
        )  # fmt: skip

    asked = ask()
    assert ask() == asked and asked.is_waiting
    with pytest.raises(Conflict, match="under way"):
        actions.finalise(
            actor=cast.owner.actor, valuation_id=made.pk, low=None, base=Decimal(4), high=None
        )
    run_jobs()
    actions.run_simulation(asked.pk)
    asked.refresh_from_db()

    assert ask() == asked and asked.result is not None
    assert sum(asked.result["counts"]) == asked.result["draws"] == 2000
    again = ask(seed=43)
    run_jobs()
    again.refresh_from_db()
    assert again.result["mean"] != asked.result["mean"]
    assert Event.objects.filter(kind="valuation.simulated").count() == 2


@pytest.mark.parametrize(
    ("approach", "inputs", "more", "name"),
    [
        ("relief", RELIEF, {"draws": 999}, "draws"),
        ("relief", RELIEF, {"draws": 100_001}, "draws"),
        ("relief", RELIEF, {"seed": -1}, "seed"), ("relief", RELIEF, {"seed": 2**31}, "seed"),
        ("relief", {**RELIEF, "revenue": "1", "royalty": "5"}, {}, "draws"),
        ("cost", None, {}, "approach"),
        ("binomial", {"s": {"low": 1, "base": 2}, "k": 1, "t": 1, "volatility": 50, "rate": 5,
                      "steps": 2000}, {"draws": 100_000}, "draws"),
    ],
)  # fmt: skip
def test_a_simulation_that_makes_no_sense_is_refused(
    cast: Cast, approach: str, inputs: Any, more: dict[str, Any], name: str
) -> None:
    made = factories.valued(cast, approach, inputs) if inputs else factories.begun(cast)

    with pytest.raises(Invalid) as refused:
        actions.ask_for_simulation(
            actor=cast.owner.actor, valuation_id=made.pk, approach=approach, **more
        )

    assert list(refused.value.fields) == [name]


def test_events_hold_codes_and_numbers_alone(cast: Cast) -> None:
    factories.final(cast)
    rows = Event.objects.filter(object_type="valuation").order_by("pk")

    assert [row.kind for row in rows] == [
        "valuation.begun", "valuation.computed", "valuation.finalised"
    ]  # fmt: skip
    for row in rows:
        assert row.organisation_ids == [cast.home.pk]
        said = f"{row.before}{row.after}{row.data}"
        assert factories.SECRET not in said and "400000" not in said


def test_of_few_comparables_none_is_shown(cast: Cast) -> None:
    assert comparables() == ([], 0)
