"""One number out of the features: a logistic of their weighted sum, from 0 to 100.

score = 100 / (1 + exp(-(bias + sum of weight x feature))), where words, title and meaning have
other weights for pairs without a common language: there a shared word is mostly a number or a
brand. The weights are data (see model), so a stored score can be computed again from the stored
features and the model version.
"""

import math

from matching.pipeline.features import Features
from matching.pipeline.model import BY_LANGUAGE, PLAIN, Model


def strength(features: Features, model: Model) -> float:
    """The weighted sum before it is squeezed: for ranking."""
    total = model.bias
    for name in BY_LANGUAGE:
        weight = model.weights[f"{name}_across" if features.across else name]
        total += weight * getattr(features, name)
    for name in PLAIN:
        total += model.weights[name] * getattr(features, name)
    return total


def score(features: Features, model: Model) -> int:
    """0..100, rounded."""
    total = max(-30.0, min(30.0, strength(features, model)))
    return round(100 / (1 + math.exp(-total)))
