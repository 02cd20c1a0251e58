"""Match the whole market again, through the outbox."""

import datetime as dt
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from listings.models.listings import Kind
from marketplace.core.models import Job
from matching.actions.matching import queue_all
from matching.pipeline.model import model_version

POLL = 2.0  # seconds


class Command(BaseCommand):
    help = (
        "Queue matching of every published listing that has no run of its version and of the "
        "present weights. Workers do it; stopped and started again, it goes on where it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kind", choices=Kind.values, default="", help="only these listings")
        parser.add_argument(
            "--again", action="store_true", help="also those that are matched already"
        )
        parser.add_argument(
            "--before", metavar="TIME",
            help="go on with an earlier --again: only those last matched before this moment",
        )  # fmt: skip
        parser.add_argument("--wait", action="store_true", help="show progress until all are done")

    def handle(self, *args: Any, **options: Any) -> None:
        before = self._before(options)
        if before is not None:
            self.stdout.write(
                f"To go on if this is stopped: match_all --before {before.isoformat()}"
            )
        looked_at = queued = 0
        for looked_at, queued in queue_all(kind=options["kind"], repeat_before=before):
            self.stdout.write(f"  {looked_at:,} looked at, {queued:,} to match")
        self.stdout.write(
            f"{looked_at:,} published listings, {queued:,} queued, weights {model_version()}."
        )
        if options["wait"]:
            self._wait()

    def _before(self, options: dict[str, Any]) -> dt.datetime | None:
        if options["before"]:
            moment = parse_datetime(options["before"])
            if moment is None:
                raise CommandError("--before is a moment such as 2026-11-22T08:30:00+00:00.")
            return moment if moment.tzinfo else timezone.make_aware(moment)
        return timezone.now() if options["again"] else None

    def _wait(self) -> None:
        """Until no matching waits or runs; failed ones are told."""
        left = -1
        while left:
            jobs = Job.objects.filter(kind="matching.match_listing")
            left = jobs.filter(state__in=[Job.State.WAITING, Job.State.RUNNING]).count()
            self.stdout.write(f"  {left:,} left")
            self.stdout.flush()
            if left:
                time.sleep(POLL)
        if failed := jobs.filter(state=Job.State.FAILED).count():
            raise CommandError(f"{failed:,} could not be matched; see /operations/.")
        self.stdout.write("All matched.")
