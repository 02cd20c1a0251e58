"""Add pipelines of cases from files, or only look whether they could be added."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from deals.actions.pipelines import add_pipelines
from deals.pipelines import Faults
from marketplace.core.actor import Actor


class Command(BaseCommand):
    help = (
        "Add pipelines of cases from YAML files, all or none, for every host at once; names every "
        "fault by its place. A pipeline of a code that is there takes its place."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--check", action="store_true", help="look and store nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            texts = [path.read_text(encoding="utf-8") for path in options["files"]]
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"A file could not be read as UTF-8 text: {error}") from None
        try:
            found = add_pipelines(actor=Actor.system(), texts=texts, only_check=options["check"])
        except Faults as error:
            lines = "\n".join(f"  {fault}" for fault in error.found)
            raise CommandError(
                f"Nothing was stored. {len(error.found)} to correct:\n{lines}"
            ) from None
        for line in found:
            self.stdout.write(f"{line.code}: {len(line.stages)} stages")
        self.stdout.write("Checked, nothing stored." if options["check"] else "Stored.")
