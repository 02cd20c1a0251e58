"""Who may do what in which phase: every cell, through the actions themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as project
from django.db import transaction

from deals import gathering_states as states
from deals.actions import gathering_places as places
from deals.actions import gatherings as actions
from deals.models import Gathering, GatheringPlace
from deals.queries import gatherings as queries
from marketplace.core.errors import Conflict, DomainError, NotFound, Refused, Unauthenticated
from marketplace.management.commands.document_gatherings import page
from tests.deals.gatherings import factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cast import Cast

pytestmark = pytest.mark.django_db
DOING: dict[str, Callable[[dict[str, Any]], object]] = {
    "write": lambda one: actions.change_gathering(**one, facts={"place": "Quay 2"}),
    "discard": lambda one: actions.discard_gathering(**one),
    "publish": lambda one: actions.publish_gathering(**one),
    "cancel": lambda one: actions.cancel_gathering(**one, reason="Storm"),
    "hold": lambda one: actions.hold_gathering(**one),
    "mark": lambda one: places.mark_attendance(**one, marks={}),
    "register": lambda one: places.take_place(**one),
    "withdraw": lambda one: places.give_back(**one),
}


def rows(cast: Cast) -> dict[str, Gathering]:
    """One in each phase; the colleague has the only place, the outsider waits."""
    found = {
        states.DRAFT: factories.drafted(cast), states.COMING: factories.published(cast, capacity=1),
        states.RUNNING: factories.published(cast, capacity=1),
        states.OVER: factories.published(cast, capacity=1),
        states.HELD: factories.published(cast, capacity=1),
        states.CANCELLED: factories.published(cast, capacity=1),
    }  # fmt: skip
    for row in found.values():
        if row.state == states.PUBLISHED:
            factories.registered(row, cast.colleague.actor)
            factories.registered(row, cast.outsider.actor)
    factories.running(found[states.RUNNING])
    for one in (states.OVER, states.HELD):
        factories.over(found[one])
    broker = cast.broker.actor
    actions.hold_gathering(actor=broker, gathering_id=found[states.HELD].pk)
    actions.cancel_gathering(actor=broker, gathering_id=found[states.CANCELLED].pk, reason="Storm")
    # as long as possible, so that the phase alone decides
    for row in found.values():
        Gathering.objects.filter(pk=row.pk).update(register_until=row.ends_at)
    return found


def told(act: Callable[[], object]) -> str:
    """ "", or what refused it; undone in either case."""
    try:
        with transaction.atomic():
            act()
            transaction.set_rollback(True)
    except NotFound:
        return "hidden"
    except (Refused, Unauthenticated):
        return "role"
    except Conflict as error:
        return {"no_place": "role", "closed": "closed"}.get(error.code, "state")
    except DomainError as error:
        return f"fault {error.code}"
    return ""


def test_every_cell_through_its_action(cast: Cast) -> None:
    found = rows(cast)
    assert set(DOING) == set(states.RULES) - {"read_register", "read_online"}
    actors = {
        states.ORGANISER: cast.broker.actor, states.REGISTERED: cast.colleague.actor,
        states.WAITING: cast.outsider.actor, states.PERSON: cast.newcomer.actor,
        states.VISITOR: cast.visitor.actor,
    }  # fmt: skip
    got, wanted = {}, {}
    for role, actor in actors.items():
        roles = {role, states.PERSON} if role == states.ORGANISER else {role}
        for phase, row in found.items():
            assert Gathering.objects.get(pk=row.pk).phase() == phase
            hidden = phase == states.DRAFT and role != states.ORGANISER
            for action, act in DOING.items():
                rule = states.refusal(action, roles=roles, phase=phase, is_open=phase != "over")
                one = {"actor": actor, "gathering_id": row.pk}
                got[role, phase, action] = told(lambda act=act, one=one: act(one))
                wanted[role, phase, action] = "hidden" if hidden else rule
    # a visitor is asked to sign in before anything is looked up
    for phase in states.PHASES:
        wanted[states.VISITOR, phase, "register"] = "role"
    assert got == wanted


def test_reading_follows_the_table_too(cast: Cast) -> None:
    found = rows(cast)
    for name in ("broker", "colleague", "outsider", "newcomer", "visitor"):
        actor = getattr(cast, name).actor
        api = getattr(cast, name).api
        for phase, row in found.items():
            address = f"/api/v1/gatherings/{row.public_id}/"
            if phase == states.DRAFT and name != "broker":
                assert api.get(address).status_code == 404
                continue
            row.refresh_from_db()
            roles = queries.roles_of(row, actor, queries.place_of(row, actor))
            one = {"roles": roles, "phase": phase, "is_open": True}
            data = api.get(address).json()
            sees = states.may("read_online", **one)
            assert (data["online"] is not None) is sees, (name, phase)
            sees = states.may("read_register", **one) or (phase == "draft" and name == "broker")
            assert (api.get(f"{address}places/").status_code == 200) is sees, (name, phase)


def test_registration_closes(cast: Cast) -> None:
    row = factories.published(cast)
    Gathering.objects.filter(pk=row.pk).update(register_until=row.starts_at - 20 * factories.DAY)
    with pytest.raises(Conflict) as refused:
        factories.registered(row, cast.newcomer.actor)
    assert refused.value.code == "closed"
    assert not GatheringPlace.objects.exists()


def test_the_page_is_written_from_the_table() -> None:
    kept = Path(project.ROOT) / "docs" / "reference" / "gathering-states.md"
    assert kept.read_text(encoding="utf-8") == page(), "run manage.py document_gatherings"
