"""A cost of protection counts once, can be put right, and deadlines outlive the case."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from accounts.models import Membership
from deals.actions import disclosure_decisions, disclosures, ip_events, receipts
from deals.actions.case_endings import close_case
from deals.models import Case
from events.models import Notification
from marketplace.core.errors import Conflict, Invalid, Refused
from tests.deals.cases.factories import opened
from tests.deals.cases.test_case_work import filed
from tests.deals.disclosures import factories as disclosed
from tests.deals.income import factories as incomes

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(cast: Cast) -> dict[str, Any]:
    """What books a cost of 500 in an income that the broker may keep."""
    account = incomes.opened(cast)
    Membership.objects.create(user=cast.broker.user, organisation=cast.home, roles=["editor"])
    actor = cast.broker.fresh()
    row = filed(cast, opened(cast), cost=Decimal(500), currency=account.currency)
    return {"actor": actor, "event_id": row.pk, "account": account.public_id}


def test_the_same_cost_is_not_entered_twice_by_two_doors(cast: Cast, book: dict[str, Any]) -> None:
    cost = ip_events.book_cost(**book)
    facts = {"kind": cost.kind, "spent_on": cost.spent_on, "amount": cost.amount}
    one: dict[str, Any] = {"actor": book["actor"], "account_id": cost.account_id}
    with pytest.raises(Conflict, match="entered already"):
        receipts.enter_cost(**one, facts={**facts, "note": cost.note})
    receipts.enter_cost(**one, facts={**facts, "note": "The second instalment"})
    other = filed(cast, opened(cast), cost=Decimal(500), currency="CNY")
    with pytest.raises(Invalid) as error:
        ip_events.book_cost(**{**book, "event_id": other.pk})
    assert "entered already" in str(error.value.fields["account"])


def test_a_cost_that_was_reversed_is_entered_elsewhere(book: dict[str, Any]) -> None:
    cost = ip_events.book_cost(**book)
    receipts.reverse_cost(
        actor=book["actor"], account_id=cost.account_id, cost=cost.public_id, words="Wrong income."
    )
    ip_events.change_ip_event(
        actor=book["actor"], event_id=book["event_id"], facts={"cost": Decimal(600)}
    )
    assert ip_events.book_cost(**book).amount == 600


def test_a_token_of_cases_alone_writes_no_money(book: dict[str, Any]) -> None:
    narrow = replace(book["actor"], scopes=frozenset({"cases:read", "cases:write"}))
    with pytest.raises(Refused, match="token"):
        ip_events.book_cost(**{**book, "actor": narrow})


def test_annuities_of_what_was_won_are_told_also_when_the_person_left(cast: Cast) -> None:
    case = opened(cast)
    today = timezone.localdate()
    filed(cast, case, deadline=today + dt.timedelta(days=6))
    Case.objects.filter(pk=case.pk).update(responsible=None)
    close_case(actor=cast.broker.actor, case_id=case.pk, outcome="won", reason="signed")
    ip_events.remind_of_deadlines()
    told = Notification.objects.filter(kind="case.deadline_near")
    assert cast.broker.user.pk in {row.recipient_id for row in told}


def test_a_disclosure_that_was_submitted_is_not_deleted(cast: Cast) -> None:
    made = disclosed.submitted(cast)
    received = made.submitted_at
    disclosure_decisions.return_disclosure(
        actor=cast.broker.actor, disclosure_id=made.pk, remarks="How many cycles?"
    )
    one: dict[str, Any] = {"actor": cast.outsider.actor, "disclosure_id": made.pk}
    disclosures.change_disclosure(**one, facts={"prior_art": "None that we know of"})
    with pytest.raises(Conflict, match="submitted before"):
        disclosures.delete_disclosure(**one)
    made.refresh_from_db()
    assert made.submitted_at == received
