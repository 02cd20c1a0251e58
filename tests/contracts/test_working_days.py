"""Working days and the clock of a registration point."""

import datetime as dt

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from contracts.actions import submit_contract
from contracts.actions.examination import claim, return_
from contracts.actions.points import change_point
from contracts.working_days import Calendar
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused
from tests.cast import Cast
from tests.contracts import factories

FRIDAY = dt.date(2026, 11, 20)
days = st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1))


def test_weekends_do_not_count() -> None:
    assert Calendar().add(FRIDAY, 1) == dt.date(2026, 11, 23)
    assert Calendar().add(FRIDAY, 15) == dt.date(2026, 12, 11)
    assert Calendar().add(FRIDAY, 0) == FRIDAY


def test_closed_days_do_not_count_and_opened_weekends_do() -> None:
    calendar = Calendar(
        closed=frozenset({dt.date(2026, 11, 23)}), opened=frozenset({dt.date(2026, 11, 21)})
    )
    assert calendar.add(FRIDAY, 1) == dt.date(2026, 11, 21)
    assert calendar.add(FRIDAY, 2) == dt.date(2026, 11, 24)


@given(start=days, count=st.integers(min_value=0, max_value=90))
def test_counting_back_gives_the_days_that_were_added(start: dt.date, count: int) -> None:
    calendar = Calendar(closed=frozenset({dt.date(2025, 10, 1), dt.date(2025, 10, 2)}))
    end = calendar.add(start, count)
    assert calendar.between(start, end) == count
    assert calendar.between(end, start) == -count
    assert count == 0 or calendar.is_working(end)


# Instants at Chinese local dates, since deadlines are days of the register's time zone.
MONDAY = dt.datetime(2026, 11, 2, 2, 0, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_the_clock_stops_while_returned_and_goes_on_with_what_was_left(cast: Cast) -> None:
    with time_machine.travel(MONDAY, tick=False):
        contract = factories.submitted(cast)
        assert contract.due_on == dt.date(2026, 11, 23)  # 15 working days
    with time_machine.travel(MONDAY + dt.timedelta(days=7), tick=False):
        claim(actor=cast.registrar.fresh(), contract_id=contract.pk)
        contract = return_(actor=cast.registrar.actor, contract_id=contract.pk, words="Seal?")
        assert (contract.due_on, contract.days_left) == (None, 10)
    with time_machine.travel(MONDAY + dt.timedelta(days=28), tick=False):
        contract = submit_contract(actor=cast.colleague.fresh(), contract_id=contract.pk)
        assert (contract.due_on, contract.days_left) == (dt.date(2026, 12, 14), None)


@pytest.mark.django_db
def test_a_large_contract_has_thirty_days(cast: Cast) -> None:
    with time_machine.travel(MONDAY, tick=False):
        contract = factories.submitted(cast, total_amount=factories.LARGE)
        assert contract.due_on == dt.date(2026, 12, 14)


@pytest.mark.django_db
def test_a_point_sets_its_own_days_and_holidays(cast: Cast) -> None:
    with time_machine.travel(MONDAY, tick=False):
        change_point(
            actor=cast.registrar.actor, point_id=cast.point.pk, code="440300", decision_days=7,
            large_decision_days=None, closed_days=[dt.date(2026, 11, 4)],
        )  # fmt: skip
        assert factories.submitted(cast).due_on == dt.date(2026, 11, 12)


@pytest.mark.django_db
def test_only_an_owner_of_the_point_changes_it_and_never_a_code_in_use(cast: Cast) -> None:
    from accounts.queries import actor_for

    second = actor_for(factories.second_registrar(cast), "en")
    values = {"point_id": cast.point.pk, "decision_days": 7, "large_decision_days": 9}
    with pytest.raises(Refused):
        change_point(actor=second, code="440300", **values)
    with pytest.raises(NotFound):
        change_point(actor=cast.outsider.actor, code="440300", **values)
    with pytest.raises(Invalid) as refusal:
        change_point(actor=cast.registrar.actor, code="44A", **values)
    assert set(refusal.value.fields) == {"code"}
    factories.registered(cast)
    with pytest.raises(Conflict):
        change_point(actor=cast.registrar.actor, code="440301", **values)
