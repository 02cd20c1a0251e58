"""Cases of the demo broker's institution (cases.yaml), made through the actions that pages use."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.queries import actor_for
from deals.actions.case_endings import close_case, defer_case
from deals.actions.case_parts import add_client, add_contact, add_listing, write_note
from deals.actions.cases import move_case, open_case
from deals.models import Case
from listings.models import Listing
from listings.queries.visibility import published_for
from marketplace.core.actor import Actor
from marketplace.demo.names import MAIL_DOMAIN, in_days, read
from marketplace.demo.parties import Parties

INSTITUTION = "bay-area-ttc"


def load_cases(parties: Parties) -> None:
    """All of them, once: what people did with them since is theirs."""
    institution = parties.organisations[INSTITUTION]
    if Case.objects.filter(organisation=institution).exists():
        return
    broker = actor_for(User.objects.get(email=f"broker@{MAIL_DOMAIN}"), "zh-hans")
    rows = sorted(read("cases.yaml"), key=lambda row: int(row["opened"]))
    shown = list(published_for(broker).filter(kind="technology").order_by("id")[:20])
    with transaction.atomic():
        for nth, row in enumerate(rows):
            _make(row, parties, broker, shown[nth % len(shown)] if shown else None)


def _make(row: dict[str, Any], parties: Parties, broker: Actor, shown: Listing | None) -> None:
    institution = parties.organisations[INSTITUTION]
    first, *further = row["path"]
    facts: dict[str, Any] = {"title": row["title"], "pipeline": row["pipeline"], "stage": first}
    if "value" in row:
        facts["value"] = Decimal(row["value"])
    case, _new = open_case(actor=broker, organisation_id=institution.pk, facts=facts)
    one: dict[str, Any] = {"actor": broker, "case_id": case.pk}
    if client := row.get("client"):
        known = parties.organisations.get(client)
        name = {"organisation": known.public_id} if known else {"name": client}
        add_client(**one, **name)
    if contact := row.get("contact"):
        add_contact(**one, name=contact, role="发明人")
    if row.get("listing") and shown:
        add_listing(**one, listing=shown.public_id)
    if further:
        for stage in further:
            move_case(**one, stage=stage)
        write_note(**one, body="客户要求下次沟通时带上实测数据。")
    case.refresh_from_db()
    _date(case, row)
    if "end" in row:
        outcome, reason = row["end"]
        close_case(**one, outcome=outcome, reason=reason)
        Case.objects.filter(pk=case.pk).update(
            closed_at=timezone.now() + dt.timedelta(days=row["opened"] // 2)
        )
    elif "defer" in row:
        defer_case(**one, until=in_days(row["defer"]), reason="client")


def _date(case: Case, row: dict[str, Any]) -> None:
    """As if the case had been carried on since it was opened; what is overdue was due then."""
    opened = timezone.now() + dt.timedelta(days=row["opened"])
    carried = dt.timedelta(days=-row["opened"]) * len(row["path"]) / (len(row["path"]) + 1)
    Case.objects.filter(pk=case.pk).update(
        created_at=opened,
        stage_since=opened + carried,
        next_action=row.get("next", ""),
        next_action_on=in_days(row["due"]) if "due" in row else None,
    )  # fmt: skip
    # the tasks of stages that it has left are done; those of the present one are under way
    case.tasks.exclude(stage=case.stage).update(done_at=timezone.now(), done_by=case.responsible_id)
    if row.get("due", 0) < 0:
        case.tasks.filter(stage=case.stage).update(due_on=in_days(row["due"]))
