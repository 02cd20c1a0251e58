"""Fees of a referred case: no deal no fee, tiers, split, a second person, frozen, reversed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction

from contracts.actions.endings import cancel
from deals.actions import fee_clock
from deals.actions.agreements import propose_split
from deals.actions.commissions import (
    approve_statement,
    discard_statement,
    draft_statement,
    reverse_statement,
)
from deals.models import Case, CommissionStatement, Referral
from deals.queries.commissions import stated, visible_to
from events.models import Event, Notification
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Stale
from tests.deals.alliance import factories, fees
from tests.deals.alliance.fees import agreed, second_owner, tier, won

if TYPE_CHECKING:
    from tests.cast import Cast
    from tests.deals.alliance.factories import Allied

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(cast: Cast) -> Allied:
    return factories.allied(cast)


@pytest.fixture
def referral(cast: Cast, group: Allied) -> Referral:
    return factories.carried(cast, group)


@pytest.fixture
def case(referral: Referral) -> Case:
    assert referral.carried_case is not None
    return referral.carried_case


def drafted(group: Allied, case: Case, **facts: Any) -> CommissionStatement:
    return draft_statement(actor=group.second_broker, case_id=case.pk, facts=facts)


def test_the_fee_of_a_registered_contract_is_split_as_agreed(
    cast: Cast, group: Allied, referral: Referral, case: Case
) -> None:
    parts = {"referring_percent": Decimal("33.33"), "closing_percent": Decimal("66.67")}
    propose_split(actor=group.second_broker, referral_id=referral.pk, **parts)
    factories.accept_split(cast.broker.actor, referral)
    contract = won(cast, group, case)
    agreed(group.second_broker, case)
    row = drafted(group, case)
    # 100,000 at 5 % and 20,000 at 3 %
    assert (row.base, row.fee, row.total) == (120_000, 5600, 5600)
    assert [[Decimal(cell) for cell in one] for one in row.slices] == [
        [100_000, 5, 5000], [20_000, 3, 600],
    ]  # fmt: skip
    assert (row.referring_fee, row.closing_fee) == (Decimal("1866.48"), Decimal("3733.52"))
    assert (row.referring, row.closing) == (cast.tti, group.second)
    assert row.contract_number == contract.number and row.number is None
    # the referring institution reads it once it is approved, and then only that
    assert not visible_to(cast.broker.actor).exists()
    with pytest.raises(Refused):
        approve_statement(actor=group.second_broker, statement_id=row.pk)
    with pytest.raises(Stale):
        approve_statement(actor=second_owner(group.second), statement_id=row.pk, expected_version=9)
    done = approve_statement(actor=second_owner(group.second), statement_id=row.pk)
    assert (done.number, done.state) == (1, "approved")
    assert visible_to(cast.broker.actor).get() == row
    with pytest.raises(Refused):
        reverse_statement(actor=cast.broker.actor, statement_id=row.pk, words="No.")
    with pytest.raises(Conflict, match="has been stated"):
        drafted(group, case)
    for change in ({"fee": 1}, {"referring_fee": 0, "closing_fee": 5600}, {"words": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CommissionStatement.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        CommissionStatement.objects.filter(pk=row.pk).delete()


def test_no_deal_no_fee_but_agreed_costs(cast: Cast, group: Allied, case: Case) -> None:
    with pytest.raises(Conflict, match="agreed with the client"):
        drafted(group, case)
    agreed(group.second_broker, case, minimum=Decimal(5000))
    with pytest.raises(Conflict, match="no fee is due"):
        drafted(group, case)
    for costs, field in (("2000.01", "costs"), ("-1", "costs"), ("0.001", "costs"),
                         ("NaN", "costs"), ("1E+30", "costs")):  # fmt: skip
        with pytest.raises(Invalid) as error:
            drafted(group, case, costs=Decimal(costs), costs_for="Travel")
        assert field in error.value.fields
    with pytest.raises(Invalid) as error:
        drafted(group, case, costs=Decimal(10))
    assert "costs_for" in error.value.fields
    row = drafted(group, case, costs=Decimal("1999.99"), costs_for="Travel")
    assert (row.fee, row.total, row.referring_fee) == (0, Decimal("1999.99"), 0)
    with pytest.raises(Conflict, match=row.public_id):
        drafted(group, case, costs=Decimal(1), costs_for="Post")
    approve_statement(actor=second_owner(group.second), statement_id=row.pk)
    with pytest.raises(Invalid):  # the limit holds for all statements together
        drafted(group, case, costs=Decimal("0.02"), costs_for="Post")


def test_a_fee_that_follows_payments(cast: Cast, group: Allied, case: Case) -> None:
    won(cast, group, case)
    agreed(group.second_broker, case, due="receipts", cap=Decimal(5000))
    with pytest.raises(Invalid) as error:
        drafted(group, case)
    assert "received" in error.value.fields
    first = drafted(group, case, received=Decimal("40000"))
    assert (first.whole_fee, first.fee) == (5000, Decimal("1666.67"))
    approve_statement(actor=second_owner(group.second), statement_id=first.pk)
    rest = drafted(group, case, received=Decimal("999999"))
    assert rest.fee == Decimal("3333.33") and rest.before == Decimal("1666.67")
    discard_statement(actor=group.second_broker, statement_id=rest.pk)
    with pytest.raises(Conflict, match="Less is due"):
        drafted(group, case, received=Decimal("100"))


def test_whoever_is_responsible_is_told_once_that_a_fee_can_be_stated(
    cast: Cast, group: Allied, case: Case
) -> None:
    def told() -> list[Any]:
        rows = Notification.objects.filter(kind="commission.can_be_stated")
        return list(rows.values_list("recipient_id", "params"))

    agreed(group.second_broker, case)
    assert fee_clock.remind_of_fees() == 0  # no deal, no fee
    contract = won(cast, group, case)
    assert (fee_clock.remind_of_fees(), fee_clock.remind_of_fees()) == (1, 1)
    assert told() == [(case.responsible_id, {"docket": case.docket})]
    row = drafted(group, case)
    assert fee_clock.remind_of_fees() == 0  # it is being stated
    discard_statement(actor=group.second_broker, statement_id=row.pk)
    cancel(actor=cast.registrar.actor, contract_id=contract.pk, words="Rescinded.")
    assert fee_clock.remind_of_fees() == 0 and len(told()) == 1


def test_another_currency_needs_a_rate(cast: Cast, group: Allied, case: Case) -> None:
    won(cast, group, case)
    agreed(group.second_broker, case, currency="EUR")
    for rate in (None, Decimal(0), Decimal("-7"), Decimal("NaN"), Decimal("0.0000001")):
        with pytest.raises(Invalid) as error:
            drafted(group, case, rate=rate, rate_source="Bank")
        assert "rate" in error.value.fields
    with pytest.raises(Invalid) as error:
        drafted(group, case, rate=Decimal("0.128"))
    assert "rate_source" in error.value.fields
    row = drafted(group, case, rate=Decimal("0.128005"), rate_source="Bank of China, 2 March")
    assert (row.base, row.fee) == (Decimal("15360.60"), Decimal("768.03"))


def test_a_reversal_takes_it_back_and_the_rest_is_stated_anew(
    cast: Cast, group: Allied, case: Case
) -> None:
    contract = won(cast, group, case)
    terms = agreed(group.second_broker, case)
    row = drafted(group, case)
    approve_statement(actor=second_owner(group.second), statement_id=row.pk)
    cancel(actor=cast.registrar.actor, contract_id=contract.pk, words="Rescinded.")
    with pytest.raises(Conflict, match="Less is due"):
        drafted(group, case)
    with pytest.raises(Invalid):
        reverse_statement(actor=group.second_broker, statement_id=row.pk, words=" ")
    back = reverse_statement(actor=group.second_broker, statement_id=row.pk, words="Rescinded.")
    assert (back.fee, back.referring_fee, back.closing_fee) == (-5600, -2240, -3360)
    approve_statement(actor=second_owner(group.second), statement_id=back.pk)
    assert stated(terms) == (0, 0)
    with pytest.raises(Conflict):
        reverse_statement(actor=group.second_broker, statement_id=row.pk, words="Again.")
    with pytest.raises(Conflict, match="no fee is due"):
        drafted(group, case)


def test_what_changed_after_the_draft_is_not_approved(
    cast: Cast, group: Allied, referral: Referral, case: Case
) -> None:
    won(cast, group, case)
    agreed(group.second_broker, case)
    row = drafted(group, case)
    owner = second_owner(group.second)
    agreed(group.second_broker, case, cap=Decimal(10), seen=1)
    with pytest.raises(Conflict, match="changed since"):
        approve_statement(actor=owner, statement_id=row.pk)
    discard_statement(actor=group.second_broker, statement_id=row.pk)
    row = drafted(group, case)
    parts = {"referring_percent": Decimal(50), "closing_percent": Decimal(50)}
    propose_split(actor=group.second_broker, referral_id=referral.pk, **parts)
    factories.accept_split(cast.broker.actor, referral)
    with pytest.raises(Conflict, match="changed since"):
        approve_statement(actor=owner, statement_id=row.pk)


def test_doors(cast: Cast, group: Allied, case: Case) -> None:
    won(cast, group, case)
    agreed(group.second_broker, case)
    row = drafted(group, case)
    approve_statement(actor=second_owner(group.second), statement_id=row.pk)
    strangers = [player.actor for name, player in cast.everybody.items() if name != "broker"]
    for actor in [*strangers, group.third_broker]:
        assert not visible_to(actor).exists()
        with pytest.raises(NotFound):
            draft_statement(actor=actor, case_id=case.pk, facts={})
        with pytest.raises(NotFound):
            approve_statement(actor=actor, statement_id=row.pk)
    told = str(list(Event.objects.values())) + str(list(Notification.objects.values()))
    assert "5600.00" not in told and "Kiln" not in told  # with cents: no clock reads like it
    # the contract is closed to a colleague who works for none of its parties
    with pytest.raises(Stale):
        agreed(group.second_broker, case, tiers=[tier("0", "9")])
    agreed(group.second_broker, case, tiers=[tier("0", "9")], seen=1)
    with pytest.raises(Conflict, match="not open to you"):
        draft_statement(actor=second_owner(group.second), case_id=case.pk, facts={})


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"tiers": []}, "tiers"),
        ({"tiers": [tier("1", "5")]}, "tiers.0.above"),
        ({"tiers": [tier("0", "5"), tier("0", "3")]}, "tiers.1.above"),
        ({"tiers": [tier("0", "100.01")]}, "tiers.0.percent"),
        ({"tiers": [tier("0", "-5")]}, "tiers.0.percent"),
        ({"tiers": [tier("0", "5"), {"above": None, "percent": None}]}, "tiers.1.above"),
        ({"minimum": Decimal(-1)}, "minimum"),
        ({"minimum": Decimal(9), "cap": Decimal(8)}, "cap"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": "JPY", "costs_cap": Decimal("0.50")}, "costs_cap"),
        ({"due": "later"}, "due"),
        ({"client": ""}, "client"),
        ({"signed_on": dt.date(9999, 1, 1)}, "signed_on"),
        ({"signed_on": None}, "signed_on"),
    ],
)
def test_terms_are_looked_through(
    group: Allied, case: Case, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as error:
        agreed(group.second_broker, case, **wrong)
    assert field in error.value.fields


def test_terms_of_a_shared_case_stand_in_one_place(cast: Cast, group: Allied) -> None:
    shared = factories.carried(cast, group, mode="share")
    agreed(cast.broker.actor, shared.case)
    with pytest.raises(Conflict, match="other institution"):
        agreed(group.second_broker, shared.carried_case)  # type: ignore[arg-type]
    with pytest.raises(Stale):
        fees.agree_brokerage(
            actor=cast.broker.actor, case_id=shared.case_id, facts=fees.terms(),
            expected_version=7,
        )  # fmt: skip
