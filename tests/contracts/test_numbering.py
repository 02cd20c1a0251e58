"""Numbers without gaps and one registration each, also when many press at once."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from accounts.queries import actor_for
from contracts.actions import access, numbering
from contracts.actions.decisions import approve_second, register_contract
from contracts.actions.history import import_registered
from contracts.actions.numbering import next_number
from contracts.models import Contract, ContractDecision, NumberSequence
from events.models import Event
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, DomainError, Refused
from tests.cast import Cast
from tests.contracts import factories

YEAR = timezone.localdate().year


def at_once(steps: list[Callable[[], object]]) -> list[object]:
    """Run the steps in threads that start together; each one's answer or error."""
    answers: list[object] = [None] * len(steps)
    gate = threading.Barrier(len(steps))

    def run(index: int, step: Callable[[], object]) -> None:
        gate.wait(10)
        try:
            answers[index] = step()
        except (DomainError, IntegrityError, OperationalError) as error:
            answers[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def slow(original: Callable[..., Any]) -> Callable[..., Any]:
    """The same, with all callers waiting for each other after they have read: the worst moment."""
    gate = threading.Barrier(2)

    def reading(*args: Any, **kwargs: Any) -> Any:
        found = original(*args, **kwargs)
        try:
            gate.wait(2)
        except threading.BrokenBarrierError:
            pass
        return found

    return reading


@pytest.mark.django_db
def test_a_number_is_year_code_and_serial(cast: Cast) -> None:
    with transaction.atomic():
        assert next_number(cast.point, 2026) == "2026440300000001"
        assert next_number(cast.point, 2026) == "2026440300000002"
        assert next_number(cast.point, 2027) == "2027440300000001"


@pytest.mark.django_db
def test_an_abandoned_registration_leaves_no_gap(cast: Cast) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        next_number(cast.point, 2026)
        raise RuntimeError
    with transaction.atomic():
        assert next_number(cast.point, 2026) == "2026440300000001"


@pytest.mark.django_db
def test_a_used_up_year_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbering, "LAST_SERIAL", 1)
    factories.registered(cast)
    contract = factories.examined(cast)
    with pytest.raises(Conflict):
        register_contract(actor=cast.registrar.actor, contract_id=contract.pk)
    assert Contract.objects.get(pk=contract.pk).state == "under_examination"


@pytest.mark.django_db
def test_past_registrations_take_numbers_of_their_own_year(cast: Cast) -> None:
    day = dt.datetime(2019, 3, 4, 2, tzinfo=dt.UTC)
    values: dict[str, Any] = {
        "filed_by_id": cast.home.pk, "point_id": cast.point.pk, "parties": factories.parties(cast),
        "facts": factories.facts(cast, signed_on="2019-01-07", valid_from="2019-01-07",
                                 valid_to="2020-01-07"),
        "submitted_at": day, "registered_at": day + dt.timedelta(days=9),
    }  # fmt: skip
    with pytest.raises(Refused):
        import_registered(actor=cast.registrar.actor, **values)
    found = import_registered(actor=Actor.system(), examiner_id=cast.registrar.user.pk, **values)
    assert (found.number, found.rule_set) == ("2019440300000001", "CN-2001")
    assert [row.kind for row in found.decisions.all()] == ["submitted", "registered"]
    assert found.versions.get().is_registered


# --- Races: first with the lock off, to show that the test would see one --------------------------


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_registrations_want_the_same_number(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    contracts = [factories.examined(cast) for _ in range(2)]
    NumberSequence.objects.create(point=cast.point, year=YEAR)

    def unlocked(point: Any, year: int) -> NumberSequence:
        return NumberSequence.objects.get(point=point, year=year)

    monkeypatch.setattr(numbering, "_locked", slow(unlocked))
    answers = at_once(
        [
            lambda pk=c.pk: register_contract(actor=cast.registrar.actor, contract_id=pk)
            for c in contracts
        ]
    )
    assert any(isinstance(answer, IntegrityError) for answer in answers), answers


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_many_registrars_at_once_leave_no_gap_and_no_double(cast: Cast) -> None:
    actors = [actor_for(factories.second_registrar(cast), "en") for _ in range(3)]
    contracts = []
    for index in range(9):
        contract = factories.submitted(cast)
        Contract.objects.filter(pk=contract.pk).update(
            state="under_examination", examiner_id=actors[index % 3].user_id
        )
        contracts.append((contract.pk, actors[index % 3]))
    answers = at_once(
        [lambda pk=pk, who=who: register_contract(actor=who, contract_id=pk)
         for pk, who in contracts]
    )  # fmt: skip
    assert all(isinstance(answer, Contract) for answer in answers), answers
    numbers = sorted(Contract.objects.values_list("number", flat=True))
    assert numbers == [f"{YEAR}440300{serial:06d}" for serial in range(1, 10)]
    assert NumberSequence.objects.get().last == 9


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [False, True])
def test_a_double_click_and_two_second_reviewers_give_one_registration(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    """Without the row's lock both pass the state check; with it the second is told kindly."""
    actors = [actor_for(factories.second_registrar(cast), "en") for _ in range(2)]
    twice = factories.examined(cast)
    review = factories.in_second_review(cast)
    if not locked:

        def unlocked(contract_id: int) -> Contract:
            return Contract.objects.get(pk=contract_id)

        monkeypatch.setattr(access, "locked", slow(unlocked))
    double_click = at_once(
        [lambda: register_contract(actor=cast.registrar.actor, contract_id=twice.pk)] * 2
    )
    reviewers = at_once(
        [lambda who=who: approve_second(actor=who, contract_id=review.pk) for who in actors]
    )
    for answers, pk in ((double_click, twice.pk), (reviewers, review.pk)):
        refusals = [answer for answer in answers if isinstance(answer, Exception)]
        assert len(refusals) == 1, "one of the two must be refused, by us or by the database"
        assert isinstance(refusals[0], Conflict) is locked, refusals
        assert ContractDecision.objects.filter(contract=pk, kind="registered").count() == 1
        object_id = Contract.objects.get(pk=pk).public_id
        assert Event.objects.filter(kind="contract.registered", object_id=object_id).count() == 1
    assert NumberSequence.objects.get().last == 2


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_registrars_who_claim_at_once_get_one_file(cast: Cast) -> None:
    from contracts.actions.examination import claim

    actors = [actor_for(factories.second_registrar(cast), "en") for _ in range(2)]
    contract = factories.submitted(cast)
    answers = at_once([lambda who=who: claim(actor=who, contract_id=contract.pk) for who in actors])
    won = [answer for answer in answers if isinstance(answer, Contract)]
    lost = [answer for answer in answers if isinstance(answer, Conflict)]
    assert (len(won), len(lost)) == (1, 1), answers
    assert Contract.objects.get(pk=contract.pk).examiner_id == won[0].examiner_id


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_an_amendment_and_a_cancellation_at_once_do_not_both_win(cast: Cast) -> None:
    from contracts.actions import start_amendment, submit_contract
    from contracts.actions.endings import cancel
    from contracts.actions.examination import claim

    old = factories.registered(cast)
    draft = start_amendment(actor=cast.colleague.actor, contract_id=old.pk)
    submit_contract(actor=cast.colleague.actor, contract_id=draft.pk)
    claim(actor=cast.registrar.actor, contract_id=draft.pk)
    at_once(
        [
            lambda: register_contract(actor=cast.registrar.actor, contract_id=draft.pk),
            lambda: cancel(actor=cast.colleague.actor, contract_id=old.pk, words="Rescinded."),
        ]
    )
    old.refresh_from_db()
    draft.refresh_from_db()
    assert (old.state, draft.state) in {
        ("amended", "registered"), ("cancelled", "under_examination"),
    }  # fmt: skip
    assert NumberSequence.objects.get().last == 1
