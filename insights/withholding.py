"""Which amounts of types of institutions are withheld, so that no sum tells of a single one.

A sum is shown when none or at least LEAST institutions that are not named have more than nothing in
it: those that are named can be taken off it by anybody. A type is withheld with all columns of a
table at once, since its columns add up to each other; and then further types, or the total, so that
what is withheld cannot be worked out as the total less the others. Where a sum is withheld its
parts are, too.
"""

from collections.abc import Iterable, Mapping

LEAST = 3
TOTAL = "total"


def withheld(types: Mapping[str, Mapping[str, int]], before: Iterable[str] = ()) -> frozenset[str]:
    """Types to withhold, and TOTAL if the total is withheld, too.

    types: type -> column -> how many institutions that are not named contribute to it. before: what
    is withheld of a table whose columns are sums of these.
    """
    hidden = {name for name, columns in types.items() if not _is_safe(columns)} | set(before)
    if TOTAL in hidden or not _is_safe(_added(types, types)):
        return frozenset(hidden | {TOTAL})
    # the total is to be shown: what is hidden below it must be a sum of enough institutions itself
    while hidden and (len(hidden) < 2 or not _is_safe(_added(types, hidden))):
        rest = sorted(
            (name for name in types if name not in hidden),
            key=lambda name: (not any(types[name].values()), sum(types[name].values()), name),
        )
        if not rest:
            return frozenset(hidden | {TOTAL})
        hidden.add(rest[0])
    return frozenset(hidden)


def _is_safe(columns: Mapping[str, int]) -> bool:
    return all(number == 0 or number >= LEAST for number in columns.values())


def _added(types: Mapping[str, Mapping[str, int]], names: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in names:
        for column, number in types[name].items():
            found[column] = found.get(column, 0) + number
    return found
