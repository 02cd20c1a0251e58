"""Who may do what in which state: tried cell by cell, and kept in
docs/reference/referral-states.md."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from deals.actions import agreements, referral_carrying, referrals
from tests.deals.alliance import factories
from tests.deals.cases.test_case_states import BEGIN, END, tried

if TYPE_CHECKING:
    from deals.models import Referral
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "referral-states.md"
WORDS = {200: "yes", 403: "refused", 404: "not found", 409: "refused"}


def acts(referral: Referral) -> dict[str, Any]:
    one = {"referral_id": referral.pk}
    claim = referral.claims.last()
    named = {"claim": claim.public_id if claim else "0000000000", **one}
    half = {"referring_percent": Decimal(50), "closing_percent": Decimal(50)}
    return {
        "claim": lambda a: referrals.claim_referral(actor=a, accepts_split=True, **one),
        "give a claim up": lambda a: referrals.release_claim(actor=a, **named),
        "confirm": lambda a: referrals.confirm_claim(actor=a, **named),
        "report": lambda a: referral_carrying.report(actor=a, body="So far.", **one),
        "propose a split": lambda a: agreements.propose_split(actor=a, **half, **one),
        "take back": lambda a: referral_carrying.take_back(actor=a, **one),
        "end": lambda a: referral_carrying.end_referral(actor=a, body="Done.", **one),
        "withdraw": lambda a: referrals.withdraw_referral(actor=a, **one),
    }


def test_every_role_step_and_state_is_as_the_page_says(cast: Cast) -> None:
    group = factories.allied(cast)
    broker = cast.broker.actor
    roles = {
        "referring": broker, "carrier": group.second_broker, "another member": group.third_broker,
        "another organisation": cast.owner.actor, "operator": cast.operator.actor,
    }  # fmt: skip
    found: dict[str, Any] = {"open": factories.published(cast, group)}
    found["claimed"] = factories.claimed(cast, group)
    found["carried on"] = factories.carried(cast, group)
    found["carried on, overdue"] = factories.late(factories.carried(cast, group))
    found["ended"] = factories.carried(cast, group)
    acts(found["ended"])["end"](broker)
    found["taken back"] = factories.late(factories.carried(cast, group))
    acts(found["taken back"])["take back"](broker)
    found["withdrawn"] = factories.published(cast, group)
    acts(found["withdrawn"])["withdraw"](broker)
    steps = {state: acts(referral) for state, referral in found.items()}
    lines = ["| step | state | " + " | ".join(roles) + " |", "|---" * (len(roles) + 2) + "|"]
    for step in steps["open"]:
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
