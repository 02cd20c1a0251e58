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
PAIRS = Path(__file__).with_name("pairs.tsv")


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


def demo_pairs() -> dict[str, dict[str, int]]:
    """Need -> technology -> grade, by the keys of authored entries: those written for each other.
    Others may fit as well; nobody judged them."""
    return _graded(PAIRS)


def folder_set(folder: Path, offers_from: Path | None = None) -> Set:
    """needs.jsonl.gz, offers.jsonl.gz (id, lang, title, text), qrels.tsv (need, offer, grade).

    offers_from: another folder for the offers. Raises FileNotFoundError.
    """
    graded = _graded(folder / "qrels.tsv")
    needs = list(_offers(folder / "needs.jsonl.gz"))
    questions = [Question(row.name, plain(_joined(row))) for row in needs if row.name in graded]
    offers = list(_offers((offers_from or folder) / "offers.jsonl.gz"))
    return Set(questions, graded, offers, needs)


def _graded(path: Path) -> dict[str, dict[str, int]]:
    graded: dict[str, dict[str, int]] = defaultdict(dict)
    with path.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            graded[row["need"]][row["offer"]] = int(row["grade"])
    return dict(graded)


def _offers(path: Path) -> Iterator[Offer]:
    for row in _rows(path):
        yield Offer(row["id"], row["lang"], row["title"], row["text"])


def _joined(row: Offer) -> str:
    return " ".join(text for text in (row.title, row.text) if text)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
