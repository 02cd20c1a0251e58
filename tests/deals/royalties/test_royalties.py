"""Royalty statements through their actions: who states, who answers, and what the clock does."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from contracts.models import Contract
from deals.actions.income import open_account
from deals.actions.receipts import enter_receipt
from deals.actions.royalties import accept_statement, query_statement, work_out_statement
from deals.actions.royalty_clock import open_periods, remind_of_statements
from deals.models import RoyaltyAnswer, RoyaltyPeriod, RoyaltyStatement
from deals.queries import income
from deals.queries.dues import dues_of
from deals.queries.royalties import edition_on, stated_sums, visible_to
from deals.rules import DAYS_TO_STATE
from events.models import Event, Notification
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Stale
from tests.contracts.factories import amended
from tests.deals.royalties import factories

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_the_clock_opens_each_period_once_for_each_buyer(cast: Cast) -> None:
    factories.contract(cast)
    assert open_periods() == 2 and open_periods() == 0
    first, second = RoyaltyPeriod.objects.order_by("ends_on")
    assert second.starts_on == first.ends_on + dt.timedelta(days=1)
    assert second.ends_on < timezone.localdate()
    assert second.due_on == second.ends_on + dt.timedelta(days=DAYS_TO_STATE)
    assert (first.licensee, first.state) == (cast.outside, "due")
    told = Notification.objects.filter(kind="royalty.due")
    assert {one.recipient_id for one in told} == {cast.outsider.user.pk}  # type: ignore[union-attr]
    assert told.count() == 2
    assert Event.objects.filter(kind="royalty.opened").count() == 2


def test_a_long_history_is_opened_from_the_royaltys_last_year_on(cast: Cast) -> None:
    factories.contract(cast, months=40)
    assert open_periods() == 5  # a whole year of four quarters, and one of this year
    days = RoyaltyPeriod.objects.order_by("ends_on").values_list("starts_on", flat=True)
    assert days[0] == factories.day_ago(16)


def test_nothing_is_due_without_a_royalty_or_before_its_end(cast: Cast) -> None:
    factories.contract(cast, months=2)
    assert open_periods() == 0


def test_late_statements_are_told_once_for_each_step(cast: Cast) -> None:
    period = factories.periods(cast)[0]
    late = period.due_on + dt.timedelta(days=1)
    for _again in range(2):
        assert remind_of_statements(period.due_on) == 0
        assert remind_of_statements(late) == 1
    told = Notification.objects.filter(kind="royalty.late")
    people = {cast.outsider.user, cast.owner.user, cast.colleague.user}
    assert {one.recipient_id for one in told} == {one.pk for one in people if one}
    assert told.all().count() == 3
    assert remind_of_statements(late + dt.timedelta(days=29)) == 1
    assert told.all().count() == 6
    factories.stated(cast, period)
    assert remind_of_statements(late + dt.timedelta(days=29)) == 0


def test_a_statement_is_worked_out_by_steps_and_minimum(cast: Cast) -> None:
    rows = factories.periods(cast, months=12, royalty={"minimum_per_year": "20000"})
    assert len(rows) == 4
    sums = []
    for period, sales in zip(rows, ("60000", "60000", "0", "100.50"), strict=True):
        row = factories.stated(cast, period, sales)
        sums.append((row.before, row.royalty, row.topped_up, row.owed))
    D = Decimal
    assert sums == [
        (D(0), D(3000), D(0), D(3000)),
        (D(60000), D(2600), D(0), D(2600)),  # 40,000 at 5 %, 20,000 at 3 %
        (D(120000), D(0), D(0), D(0)),
        (D(120000), D("3.02"), D("14396.98"), D(14400)),  # 20,000 in the year
    ]
    assert sum(row[3] for row in sums) == 20000


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"sales": "-1"}, "sales"),
        ({"sales": None}, "sales"),
        ({"sales": "1e30"}, "sales"),
        ({"sales": "many"}, "sales"),
        ({"sales": "NaN"}, "sales"),
        ({"sales": "10.001"}, "sales"),
        ({"currency": "USD"}, "rate"),
        ({"currency": "USD", "rate": "7"}, "rate_source"),
        ({"currency": "USD", "rate": "0", "rate_source": "Bank"}, "rate"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": "JPY", "sales": "1.50", "rate": "1", "rate_source": "B"}, "sales"),
        ({"deductions": "5"}, "deductions_note"),
        ({"deductions": "1001", "deductions_note": "Returns"}, "deductions"),
        ({"deductions": "-5"}, "deductions"),
        ({"units": "-1"}, "units"),
        ({"note": "a\x00b"}, "note"),
        ({"note": "x" * 401}, "note"),
        ({"replaces": "0000000000"}, "replaces"),
    ],
)
def test_wrong_facts_are_refused_at_their_place(
    cast: Cast, facts: dict[str, Any], field: str
) -> None:
    period = factories.periods(cast)[0]
    with pytest.raises(Invalid) as refusal:
        factories.stated(cast, period, **{"sales": "1000", **facts})
    assert list(refusal.value.fields) == [field]
    assert not RoyaltyStatement.objects.exists()


def test_another_currency_is_converted_once(cast: Cast) -> None:
    period = factories.periods(cast)[0]
    row = factories.stated(
        cast, period, "1000.10", currency="USD", rate="7.123456", rate_source="Bank of China",
        deductions="0.10", deductions_note="Returns, clause 4",
    )  # fmt: skip
    assert row.base == Decimal("7123.46") and row.royalty == Decimal("356.17")


def test_periods_are_stated_in_order_and_once(cast: Cast) -> None:
    first, second = factories.periods(cast)
    with pytest.raises(Conflict) as refusal:
        factories.stated(cast, second)
    assert refusal.value.code == "earlier_first"
    row = factories.stated(cast, first)
    with pytest.raises(Conflict) as refusal:
        factories.stated(cast, first)
    assert refusal.value.code == "stated_already"
    with pytest.raises(Invalid) as wrong:  # a correction says why
        factories.stated(cast, first, "900", replaces=row.public_id)
    assert list(wrong.value.fields) == ["note"]
    again = factories.stated(cast, first, "900", replaces=row.public_id, note="Returns")
    assert again.position == 2 and RoyaltyStatement.objects.count() == 2
    first.refresh_from_db()
    assert (first.state, first.version) == ("submitted", 3)


def test_query_correct_accept(cast: Cast) -> None:
    period = factories.periods(cast)[0]
    row = factories.stated(cast, period)
    licensor = cast.colleague.actor
    with pytest.raises(Invalid):
        query_statement(actor=licensor, period_id=period.pk, words="  ")
    query_statement(actor=licensor, period_id=period.pk, words="Where is model B?")
    with pytest.raises(Conflict):  # the question is answered by a statement
        accept_statement(actor=licensor, period_id=period.pk)
    told = Notification.objects.filter(kind="royalty.queried")
    assert [one.recipient_id for one in told] == [cast.outsider.user.pk]  # type: ignore[union-attr]
    again = factories.stated(cast, period, "2000", replaces=row.public_id, note="With model B")
    with pytest.raises(Stale):  # what was read is not what stands there
        accept_statement(actor=licensor, period_id=period.pk, statement=row.public_id)
    with pytest.raises(Stale):
        accept_statement(actor=licensor, period_id=period.pk, expected_version=1)
    accept_statement(actor=licensor, period_id=period.pk, statement=again.public_id)
    period.refresh_from_db()
    assert period.state == "accepted"
    assert [one.verdict for one in RoyaltyAnswer.objects.order_by("pk")] == ["queried", "accepted"]
    for kind in ("submitted", "queried", "accepted"):
        for event in Event.objects.filter(kind=f"royalty.{kind}"):
            assert "2000" not in str(event.data) and "model" not in str(event.data)


def test_an_earlier_correction_unsettles_what_came_after(cast: Cast) -> None:
    first, second = factories.periods(cast)
    row = factories.stated(cast, first)
    late = factories.stated(cast, second)
    factories.stated(cast, first, "5000", replaces=row.public_id, note="Forgotten sales")
    with pytest.raises(Conflict) as refusal:
        accept_statement(actor=cast.owner.actor, period_id=second.pk)
    assert refusal.value.code == "earlier_changed"
    factories.stated(cast, second, replaces=late.public_id, note="After the correction")
    accept_statement(actor=cast.owner.actor, period_id=second.pk)


def test_each_side_does_its_own(cast: Cast) -> None:
    period = factories.periods(cast)[0]
    facts = {"sales": "1"}
    with pytest.raises(Refused):
        work_out_statement(actor=cast.owner.actor, period_id=period.pk, facts=facts)
    factories.stated(cast, period)
    for act in (accept_statement, query_statement):
        more: Any = {"words": "Why?"} if act is query_statement else {}
        with pytest.raises(Refused):
            act(actor=cast.outsider.actor, period_id=period.pk, **more)
        for player in (cast.rival, cast.registrar, cast.operator, cast.moderator, cast.broker):
            with pytest.raises(NotFound):
                act(actor=player.actor, period_id=period.pk, **more)
    for player in cast.everybody.values():
        sees = visible_to(player.actor).exists()
        assert sees is (player in (cast.owner, cast.colleague, cast.outsider)), player


def test_whoever_submitted_does_not_accept(cast: Cast) -> None:
    from tests.accounts.factories import MembershipFactory

    period = factories.periods(cast)[0]
    MembershipFactory(user=cast.outsider.user, organisation=cast.home, roles=["editor"])
    actor = cast.outsider.fresh()
    factories.stated(cast, period)
    with pytest.raises(Refused) as refusal:
        accept_statement(actor=actor, period_id=period.pk)
    assert refusal.value.code == "own_statement"


def test_two_licensees_never_see_each_other(cast: Cast) -> None:
    from tests.contracts.factories import parties

    third = {"role": "buyer", "organisation": cast.rivals.public_id, "code": "91440300TEST00007C",
             "kind": "enterprise_limited"}  # fmt: skip
    rows = factories.periods(cast, sides=[*parties(cast), third])
    assert len(rows) == 4
    assert {row.licensee for row in visible_to(cast.outsider.actor)} == {cast.outside}
    assert {row.licensee for row in visible_to(cast.rival.actor)} == {cast.rivals}
    assert visible_to(cast.owner.actor).count() == 4
    theirs = next(row for row in rows if row.licensee == cast.rivals)
    with pytest.raises(NotFound):
        factories.stated(cast, theirs)


def test_the_edition_in_force_on_the_last_day_counts(cast: Cast) -> None:
    old = factories.contract(cast)
    assert open_periods() == 2
    new = amended(cast, old)
    assert new.number == old.number
    first, second = RoyaltyPeriod.objects.order_by("ends_on")
    assert {first.contract_id, second.contract_id} == {old.pk}
    day = timezone.localdate()
    assert edition_on(str(old.number), day) == new
    assert edition_on(str(old.number), day - dt.timedelta(days=2)) == old
    # a quarter later the newer edition counts, from the day after the last period on
    later = second.ends_on + dt.timedelta(days=100)
    assert open_periods(later) == 1
    third = RoyaltyPeriod.objects.latest("ends_on")
    assert third.contract_id == new.pk and third.starts_on == second.ends_on + dt.timedelta(days=1)
    with pytest.raises(Conflict) as refusal:
        factories.stated(cast, third)
    assert refusal.value.code == "not_over"


def test_other_periods_by_an_amendment_leave_no_day_out(cast: Cast) -> None:
    from contracts.actions import change_contract, start_amendment, submit_contract
    from contracts.actions.decisions import register_contract
    from contracts.actions.examination import claim

    old = factories.contract(cast, months=4)
    assert open_periods() == 1
    draft = start_amendment(actor=cast.colleague.actor, contract_id=old.pk)
    change_contract(
        actor=cast.colleague.actor, contract_id=draft.pk, facts={},
        royalty={"base": "sales", "rate_kind": "fixed", "reporting": "half_year",
                 "steps": [{"from_amount": "0", "rate": "2"}],
                 "runs_from": factories.day_ago(4)},
    )  # fmt: skip
    submit_contract(actor=cast.colleague.actor, contract_id=draft.pk)
    claim(actor=cast.registrar.actor, contract_id=draft.pk)
    new = register_contract(actor=cast.registrar.actor, contract_id=draft.pk)
    assert open_periods(timezone.localdate() + dt.timedelta(days=70)) == 1
    first, second = RoyaltyPeriod.objects.order_by("ends_on")
    assert second.starts_on == first.ends_on + dt.timedelta(days=1)
    assert second.contract_id == new.pk


def test_accepted_sums_are_dues_that_receipts_fill(cast: Cast) -> None:
    first, second = factories.periods(cast)
    factories.accepted(cast, first, "1000")
    factories.accepted(cast, second, "2000")
    contract = Contract.objects.get(pk=first.contract_id)
    account, _new = open_account(actor=cast.owner.actor, contract_id=contract.pk)
    enter_receipt(
        actor=cast.owner.actor, account_id=account.pk,
        facts={"purpose": "royalty", "amount": Decimal(70), "received_on": timezone.localdate()},
    )  # fmt: skip
    rows = dues_of(
        income.edition_of(account), income.paid(account), timezone.localdate(), account.currency,
        stated_sums(account),
    )  # fmt: skip
    told = [(row.key, row.amount, row.missing, row.state) for row in rows]
    assert told == [
        (f"royalty-{first.public_id}", Decimal(50), Decimal(0), "paid"),
        (f"royalty-{second.public_id}", Decimal(100), Decimal(80), "part"),
    ]


def test_the_database_keeps_what_was_stated(cast: Cast) -> None:
    period = factories.accepted(cast, factories.periods(cast)[0])
    for change in (
        lambda: RoyaltyStatement.objects.update(sales=1),
        lambda: RoyaltyAnswer.objects.all().delete(),
        lambda: RoyaltyPeriod.objects.filter(pk=period.pk).update(licensee=cast.rivals),
        lambda: RoyaltyPeriod.objects.filter(pk=period.pk).update(due_on=period.ends_on),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
