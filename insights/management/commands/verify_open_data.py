"""Check a year's open data: the signature of its manifest, and every file."""

import tempfile
import zipfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contracts.certificates.seal import read_public
from insights.open_data.manifest import NAME, NotGenuine, verify


class Command(BaseCommand):
    help = "Check open data in a folder or a ZIP file; exit code 0 when all of it is genuine."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("place", metavar="FOLDER|ZIP")
        parser.add_argument(
            "--key", metavar="PEM", help="the market's public key; without it, that of this market"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        place = Path(options["place"])
        try:
            key = read_public(self._pem(options["key"]))
        except (OSError, ValueError) as error:
            raise CommandError(f"The key cannot be used: {error}.", returncode=2) from error
        try:
            if place.is_dir():
                found = verify(place, key)
            else:
                with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(place) as packed:
                    packed.extractall(folder)  # names are made safe by the library
                    inner = next(Path(folder).rglob(NAME), Path(folder) / NAME)
                    found = verify(inner.parent, key)
        except (OSError, zipfile.BadZipFile) as error:
            raise CommandError(f"Cannot read: {error}", returncode=2) from error
        except NotGenuine as error:
            raise CommandError(f"NOT GENUINE: {error}.") from error
        self.stdout.write(
            f"GENUINE: {found['year']}, edition {found['edition']}, made {found['made_at']}, "
            f"{len(found['files'])} files, key {found['key']}."
        )

    def _pem(self, given: str | None) -> str:
        if given:
            return Path(given).read_text()
        from insights.models import OpenDataEdition  # noqa: PLC0415 (with --key no table is asked)

        row = OpenDataEdition.objects.order_by("-made_at").first()
        if row is None:
            raise ValueError("this market has given out nothing yet; name one by --key")
        return row.public_pem
