"""Add registration rules from a file, or only look whether they could be added."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contracts.actions.rule_sets import add_rule_sets, gaps
from contracts.rule_sets.checking import Faults
from marketplace.core.actor import Actor


def _end(text: str) -> tuple[str, dt.date]:
    """CODE=2026-12-31. Raises ValueError."""
    code, sign, day = text.partition("=")
    if not (code and sign):
        raise ValueError(text)
    return code, dt.date.fromisoformat(day)


class Command(BaseCommand):
    help = (
        "Add registration rules from YAML files, all or none, for every host at once; names every "
        "fault by its place. Rules by which registered contracts are judged never change: end them "
        "with --end CODE=DAY and add others that follow."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
        parser.add_argument(
            "--end", action="append", default=[], metavar="CODE=DAY",
            help="the last day of a rule set that is there, e.g. CN-2021=2026-12-31; repeatable",
        )  # fmt: skip
        parser.add_argument("--check", action="store_true", help="look and store nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["files"] and not options["end"]:
            raise CommandError("Name a file, or an end with --end CODE=DAY.")
        try:
            ends = dict(_end(text) for text in options["end"])
        except ValueError:
            raise CommandError("--end is written as CODE=2026-12-31.") from None
        try:
            texts = [path.read_text(encoding="utf-8") for path in options["files"]]
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"A file could not be read as UTF-8 text: {error}") from None
        try:
            sets = add_rule_sets(
                actor=Actor.system(), texts=texts, ends=ends, only_check=options["check"]
            )
        except Faults as error:
            lines = "\n".join(f"  {fault}" for fault in error.found)
            raise CommandError(
                f"Nothing was stored. {len(error.found)} to correct:\n{lines}"
            ) from None
        for rules in sets:
            end = rules.valid_to or "without an end"
            self.stdout.write(f"{rules.code}: {rules.valid_from} to {end}, {rules.state}")
        for first, last in gaps(sets):
            self.stdout.write(f"No rules hold from {first} to {last}.")
        self.stdout.write("Checked, nothing stored." if options["check"] else "Stored.")
