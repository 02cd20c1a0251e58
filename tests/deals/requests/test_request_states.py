"""Who may do what in which state: tried cell by cell, and kept in
docs/reference/request-states.md."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from deals.actions import request_work, requests
from deals.models import LocatorRequest
from tests.deals.alliance.factories import allied
from tests.deals.cases.test_case_states import BEGIN, END, tried
from tests.deals.requests import factories

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "request-states.md"
WORDS = {200: "yes", 403: "refused", 404: "not found", 409: "refused"}


def acts(row: LocatorRequest, receiver: str) -> dict[str, Any]:
    one = {"request_id": row.pk}
    outcome = "helped" if row.state == "answered" else "no_answer"
    return {
        "take": lambda a: request_work.take_request(actor=a, **one),
        "answer": lambda a: request_work.answer_request(actor=a, body="Graphite.", **one),
        "pass on": lambda a: request_work.pass_on(actor=a, receiver=receiver, **one),
        "draft a need": lambda a: request_work.draft_need(actor=a, **one),
        "open a case": lambda a: request_work.open_request_case(actor=a, **one),
        "close": lambda a: requests.close_request(actor=a, outcome=outcome, **one),
    }


def test_every_role_step_and_state_is_as_the_page_says(cast: Cast) -> None:
    group = allied(cast)
    roles = {
        "asker": cast.owner.actor, "institution": cast.broker.actor,
        "another member": group.second_broker, "another organisation": cast.outsider.actor,
        "operator": cast.operator.actor,
    }  # fmt: skip
    alliance = group.alliance
    found = {
        "open, to an institution": factories.asked(cast),
        "open, to an alliance": factories.asked(cast, alliance),
        "being worked on": factories.taken(cast, alliance),
        "answered": factories.answered(cast, alliance),
        "closed": factories.closed(cast, alliance),
        "expired": factories.asked(cast, alliance),
    }
    LocatorRequest.objects.filter(pk=found["expired"].pk).update(
        answer_by=timezone.localdate() - dt.timedelta(days=1)
    )
    assert requests.expire_requests() == 1
    steps = {state: acts(row, group.third.public_id) for state, row in found.items()}
    lines = ["| step | state | " + " | ".join(roles) + " |", "|---" * (len(roles) + 2) + "|"]
    for step in steps["answered"]:
        for state in steps:
            cells = [WORDS[tried(steps[state][step], actor)] for actor in roles.values()]
            lines.append(f"| {step} | {state} | " + " | ".join(cells) + " |")
    table = "\n".join(lines)
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    kept, after = rest.split(END)
    if os.environ.get("RENEW_TABLE"):
        PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")
        kept = table
    assert kept.strip() == table
