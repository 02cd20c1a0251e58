"""The weights: a dated JSON file in weights/. The newest one that can be read is in force.

One that cannot is refused at the start (matching.checks), and a process that begins nevertheless,
such as a worker's child, goes on with the last good one and says so.

Its keys: version; features (weight of each feature), bias; meaning (by encoder, for pairs with a
common language and without, the cosines that count as nothing and as all); levels (lowest score of
each; pairs below "weak" are not kept).
"""

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import structlog

log = structlog.get_logger(__name__)
WEIGHTS = Path(__file__).with_name("weights")
# The features. Those of texts have a second weight for pairs without a common language, where
# words say nothing.
BY_LANGUAGE = ("words", "title", "meaning")
FACTS = ("field", "trl", "modes", "price", "region")
PLAIN = (*FACTS, "specifications_met", "specifications_unmet")
# What a weights file must give.
NAMES = (*BY_LANGUAGE, *(f"{name}_across" for name in BY_LANGUAGE), *PLAIN)


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
    """The model of a weights file. Raises ValueError naming the file and what is missing or wrong
    in it, also for one that is not there or was made for another matcher."""
    try:
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        weights = {name: float(raw["features"][name]) for name in NAMES}
        scales = {
            name: {
                case: (float(scale[case][0]), float(scale[case][1])) for case in ("same", "across")
            }
            for name, scale in raw["meaning"].items()
        }
        levels = {name: int(raw["levels"][name]) for name in ("strong", "fairly_strong", "weak")}
        model = Model(str(raw["version"]), float(raw["bias"]), weights, scales, levels)
        unknown = sorted(set(raw["features"]) - set(NAMES))
    except (OSError, KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{path.name} is no weights file: {error!r}") from error
    if unknown:
        raise ValueError(f"{path.name} is for another matcher: it weighs {', '.join(unknown)}")
    if model.version != path.stem:
        raise ValueError(f"{path.name} says that it is version {model.version}")
    if not 0 <= levels["weak"] < levels["fairly_strong"] < levels["strong"] <= 100:
        raise ValueError(f"{path.name}: the levels are not in order")
    if not all(map(math.isfinite, [model.bias, *weights.values()])):
        raise ValueError(f"{path.name}: a weight is no number")
    if "other" not in scales:
        raise ValueError(f"{path.name}: there is no meaning of other encoders")
    return model


class _Found(NamedTuple):
    model: Model | None
    problems: tuple[str, ...]


@lru_cache(maxsize=1)
def _found() -> _Found:
    """The newest weights that can be read, and what is wrong with newer ones; once a process."""
    problems: list[str] = []
    for path in sorted(WEIGHTS.glob("*.json"), reverse=True):
        try:
            return _Found(read(path), tuple(problems))
        except ValueError as error:
            problems.append(str(error))
            log.error("weights_refused", file=path.name, error=str(error))
    return _Found(None, (*problems, f"{WEIGHTS} holds no weights file that can be read"))


def current() -> Model:
    """The weights in force, read once a process. Raises ValueError where there are none."""
    found = _found()
    if found.model is None:
        raise ValueError("; ".join(found.problems))
    return found.model


def problems() -> tuple[str, ...]:
    """What is wrong with files newer than the weights in force, each named; () when nothing is."""
    return _found().problems


def forget() -> None:
    """Read anew at the next use."""
    _found.cache_clear()


def model_version() -> str:
    return current().version
