"""Staged decision tree: pay a stage's cost, learn what happens, go on or stop.

A node is reached from its parent with a probability; going on from it costs `cost`, and gives
`payoff` and what its children are worth. Amounts are present values. With the right to stop, a node
below the root is worth at least 0; the root shows what beginning is worth, also when it is less.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from deals.valuation import Value

TOLERANCE = 1e-6  # of the sum of the children's probabilities


@dataclass(frozen=True)
class Shape:
    """Parents by place in the list of nodes (None: the root), in an order from the leaves up."""

    parents: tuple[int | None, ...]
    upwards: tuple[int, ...]
    children: Mapping[int, tuple[int, ...]]

    @property
    def root(self) -> int:
        return self.upwards[-1]


class BadTree(ValueError):
    """faults: (place of the node, code); codes: repeated, unknown_parent, roots, cycle, empty."""

    def __init__(self, faults: list[tuple[int, str]]) -> None:
        super().__init__(str(faults))
        self.faults = faults


def shape_of(nodes: Sequence[tuple[str, str]]) -> Shape:
    """nodes: (name, name of the parent or ""). Raises BadTree unless they make one tree."""
    names = [name for name, _parent in nodes]
    place_of = {name: place for place, name in reversed(list(enumerate(names)))}
    faults = [(i, "repeated") for i, name in enumerate(names) if place_of[name] != i]
    faults += [
        (i, "unknown_parent") for i, (_n, up) in enumerate(nodes) if up and up not in place_of
    ]
    roots = [place for place, (_name, parent) in enumerate(nodes) if not parent]
    if not nodes:
        faults.append((0, "empty"))
    elif not roots and not faults:
        faults.append((0, "cycle"))
    faults += [(place, "roots") for place in roots[1:]]
    if faults:
        raise BadTree(faults)
    parents = tuple(place_of[parent] if parent else None for _name, parent in nodes)
    children: dict[int, tuple[int, ...]] = {}
    for place, parent in enumerate(parents):
        if parent is not None:
            children[parent] = (*children.get(parent, ()), place)
    downwards = [roots[0]]
    for place in downwards:
        downwards.extend(children.get(place, ()))
    lost = sorted(set(range(len(nodes))) - set(downwards))
    if lost:
        raise BadTree([(place, "cycle") for place in lost])
    return Shape(parents, tuple(reversed(downwards)), children)


def settled(shape: Shape, chances: Sequence[Value], varied: frozenset[int]) -> list[Value]:
    """Probabilities whose siblings sum to 1 again after some were varied: those that were not share
    what is left in their old proportion; where all were, each is divided by the sum."""
    found = list(chances)
    for family in shape.children.values():
        moved = [place for place in family if place in varied]
        if not moved:
            continue
        still = [place for place in family if place not in varied]
        taken = sum(chances[place] for place in moved)
        rest = sum(chances[place] for place in still)
        over = np.maximum(taken, 1.0) if still and float(np.max(rest)) > 0 else taken
        over = np.where(np.asarray(over) <= 0, 1.0, over)
        for place in moved:
            found[place] = chances[place] / over
        left = 1 - sum(found[place] for place in moved)
        for place in still:
            found[place] = chances[place] * left / rest if float(np.max(rest)) > 0 else left * 0.0
    return found


def values(
    shape: Shape, chances: Sequence[Value], costs: Sequence[Value], payoffs: Sequence[Value],
    *, may_stop: bool,
) -> list[Value]:  # fmt: skip
    """What each node is worth on arrival."""
    found: list[Value] = [0.0] * len(shape.parents)
    for place in shape.upwards:
        worth = payoffs[place] - costs[place]
        for child in shape.children.get(place, ()):
            worth = worth + chances[child] * found[child]
        found[place] = np.maximum(worth, 0.0) if may_stop and place != shape.root else worth
    return found


def success(
    shape: Shape, chances: Sequence[float], worth: Sequence[float], *, may_stop: bool
) -> float:
    """P(success): the chance of arriving at an end that is worth more than 0, never passing through
    a node at which one would stop."""
    reach = {shape.root: 1.0}
    total = 0.0
    for place in reversed(shape.upwards):
        here = reach.get(place, 0.0)
        below = shape.children.get(place, ())
        if not below:
            total += here if worth[place] > 0 else 0.0
        elif place == shape.root or not may_stop or worth[place] > 0:
            for child in below:
                reach[child] = here * chances[child]
    return total


def break_even(
    shape: Shape, chances: Sequence[float], costs: Sequence[float], payoffs: Sequence[float],
    worth: Sequence[float],
) -> list[float | None]:  # fmt: skip
    """For each node the probability of reaching it from its parent at which the parent's stage is
    worth exactly 0, its siblings keeping their proportions. None where no probability does it."""
    found: list[float | None] = [None] * len(shape.parents)
    for parent, family in shape.children.items():
        for place in family:
            rest = 1 - chances[place]
            others = sum(chances[one] * worth[one] for one in family if one != place)
            beside = others / rest if rest > TOLERANCE else 0.0
            gain = float(worth[place]) - beside
            if gain == 0:
                continue
            needed = (costs[parent] - payoffs[parent] - beside) / gain
            if 0 <= needed <= 1:
                found[place] = float(needed)
    return found
