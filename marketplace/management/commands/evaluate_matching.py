"""How good the matcher ranks, in the usual figures, beside what it must be better than."""

import json
import time
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from listings.models.listings import Kind
from marketplace.bench import market as scratch
from marketplace.evaluation import market, matching
from marketplace.evaluation.figures import figures, rows
from marketplace.evaluation.sets import Set, folder_set
from matching.actions.matching import take_stock
from matching.pipeline.model import current

_COMPARED = ("ndcg10", "judged", "recall100", "mrr10")


class Command(BaseCommand):
    help = (
        "Match a folder's needs with its offers by the real pipeline, in a scratch database, and "
        "print figures beside words only, meaning only and both added, as one JSON object."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="needs.jsonl.gz, offers.jsonl.gz, qrels.tsv")
        parser.add_argument("--offers", type=Path, help="take the offers from this folder")
        parser.add_argument("--run", type=Path, help="write need, offer and score, by tab")
        parser.add_argument("--vectors", type=Path, help="keep meanings here between runs (.npz)")
        parser.add_argument("--words-only", action="store_true", help="without meanings")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO or settings.DEBUG or settings.TESTING):
            raise CommandError("This fills a scratch database: set DEMO=true on a machine for it.")
        if options["words_only"]:
            settings.ENCODER = "none"
        try:
            given = folder_set(options["folder"], options["offers"])
        except FileNotFoundError as error:
            raise CommandError(f"{error.filename} is missing.") from error
        with scratch.scratch_database("yizhan_evaluation"):
            call_command("migrate", verbosity=0)
            offers = market.post(given.offers)
            needs = market.post(given.needs, kind=Kind.NEED)
            if not options["words_only"]:
                kept = options["vectors"] or Path(f"{options['folder'].name}.vectors.npz")
                market.add_meanings({**offers, **needs}, kept, self._tell)
            scratch.settle()
            take_stock()
            self._measure(given, needs, offers, options)

    def _tell(self, done: int, of: int) -> None:
        self.stderr.write(f"meanings: {done} of {of}")

    def _measure(
        self, given: Set, needs: dict[int, str], offers: dict[int, str], options: dict[str, Any]
    ) -> None:
        started = time.monotonic()
        found: dict[str, dict[str, list[str]]] = {way: {} for way in matching.WAYS}
        run: TextIO | None = options["run"].open("w", encoding="utf-8") if options["run"] else None
        model = current()
        for name, pool in matching.pools(needs, offers, given.graded, model):
            for way in matching.WAYS:
                found[way][name] = [offer for offer, _ in pool.ranked(way)]
            if run is not None:
                run.writelines(f"{name}\t{offer}\t{x:.6f}\n" for offer, x in pool.ranked("model"))
        if run is not None:
            run.close()
        seconds = time.monotonic() - started
        each = {way: rows(given.graded, answers) for way, answers in found.items()}
        result: dict[str, Any] = {
            "set": options["folder"].name, "model": model.version,
            "ms_per_need": round(1000 * seconds / max(len(needs), 1), 1),
            **{way: figures(given.graded, answers).as_dict() for way, answers in found.items()},
            "chance": {
                way: {
                    name: round(matching.chance(each["model"], each[way], name), 4)
                    for name in _COMPARED
                }
                for way in matching.WAYS[1:]
            },
        }  # fmt: skip
        self.stdout.write(json.dumps(result))
