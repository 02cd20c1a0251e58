"""Questions to the parties during examination: who asks, reads, answers; history; deciding."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Membership
from accounts.queries import actor_for
from contracts.actions.decisions import approve_second, refuse, register_contract
from contracts.actions.examination import return_
from contracts.actions.questions import MOST, answer, ask
from contracts.models import Contract, ContractAnswer, ContractQuestion
from contracts.queries.questions import MOST_ANSWERS, readable, reads_all
from events.models import Event, Notification
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused
from tests.cast import Cast
from tests.contracts import factories

pytestmark = pytest.mark.django_db
API = "/api/v1"


def asked(cast: Cast, contract: Contract, words: str = "Which standard?", **values: Any) -> Any:
    return ask(actor=cast.registrar.actor, contract_id=contract.pk, words=words, **values)


def answered(cast: Cast, contract: Contract, question: Any, who: Any = None, **values: Any) -> Any:
    return answer(
        actor=(who or cast.colleague).actor, contract_id=contract.pk,
        question_public_id=question.public_id, **{"words": "GB 12345.", **values},
    )  # fmt: skip


def seen_by(contract: Contract, person: Any) -> list[tuple[str, list[str]]]:
    actor = person.fresh() if hasattr(person, "fresh") else person
    found = readable(contract, actor, whole=reads_all(contract, actor))
    return [(one.question.words, [row.words for row in one.answers]) for one in found]


def told(kind: str) -> set[int]:
    return set(Notification.objects.filter(kind=kind).values_list("recipient_id", flat=True))


# --- Asking --------------------------------------------------------------------------------------


def test_the_registering_side_is_asked_and_told_and_the_clock_runs_on(cast: Cast) -> None:
    contract = factories.examined(cast)
    day = timezone.localdate()
    question = asked(cast, contract, answer_by=day)
    stored = Contract.objects.get(pk=contract.pk)
    assert (stored.state, stored.due_on) == ("under_examination", contract.due_on)
    assert (question.registrants, question.others) == ([cast.home.pk], [])
    assert cast.colleague.user.pk in told("contract.question_asked")
    assert cast.outsider.user.pk not in told("contract.question_asked")
    note = Notification.objects.filter(kind="contract.question_asked").first()
    assert note.params["question_en"] == f"Which standard? (Please answer by {day}.)"
    event = Event.objects.get(kind="contract.question_asked")
    assert event.organisation_ids == sorted([cast.home.pk, cast.point.pk])
    assert "Which" not in str(event.data)


def test_only_the_examiner_asks_and_only_during_examination(cast: Cast) -> None:
    waiting = factories.submitted(cast)
    with pytest.raises(Conflict):
        asked(cast, waiting)
    contract = factories.examined(cast)
    other = actor_for(factories.second_registrar(cast), "en")
    with pytest.raises(Refused):
        ask(actor=other, contract_id=contract.pk, words="x")
    for person in (cast.colleague, cast.outsider, cast.operator):
        with pytest.raises(NotFound):
            ask(actor=person.actor, contract_id=contract.pk, words="x")
    assert not ContractQuestion.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"words": "  "}, "words"),
        ({"words": "x" * 4001}, "words"),
        ({"answer_by": timezone.localdate() - dt.timedelta(days=1)}, "answer_by"),
        ({"answer_by": timezone.localdate() + dt.timedelta(days=400)}, "answer_by"),
    ],
)
def test_a_wrong_question_is_told_at_its_field(cast: Cast, values: Any, field: str) -> None:
    contract = factories.examined(cast)
    with pytest.raises(Invalid) as refusal:
        asked(cast, contract, **values)
    assert list(refusal.value.fields) == [field]


def test_a_side_that_is_not_on_the_platform_cannot_be_asked(cast: Cast) -> None:
    sides = factories.parties(cast)
    sides[1] = {"role": "buyer", "name": "Fjord Works", "kind": "abroad", "code": "NO1",
                "country": "NO"}  # fmt: skip
    contract = factories.examined(cast, sides=sides)
    with pytest.raises(Invalid) as refusal:
        asked(cast, contract, both=True)
    assert list(refusal.value.fields) == ["both"]


def test_questions_have_an_end(cast: Cast) -> None:
    contract = factories.examined(cast)
    for _number in range(MOST):
        asked(cast, contract)
    with pytest.raises(Conflict):
        asked(cast, contract)


# --- Reading and answering -----------------------------------------------------------------------


def test_a_side_reads_what_it_was_asked_and_its_own_answers_alone(cast: Cast) -> None:
    contract = factories.examined(cast)
    one = asked(cast, contract, "To the seller")
    both = asked(cast, contract, "To both", both=True)
    answered(cast, contract, one, words="Seller, one")
    answered(cast, contract, both, words="Seller, both")
    answered(cast, contract, both, cast.outsider, words="Buyer, both")
    assert seen_by(contract, cast.colleague) == [
        ("To the seller", ["Seller, one"]), ("To both", ["Seller, both"]),
    ]  # fmt: skip
    assert seen_by(contract, cast.outsider) == [("To both", ["Buyer, both"])]
    everything = [
        ("To the seller", ["Seller, one"]), ("To both", ["Seller, both", "Buyer, both"]),
    ]  # fmt: skip
    assert seen_by(contract, cast.registrar) == everything
    assert seen_by(contract, actor_for(factories.second_registrar(cast), "en")) == everything
    with pytest.raises(NotFound):
        answered(cast, contract, one, cast.outsider)
    page = cast.outsider.client.get(f"/contracts/{contract.public_id}/").content.decode()
    assert "Buyer, both" in page
    assert "To the seller" not in page and "Seller, both" not in page
    found = cast.outsider.api.get(f"{API}/contracts/{contract.public_id}/questions/").json()
    assert [row["words"] for row in found] == ["To both"]
    assert found[0]["asked"] == []
    assert [row["words"] for row in found[0]["answers"]] == ["Buyer, both"]


def test_a_registrar_who_is_tied_to_a_side_reads_as_that_side(cast: Cast) -> None:
    contract = factories.examined(cast)
    both = asked(cast, contract, both=True)
    answered(cast, contract, both, words="Seller only", upload=factories.pdf("secret-name.pdf"))
    person = factories.second_registrar(cast)
    Membership.objects.create(user=person, organisation=cast.outside, roles=["editor"])
    actor = actor_for(person, "en")
    assert seen_by(contract, actor) == [("Which standard?", [])]


def test_an_answer_with_a_file_is_kept_with_its_hash_and_opens_for_its_side(cast: Cast) -> None:
    contract = factories.examined(cast)
    question = asked(cast, contract, both=True)
    row = answered(cast, contract, question, upload=factories.pdf("report.pdf"))
    assert len(row.sha256) == 64 and row.size and row.name == "report.pdf"
    assert told("contract.question_answered") == {cast.registrar.user.pk}
    address = f"/contracts/{contract.public_id}/answers/{row.public_id}/"
    for person in (cast.colleague, cast.registrar):
        answer_ = person.client.get(address)
        assert answer_.status_code == 200
        assert b"".join(answer_.streaming_content).startswith(b"%PDF")
        assert answer_["Cache-Control"] == "private, no-store"
    for person in (cast.outsider, cast.rival, cast.operator):
        assert person.client.get(address).status_code == 404
    assert cast.visitor.client.get(address).status_code in (302, 401)
    for upload in (factories.pdf("report.exe"),):
        with pytest.raises(Invalid) as refusal:
            answered(cast, contract, question, upload=upload)
        assert list(refusal.value.fields) == ["file"]


def test_answers_come_also_while_returned_but_not_after_the_decision(cast: Cast) -> None:
    contract = factories.examined(cast)
    question = asked(cast, contract)
    return_(actor=cast.registrar.actor, contract_id=contract.pk, words="Complete it.")
    answered(cast, contract, question)
    contract = factories.examined(cast)
    question = asked(cast, contract)
    refuse(
        actor=cast.registrar.actor, contract_id=contract.pk, reason="not_technology",
        without_answer=True,
    )  # fmt: skip
    with pytest.raises(Conflict):
        answered(cast, contract, question)


def test_a_side_adds_to_its_answer_within_bounds(cast: Cast) -> None:
    contract = factories.examined(cast)
    question = asked(cast, contract)
    for _number in range(MOST_ANSWERS):
        answered(cast, contract, question)
    with pytest.raises(Conflict):
        answered(cast, contract, question)


def test_the_registrar_and_people_without_a_say_do_not_answer(cast: Cast) -> None:
    contract = factories.examined(cast)
    question = asked(cast, contract)
    with pytest.raises(Refused):
        answered(cast, contract, question, cast.registrar)
    for person in (cast.rival, cast.operator, cast.newcomer):
        with pytest.raises(NotFound):
            answered(cast, contract, question, person)
    assert not ContractAnswer.objects.exists()


def test_the_database_refuses_to_change_or_forget_them(cast: Cast) -> None:
    contract = factories.examined(cast)
    question = asked(cast, contract)
    row = answered(cast, contract, question)
    for change in (
        lambda: ContractQuestion.objects.filter(pk=question.pk).update(words="never"),
        lambda: ContractQuestion.objects.filter(pk=question.pk).delete(),
        lambda: ContractAnswer.objects.filter(pk=row.pk).update(words="never"),
        lambda: ContractAnswer.objects.filter(pk=row.pk).delete(),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()


# --- Deciding ------------------------------------------------------------------------------------


def test_deciding_without_the_answer_is_a_choice_that_is_recorded(cast: Cast) -> None:
    contract = factories.examined(cast)
    asked(cast, contract)
    registrar = cast.registrar.actor
    with pytest.raises(Invalid) as refusal:
        register_contract(actor=registrar, contract_id=contract.pk)
    assert refusal.value.code == "question_open"
    assert Contract.objects.get(pk=contract.pk).state == "under_examination"
    done = register_contract(actor=registrar, contract_id=contract.pk, without_answer=True)
    assert done.state == "registered"
    assert done.decisions.get(kind="registered").open_questions == 1
    desk = cast.registrar.client.get(f"/registrar/contracts/{contract.public_id}/")
    assert "Decided without the answer to 1 question" in desk.content.decode()
    own = cast.outsider.client.get(f"/contracts/{contract.public_id}/").content.decode()
    assert "without the answer" not in own


def test_an_answered_question_is_no_hindrance(cast: Cast) -> None:
    contract = factories.examined(cast)
    both = asked(cast, contract, both=True)
    answered(cast, contract, both)
    with pytest.raises(Invalid):
        register_contract(actor=cast.registrar.actor, contract_id=contract.pk)
    answered(cast, contract, both, cast.outsider)
    done = register_contract(actor=cast.registrar.actor, contract_id=contract.pk)
    assert done.decisions.get(kind="registered").open_questions == 0


def test_the_second_reviewer_is_warned_too(cast: Cast) -> None:
    contract = factories.examined(cast, total_amount=factories.LARGE)
    asked(cast, contract)
    register_contract(actor=cast.registrar.actor, contract_id=contract.pk, without_answer=True)
    other = actor_for(factories.second_registrar(cast), "en")
    with pytest.raises(Invalid):
        approve_second(actor=other, contract_id=contract.pk)
    done = approve_second(actor=other, contract_id=contract.pk, without_answer=True)
    assert done.decisions.get(kind="passed_on").open_questions == 1


# --- Pages and API -------------------------------------------------------------------------------


def test_by_pages_from_question_to_registration(cast: Cast) -> None:
    contract = factories.examined(cast)
    desk = f"/registrar/contracts/{contract.public_id}/"
    page = cast.registrar.client.get(desk).content.decode()
    assert "the clock runs on: only a return stops it" in page
    wrong = cast.registrar.client.post(
        f"{desk}ask/", {"ask-words": "Kept words", "ask-answer_by": "2001-01-01"}
    )
    assert wrong.status_code == 422 and "Kept words" in wrong.content.decode()
    assert "Choose a day from today on" in wrong.content.decode()
    cast.registrar.client.post(f"{desk}ask/", {"ask-words": "Which standard?"})
    question = ContractQuestion.objects.get()
    text = cast.registrar.client.get(desk).content.decode()
    assert "waits for an answer" in text and "Decide without the answer" in text
    refused = cast.registrar.client.post(f"{desk}register/")
    assert refused.status_code == 422 and "has no answer yet" in refused.content.decode()

    own = f"/contracts/{contract.public_id}/"
    assert "Which standard?" in cast.colleague.client.get(own).content.decode()
    address = f"{own}questions/{question.public_id}/"
    prefix = question.public_id
    wrong = cast.colleague.client.post(
        address, {f"{prefix}-words": "Typed", f"{prefix}-file": factories.pdf("a.exe")}
    )
    assert wrong.status_code == 422 and "Typed" in wrong.content.decode()
    assert not ContractAnswer.objects.exists()
    done = cast.colleague.client.post(
        address, {f"{prefix}-words": "GB 12345.", f"{prefix}-file": factories.pdf("a.pdf")}
    )
    assert done["Location"] == f"{own}#questions"
    text = cast.registrar.client.get(desk).content.decode()
    assert "GB 12345." in text and "a.pdf" in text and "answered" in text
    assert cast.registrar.client.post(f"{desk}register/").status_code == 302
    late = cast.colleague.client.post(address, {f"{prefix}-words": "Too late"})
    assert late.status_code == 422 and "Too late" in late.content.decode()
    assert "too late to answer" in late.content.decode()


def test_by_api_from_question_to_answer(cast: Cast) -> None:
    contract = factories.examined(cast)
    desk = f"{API}/registrar/contracts/{contract.public_id}"
    made = cast.registrar.api.post(
        f"{desk}/questions/", {"words": "Which?", "both": True}, format="json"
    )
    assert made.status_code == 201 and made.json()["open"]
    assert {row["id"] for row in made.json()["asked"]} == {
        cast.home.public_id, cast.outside.public_id,
    }  # fmt: skip
    answer_ = cast.registrar.api.post(f"{desk}/register/", {}, format="json")
    assert answer_.status_code == 400 and answer_.json()["code"] == "question_open"
    address = f"{API}/contracts/{contract.public_id}/questions/{made.json()['id']}/answers/"
    done = cast.colleague.api.post(
        address, {"words": "This.", "file": factories.pdf("a.pdf")}, format="multipart"
    )
    assert done.status_code == 201 and not done.json()["open"]
    [row] = done.json()["answers"]
    content = f"{API}/contracts/{contract.public_id}/answers/{row['id']}/content/"
    read = cast.registrar.api.get(content)
    assert b"".join(read.streaming_content).startswith(b"%PDF")
    assert cast.outsider.api.get(content).status_code == 404
    yes = cast.registrar.api.post(f"{desk}/register/", {"without_answer": True}, format="json")
    assert yes.json()["state"] == "registered"
