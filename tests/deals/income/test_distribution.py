"""From a contract to a frozen run: who may, what is refused, what the database holds on to."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Membership
from accounts.queries import actor_for
from deals.actions import distribution, income, receipts
from deals.actions.reminders import remind_of_payments
from deals.models import DistributionItem, DistributionLine, DistributionRun, IncomeAccount, Receipt
from deals.queries.distribution import own_statements, statements_visible_to
from deals.queries.dues import dues_of
from deals.queries.income import edition_of, openable, paid, totals, unreimbursed, visible_to
from events.models import Event, Notification
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused
from tests.accounts.factories import UserFactory
from tests.contracts.factories import amended, drafted, registered
from tests.deals.income import factories

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
YESTERDAY = timezone.localdate() - dt.timedelta(days=1)


def lines_of(run: DistributionRun, kind: str) -> dict[str, Decimal]:
    return {line.name_en: line.amount for line in run.lines.filter(kind=kind)}


def test_from_receipts_to_an_approved_run(cast: Cast) -> None:
    account = factories.opened(cast)
    receipts.enter_cost(
        actor=cast.colleague.actor, account_id=account.pk,
        facts={"kind": "patent", "spent_on": YESTERDAY, "amount": "10000"},
    )  # fmt: skip
    factories.received(cast, account, "60000")
    factories.received(cast, account, "40000")
    factories.received(cast, account, "2500", purpose="patent_cost")
    run = factories.drafted(cast, account)
    assert (run.gross, run.deducted, run.costs, run.net) == (
        Decimal(100000), Decimal(22500), Decimal(7500), Decimal(77500),
    )  # fmt: skip
    assert lines_of(run, "deduction") == {
        "Administration": Decimal(15000), "Unreimbursed patent cost": Decimal(7500),
    }  # fmt: skip
    shares = lines_of(run, "share")
    assert shares == {
        "Inventors": Decimal("25833.33"), "Department": Decimal("25833.33"),
        "University": Decimal("25833.34"),
    }  # fmt: skip
    assert lines_of(run, "inventor") == {
        "Wei Lan": Decimal("15500.00"), "Ada Moss": Decimal("10333.33"),
    }  # fmt: skip
    with pytest.raises(Refused):
        distribution.approve_run(actor=cast.colleague.actor, run_id=run.pk)
    run = distribution.approve_run(actor=cast.owner.actor, run_id=run.pk)
    assert run.number == 1 and run.state == "approved"
    assert unreimbursed(account, timezone.localdate()) == 0
    assert totals(account).net == Decimal(77500)
    with pytest.raises(Conflict) as nothing:
        factories.drafted(cast, account)
    assert nothing.value.code == "nothing_to_distribute"
    kinds = set(
        Event.objects.filter(kind__startswith="distribution").values_list("kind", flat=True)
    )
    assert kinds == {"distribution.drafted", "distribution.approved"}
    assert "77500" not in str(list(Event.objects.values_list("data", flat=True)))


def test_who_drafted_does_not_approve_even_as_owner(cast: Cast) -> None:
    account = factories.opened(cast)
    factories.received(cast, account, "100")
    run = distribution.draft_run(
        actor=cast.owner.actor, account_id=account.pk, up_to=timezone.localdate()
    )
    with pytest.raises(Refused):
        distribution.approve_run(actor=cast.owner.actor, run_id=run.pk)
    other = factories.second_owner(cast)
    assert distribution.approve_run(actor=other, run_id=run.pk).number == 1
    with pytest.raises(Conflict):
        distribution.approve_run(actor=other, run_id=run.pk)


def test_nobody_else_reads_or_acts(cast: Cast) -> None:
    account = factories.opened(cast)
    run = factories.drafted(cast, account, "100")
    for name, player in cast.everybody.items():
        if name in ("owner", "colleague"):
            continue
        assert not visible_to(player.actor).exists(), name
        with pytest.raises(NotFound):
            distribution.approve_run(actor=player.actor, run_id=run.pk)
        with pytest.raises(NotFound):
            factories.enter_receipt(actor=player.actor, account_id=account.pk, facts={})


def test_only_the_selling_side_of_a_registered_contract_keeps_income(cast: Cast) -> None:
    made = registered(cast, "licence")
    assert openable(cast.owner.actor).get() == made
    assert not openable(cast.outsider.actor).exists(), "outside buys"
    for player in (cast.outsider, cast.operator, cast.registrar):
        with pytest.raises(NotFound):
            income.open_account(actor=player.actor, contract_id=made.pk)
    with pytest.raises(NotFound):
        income.open_account(actor=cast.owner.actor, contract_id=drafted(cast).pk)
    account, is_new = income.open_account(actor=cast.owner.actor, contract_id=made.pk)
    assert is_new and account.scheme == "CN-50" and account.currency == "CNY"
    again, is_new = income.open_account(actor=cast.owner.actor, contract_id=made.pk)
    assert again == account and not is_new
    assert not openable(cast.owner.actor).exists()


def test_an_amendment_goes_on_with_the_same_account(cast: Cast) -> None:
    account = factories.opened(cast)
    newest = amended(cast, account.contract)
    assert edition_of(account) == newest
    again, is_new = income.open_account(actor=cast.owner.actor, contract_id=newest.pk)
    assert again == account and not is_new


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"amount": "-5"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "0.001"}, "amount"),
        ({"received_on": timezone.localdate() + dt.timedelta(days=1)}, "received_on"),
        ({"purpose": "gift"}, "purpose"),
        ({"currency": "USD"}, "rate"),
        ({"currency": "USD", "rate": "7.1"}, "rate_source"),
        ({"currency": "XXX", "rate": "7.1"}, "currency"),
        ({"purpose": "instalment", "instalment": 1}, "purpose"),
        ({"amount": "9999999999999.00"}, "amount"),
    ],
)
def test_faulty_receipts_are_refused_at_their_fact(
    cast: Cast, facts: dict[str, Any], field: str
) -> None:
    account = factories.opened(cast)
    with pytest.raises(Invalid) as refused:
        factories.received(cast, account, facts.pop("amount", "5"), **facts)
    assert list(refused.value.fields) == [field]
    assert not Receipt.objects.exists()


def test_another_currency_is_booked_at_a_rate_with_its_source(cast: Cast) -> None:
    account = factories.opened(cast)
    row = factories.received(
        cast, account, "100.01", currency="USD", rate="7.123456", rate_source="Bank note 7"
    )
    assert row.booked == Decimal("712.42")  # 712.41683…


def test_the_same_money_is_not_entered_twice(cast: Cast) -> None:
    account = factories.opened(cast)
    first = factories.received(cast, account, "5", reference="B-1")
    with pytest.raises(Conflict):
        factories.received(cast, account, "5", reference="B-1")
    receipts.reverse_receipt(
        actor=cast.owner.actor, account_id=account.pk, receipt=first.public_id, words="Wrong."
    )
    assert factories.received(cast, account, "5", reference="B-1")


def test_a_receipt_is_reversed_once_by_its_own_row(cast: Cast) -> None:
    account = factories.opened(cast)
    first = factories.received(cast, account, "500")
    with pytest.raises(Invalid):
        receipts.reverse_receipt(
            actor=cast.owner.actor, account_id=account.pk, receipt=first.public_id, words=" "
        )
    back = receipts.reverse_receipt(
        actor=cast.owner.actor, account_id=account.pk, receipt=first.public_id, words="Bounced."
    )
    assert back.reverses == first and back.amount == -500
    for row in (first, back):
        with pytest.raises(Conflict):
            receipts.reverse_receipt(
                actor=cast.owner.actor, account_id=account.pk, receipt=row.public_id, words="Again"
            )
    with pytest.raises(Conflict):  # both days or not: neither is distributed
        distribution.draft_run(actor=cast.owner.actor, account_id=account.pk, up_to=YESTERDAY)
    factories.received(cast, account, "80")
    assert factories.drafted(cast, account).gross == 80


def test_what_was_distributed_and_then_reversed_is_taken_off_the_next_run(cast: Cast) -> None:
    account = factories.opened(cast, "CN-50")
    first = factories.received(cast, account, "500")
    factories.approved(cast, account)
    receipts.reverse_receipt(
        actor=cast.owner.actor, account_id=account.pk, receipt=first.public_id, words="Bounced."
    )
    with pytest.raises(Conflict):
        factories.drafted(cast, account)
    assert factories.drafted(cast, account, "800").gross == 300


def test_a_receipt_reversed_after_the_draft_holds_the_approval(cast: Cast) -> None:
    account = factories.opened(cast)
    first = factories.received(cast, account, "500")
    run = factories.drafted(cast, account)
    receipts.reverse_receipt(
        actor=cast.owner.actor, account_id=account.pk, receipt=first.public_id, words="Bounced."
    )
    with pytest.raises(Conflict) as refused:
        distribution.approve_run(actor=cast.owner.actor, run_id=run.pk)
    assert refused.value.code == "receipt_reversed"
    distribution.discard_run(actor=cast.colleague.actor, run_id=run.pk)
    assert not DistributionItem.objects.exists()


def test_a_cost_that_is_gone_after_the_draft_holds_the_approval(cast: Cast) -> None:
    account = factories.opened(cast)
    cost = receipts.enter_cost(
        actor=cast.colleague.actor, account_id=account.pk,
        facts={"kind": "patent", "spent_on": YESTERDAY, "amount": "100"},
    )  # fmt: skip
    run = factories.drafted(cast, account, "500")
    assert run.costs == 100
    receipts.reverse_cost(
        actor=cast.owner.actor, account_id=account.pk, cost=cost.public_id, words="Not ours."
    )
    with pytest.raises(Conflict) as refused:
        distribution.approve_run(actor=cast.owner.actor, run_id=run.pk)
    assert refused.value.code == "costs_changed"


def test_nothing_is_due_of_what_others_sell_or_in_another_currency(cast: Cast) -> None:
    account = factories.opened(cast, payment_mode="lump_sum", total_amount="120000.00")
    edition, today = edition_of(account), timezone.localdate()
    assert [row.key for row in dues_of(edition, paid(account), today, "CNY")] == ["lump_sum"]
    assert dues_of(edition, paid(account), today, "USD") == []
    edition.state = "amended"
    assert dues_of(edition, paid(account), today, "CNY") == []


def test_a_reason_fits_the_row_that_keeps_it(cast: Cast) -> None:
    run = factories.approved(cast, factories.opened(cast), "500")
    for words in ("", "x" * 401, "a\x00b"):
        with pytest.raises(Invalid):
            distribution.reverse_run(actor=cast.owner.actor, run_id=run.pk, words=words)
    whole = run.lines.filter(kind="inventor").earliest("position").parts[0]
    assert whole[1:] == ["60", "100"]


@pytest.mark.parametrize(
    ("percents", "place"),
    [
        (["60", "39.99"], "rows"),
        (["60", "40.01"], "rows"),
        (["100", "0"], "rows.1.percent"),
        (["60", "x"], "rows.1.percent"),
        (["33.33333", "66.66667"], "rows.0.percent"),
        ([], "rows"),
    ],
)
def test_inventors_come_to_a_hundred_percent(cast: Cast, percents: list[str], place: str) -> None:
    account = factories.opened(cast, inventors=None)
    rows = [{"name": f"Inventor {place}", "percent": part} for place, part in enumerate(percents)]
    with pytest.raises(Invalid) as refused:
        income.set_inventors(actor=cast.owner.actor, account_id=account.pk, rows=rows)
    assert place in refused.value.fields
    if percents == ["60", "39.99"]:
        told = str(refused.value.fields["rows"][0])
        assert "99.99%" in told and "Inventor 1 39.99%" in told
    with pytest.raises(Invalid) as nobody:
        factories.drafted(cast, account, "5")
    assert nobody.value.code == "no_inventors"


def test_a_scheme_in_another_currency_is_refused(cast: Cast) -> None:
    account = factories.opened(cast)
    with pytest.raises(Invalid) as refused:
        income.choose_scheme(actor=cast.owner.actor, account_id=account.pk, scheme="STANFORD-TIERS")
    assert "USD" in str(refused.value.fields["scheme"][0])


def test_thresholds_count_over_runs(cast: Cast) -> None:
    account = factories.opened(
        cast, "STANFORD-TIERS", currency="USD", rate="7.1", rate_on=YESTERDAY,
        total_amount="5000000.00",
    )  # fmt: skip
    first = factories.approved(cast, account, "3500000")
    second = factories.approved(cast, account, "500000")
    assert second.cumulative == Decimal(3500000)
    both = {
        name: lines_of(first, "share")[name] + amount
        for name, amount in lines_of(second, "share").items()
    }
    assert list(both.values()) == [
        Decimal("1333600.00"), Decimal("886400.00"), Decimal("890000.00"), Decimal("890000.00"),
    ]  # fmt: skip
    assert lines_of(second, "share")["Department"] == Decimal("73300.00")  # 14.66 % alone


def test_reversal_is_a_run_of_its_own_and_frees_the_receipts(cast: Cast) -> None:
    account = factories.opened(cast)
    first = factories.approved(cast, account, "90000")
    second = factories.approved(cast, account, "10000")
    owner, other = cast.owner.actor, factories.second_owner(cast)
    with pytest.raises(Conflict) as later:
        distribution.reverse_run(actor=owner, run_id=first.pk, words="Wrong scheme.")
    assert "run 2" in str(later.value)
    back = distribution.reverse_run(actor=owner, run_id=second.pk, words="Wrong scheme.")
    assert back.state == "draft" and back.gross == -10000
    with pytest.raises(Refused):
        distribution.approve_run(actor=owner, run_id=back.pk)
    back = distribution.approve_run(actor=other, run_id=back.pk)
    assert back.number == 3 and totals(account).gross == 90000
    assert {line.position: -line.amount for line in back.lines.all()} == {
        line.position: line.amount for line in second.lines.all()
    }
    with pytest.raises(Conflict):
        distribution.reverse_run(actor=owner, run_id=second.pk, words="Again.")
    with pytest.raises(Conflict):
        distribution.reverse_run(actor=owner, run_id=back.pk, words="Back again.")
    anew = factories.approved(cast, account)
    assert anew.gross == 10000 and anew.number == 4
    # and now the first one, newest first: run 4 stands after it
    with pytest.raises(Conflict):
        distribution.reverse_run(actor=owner, run_id=first.pk, words="Wrong.")


def test_the_database_keeps_what_was_entered_and_approved(cast: Cast) -> None:
    account = factories.opened(cast)
    run = factories.approved(cast, account, "1000")
    changes: list[Any] = [
        lambda: Receipt.objects.update(note="x"),
        lambda: Receipt.objects.all().delete(),
        lambda: DistributionRun.objects.filter(pk=run.pk).update(words="x"),
        lambda: DistributionRun.objects.filter(pk=run.pk).update(state="draft"),
        lambda: run.delete(),
        lambda: DistributionLine.objects.filter(run=run).update(amount=1),
        lambda: DistributionLine.objects.create(
            run=run, position=99, kind="share", name_en="x", name_zh="x", amount=0
        ),
        lambda: DistributionItem.objects.filter(run=run).update(holds=False),
        lambda: DistributionItem.objects.filter(run=run).delete(),
        lambda: IncomeAccount.objects.update(currency="USD"),
    ]
    for change in changes:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_the_database_refuses_a_run_that_does_not_add_up(cast: Cast) -> None:
    account = factories.opened(cast)
    run = factories.drafted(cast, account, "1000")
    run.lines.filter(kind="inventor", position=run.lines.count() - 1).update(amount=1)
    DistributionLine.objects.filter(run=run, kind="share", code="department").update(amount=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        distribution.approve_run(actor=cast.owner.actor, run_id=run.pk)


def test_a_beneficiary_reads_the_own_statement_alone(cast: Cast) -> None:
    account = factories.opened(cast)
    person: Any = UserFactory()
    EmailAddress.objects.create(user=person, email="wei@inventors.example", verified=False)
    run = factories.drafted(cast, account, "1000")
    wei = actor_for(person, "en")
    EmailAddress.objects.update(verified=True)
    assert not own_statements(wei).exists(), "drafts are nobody's statement"
    distribution.approve_run(actor=cast.owner.actor, run_id=run.pk)
    [mine] = own_statements(wei)
    assert mine.name_en == "Wei Lan"
    assert list(statements_visible_to(wei)) == [mine]
    assert not visible_to(wei).exists()
    assert Notification.objects.get(recipient=person).url == f"/income/statements/{mine.public_id}/"
    assert statements_visible_to(cast.owner.actor).count() == 2
    for player in (cast.outsider, cast.operator, cast.registrar, cast.visitor, cast.newcomer):
        assert not statements_visible_to(player.actor).exists()
    EmailAddress.objects.update(verified=False)
    assert not own_statements(wei).exists(), "an address that is not confirmed opens nothing"


def test_leaving_the_organisation_ends_the_sight(cast: Cast) -> None:
    factories.opened(cast)
    Membership.objects.filter(user=cast.colleague.user).delete()
    assert not visible_to(cast.colleague.fresh()).exists()


def test_what_is_due_and_what_is_late(cast: Cast) -> None:
    today = timezone.localdate()
    account = factories.opened(
        cast, payment_mode="instalments", total_amount="120000.00",
        instalments=[
            {"due_on": today - dt.timedelta(days=2), "amount": "50000.00"},
            {"due_on": today + dt.timedelta(days=20), "amount": "30000.00"},
            {"event": "acceptance", "amount": "40000.00"},
        ],
    )  # fmt: skip
    edition = edition_of(account)
    rows = dues_of(edition, paid(account), today, "CNY")
    assert [row.state for row in rows] == ["late", "due", "open"]
    factories.received(cast, account, "50000", purpose="instalment", instalment=1)
    factories.received(cast, account, "1", purpose="instalment", instalment=3)
    rows = dues_of(edition, paid(account), today, "CNY")
    assert [row.state for row in rows] == ["paid", "due", "part"]
    assert rows[2].missing == Decimal("39999.00")
    with pytest.raises(Invalid):
        factories.received(cast, account, "1", purpose="instalment", instalment=4)


def test_late_payments_are_told_once_a_step(cast: Cast) -> None:
    today = timezone.localdate()
    account = factories.opened(
        cast, payment_mode="instalments", total_amount="120000.00",
        instalments=[
            {"due_on": today - dt.timedelta(days=2), "amount": "50000.00"},
            {"due_on": today + dt.timedelta(days=60), "amount": "70000.00"},
        ],
    )  # fmt: skip

    def told() -> int:
        return Notification.objects.filter(kind="income.payment_late").count()

    assert remind_of_payments() == 1 and told() == 2  # the owner and the colleague
    remind_of_payments()
    remind_of_payments(today + dt.timedelta(days=10))
    assert told() == 2
    remind_of_payments(today + dt.timedelta(days=28))
    assert told() == 4, "a month late"
    factories.received(cast, account, "50000", purpose="instalment", instalment=1)
    assert remind_of_payments(today + dt.timedelta(days=50)) == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_distribute_a_receipt_once(cast: Cast) -> None:
    account = factories.opened(cast)
    for _number in range(5):
        factories.received(cast, account, "100")
    start, outcomes = threading.Barrier(6), []
    owner, colleague = cast.owner.actor, cast.colleague.actor

    def draft(actor: Any) -> None:
        try:
            start.wait(10)
            run = distribution.draft_run(
                actor=actor, account_id=account.pk, up_to=timezone.localdate()
            )
            outcomes.append(run.gross)
        except Conflict as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=draft, args=(actor,)) for actor in [owner, colleague] * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(map(str, outcomes)) == ["500.00", *["draft_waits"] * 5]
    assert DistributionItem.objects.count() == 5
