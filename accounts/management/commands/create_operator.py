"""Make somebody an operator of the platform."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions.people import make_operator
from marketplace.core.errors import DomainError


class Command(BaseCommand):
    help = (
        "Make the person with this address an operator and moderator. An address without an "
        "account gets one; the person then sets a password by “Forgot your password?”."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="for a new account")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            person, created = make_operator(email=options["email"], name=options["name"])
        except DomainError as error:
            raise CommandError(
                "; ".join(str(text) for texts in error.fields.values() for text in texts)
                or str(error)
            ) from None
        self.stdout.write(
            f"{person.email} is an operator."
            + (" The account is new: set its password by the reset link." if created else "")
        )
