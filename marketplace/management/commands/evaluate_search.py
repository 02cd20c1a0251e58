"""How good the search is, in the usual figures."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from listings.queries import meaning, ranking
from listings.queries.browse import answers
from listings.wanted import Wanted
from marketplace.bench import market as scratch
from marketplace.core.actor import Actor
from marketplace.evaluation import market
from marketplace.evaluation.figures import figures
from marketplace.evaluation.sets import Set, demo_set, folder_set


class Command(BaseCommand):
    help = (
        "Print nDCG@10, recall@100, MRR@10 and the share of empty answers: of the committed "
        "questions on the demo market, or of a folder with needs, offers and qrels."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="needs.jsonl.gz, offers.jsonl.gz, "
                            "qrels.tsv; without it the demo market that is loaded")  # fmt: skip
        parser.add_argument("--run", type=Path, help="write need, offer and score, by tab")
        parser.add_argument("--vectors", type=Path, help="keep meanings here between runs (.npz)")
        parser.add_argument("--words-only", action="store_true", help="without meanings")
        parser.add_argument("--depth", type=int, help="rank so many, more than a page leads to")
        parser.add_argument("--worst", type=int, default=0, help="list so many worst questions")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["words_only"]:
            settings.ENCODER = "none"
        if options["folder"] is None:
            self._measure(demo_set(), market.demo_names(), options)
            return
        if not (settings.DEMO or settings.DEBUG or settings.TESTING):
            raise CommandError("This fills a scratch database: set DEMO=true on a machine for it.")
        try:
            given = folder_set(options["folder"])
        except FileNotFoundError as error:
            raise CommandError(f"{error.filename} is missing.") from error
        with scratch.scratch_database("yizhan_evaluation"):
            call_command("migrate", verbosity=0)
            names = market.post(given.offers)
            kept = options["vectors"] or Path(f"{options['folder'].name}.vectors.npz")
            if not options["words_only"]:
                market.add_meanings(names, kept, self._tell)
            scratch.settle()
            self._measure(given, names, options)

    def _tell(self, done: int, of: int) -> None:
        self.stderr.write(f"meanings: {done} of {of}")

    def _measure(self, given: Set, names: Mapping[int, str], options: dict[str, Any]) -> None:
        started = time.monotonic()
        found: dict[str, list[str]] = {}
        lines: list[str] = []
        if options["depth"]:
            ranking.CANDIDATES = meaning.NEAREST = options["depth"]
            meaning.SPREAD = 2.0  # as far as two texts can be apart
        for question in given.questions:
            hits = answers(Wanted(kind=question.kind, question=question.text), Actor.visitor())
            found[question.name] = [names[hit.pk] for hit in hits if hit.pk in names]
            lines += [
                f"{question.name}\t{names[hit.pk]}\t{len(hits) - rank}"
                for rank, hit in enumerate(hits)
                if hit.pk in names
            ]
        seconds = time.monotonic() - started
        if options["run"]:
            options["run"].write_text("\n".join(lines) + "\n", encoding="utf-8")
        groups = dict.fromkeys(q.group for q in given.questions if q.group)
        for group in ["", *groups]:
            graded = {
                q.name: given.graded.get(q.name, {})
                for q in given.questions
                if group in ("", q.group)
            }
            row = {"set": group or "all", **figures(graded, found).as_dict()}
            if not group:
                row["ms_per_question"] = round(1000 * seconds / len(given.questions), 1)
            self.stdout.write(json.dumps(row))
        self._show_worst(given, found, options["worst"])

    def _show_worst(self, given: Set, found: Mapping[str, list[str]], number: int) -> None:
        rows = sorted(
            (figures({q.name: given.graded[q.name]}, found).ndcg10, q.name, q.text)
            for q in given.questions
            if max(given.graded.get(q.name, {"": 0}).values())
        )
        for value, name, text in rows[:number]:
            self.stdout.write(f"{value:.2f} {name} {text[:80]} -> {', '.join(found[name][:4])}")
