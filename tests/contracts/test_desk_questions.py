"""Questions at the desk's queue, reminders, the payment schedule of files from before."""

import datetime as dt

import pytest
from django.utils import timezone

from contracts.actions import questions
from contracts.actions.reminders import remind_of_questions
from contracts.checks import run_checks
from contracts.models import Contract
from contracts.queries import party_history
from events.models import Notification
from tests.cast import Cast
from tests.contracts import factories

pytestmark = pytest.mark.django_db


def asked(cast: Cast) -> Contract:
    contract = factories.examined(cast)
    questions.ask(
        actor=cast.registrar.actor, contract_id=contract.pk, words="Which kiln?",
        answer_by=timezone.localdate() + dt.timedelta(days=3),
    )  # fmt: skip
    return contract


def test_the_queue_marks_and_filters_open_and_answered_questions(cast: Cast) -> None:
    contract, other = asked(cast), factories.examined(cast)
    client, api = cast.registrar.client, cast.registrar.api
    address = "/registrar/?tab=mine"
    assert client.get(address).content.decode().count("Waits for an answer") == 2  # mark, choice
    page = client.get(f"{address}&asked=open").content.decode()
    assert contract.public_id in page and other.public_id not in page
    found = api.get("/api/v1/registrar/contracts/", {"asked": "open"}).json()["results"]
    assert [row["id"] for row in found] == [contract.public_id]
    question = contract.questions.get()
    questions.answer(
        actor=cast.colleague.actor, contract_id=contract.pk,
        question_public_id=question.public_id, words="The blue one.",
    )  # fmt: skip
    assert contract.public_id not in client.get(f"{address}&asked=open").content.decode()
    page = client.get(f"{address}&asked=answered").content.decode()
    assert contract.public_id in page and other.public_id not in page


def test_the_day_before_who_has_not_answered_is_reminded_once(cast: Cast) -> None:
    asked(cast)
    assert remind_of_questions() == 0
    before = timezone.now() + dt.timedelta(days=2)
    assert remind_of_questions(before) == remind_of_questions(before) == 1
    told = Notification.objects.filter(kind="contract.question_due")
    people = [one.recipient_id for one in told]
    assert people and len(people) == len(set(people))
    assert cast.registrar.user is not None and cast.registrar.user.pk not in people


def test_terms_in_words_alone_are_an_advice_at_the_point(cast: Cast) -> None:
    contract = factories.examined(cast)
    Contract.objects.filter(pk=contract.pk).update(
        payment_mode="instalments", payment_terms="Two halves."
    )
    contract.instalments.all().delete()
    contract = Contract.objects.get(pk=contract.pk)
    first = run_checks(contract, timezone.localdate())[0]
    assert (first.state, str(first.text)) == ("open", "The payment schedule is not itemised")


def test_the_history_of_a_party_is_not_cut_by_files_of_other_points(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = factories.registered(cast)
    for _number in range(3):  # drafts take no place, either
        factories.drafted(cast)
    contract = factories.examined(cast)
    monkeypatch.setattr(party_history, "NEWEST", 1)
    told = party_history.history_of_parties(contract, cast.registrar.actor)
    assert [row.contract.pk for row in told.rows] == [old.pk]
