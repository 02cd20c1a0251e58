"""Who may do what in which state: tried cell by cell, and kept in docs/reference/case-states.md."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from deals.actions import (
    approaches,
    assessments,
    case_endings,
    case_parts,
    case_tasks,
    cases,
    ip_events,
)
from deals.models import AddedPipeline
from deals.pipelines import Faults, pipeline, read, shipped
from marketplace.core.errors import DomainError
from tests.deals.cases.factories import opened

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "case-states.md"
BEGIN, END = "<!-- table -->", "<!-- /table -->"
WORDS = {200: "yes", 404: "not found", 409: "refused"}


def acts(case: Any) -> dict[str, Any]:
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    one = {"case_id": case.pk}
    task = case.tasks.first()
    return {
        "edit": lambda a: cases.change_case(actor=a, facts={"title": "New"}, **one),
        "move": lambda a: cases.move_case(actor=a, stage="search", **one),
        "add a client": lambda a: case_parts.add_client(actor=a, name="X works", **one),
        "write a note": lambda a: case_parts.write_note(actor=a, body="Note", **one),
        "finish a task": lambda a: case_tasks.finish_task(actor=a, task_id=task.pk),
        "score": lambda a: assessments.save_scorecard(actor=a, scores={}, **one),
        "decide on it": lambda a: assessments.decide_assessment(
            actor=a, verdict="accept", reason="strong_case", **one
        ),
        "note protection": lambda a: ip_events.add_ip_event(
            actor=a, facts={"kind": "filing", "happened_on": tomorrow}, **one
        ),
        "log a contact": lambda a: approaches.add_approach(
            actor=a,
            facts={
                "name": "Kite",
                "made_on": timezone.localdate(),
                "channel": "mail",
                "outcome": "no_answer",
            },
            **one,
        ),
        "put aside": lambda a: case_endings.defer_case(
            actor=a, until=tomorrow, reason="data", **one
        ),
        "take up": lambda a: case_endings.wake_case(actor=a, **one),
        "close": lambda a: case_endings.close_case(actor=a, outcome="lost", reason="funds", **one),
        "reopen": lambda a: case_endings.reopen_case(actor=a, **one),
    }


def tried(act: Any, actor: Any) -> int:
    with transaction.atomic():
        try:
            act(actor)
            status = 200
        except DomainError as error:
            status = error.status
        transaction.set_rollback(True)
    return status


def test_every_role_step_and_state_is_as_the_page_says(cast: Cast) -> None:
    broker = cast.broker.actor
    Membership.objects.create(user=cast.newcomer.user, organisation=cast.tti, roles=["broker"])
    Membership.objects.create(user=cast.claimant.user, organisation=cast.tti, roles=["editor"])
    Membership.objects.create(user=cast.rival.user, organisation=cast.tti, roles=["analyst"])
    roles = {
        "owner": broker, "broker": cast.newcomer.fresh(), "editor": cast.claimant.fresh(),
        "analyst": cast.rival.fresh(), "another organisation": cast.owner.actor,
        "operator": cast.operator.actor,
    }  # fmt: skip
    lines = ["| step | state | " + " | ".join(roles) + " |", "|---" * (len(roles) + 2) + "|"]
    found: dict[str, Any] = {}
    for state in ("open", "deferred", "closed"):
        case = opened(cast)
        case_parts.add_client(actor=broker, case_id=case.pk, name="A works")
        if state == "deferred":
            acts(case)["put aside"](broker)
        if state == "closed":
            acts(case)["close"](broker)
        found[state] = acts(case)
    for step in found["open"]:
        for state, steps in found.items():
            cells = [WORDS[tried(steps[step], actor)] for actor in roles.values()]
            lines.append(f"| {step} | {state} | " + " | ".join(cells) + " |")
    table = "\n".join(lines)
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    kept, after = rest.split(END)
    if os.environ.get("RENEW_TABLE"):
        PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")
        kept = table
    assert kept.strip() == table


# --- Pipelines -----------------------------------------------------------------------------------

SMALL = """
code: small
name: {en: Small, zh: 小}
about: {en: Two stages, zh: 两个阶段}
stages:
  - {code: one, name: {en: One, zh: 一}, probability: 10, needs: [value], blocks: [value]}
  - {code: two, name: {en: Two, zh: 二}, probability: 90}
"""


def test_shipped_pipelines_are_read_without_a_fault() -> None:
    assert {code: len(line.stages) for code, line in shipped().items()} == {
        "cross_border": 3, "need_brokerage": 6, "otl": 9, "three_channels": 7,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("probability: 10", "probability: 101", "stages.0.probability"),
        ("probability: 10", "probability: yes", "stages.0.probability"),
        ("needs: [value]", "needs: [money]", "stages.0.needs"),
        ("code: two", "code: one", "stages: one is there twice"),
        ("zh: 小", "zh: ''", "name.zh"),
        ("code: small", "code: Small One", "code: "),
        ("about:", "abut:", "the document: abut is unknown"),
        ("stages:", "stages: 3\nmore:", "stages: give 2 to 12"),
        ("code: small", "code: [", "no YAML"),
    ],
)
def test_each_fault_is_named_at_its_place(old: str, new: str, fault: str) -> None:
    with pytest.raises(Faults) as error:
        read(SMALL.replace(old, new, 1))
    assert fault in str(error.value)


def test_an_operator_adds_a_pipeline_and_cannot_take_a_stage_away_from_cases(
    cast: Cast, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    call_command("add_pipeline", str(path), "--check")
    assert not AddedPipeline.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        call_command("add_pipeline", str(path))
    line = pipeline("small")
    assert line and line.stages[0].blocks == {"value"}
    opened(cast, pipeline="small")
    path.write_text(SMALL.replace("code: one", "code: other"), encoding="utf-8")
    with pytest.raises(CommandError, match="cases stand in one"):
        call_command("add_pipeline", str(path))
