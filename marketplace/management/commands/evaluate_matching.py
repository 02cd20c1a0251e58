"""How good the matcher ranks, in the usual figures, beside what it must be better than."""

import contextlib
import json
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from listings.models.listings import Kind
from marketplace.bench import market as scratch
from marketplace.evaluation import market, matching
from marketplace.evaluation.figures import figures, good_grade, rows
from marketplace.evaluation.sets import demo_pairs, folder_set
from matching.actions.matching import take_stock
from matching.pipeline.model import current

Graded = Mapping[str, Mapping[str, int]]
_COMPARED = ("ndcg10", "judged", "recall100", "mrr10")


class Command(BaseCommand):
    help = (
        "Rank by the real pipeline, in a scratch database a folder's needs and offers, or the demo "
        "market that is loaded; print figures beside words only, meaning only and both added, with "
        "each group of features left out, levels and exposure, as one JSON object."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="needs.jsonl.gz, offers.jsonl.gz, "
                            "qrels.tsv; without it the demo market that is loaded")  # fmt: skip
        parser.add_argument("--offers", type=Path, help="take the offers from this folder")
        parser.add_argument("--run", type=Path, help="write need, offer and score, by tab")
        parser.add_argument("--vectors", type=Path, help="keep meanings here between runs (.npz)")
        parser.add_argument("--words-only", action="store_true", help="without meanings")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["words_only"]:
            settings.ENCODER = "none"
        if options["folder"] is None:
            offers, needs = market.demo_names(Kind.TECHNOLOGY), market.demo_names(Kind.NEED)
            self._measure("demo", demo_pairs(), needs, offers, options["run"])
            return
        if not (settings.DEMO or settings.DEBUG or settings.TESTING):
            raise CommandError("This fills a scratch database: set DEMO=true on a machine for it.")
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
            self._measure(options["folder"].name, given.graded, needs, offers, options["run"])

    def _tell(self, done: int, of: int) -> None:
        self.stderr.write(f"meanings: {done} of {of}")

    def _measure(
        self, name: str, graded: Graded, needs: dict[int, str], offers: dict[int, str],
        run_file: Path | None,
    ) -> None:  # fmt: skip
        started = time.monotonic()
        found: dict[str, dict[str, list[str]]] = {way: {} for way in _ways()}
        shown: Counter[str] = Counter()
        levels = matching.Levels(any(0 in grades.values() for grades in graded.values()))
        least = good_grade(graded)
        model = current()
        with contextlib.ExitStack() as stack:
            run = stack.enter_context(run_file.open("w", encoding="utf-8")) if run_file else None
            for need, pool in matching.pools(needs, offers, graded, model):
                for way in _ways():
                    found[way][need] = [offer for offer, _ in pool.ranked(way)]
                shown.update(found["model"][need][: matching.SHOWN])
                if need in graded:
                    levels.add(pool, graded[need], least, model)
                if run is not None:
                    best = pool.ranked("model")
                    run.writelines(f"{need}\t{offer}\t{x:.6f}\n" for offer, x in best)
        seconds = time.monotonic() - started
        each = {way: rows(graded, answers) for way, answers in found.items()}
        result: dict[str, Any] = {
            "set": name, "model": model.version,
            "ms_per_need": round(1000 * seconds / max(len(needs), 1), 1),
            **{way: figures(graded, found[way]).as_dict() for way in found},
            "chance": {
                way: {
                    figure: round(matching.chance(each["model"], each[way], figure), 4)
                    for figure in _COMPARED
                }
                for way in found
                if way != "model"
            },
            "levels": levels.as_dict(),
            "exposure": matching.exposure(shown, market.groups(offers)),
        }  # fmt: skip
        self.stdout.write(json.dumps(result))


def _ways() -> list[str]:
    return [*matching.WAYS, *(f"without {group}" for group in matching.GROUPS)]
