"""`manage.py import_listings FILE ...`: technologies or needs from a JSONL or CSV file."""

import json
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Organisation
from listings.imports.loading import Importer
from listings.imports.mapping import (
    BadMapping,
    ImportMapping,
    mapping_from_file,
    mapping_from_pairs,
)
from listings.imports.reading import Line, Unreadable, format_of, lines_of
from listings.imports.reasons import Reason, Reasons
from listings.models.listings import Kind
from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError


class Command(BaseCommand):
    help = (
        "Import technologies or needs from a JSONL or CSV file (also .gz). Idempotent: rows are "
        "known by source and id, unchanged ones are left alone. See docs/how-to/import.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help="short name of where it comes from")
        parser.add_argument("--owner", required=True, help="public id of the organisation")
        parser.add_argument("--kind", choices=Kind.values)
        parser.add_argument("--format", choices=["jsonl", "csv"])
        parser.add_argument("--encoding", default="utf-8-sig")
        parser.add_argument("--mapping", type=Path, help="mapping file (YAML)")
        parser.add_argument("--map", default="", help="column=field,column=field,id=external_id")
        parser.add_argument(
            "--set", action="append", default=[], metavar="FIELD=VALUE",
            help="a value for every row; may be given several times",
        )  # fmt: skip
        parser.add_argument("--guess-field", default="", metavar="DEFAULT")
        parser.add_argument("--report", type=Path, help="refused rows as JSONL")
        parser.add_argument("--limit", type=int, help="stop after so many rows")
        parser.add_argument("--processes", type=int, default=2, help="that cut words (0: none)")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = Organisation.objects.filter(public_id=options["owner"]).first()
        if owner is None:
            raise CommandError(f"There is no organisation {options['owner']}.")
        form = options["format"] or format_of(options["file"])
        if not form:
            raise CommandError("Say --format jsonl or --format csv.")
        if not options["source"].strip() or len(options["source"]) > 60:
            raise CommandError("--source is a short name of up to 60 characters.")
        try:
            mapping = _mapping(options)
        except BadMapping as error:
            raise CommandError(str(error)) from error
        kind = options["kind"] or mapping.kind
        if not kind:
            raise CommandError("Say --kind technology or --kind need.")
        try:
            self._import(options, owner, kind, mapping, form)
        except (Unreadable, DomainError) as error:
            raise CommandError(str(error)) from error

    def _import(
        self, options: dict[str, Any], owner: Organisation, kind: str, mapping: ImportMapping,
        form: str,
    ) -> None:  # fmt: skip
        started = time.perf_counter()
        refused: list[str] = []
        report_file = options["report"].open("w", encoding="utf-8") if options["report"] else None

        def refuse(line: Line, why: Reason, fields: Reasons) -> None:
            about = {name: [str(reason)] for name, reason in fields.items()}
            text = json.dumps(
                {"line": line.number, "error": str(why), "fields": about}, ensure_ascii=False
            )
            if report_file is not None:
                report_file.write(text + "\n")
            elif len(refused) < 20:
                refused.append(text)

        lines = lines_of(options["file"], form, options["encoding"])
        if options["limit"]:
            lines = (line for line in lines if line.number <= options["limit"])
        importer = Importer(
            actor=Actor.system(), source=options["source"].strip(), owner=owner, kind=kind,
            mapping=mapping, refuse=refuse, processes=options["processes"],
        )  # fmt: skip
        try:
            with importer:
                for report in importer.run(lines):
                    rate = report.total / (time.perf_counter() - started)
                    self.stdout.write(f"{report.total:,} rows, {rate:,.0f} rows/s")
        finally:
            if report_file is not None:
                report_file.close()
        done = importer.report
        for text in refused:
            self.stderr.write(text)
        seconds = time.perf_counter() - started
        self.stdout.write(
            f"{done.created:,} new, {done.changed:,} changed, {done.same:,} as before, "
            f"{done.refused:,} refused in {seconds:.1f} s ({done.total / seconds:,.0f} rows/s). "
            "Meanings for the search follow in the queue “embedding”."
        )


def _mapping(options: dict[str, Any]) -> ImportMapping:
    constants: dict[str, Any] = {}
    for pair in options["set"]:
        name, equals, value = pair.partition("=")
        if not equals:
            raise BadMapping(f"--set {pair} is not of the form field=value")
        constants[name.strip()] = value.strip()
    if options["mapping"]:
        mapping = mapping_from_file(options["mapping"])
        if constants:
            mapping = ImportMapping(
                **{**vars(mapping), "constants": {**mapping.constants, **constants}}
            )
        return mapping
    if not options["map"]:
        raise BadMapping("Give --mapping FILE or --map column=field,...")
    return mapping_from_pairs(options["map"], constants, guess_field=options["guess_field"])
