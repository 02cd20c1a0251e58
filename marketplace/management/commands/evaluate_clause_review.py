"""How good the clause review is, on samples with planted defects."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contracts.rule_sets import all_rule_sets, rule_set
from marketplace.evaluation.clauses import measure, samples_of

OWN = Path(__file__).resolve().parents[3] / "tests" / "contracts" / "samples"


class Command(BaseCommand):
    help = (
        "Print precision and recall of contents said to be missing and of monopoly clauses, by "
        "language, as JSON: on the samples that the patterns were made with, and on those aside."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=OWN,
                            help="samples (*.yaml), with a folder aside")  # fmt: skip
        parser.add_argument("--rules", default="CN-2021", help="code of the rule set")
        parser.add_argument("--misses", action="store_true",
                            help="also list what was wrong, of the samples not aside")  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rules"] not in all_rule_sets():
            raise CommandError(f"There is no rule set {options['rules']}.")
        rules = rule_set(options["rules"])
        told: dict[str, Any] = {"rule_set": rules.code, "edition": rules.clauses.edition}
        for name, folder in (
            ("tuned_on", options["folder"]),
            ("aside", options["folder"] / "aside"),
        ):
            samples = samples_of(folder)
            if not samples and name == "tuned_on":
                raise CommandError(f"There are no samples in {folder}.")
            told[name] = measure(samples, rules)
            misses = told[name].pop("misses")
            if options["misses"] and name == "tuned_on":
                told[name]["misses"] = misses
        self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False))
