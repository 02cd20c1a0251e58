"""Load the demo market."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.demo.history import load_history
from marketplace.demo.parties import load_parties
from marketplace.demo.postings import load_postings
from marketplace.demo.scale import load_scaled


class Command(BaseCommand):
    help = "Load the invented demo market. Loading again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--scale", type=int, default=0, metavar="N",
            help="also make listings until there are N, for load tests (up to 1,000,000)",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO or settings.DEBUG or settings.TESTING):
            raise CommandError(
                "The demo market has known passwords: set DEMO=true if this is no real market."
            )
        if not 0 <= options["scale"] <= 1_000_000:
            raise CommandError("--scale is a number from 0 to 1,000,000.")
        started = time.monotonic()
        parties = load_parties()
        added = load_postings(parties.organisations)
        load_history(parties)
        self.stdout.write(
            f"Demo market: {len(parties.organisations)} organisations, {added} listings added, "
            f"{time.monotonic() - started:.1f} s."
        )
        if options["scale"]:
            for total, rate in load_scaled(parties.organisations, options["scale"]):
                self.stdout.write(f"  {total:,} listings, {rate:,.0f} rows/s")
