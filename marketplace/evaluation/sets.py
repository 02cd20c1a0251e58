"""Sets of questions: the committed one about the demo market, and folders of needs and offers."""

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from listings.question import plain

QUESTIONS = Path(__file__).with_name("questions.yaml")


@dataclass(frozen=True)
class Question:
    """kind: what is looked for; group: a class of questions whose figures are also given alone."""

    name: str
    text: str
    kind: str = "technology"
    group: str = ""


@dataclass(frozen=True)
class Offer:
    name: str
    language: str
    title: str
    text: str


@dataclass(frozen=True)
class Set:
    questions: list[Question]
    graded: dict[str, dict[str, int]]
    offers: list[Offer] = field(default_factory=list)
    needs: list[Offer] = field(default_factory=list)


def demo_set() -> Set:
    """The committed questions; answers are keys of authored entries."""
    rows = yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))
    return Set(
        [Question(row["id"], row["question"], row["kind"], row["class"]) for row in rows],
        {row["id"]: {str(k): int(v) for k, v in row["relevant"].items()} for row in rows},
    )


def folder_set(folder: Path, offers_from: Path | None = None) -> Set:
    """needs.jsonl.gz, offers.jsonl.gz (id, lang, title, text), qrels.tsv (need, offer, grade).

    offers_from: another folder for the offers. Raises FileNotFoundError.
    """
    graded: dict[str, dict[str, int]] = defaultdict(dict)
    with (folder / "qrels.tsv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            graded[row["need"]][row["offer"]] = int(row["grade"])
    needs = list(_offers(folder / "needs.jsonl.gz"))
    questions = [Question(row.name, plain(_joined(row))) for row in needs if row.name in graded]
    offers = list(_offers((offers_from or folder) / "offers.jsonl.gz"))
    return Set(questions, dict(graded), offers, needs)


def _offers(path: Path) -> Iterator[Offer]:
    for row in _rows(path):
        yield Offer(row["id"], row["lang"], row["title"], row["text"])


def _joined(row: Offer) -> str:
    return " ".join(text for text in (row.title, row.text) if text)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
