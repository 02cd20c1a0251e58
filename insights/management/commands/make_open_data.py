"""Give out a year of the public register as open data."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contracts.certificates.keys import FaultyKey
from insights.open_data.making import make_open_data


class Command(BaseCommand):
    help = "Make the open data of a year; a new edition only if the register says something else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = make_open_data(options["year"])
        except FaultyKey as error:
            raise CommandError(f"It cannot be signed: {error}.") from error
        if made is None:
            raise CommandError("Another worker is making this year now.")
        for name, facts in made.manifest["files"].items():
            self.stdout.write(f"{facts['sha256']}  {name}  {facts['rows']} rows")
        self.stdout.write(f"{made.year}, edition {made.edition}, key {made.manifest['key']}")
