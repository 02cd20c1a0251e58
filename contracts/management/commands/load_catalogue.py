"""Load an edition of a catalogue of controlled technologies, or only look whether it could be."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contracts.actions.catalogues import load_catalogue
from contracts.screening.reading import Faults
from marketplace.core.actor import Actor

SAMPLES = Path(__file__).resolve().parents[2] / "screening" / "samples"


class Command(BaseCommand):
    help = (
        "Load an edition of a catalogue of technologies whose export or import is controlled, from "
        "YAML or CSV; names every fault by its line. A later edition ends the one before it; "
        "decisions keep the entries that they were made for."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
        parser.add_argument("--check", action="store_true", help="look and store nothing")
        parser.add_argument(
            "--samples", action="store_true", help="the invented samples, for trying things out"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        files = [*options["files"], *(sorted(SAMPLES.glob("*.yaml")) if options["samples"] else ())]
        if not files:
            raise CommandError("Name a file, or --samples.")
        for path in files:
            self._load(path, only_check=options["check"])

    def _load(self, path: Path, *, only_check: bool) -> None:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: could not be read: {error.strerror}") from None
        try:
            loaded = load_catalogue(
                actor=Actor.system(), content=content, is_csv=path.suffix.lower() == ".csv",
                only_check=only_check,
            )  # fmt: skip
        except Faults as error:
            lines = "\n".join(f"  {fault}" for fault in error.found)
            raise CommandError(
                f"{path}: nothing was stored. {len(error.found)} to correct:\n{lines}"
            ) from None
        document = loaded.document
        what = f"{document.facts['code']}, {len(document.entries)} entries"
        if not loaded.is_new:
            self.stdout.write(f"{what}: there already, nothing changed.")
            return
        ends = f" The edition of {loaded.ended.valid_from} ends." if loaded.ended else ""
        done = "could be loaded" if only_check else "loaded"
        self.stdout.write(f"{what}: {done}, from {document.facts['valid_from']} on.{ends}")
