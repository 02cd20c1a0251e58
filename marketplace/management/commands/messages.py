"""`manage.py messages update|check|missing|compile [room ...]`."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from marketplace.messages import __main__ as command


class Command(BaseCommand):
    """Extract, check and compile the translated texts, one catalogue a room."""

    help = "Extract (update), check, list missing and compile translated texts, room by room."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Same arguments as `python -m marketplace.messages`."""
        command.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the step; a failed check ends with exit code 1."""
        code = command.run(options["step"], options["room"], options["force"])
        if code:
            sys.exit(code)
