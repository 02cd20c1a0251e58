"""Disclosures and what is done in a case, full of secrets."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

if TYPE_CHECKING:
    from tests.leaks.planted import Planted

AUTHOR, BOTH = frozenset({"outsider"}), frozenset({"outsider", "broker"})
INTERNAL = frozenset({"broker"})


def plant_disclosures(world: Planted) -> None:
    """`outside` discloses to the broker's institution: a draft, one that waits for signatures, and
    one that became a case with an assessment, protection and marketing."""
    from deals.actions import approaches, assessments, ip_events
    from deals.actions.disclosure_decisions import accept_disclosure
    from deals.actions.disclosure_signing import ask_for_signatures
    from tests.deals.disclosures import factories

    cast, s = world.cast, world.secret
    draft = factories.written(cast, title_en=s("disclosure draft", "Brackenpipit seal", AUTHOR))
    waiting = factories.written(
        cast, description_en=s("disclosure asked", "Stonechatter alloy", AUTHOR)
    )
    ask_for_signatures(actor=cast.outsider.actor, disclosure_id=waiting.pk)
    name = s("inventor", "Linnetfold Moss", BOTH)
    rows = [{"name": name, "email": "moss@inventors.example", "share": Decimal(100)}]
    taken = factories.submitted(
        cast, rows, title_en=s("disclosure title", "Wheatearn binder", BOTH),
        prior_art=s("prior art", "Redpollish patent", BOTH),
        interested_firms=s("firms", "Twitefield works", BOTH),
    )  # fmt: skip
    broker = cast.broker.actor
    case = accept_disclosure(actor=broker, disclosure_id=taken.pk)
    one = {"actor": broker, "case_id": case.pk}
    evidence = s("score evidence", "Whinchatty bench", INTERNAL)
    assessments.save_scorecard(**one, scores={"novelty": {"score": 4, "evidence": evidence}})
    assessments.note_readiness(
        **one, level=4, evidence=s("readiness", "Fieldfarer pilot", INTERNAL)
    )
    assessments.decide_assessment(
        **one, verdict="accept", reason="strong_case",
        words=s("decision", "Dunnocken will pay", INTERNAL),
    )  # fmt: skip
    today = timezone.localdate()
    event = ip_events.add_ip_event(
        **one,
        facts={"kind": "filing", "number": s("filing", "CN-SERIN-77", INTERNAL),
               "deadline": today + dt.timedelta(days=5), "cost": Decimal("4242.42")},
    )  # fmt: skip
    contact = approaches.add_approach(
        **one,
        facts={"name": s("approached", "Brambling Motors", INTERNAL), "made_on": today,
               "channel": "mail", "outcome": "interested"},
    )  # fmt: skip
    ip_events.remind_of_deadlines()
    _plant_projects(world)
    for row in (draft, waiting, taken):
        world.id("disclosure", row.public_id)
    world.id("inventor", waiting.inventors.earliest("pk").public_id)
    world.id("case", case.public_id)
    world.id("ip_event", event.public_id)
    world.id("approach", contact.public_id)


def _plant_projects(world: Planted) -> None:
    """Tables of foreign projects: one that is a case, one that waits with a row that is refused."""
    from deals.actions.project_imports import run_project_import
    from tests.deals.projects.factories import a_row, checked, table, worked

    cast, s = world.cast, world.secret
    taken = checked(cast, table([a_row(
        reference=s("project reference", "SETEP-Ortolane", INTERNAL),
        title=s("project title", "Dotterelle turbine", INTERNAL),
        other_title=s("project other title", "Avocettine turbine", INTERNAL),
        owner_name=s("project owner", "Hoopoese Energia", INTERNAL),
        summary=s("project summary", "Wryneckish sea heat", INTERNAL),
        contact=s("project contact", "Ana Shrikeley", INTERNAL),
        programme=s("project programme", "Godwitty scheme", INTERNAL),
    )], s("project table", "Whimbrelo.csv", INTERNAL)))  # fmt: skip
    run_project_import(actor=cast.broker.actor, run_id=taken.pk)
    waits = checked(cast, table([
        a_row(2, title=s("project waits", "Curlewen membrane", INTERNAL)),
        a_row(3, country=s("project fault", "Turnstonia", INTERNAL)),
    ], "waits.csv"))  # fmt: skip
    world.id("project_import", worked(taken).public_id)
    world.id("project_import", waits.public_id)
    world.id("case", taken.outcomes.get().case.public_id)
