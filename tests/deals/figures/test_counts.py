"""What the platform counts of an institution, against numbers counted by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.utils import timezone

from contracts.actions.endings import cancel
from deals.actions.case_endings import close_case
from deals.actions.case_parts import add_client, add_listing
from deals.models import (
    Case,
    CommissionStatement,
    Gathering,
    Introduction,
    LocatorAnswer,
    Visit,
)
from deals.queries.service_counts import counted, counted_of, rows_behind
from deals.service_figures import COUNTED
from tests.contracts.factories import amended, registered
from tests.deals.alliance import factories as alliance
from tests.deals.alliance import fees
from tests.deals.cases.factories import opened
from tests.deals.factories import with_broker
from tests.deals.requests import factories as requests
from tests.deals.requests.visits import visited
from tests.listings.factories import published

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
NOTHING = {
    "deals": 0, "deal_amount": 0, "activities": 0, "trainings": 0, "enterprises": 0, "needs": 0,
    "requests": 0, "commissions": 0,
}  # fmt: skip


def year() -> int:
    return timezone.localdate().year


def numbers(cast: Cast, of: int = 0) -> dict[str, Any]:
    return counted_of(cast.tti.pk, of or year())


def test_nothing_is_counted_of_nothing(cast: Cast) -> None:
    assert numbers(cast) == NOTHING and tuple(NOTHING) == COUNTED
    assert counted([], 2020, 2026) == {}


def test_a_deal_counts_once_by_whatever_it_is_tied(cast: Cast) -> None:
    """120,000 by a case and an introduction at once; 300,000 that names the institution as broker;
    a third, cancelled, is none. One amount is not the institution's to read."""
    contract = registered(cast)
    pair = with_broker(cast)
    Introduction.objects.filter(pk=pair.pk).update(contract=contract)
    case = opened(cast)
    Case.objects.filter(pk=case.pk).update(contract=contract, introduction=pair)
    assert numbers(cast)["deals"] == 1
    assert numbers(cast)["deal_amount"] == 0  # a party's amount, told to nobody else
    named = registered(cast, total_amount="300000.00", public_facts=["amount"])
    other = opened(cast)
    Case.objects.filter(pk=other.pk).update(contract=named)
    assert numbers(cast) == {**NOTHING, "deals": 2, "deal_amount": Decimal("300000.00")}
    gone = registered(cast)
    third = opened(cast)
    Case.objects.filter(pk=third.pk).update(contract=gone)
    assert numbers(cast)["deals"] == 3
    cancel(actor=cast.registrar.actor, contract_id=gone.pk, words="Rescinded.")
    assert numbers(cast)["deals"] == 2
    rows = rows_behind(cast.broker.actor, cast.tti.pk, year(), "deals", limit=10)
    assert sorted(row.sources[0].label for row in rows) == sorted(
        [str(contract.number), str(named.number)]
    )
    # the owner of the institution is no party: it is led to the public register
    assert {row.sources[0].url for row in rows} == {
        f"/register/{contract.number}/", f"/register/{named.number}/"
    }  # fmt: skip
    assert numbers(cast, year() - 1) == NOTHING
    assert counted_of(cast.home.pk, year()) == NOTHING


def test_an_own_contract_is_not_brokered(cast: Cast) -> None:
    """Who sells or buys ties its contract to a case of its own, or to one of its introduction: no
    deal. For an institution that is no party of it, the same tie is one."""
    contract = registered(cast, public_facts=["amount"])
    pair = with_broker(cast)
    Introduction.objects.filter(pk=pair.pk).update(contract=contract)
    for institution, number in ((cast.home, 0), (cast.outside, 0), (cast.tti, 1)):
        case = Case.objects.filter(pk=opened(cast).pk)
        case.update(organisation=institution, contract=contract)
        assert counted_of(institution.pk, year())["deals"] == number, institution
        case.update(contract=None, introduction=pair)
        assert counted_of(institution.pk, year())["deals"] == number, institution
        case.update(introduction=None)


def test_an_amended_deal_counts_with_its_newest_edition(cast: Cast) -> None:
    old = registered(cast, total_amount="100000.00", public_facts=["amount"])
    case = opened(cast)
    Case.objects.filter(pk=case.pk).update(contract=old)
    new = amended(cast, old, total_amount="150000.00")
    assert new.number == old.number
    assert numbers(cast) == {**NOTHING, "deals": 1, "deal_amount": Decimal("150000.00")}


def test_a_case_given_up_brings_no_deal(cast: Cast) -> None:
    case = opened(cast)
    Case.objects.filter(pk=case.pk).update(contract=registered(cast))
    close_case(actor=cast.broker.actor, case_id=case.pk, outcome="lost", reason="too_dear")
    assert numbers(cast)["deals"] == 0


def test_fees_bring_a_deal_to_both_institutions(cast: Cast) -> None:
    """5,600 of 120,000, split 40 : 60, and taken off again by the reversal. The amount of the
    contract is read by the one that closed it; the one that referred it knows its part."""
    group = alliance.allied(cast)
    referral = alliance.carried(cast, group)
    case = referral.carried_case
    assert case is not None
    fees.won(cast, group, case)
    fees.agreed(group.second_broker, case)
    from deals.actions.commissions import approve_statement, draft_statement, reverse_statement

    row = draft_statement(actor=group.second_broker, case_id=case.pk, facts={})
    assert numbers(cast)["deals"] == 0
    approve_statement(actor=fees.second_owner(group.second), statement_id=row.pk)
    both = counted([cast.tti.pk, group.second.pk], year(), year())
    ours, theirs = both[cast.tti.pk, year()], both[group.second.pk, year()]
    assert (ours["deals"], ours["deal_amount"], ours["commissions"]) == (1, 0, 2240)
    rows = rows_behind(cast.broker.actor, cast.tti.pk, year(), "deals", limit=10)
    assert [row.amount for row in rows] == [None]
    assert (theirs["deals"], theirs["deal_amount"], theirs["commissions"]) == (1, 120_000, 3360)
    reversal = reverse_statement(
        actor=group.second_broker, statement_id=row.pk, words="Wrong contract."
    )
    approve_statement(actor=fees.second_owner(group.second), statement_id=reversal.pk)
    assert (numbers(cast)["deals"], numbers(cast)["commissions"]) == (0, 0)
    assert CommissionStatement.objects.count() == 2


def test_whom_it_served_and_what_it_addressed(cast: Cast) -> None:
    """Home by a case, a request and a visit; Kiln Works by a case and, spelt otherwise, a visit;
    the rivals by a visit: three enterprises. One need of a case, one request: two."""
    broker = cast.broker.actor
    case = opened(cast)
    add_client(actor=broker, case_id=case.pk, organisation=cast.home.public_id)
    add_client(actor=broker, case_id=case.pk, name="Kiln Works")
    need = published(owner=cast.home, kind="need")
    add_listing(actor=broker, case_id=case.pk, listing=need.public_id)
    add_listing(actor=broker, case_id=case.pk, listing=published(owner=cast.outside).public_id)
    requests.answered(cast)
    requests.taken(cast)  # not answered
    visited(cast)
    visited(cast, organisation="", name=" kiln works ")
    visited(cast, organisation=cast.rivals.public_id)
    found = numbers(cast)
    assert found == {**NOTHING, "enterprises": 3, "needs": 2, "requests": 1}
    rows = rows_behind(broker, cast.tti.pk, year(), "enterprises", limit=10)
    assert len(rows) == found["enterprises"]
    assert sorted(len(row.sources) for row in rows) == [1, 2, 3]
    for code in ("needs", "requests"):
        assert len(rows_behind(broker, cast.tti.pk, year(), code, limit=10)) == found[code]
    # a stranger who came here would be told of no row
    for row in rows_behind(cast.outsider.actor, cast.tti.pk, year(), "enterprises", limit=10):
        assert row.name == "" and row.sources == ()


def test_a_need_of_a_request_and_of_its_case_counts_once(cast: Cast) -> None:
    from deals.actions.request_work import draft_need, open_request_case

    row = requests.answered(cast)
    draft_need(actor=cast.broker.actor, request_id=row.pk)
    open_request_case(actor=cast.broker.actor, request_id=row.pk)
    row.refresh_from_db()
    from deals.models import CaseListing

    assert row.case is not None and row.need is not None
    CaseListing.objects.get_or_create(case=row.case, listing=row.need)
    assert numbers(cast) == {**NOTHING, "enterprises": 1, "needs": 1, "requests": 1}


def test_each_year_has_its_own(cast: Cast) -> None:
    """A case opened last year and closed this year serves its client in both; a request answered
    on New Year's Eve, in the register's time, is of the old year."""
    case = opened(cast)
    add_client(actor=cast.broker.actor, case_id=case.pk, name="Kiln Works")
    Case.objects.filter(pk=case.pk).update(year=year() - 2)
    row = requests.answered(cast)
    eve = dt.datetime(year(), 1, 1, 0, 0, tzinfo=timezone.get_default_timezone())
    LocatorAnswer.objects.filter(request=row).update(created_at=eve - dt.timedelta(seconds=1))
    visit = visited(cast, organisation=cast.rivals.public_id)
    Visit.objects.filter(pk=visit.pk).update(visited_on=dt.date(year() - 1, 1, 1))
    close_case(actor=cast.broker.actor, case_id=case.pk, outcome="won", reason="in_use")
    found = counted([cast.tti.pk], year() - 2, year())
    assert {of: values["enterprises"] for (_pk, of), values in found.items()} == {
        year() - 2: 1, year() - 1: 2, year(): 1
    }  # fmt: skip
    assert found[cast.tti.pk, year() - 1]["requests"] == 1


def test_gatherings_that_were_held(cast: Cast) -> None:
    rows = [("training", "held"), ("training", "held"), ("fair", "held"), ("roadshow", "held"),
            ("other", "held"), ("training", "cancelled"), ("fair", "published")]  # fmt: skip
    for number, (kind, state) in enumerate(rows):
        start = dt.datetime(year() - 1, 3, 1 + number, 9, tzinfo=timezone.get_default_timezone())
        Gathering.objects.create(
            institution=cast.tti, kind=kind, state=state, title_zh=f"活动{number}",
            starts_at=start, ends_at=start + dt.timedelta(hours=3), register_until=start,
            **({"reason": "x"} if state == "cancelled" else {}),
        )  # fmt: skip
    found = numbers(cast, year() - 1)
    assert found == {**NOTHING, "trainings": 2, "activities": 3}
    for code, number in (("trainings", 2), ("activities", 3)):
        rows_found = rows_behind(cast.broker.actor, cast.tti.pk, year() - 1, code, limit=10)
        assert len(rows_found) == number


def test_three_statements_for_however_many(cast: Cast, django_assert_num_queries: Any) -> None:
    for number in range(4):
        case = opened(cast)
        add_client(actor=cast.broker.actor, case_id=case.pk, name=f"Client {number}")
    with django_assert_num_queries(3):
        counted([cast.tti.pk, cast.home.pk], year() - 4, year())


def test_no_table_is_read_as_a_whole(cast: Cast) -> None:
    """By the indexes of the institution, whatever the tables hold of others."""
    from deals.queries import service_counts

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN " + service_counts._COUNT, service_counts._asked([cast.tti.pk], 2025, 2025)
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan" not in plan, plan
