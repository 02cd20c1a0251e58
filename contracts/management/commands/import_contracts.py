"""`manage.py import_contracts FILE --owner ID --source NAME --person EMAIL`."""

from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count

from accounts.models import Organisation, User
from accounts.queries import actor_for
from contracts.actions.imports import end_import, start_contract_import, take_turn
from listings.imports.refusals import run_reason
from marketplace.core.errors import DomainError


class Command(BaseCommand):
    help = (
        "Draft a contract from every row of an Excel, CSV or JSONL file. Idempotent: rows are "
        "known by source and id; drafts that a person changed and contracts that are no drafts "
        "are left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--owner", required=True, help="public id of the organisation")
        parser.add_argument("--source", required=True, help="short name of where it comes from")
        parser.add_argument("--person", required=True, help="e-mail of an editor or broker there")
        parser.add_argument("--dry-run", action="store_true", help="check the rows, draft nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = Organisation.objects.filter(public_id=options["owner"]).first()
        person = User.objects.filter(email__iexact=options["person"]).first()
        if owner is None or person is None:
            raise CommandError("There is no such organisation or person.")
        try:
            content = options["file"].read_bytes()
            run = start_contract_import(
                actor=actor_for(person, "en"), owner_id=owner.pk, source=options["source"],
                upload=SimpleUploadedFile(options["file"].name, content),
                is_dry=options["dry_run"],
            )  # fmt: skip
        except (OSError, DomainError) as error:
            raise CommandError(str(error)) from error
        while run.is_working:
            take_turn(run.public_id)
            run.refresh_from_db()
        if run.state == run.State.FAILED:
            raise CommandError(run_reason(run.reason_code, run.reason_about))
        if run.state == run.State.CHECKED:  # checked here for its report: nobody goes on from it
            end_import(run, run.State.CANCELLED)
        for outcome, count in run.outcomes.order_by().values_list("outcome").annotate(Count("id")):
            self.stdout.write(f"{outcome}: {count}")
        for row in run.outcomes.filter(outcome="refused")[:20]:
            self.stdout.write(f"row {row.line} {row.external_id}: {row.reason_en}")
