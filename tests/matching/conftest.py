"""What tests of matching share: no language model unless one is given."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from marketplace.core import encoder as encoders


@pytest.fixture(autouse=True)
def words_only(settings: Any) -> Iterator[None]:
    """No encoder: words decide, and nothing is loaded."""
    settings.ENCODER = "none"
    encoders.encoder.cache_clear()
    yield
    encoders.encoder.cache_clear()


class Topics:
    """An encoder for tests: texts lie near each other that name the same topic in any language."""

    name = "topics-1"
    # topic -> words that name it
    topics = {"cold": ("-40", "electrolyte", "电解液"), "cloth": ("fabric", "织物"), "": ()}

    def passages(self, texts: Sequence[str]) -> list[list[float]]:
        return [self._vector(text.lower()) for text in texts]

    questions = passages

    def _vector(self, text: str) -> list[float]:
        vector = [0.0] * encoders.DIMENSIONS
        for place, words in enumerate(self.topics.values()):
            vector[place] = 10.0 * sum(word in text for word in words)
        digest = hashlib.sha256(text.encode()).digest()
        for place, byte in enumerate(digest):
            vector[50 + place] = byte / 2550
        norm = math.sqrt(sum(x * x for x in vector)) or 1.0
        return [x / norm for x in vector]


@pytest.fixture
def use_encoder(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """use_encoder(Topics()): from now on this is the encoder; None for none."""

    def use(model: Any) -> None:
        for module in ("listings.indexing", "matching.actions.matching"):
            monkeypatch.setattr(f"{module}.encoder", lambda: model)

    return use
