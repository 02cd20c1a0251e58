"""Check the electronic seal of a certificate."""

from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management.base import BaseCommand, CommandError, CommandParser

from contracts.certificates.seal import Opened, SealError, check, detach, read_public

WORDS = {
    "none": "bears no electronic seal",
    "malformed": "was altered: its seal is damaged, or something stands behind it",
    "altered": "was altered: it is not the file that was sealed",
    "other_key": "was sealed with another key",
    "forged": "was altered: the seal does not hold",
}


class Command(BaseCommand):
    help = "Check the seal of a certificate; exit code 0 when it holds."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the PDF")
        by = parser.add_mutually_exclusive_group()
        by.add_argument("--key", metavar="PEM", help="the point's public key; asks no database")
        by.add_argument("--point", metavar="CODE", help="it must be of this point (six digits)")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            content = path.read_bytes()
            pem = Path(options["key"]).read_text() if options["key"] else ""
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"Cannot read: {error}", returncode=2) from error
        try:
            opened = detach(content)
            check(opened.pdf, opened.seal, self._key(opened, pem, options["point"]))
        except SealError as error:
            raise CommandError(f"NOT GENUINE: {path.name} {WORDS[error.reason]}.") from error
        seal = opened.seal
        self.stdout.write(
            f"GENUINE: {path.name} was sealed by registration point {seal['point']} with key "
            f"{seal['key']}.\n"
            f"Number {seal['number']}, edition {seal['edition']}, state {seal['state']} when it "
            f"was made; registered {seal['registered_at']}."
        )
        self.stdout.write(self._today(seal, offline=bool(pem)))

    def _key(self, opened: Opened, pem: str, point: str | None) -> Ed25519PublicKey:
        if pem:
            try:
                return read_public(pem)
            except ValueError as error:
                raise CommandError(f"The key cannot be used: {error}.", returncode=2) from error
        from contracts.models import SealKey  # noqa: PLC0415 (with --key no table is asked)

        code = point or str(opened.seal["point"])
        if str(opened.seal["point"]) != code:
            raise SealError("other_key")
        row = SealKey.objects.filter(key_id=str(opened.seal["key"]), point_code=code).first()
        if row is None:
            raise SealError("other_key")
        return read_public(row.public_pem)

    def _today(self, seal: dict[str, Any], *, offline: bool) -> str:
        if offline:
            return "How it stands today is in the register, not in the file."
        from contracts.models import Contract  # noqa: PLC0415 (as above)

        row = Contract.objects.filter(number=seal["number"], edition=seal["edition"]).first()
        if row is None:
            return "This market's register does not know the number."
        if row.ended_at is None:
            return "It is in force today."
        return f"It is no longer valid: {row.state} since {row.ended_at:%Y-%m-%d}."
