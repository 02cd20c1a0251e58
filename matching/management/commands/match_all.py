"""Match the whole market again, through the outbox."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from listings.models.listings import Kind
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict
from matching.actions import rematching
from matching.actions.rematch_turns import BATCH
from matching.models import Rematch
from matching.queries.rematches import RematchProgress, latest, progress_of

POLL = 2.0  # seconds


class Command(BaseCommand):
    help = (
        "Match every published listing that has no run of its version and of the present weights. "
        "All workers share it, and it survives their death; this command only begins it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kind", choices=Kind.values, default="", help="only these listings")
        parser.add_argument(
            "--again", action="store_true", help="also those that are matched already"
        )
        parser.add_argument("--wait", action="store_true", help="show progress until it is done")
        parser.add_argument(
            "--status", action="store_true", help="show how far it is, and begin nothing"
        )
        parser.add_argument("--cancel", action="store_true", help="stop the one that runs")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["cancel"]:
            self._cancel()
            return
        rematch = None if options["status"] else self._begun(options)
        now = progress_of(rematch) if rematch else latest()
        if now is None:
            self.stdout.write("The market was never matched again.")
            return
        self._show(now)
        if options["wait"]:
            self._wait(now.rematch)

    def _begun(self, options: dict[str, Any]) -> Rematch:
        """A new one; or the one that runs, if it is what was asked for."""
        kind, again = options["kind"], options["again"]
        try:
            return rematching.begin(actor=Actor.system(), kind=kind, again=again)
        except Conflict as refusal:
            running = Rematch.objects.filter(state=Rematch.State.RUNNING).first()
            if running is None or again or running.kind not in {"", kind}:
                raise CommandError(f"{refusal} (match_all --status, match_all --cancel)") from None
            self.stdout.write("It runs already.")
            return running

    def _cancel(self) -> None:
        running = Rematch.objects.filter(state=Rematch.State.RUNNING).first()
        if running is None:
            raise CommandError("Nothing runs that could be cancelled.")
        self._show(progress_of(rematching.cancel(actor=Actor.system(), rematch_id=running.pk)))

    def _wait(self, rematch: Rematch) -> None:
        """Until it has ended. Stopped, nothing but the showing stops."""
        while rematch.state == Rematch.State.RUNNING:
            time.sleep(POLL)
            rematch.refresh_from_db()
            now = progress_of(rematch)
            self._show(now)
            if now.failed and now.left <= now.failed * BATCH:  # nobody will do these
                break
        if failed := progress_of(rematch).failed:
            raise CommandError(f"{failed:,} batches could not be done; see /operations/.")

    def _show(self, now: RematchProgress) -> None:
        rematch = now.rematch
        parts = [
            f"{rematch.get_state_display()}: {now.done:,} of {now.total:,} listings",
            f"weights {rematch.model_version}",
        ]
        if now.is_counting:
            parts.append("still counting")
        if now.per_minute:
            parts.append(f"{now.per_minute:,.0f} a minute")
        if now.is_running and now.minutes_left is not None:
            parts.append(f"{now.minutes_left:,} min left")
        if now.handed_on:
            parts.append(f"{now.handed_on:,} failed and are tried on their own")
        if now.failed:
            parts.append(f"{now.failed:,} batches given up")
        self.stdout.write(", ".join(parts))
        self.stdout.flush()
