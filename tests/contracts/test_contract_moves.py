"""Every move of a contract from every state, legal and illegal."""

import pytest
from django.db import connection

from accounts.queries import actor_for
from contracts import states
from contracts.actions import change_contract, start_amendment, submit_contract, withdraw_contract
from contracts.actions.decisions import approve_second, refuse, register_contract, send_back
from contracts.actions.endings import cancel, revoke
from contracts.actions.examination import claim, release, return_
from contracts.codes import STATES
from contracts.models import Contract, ContractDecision, ContractVersion, NumberSequence
from events.models import Event
from marketplace.core.errors import Conflict, NotFound
from tests.cast import Cast
from tests.contracts import factories

pytestmark = pytest.mark.django_db

ALL_STATES = [entry.code for entry in STATES]

# step -> (states it may start from, state it ends in)
EXPECTED = {
    "submit": ({"draft", "returned"}, "submitted"),
    "withdraw": ({"draft", "returned", "submitted"}, "withdrawn"),
    "claim": ({"submitted"}, "under_examination"),
    "release": ({"under_examination"}, "submitted"),
    "return": ({"under_examination"}, "returned"),
    "register": ({"under_examination"}, "registered"),
    "refuse": ({"under_examination", "second_review"}, "refused"),
    "approve_second": ({"second_review"}, "registered"),
    "send_back": ({"second_review"}, "under_examination"),
    "amend": ({"registered"}, "registered"),  # the draft of the next edition; the old one stays
    "cancel": ({"registered"}, "cancelled"),
    "revoke": ({"registered"}, "revoked"),
}


def take(step: str, cast: Cast, contract: Contract) -> Contract:
    """The step by whoever may do it."""
    pk, registrar, party = contract.pk, cast.registrar.actor, cast.colleague.actor
    if contract.state == "second_review":
        registrar = actor_for(factories.second_registrar(cast), "en")
    if step == "submit":
        return submit_contract(actor=party, contract_id=pk)
    if step == "withdraw":
        return withdraw_contract(actor=party, contract_id=pk)
    if step == "claim":
        return claim(actor=registrar, contract_id=pk)
    if step == "release":
        return release(actor=registrar, contract_id=pk)
    if step == "return":
        return return_(actor=registrar, contract_id=pk, words="Add the annex.")
    if step == "register":
        return register_contract(actor=registrar, contract_id=pk)
    if step == "refuse":
        return refuse(actor=registrar, contract_id=pk, reason="unclear")
    if step == "approve_second":
        return approve_second(actor=registrar, contract_id=pk)
    if step == "send_back":
        return send_back(actor=registrar, contract_id=pk, words="See clause 3.")
    if step == "amend":
        start_amendment(actor=party, contract_id=pk)
        return Contract.objects.get(pk=pk)
    if step == "cancel":
        return cancel(actor=party, contract_id=pk, words="Rescinded by both.")
    return revoke(actor=registrar, contract_id=pk, words="Obtained by fraud.")


def everything() -> dict[str, object]:
    """All rows of the room and the count of events, to prove that nothing changed."""
    return {
        "contracts": list(Contract.objects.order_by("pk").values()),
        "decisions": ContractDecision.objects.count(),
        "versions": ContractVersion.objects.count(),
        "numbers": list(NumberSequence.objects.values_list("last", flat=True)),
        "events": Event.objects.count(),
    }


@pytest.mark.parametrize("state", ALL_STATES)
def test_steps_follow_the_table(cast: Cast, state: str) -> None:
    for step, (starts, end) in EXPECTED.items():
        contract = factories.in_state(cast, state)
        assert contract.state == state
        if state in starts:
            moved = take(step, cast, contract)
            assert moved.state == end, step
            continue
        before = everything()
        # what was never submitted does not exist for the registration point
        unseen = contract.submitted_at is None and step not in {
            "submit",
            "withdraw",
            "amend",
            "cancel",
        }
        with pytest.raises(NotFound if unseen else Conflict):
            take(step, cast, contract)
        assert everything() == before, step


def test_table_has_no_step_that_is_not_tried() -> None:
    assert set(states.TRANSITIONS.moves) == set(EXPECTED) | {"pass_on"}
    assert set(ALL_STATES) >= {end for _starts, end in states.TRANSITIONS.moves.values()}


def test_each_move_writes_one_event_and_one_decision(cast: Cast) -> None:
    contract = factories.drafted(cast)
    for step, kind in (
        ("submit", "contract.submitted"),
        ("claim", "contract.claimed"),
        ("return", "contract.returned"),
        ("submit", "contract.submitted"),
        ("claim", "contract.claimed"),
        ("register", "contract.registered"),
        ("cancel", "contract.cancelled"),
    ):
        events, decisions = Event.objects.count(), contract.decisions.count()
        before = contract.state
        contract = take(step, cast, contract)
        assert Event.objects.count() == events + 1
        assert contract.decisions.count() == decisions + 1
        event = Event.objects.latest("id")
        assert (event.kind, event.object_id) == (kind, contract.public_id)
        assert (event.before["state"], event.after["state"]) == (before, contract.state)
        parties = set() if step == "claim" else {cast.home.pk, cast.outside.pk}
        assert set(event.organisation_ids) == {*parties, cast.point.pk}


def test_events_hold_no_words_names_or_amounts(cast: Cast) -> None:
    contract = factories.examined(cast, title_en="Secret of the kiln")
    return_(actor=cast.registrar.actor, contract_id=contract.pk, words="Clause nine is unclear")
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(to_jsonb(e)::text, ' ') FROM events_event e")
        text = cursor.fetchone()[0]
    for secret in ("Secret of the kiln", "Clause nine", "Lantern Works", "120000"):
        assert secret not in text


def test_a_registered_contract_cannot_be_changed_by_its_parties(cast: Cast) -> None:
    contract = factories.registered(cast)
    before = everything()
    with pytest.raises(Conflict) as refusal:
        change_contract(
            actor=cast.owner.actor, contract_id=contract.pk, facts={"total_amount": "1"}
        )
    assert refusal.value.code == "registered"
    assert everything() == before
