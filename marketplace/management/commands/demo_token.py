"""Print an API token of a demo role."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError

from marketplace.core.errors import NotFound
from marketplace.demo.accounts import demo_token

ROLES = ("visitor", "supplier", "enterprise", "broker", "registrar", "moderator", "operator")


class Command(BaseCommand):
    help = "Print an API token of a demo role (a visitor needs none)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", choices=ROLES, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["role"] == "visitor":
            self.stderr.write("A visitor needs no token: send no Authorization header.")
            return
        try:
            self.stdout.write(demo_token(options["role"]))
        except (NotFound, ProgrammingError):  # without people, or without tables
            raise CommandError(
                "There is no demo market here. Give make the HOME_DIR of the one that runs, or run "
                "manage.py load_demo (with DEMO=true)."
            ) from None
