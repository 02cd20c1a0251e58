"""Requests for help and visits, full of secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.leaks.planted import Planted

ASKED = frozenset({"outsider", "broker"})
INTERNAL = frozenset({"broker"})


def plant_requests(world: Planted) -> None:
    """`outside` asks the broker's institution: one request waits, one was answered, made a case
    and a need, and closed."""
    from deals.actions import request_work
    from deals.actions.requests import ask_for_help, close_request
    from tests.deals.requests.factories import facts

    cast, s = world.cast, world.secret
    asker, broker = cast.outsider.actor, cast.broker.actor
    to = cast.tti.public_id
    waiting = ask_for_help(
        actor=asker,
        facts=facts(
            to=to, title=s("request title", "Ospreyan gasket", ASKED),
            words=s("request words", "Merganserite leaks", ASKED),
            contact=s("request contact", "Gadwallow, ext. 7", ASKED),
        ),
    )  # fmt: skip
    done = ask_for_help(actor=asker, facts=facts(to=to, title="A pump", words="It hums."))
    one = {"actor": broker, "request_id": done.pk}
    request_work.take_request(**one)
    request_work.answer_request(**one, body=s("request answer", "Smewish bearings", ASKED))
    case = request_work.open_request_case(**one)
    close_request(
        actor=asker, request_id=done.pk, outcome="helped",
        words=s("request outcome", "Garganey saved it", ASKED),
    )  # fmt: skip
    for row in (waiting, done):
        world.id("request", row.public_id)
    world.id("case", case.public_id)
    _visit(world)


def _visit(world: Planted) -> None:
    """The broker visits `outside`, which reads nothing of it."""
    from deals.actions.visits import open_finding_case
    from tests.deals.requests.visits import visited

    cast, s = world.cast, world.secret
    visit = visited(
        cast, organisation=cast.outside.public_id, people=s("visitors", "Turnstoney Li", INTERNAL),
        findings=[{"words": s("finding", "Dowitchery press jams", INTERNAL)}],
    )  # fmt: skip
    case = open_finding_case(
        actor=cast.broker.actor, visit_id=visit.pk, finding=visit.findings.get().public_id
    )
    world.id("visit", visit.public_id)
    world.id("case", case.public_id)
