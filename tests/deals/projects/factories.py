"""Tables of foreign projects."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import Workbook

from accounts.models import Membership, Organisation
from deals.actions.project_import_turns import take_turn
from deals.actions.project_imports import start_project_import

if TYPE_CHECKING:
    from deals.models import ProjectImport
    from tests.cast import Cast, Player

NAMES = (
    "reference", "title", "other_title", "owner_name", "country", "field", "trl", "summary",
    "contact", "programme", "website",
)  # fmt: skip


def a_row(number: int = 1, **values: Any) -> dict[str, Any]:
    return {
        "reference": f"EU-{number:04}", "title": f"Sea water heat pump {number}",
        "other_title": f"海水热泵 {number}", "owner_name": "Ribera Energia SL", "country": "Spain",
        "field": "new_energy", "trl": "6", "summary": "Heats towns from the harbour.",
        "contact": "Ana Ribera <ana@ribera.example>, +34 600 123 456",
        "programme": "SETEP", "website": "ribera.example/heat", **values,
    }  # fmt: skip


def table(rows: list[dict[str, Any]], name: str = "projects.csv") -> SimpleUploadedFile:
    out = io.StringIO()
    names = list(dict.fromkeys(one for row in rows for one in row)) or list(NAMES)
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows(rows)
    return SimpleUploadedFile(name, out.getvalue().encode())


def excel(rows: list[list[Any]], name: str = "projects.xlsx") -> SimpleUploadedFile:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile(name, out.getvalue())


def checked(cast: Cast, upload: SimpleUploadedFile) -> ProjectImport:
    run, _new = start_project_import(
        actor=cast.broker.actor, organisation_id=cast.tti.pk, upload=upload
    )
    return worked(run)


def worked(run: ProjectImport) -> ProjectImport:
    run.refresh_from_db()
    while run.is_working:
        take_turn(run.public_id)
        run.refresh_from_db()
    return run


def outcomes(run: ProjectImport) -> list[tuple[int, str, list[str]]]:
    """(line, outcome, columns that are wrong) of each row."""
    return [
        (row.line, row.outcome, [one["column"] for one in row.faults]) for row in run.outcomes.all()
    ]


def rival_institution(player: Player) -> Organisation:
    """Another verified institution in which the player is a broker."""
    made = Organisation.objects.create(
        kind="tti", tti_type="II", country="CN", region="440305", name_en="Bridge Centre",
        name_zh="桥中心", verified_at=timezone.now(),
    )  # fmt: skip
    Membership.objects.create(user=player.user, organisation=made, roles=["broker"])
    player.fresh()
    return made
