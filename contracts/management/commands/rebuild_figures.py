"""Count the statistics of the register anew, or only look whether they are right."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contracts import figures


class Command(BaseCommand):
    help = (
        "Count the register's statistics anew where they differ from the contracts, year by year;"
        " registering goes on meanwhile. Stopped and run again, it goes on with what is left."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fails if wrong")
        parser.add_argument("--all", action="store_true", help="also years that are right")
        parser.add_argument("--year", type=int, action="append", help="only this one; repeatable")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            figures.use_zone()
        wrong = 0
        for year in options["year"] or figures.years():
            found = 0 if options["all"] and not options["check"] else figures.differences(year)
            wrong += bool(found)
            if options["check"]:
                self.stdout.write(f"{year}: {found} sums differ" if found else f"{year}: right")
            elif found or options["all"]:
                self.stdout.write(f"{year}: {figures.rebuild(year)} contracts counted anew")
            else:
                self.stdout.write(f"{year}: right")
        if options["check"] and wrong:
            raise CommandError("Some sums differ. Run rebuild_figures without --check.")
