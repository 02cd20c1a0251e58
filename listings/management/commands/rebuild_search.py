"""Index every published listing anew while the search goes on."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from listings import indexing, terms
from marketplace.core.models import Job


class Command(BaseCommand):
    help = "Queue every published listing for indexing anew; readers notice nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--words-only", action="store_true", help="keep no meanings waiting")
        parser.add_argument(
            "--wait", action="store_true", help="show the progress until it is done"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        queued = 0
        for queued in indexing.rebuild(meanings=not options["words_only"]):
            if queued % 50_000 == 0:
                self.stdout.write(f"{queued} listings queued")
        self.stdout.write(f"{queued} listings queued; the operations page shows what waits.")
        self.stdout.write(f"{terms.count_terms()} terms counted.")
        while options["wait"] and (left := self._left()):
            self.stdout.write(f"{left} batches left")
            time.sleep(5)

    def _left(self) -> int:
        kinds = ("listings.index_batch", "listings.embed_batch")
        open_states = (Job.State.WAITING, Job.State.RUNNING)
        return Job.objects.filter(kind__in=kinds, state__in=open_states).count()
