"""The weights: a dated JSON file in weights/. The newest one is in force.

Its keys: version; features (weight of each feature), bias; meaning (by encoder, for pairs with a
common language and without, the cosines that count as nothing and as all); levels (lowest score of
each; pairs below "weak" are not kept).
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

WEIGHTS = Path(__file__).with_name("weights")
# What a weights file must give. `words`, `title` and `meaning` have a second weight for pairs
# without a common language, where words say nothing.
NAMES = (
    "words", "title", "meaning", "words_across", "title_across", "meaning_across", "field", "trl",
    "modes", "price", "region", "specifications_met", "specifications_unmet",
)  # fmt: skip


@dataclass(frozen=True)
class Model:
    version: str
    bias: float
    weights: dict[str, float]
    meaning: dict[str, dict[str, tuple[float, float]]]
    levels: dict[str, int]

    @property
    def floor(self) -> int:
        """Pairs that score less are not kept."""
        return self.levels["weak"]

    def meaning_scale(self, encoder: str, across: bool) -> tuple[float, float]:
        """The cosines that count as 0 and as 1 for vectors of this encoder; two languages lie
        farther apart than one."""
        scale = self.meaning.get(encoder.split("-")[0].split(":")[0], self.meaning["other"])
        return scale["across" if across else "same"]


def read(path: Path) -> Model:
    """The model of a weights file. Raises ValueError naming what is missing or of wrong type."""
    raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    try:
        weights = {name: float(raw["features"][name]) for name in NAMES}
        scales = {
            name: {
                case: (float(scale[case][0]), float(scale[case][1])) for case in ("same", "across")
            }
            for name, scale in raw["meaning"].items()
        }
        levels = {name: int(raw["levels"][name]) for name in ("strong", "fairly_strong", "weak")}
        model = Model(str(raw["version"]), float(raw["bias"]), weights, scales, levels)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ValueError(f"{path.name} is no weights file: {error!r}") from error
    if model.version != path.stem:
        raise ValueError(f"{path.name} says that it is version {model.version}")
    if not 0 <= levels["weak"] < levels["fairly_strong"] < levels["strong"] <= 100:
        raise ValueError(f"{path.name}: the levels are not in order")
    return model


@lru_cache(maxsize=1)
def current() -> Model:
    """The newest weights, read once a process."""
    return read(max(WEIGHTS.glob("*.json")))


def model_version() -> str:
    return current().version
