"""Which sums of a table of institutions are withheld, so that none tells of a single one.

A table is a set of columns that add up to each other, so it is shown or withheld as a whole: of a
type, and of all types together.
"""

from collections.abc import Iterable, Mapping

LEAST = 3  # a sum of two tells each of them the other
TOTAL = "total"


def withheld(types: Mapping[str, Mapping[str, int]]) -> frozenset[str]:
    """Types to withhold in one table, and TOTAL if the total is withheld, too.

    types: type -> column -> how many institutions *that are not named* have something other than 0
    in it. Those that are named can be taken off by anybody and count for nothing. A column in which
    nobody has anything is left out; a type without columns has nobody in it and tells of nobody.
    """
    hidden = {name for name, columns in types.items() if not _is_safe(columns)}
    # the total less the types that are shown is the sum of those that are not
    if not _is_safe(_together(types[name] for name in hidden)):
        hidden.add(TOTAL)
    return frozenset(hidden)


def _is_safe(columns: Mapping[str, int]) -> bool:
    return all(number >= LEAST for number in columns.values())


def _together(types: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for columns in types:
        for column, number in columns.items():
            found[column] = found.get(column, 0) + number
    return found
