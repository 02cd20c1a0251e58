"""Projects from abroad of the demo broker's institution (foreign_projects.yaml), brought in by a
table as a broker would, then carried on."""

import csv
import datetime as dt
import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from accounts.queries import actor_for
from deals.actions.case_endings import close_case
from deals.actions.case_parts import add_client
from deals.actions.cases import change_case, move_case
from deals.actions.project_import_turns import take_turn
from deals.actions.project_imports import run_project_import, start_project_import
from deals.foreign.columns import columns
from deals.models import Case, ForeignProject
from marketplace.core.actor import Actor
from marketplace.demo.cases import INSTITUTION
from marketplace.demo.names import MAIL_DOMAIN, in_days, read
from marketplace.demo.parties import Parties

FILE = "foreign-projects.csv"


def load_foreign_projects(parties: Parties) -> None:
    """All of them, once: what people did with them since is theirs. Begun and broken off, it goes
    on, since a reference is taken once."""
    institution = parties.organisations[INSTITUTION]
    if ForeignProject.objects.filter(organisation=institution).exists():
        return
    broker = actor_for(User.objects.get(email=f"broker@{MAIL_DOMAIN}"), "zh-hans")
    rows = read("foreign_projects.yaml")
    run, _new = start_project_import(
        actor=broker, organisation_id=institution.pk, upload=_table(rows)
    )
    _work(run)
    run_project_import(actor=broker, run_id=run.pk)
    _work(run)
    for row in rows:
        case = Case.objects.get(organisation=institution, project__reference=row["reference"])
        _carry_on(case, row, broker)


def _table(rows: list[dict[str, Any]]) -> SimpleUploadedFile:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns()), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return SimpleUploadedFile(FILE, out.getvalue().encode())


def _work(run: Any) -> None:
    """Here and now: the market may have no worker yet."""
    run.refresh_from_db()
    while run.is_working:
        take_turn(run.public_id)
        run.refresh_from_db()


def _carry_on(case: Case, row: dict[str, Any], broker: Actor) -> None:
    one: dict[str, Any] = {"actor": broker, "case_id": case.pk}
    if "client" in row:
        add_client(**one, name=row["client"])
        change_case(**one, facts={"next_action": "安排双方会面", "next_action_on": in_days(9)})
    for stage in row["path"]:
        move_case(**one, stage=stage)
    opened = timezone.now() + dt.timedelta(days=row["opened"])
    since = opened + dt.timedelta(days=-row["opened"]) * len(row["path"]) / 3
    Case.objects.filter(pk=case.pk).update(created_at=opened, stage_since=since)
    case.tasks.filter(stage="screened").update(done_at=timezone.now(), done_by=case.responsible_id)
    if "end" in row:
        outcome, reason = row["end"]
        close_case(**one, outcome=outcome, reason=reason)
