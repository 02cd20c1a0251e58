"""Check the signed result of a tender or auction, without database or network."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contracts.certificates.seal import read_public
from deals.actions.sale_results import verify_document


class Command(BaseCommand):
    help = "Check the signature of a sale's result; exit code 0 when it holds."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the JSON document")
        parser.add_argument("--key", metavar="PEM", required=True, help="the market's public key")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = Path(options["file"]).read_bytes()
            key = read_public(Path(options["key"]).read_text())
        except (OSError, ValueError) as error:
            raise CommandError(f"Cannot read: {error}", returncode=2) from error
        try:
            facts = verify_document(content, key)
        except ValueError as error:
            raise CommandError(f"NOT GENUINE: {error}.") from error
        self.stdout.write(
            f"GENUINE: sale {facts['sale']}, {facts['outcome']}, winner: bidder {facts['winner']}, "
            f"price {facts['price']} {facts['currency']}, decided {facts['decided_at']}."
        )
