"""Learn the matcher's weights from judged pairs, and say how good they are."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from listings.models.listings import Kind
from marketplace.bench import market as scratch
from marketplace.evaluation import market, matching, training
from marketplace.evaluation.sets import folder_set
from marketplace.evaluation.training import Numbers, Sample
from matching.actions.matching import take_stock
from matching.models import Answer, Match, Reason
from matching.pipeline.model import NAMES, Model, current
from matching.pipeline.run import background_of, compared
from matching.pipeline.subjects import load

FOLDS = 5
RIDGE = 0.02
NEAREST = 60  # of those that nobody judged, taken for no match
# Share of good pairs that a level promises.
PROMISED = {"strong": 0.7, "fairly_strong": 0.4, "weak": 0.15}


class Command(BaseCommand):
    help = (
        "Learn weights from sets like those of evaluate_matching and from the answers given in "
        "this market, by cross-validation over needs; write a weights file and print its figures."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folders", type=Path, nargs="*", help="sets of judged pairs")
        parser.add_argument("--answers", action="store_true", help="also answers in this market")
        parser.add_argument("--out", type=Path, help="write the weights here (default: only print)")
        parser.add_argument("--vectors", type=Path, help="folder where meanings are kept")
        parser.add_argument("--words-only", action="store_true", help="without meanings")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["folders"] and not options["answers"]:
            raise CommandError("Name folders of judged pairs, or --answers, or both.")
        if options["folders"] and not (settings.DEMO or settings.DEBUG or settings.TESTING):
            raise CommandError("Sets fill a scratch database: set DEMO=true on a machine for it.")
        if options["words_only"]:
            settings.ENCODER = "none"
        model = current()
        samples = list(_answered(model)) if options["answers"] else []
        for folder in options["folders"]:
            try:
                samples += _of_folder(folder, model, options["vectors"] or Path())
            except FileNotFoundError as error:
                raise CommandError(f"{error.filename} is missing.") from error
        samples = [sample for sample in samples if len(set(sample.grades)) > 1]
        if len(samples) < 2 * FOLDS:
            raise CommandError(
                f"Fewer than {2 * FOLDS} needs have a better and a worse pair: nothing to learn."
            )
        learned = _learned(samples, model)
        self.stdout.write(json.dumps(learned["figures"]))
        if options["out"]:
            options["out"].write_text(
                json.dumps(_file(learned, model, options["out"].stem), indent=2) + "\n",
                encoding="utf-8",
            )


def _of_folder(folder: Path, model: Model, vectors: Path) -> list[Sample]:
    given = folder_set(folder)
    samples = []
    with scratch.scratch_database("yizhan_evaluation"):
        call_command("migrate", verbosity=0)
        offers = market.post(given.offers)
        needs = market.post(given.needs, kind=Kind.NEED)
        market.add_meanings(
            {**offers, **needs}, vectors / f"{folder.name}.vectors.npz", lambda _done, _of: None
        )
        scratch.settle()
        take_stock()
        for name, pool in matching.pools(needs, offers, given.graded, model):
            sample = _sampled(folder.name, name, pool, given.graded.get(name, {}))
            if sample is not None:
                samples.append(sample)
    return samples


def _sampled(group: str, name: str, pool: matching.Pool, graded: dict[str, int]) -> Sample | None:
    """Its judged pairs. Where nobody said no, the nearest of the others are taken for that."""
    good = {offer: grade for offer, grade in graded.items() if grade}
    if not good:
        return None
    rows = dict(zip(pool.offers, pool.features, strict=True))
    grades = {offer: grade for offer, grade in graded.items() if offer in rows}
    if len(grades) == len(good):
        others = [offer for offer, _ in pool.ranked("fused") if offer not in good]
        grades |= dict.fromkeys(others[:NEAREST], 0)
    if not grades:
        return None
    return Sample(
        name, group, np.array([training.row_of(rows[offer]) for offer in grades]),
        np.array([grades[offer] for offer in grades], dtype=float),
    )  # fmt: skip


def _answered(model: Model) -> Iterable[Sample]:
    """Of the answers that say something of the fit: who is interested, and who says that it is
    not what is looked for. Compared anew, as the pairs are now."""
    fits = {Answer.INTERESTED.value: 1.0}
    by_need: dict[int, dict[int, float]] = {}
    rows = Match.objects.exclude(need_answer="", technology_answer="")
    for match in rows.order_by("pk").iterator():
        if match.need_reason == Reason.NOT_WHAT_WE_LOOK_FOR:
            grade = 0.0
        else:
            grade = fits.get(match.need_answer, -1.0)
        if grade >= 0:
            by_need.setdefault(match.need_id, {})[match.technology_id] = grade
    for need, grades in by_need.items():
        subject = load(need)
        if subject is None:
            continue
        pairs = compared(subject, list(grades), background_of(subject), model)
        if pairs:
            yield Sample(
                str(need), "answers",
                np.array([training.row_of(pair.features) for pair in pairs]),
                np.array([grades[pair.technology.pk] for pair in pairs]),
            )  # fmt: skip


def _learned(samples: Sequence[Sample], model: Model) -> dict[str, Any]:
    """Weights, bias and levels; the levels by pairs of needs that were held back."""
    start = np.array([model.weights[name] for name in NAMES])
    held_back = [
        (sample.rows @ training.fit(learned, start, RIDGE), sample)
        for learned, held in training.folds(samples, FOLDS)
        for sample in held
    ]
    weights = training.fit(samples, start, RIDGE)
    sums = np.concatenate([sums for sums, _ in held_back])
    good = np.concatenate([_is_good(sample) for _, sample in held_back])
    groups = [sample.group for sample in samples]
    counts = np.concatenate(
        [np.full(len(each), 1 / len(each) / groups.count(one.group)) for each, one in held_back]
    )
    scale, bias = training.calibrated(sums, good, counts)
    scores = 100 / (1 + np.exp(-np.clip(scale * sums + bias, -30, 30)))
    levels = {name: training.threshold(scores, good, share) for name, share in PROMISED.items()}
    above = {
        name: {
            "pairs": int((scores >= level).sum()),
            "good": round(float(good[scores >= level].mean()), 3),
        }
        for name, level in levels.items()
        if level is not None
    }  # fmt: skip
    return {
        "weights": {n: round(float(scale * w), 3) for n, w in zip(NAMES, weights, strict=True)},
        "bias": round(bias, 3), "levels": levels,
        "figures": {
            "needs": len(samples), "pairs": len(good), "sets": sorted(set(groups)),
            "ordered_before": _ordered(samples, [sample.rows @ start for sample in samples]),
            "ordered_held_back": _ordered(
                [sample for _, sample in held_back], [sums for sums, _ in held_back]
            ),
            "levels": {name: {"from": levels[name], **above[name]} for name in above},
        },
    }  # fmt: skip


def _is_good(sample: Sample) -> Numbers:
    """Fairly strong and strong of four grades; the better one of two."""
    return (sample.grades >= (2 if sample.grades.max() > 1 else 1)).astype(float)


def _ordered(samples: Sequence[Sample], sums: Sequence[Numbers]) -> float:
    """The share of pairs of pairs that stand in the right order, needs alike."""
    shares = []
    for sample, values in zip(samples, sums, strict=True):
        better = sample.grades[:, None] > sample.grades[None, :]
        if better.any():
            right = (values[:, None] > values[None, :]) + 0.5 * (values[:, None] == values[None, :])
            shares.append(float(right[better].mean()))
    return round(float(np.mean(shares)), 4)


def _file(learned: dict[str, Any], model: Model, version: str) -> dict[str, Any]:
    """As matching.pipeline.model reads it. A level that the pairs do not show stays as it was."""
    levels = {name: learned["levels"][name] or model.levels[name] for name in model.levels}
    if not levels["weak"] < levels["fairly_strong"] < levels["strong"]:
        raise CommandError(f"The pairs show no three levels, one above the other: {levels}")
    return {
        "version": version,
        "about": f"Learned on {timezone.localdate()} from {learned['figures']}",
        "bias": learned["bias"], "features": learned["weights"],
        "meaning": model.meaning, "levels": levels,
    }  # fmt: skip
