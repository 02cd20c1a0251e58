"""Counts beside the filters, in one query over bounded sets.

Each filter's choices are counted under all the other filters, so that one sees where a change
leads. Sets end at a bound: what is counted beyond it is "at least".
"""

import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db.models import Case, F, Q, QuerySet, Value, When

from listings.models import SearchEntry
from listings.queries.narrowing import TELLING, active_but, condition_of, conditions, with_price
from listings.queries.search import BOUND
from listings.wanted import Wanted
from marketplace.core.actor import Actor
from marketplace.core.replicas import reading_connection

KEPT_FOR = 60  # seconds
# Choices of prices, in units of the currency asked for: up to, between, above.
PRICE_STEPS = (500_000, 2_000_000, 10_000_000)


@dataclasses.dataclass(frozen=True)
class Counts:
    """total: what is found. choices[filter][value]: what the choice would give.
    without[filter]: what is found when this filter is left; without_filters: with none at all.
    open_ended: filters whose set was cut at the bound ("total" for the whole list).
    """

    total: int
    without_filters: int
    choices: dict[str, dict[str, int]] = dataclasses.field(default_factory=dict)
    without: dict[str, int] = dataclasses.field(default_factory=dict)
    open_ended: frozenset[str] = frozenset()


class Choice(NamedTuple):
    """One filter's choices: rows that are equal in `columns` are counted together, since there are
    few different ones, and `values` says which choices such rows are of."""

    columns: tuple[str, ...]
    values: Callable[..., Iterable[str]]


def _one(value: Any) -> list[str]:
    return [] if value in (None, "") else [str(value)]


def _provinces(land: str, place: str, _named: bool) -> list[str]:
    return [f"{place[:2]}0000"] if land == "CN" and place else []


def _cities(land: str, place: str, named: bool) -> list[str]:
    """Of an anonymous listing no more than the province is told."""
    known = land == "CN" and named and len(place) == 6 and place[2:4] != "00"
    return [f"{place[:4]}00"] if known else []


_PLACE = ("land", "place", "named")
_CHOICES = {
    "field": Choice(("main", "more"), lambda main, more: {main, *more}),
    "sub_field": Choice(("sub",), _one),
    "trl": Choice(("level",), _one),
    "mode": Choice(("ways",), set),
    "price": Choice(
        ("step_0", "step_1", "step_2", "step_3"),
        lambda *steps: [str(step) for step, reaches in enumerate(steps) if reaches],
    ),
    "ip": Choice(("rights",), set),
    "organisation_kind": Choice(("who",), _one),
    "region": Choice(_PLACE, _provinces),
    "city": Choice(_PLACE, _cities),
    "country": Choice(_PLACE, lambda land, _place, _named: [land]),
    "language": Choice(("tongue",), lambda tongue: ["en", "zh"] if tongue == "both" else [tongue]),
    "verified": Choice(("known",), lambda known: ["1"] if known else []),
}
# A choice of one of these is a closer look at the other.
_SET_OF = {"city": "region"}


def _columns(wanted: Wanted) -> dict[str, Any]:
    """What the choices read, by the names they give it."""
    ends = [None, *(Decimal(step) for step in PRICE_STEPS), None]
    steps = {
        f"step_{step}": _holds(with_price(ends[step], ends[step + 1], wanted.currency))
        for step in range(len(PRICE_STEPS) + 1)
    }
    return {
        "main": F("field"), "more": F("more_fields"), "sub": F("sub_field"), "level": F("trl"),
        "ways": F("modes"), "rights": F("ip_kinds"), "place": F("region"), "land": F("country"),
        "named": Q(is_anonymous=False), "tongue": F("language"),
        # an anonymous owner is of no kind here: a count of one would tell who it is
        "who": Case(When(is_anonymous=False, then=F("owner__kind")), default=Value("")),
        "known": Q(owner__verified_at__isnull=False),
        **steps,
    }  # fmt: skip


def _holds(condition: Q) -> Case:
    """The condition as a column: false also where it is neither true nor false."""
    return Case(When(condition, then=Value(True)), default=Value(False))


# What a question finds under filters.
Under = Callable[[Q], QuerySet[SearchEntry]]


def count_for(wanted: Wanted, under: Under, actor: Actor) -> Counts:
    """`count`; in a market beyond the bound, what a visitor without a question gets is kept."""
    if wanted.question or actor.organisation_ids or actor.is_moderator or actor.is_system:
        return count(wanted, under)
    asked = repr(dataclasses.replace(wanted, sort="", unfolded=False, ignored=()))
    key = f"listings:counts:{hashlib.sha256(asked.encode()).hexdigest()}"
    kept: Counts | None = cache.get(key)
    if kept is not None:
        return kept
    counts = count(wanted, under)
    if "total" in counts.open_ended:  # below the bound a new listing shows at once
        cache.set(key, counts, KEPT_FOR)
    return counts


# SQL, its parameters, and whether only indexes of words and tags are right for it.
_Asked = tuple[str, Sequence[Any], bool]


def count(wanted: Wanted, under: Under) -> Counts:
    """Counts for the filters in force, over what the question finds. One round trip."""
    everything = under(Q())
    if everything.query.is_empty():
        return Counts(0, 0, without=dict.fromkeys(wanted.active, 0))
    sets = _sets(wanted)
    if wanted.question:
        return _read(_fetched([(*_at_once(wanted, under, sets), True)]), wanted, sets)
    asked: list[_Asked] = []
    for name, one in sets.items():
        sql, values = _rows(_under(name, wanted, under), wanted, one).query.sql_with_params()
        sql = f"WITH {name} AS MATERIALIZED ({sql}) {_counting(name, one)}"
        asked.append((sql, values, bool(TELLING & {*one.filters})))
    return _read(_fetched(asked), wanted, sets)


def _fetched(asked: Sequence[_Asked]) -> list[Any]:
    """The rows of several statements in one round trip.

    Words and tags lie outside the row, which the planner does not weigh: for what is frequent it
    would go through rows in some order and unpack those of each, where sets of hits out of the
    index of both are right.
    """
    parts: list[str] = []
    parameters: list[Any] = []
    for sql, values, by_index in asked:
        way = "off" if by_index else "on"
        parts.append(f"SET LOCAL enable_seqscan = {way}; SET LOCAL enable_indexscan = {way}; {sql}")
        parameters.extend(values)
    rows: list[Any] = []
    with reading_connection().cursor() as cursor:
        back = "SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = on"
        cursor.execute("; ".join([*parts, back]), parameters)
        for _ in asked:
            cursor.nextset()
            cursor.nextset()
            rows += cursor.fetchall()
            cursor.nextset()
    return rows


class _Set(NamedTuple):
    """Hits under some of the filters, and the filters whose choices are counted among them."""

    filters: tuple[str, ...]
    choices: list[str]

    @property
    def columns(self) -> list[str]:
        return sorted({column for choice in self.choices for column in _CHOICES[choice].columns})

    @property
    def groups(self) -> list[tuple[str, ...]]:
        return list(dict.fromkeys(_CHOICES[choice].columns for choice in self.choices))


def _sets(wanted: Wanted) -> dict[str, _Set]:
    """found, but_<filter> for each that is set, and everything if that is not what is found."""
    filters = {"found": wanted.active}
    for name in wanted.active:
        filters[f"but_{name}"] = active_but(name, wanted)
    if wanted.active:
        filters = {"everything": (), **filters}
    sets = {name: _Set(some, []) for name, some in filters.items()}
    for choice in _CHOICES:
        sets.get(f"but_{_SET_OF.get(choice, choice)}", sets["found"]).choices.append(choice)
    return sets


def _at_once(wanted: Wanted, under: Under, sets: Mapping[str, _Set]) -> tuple[str, list[Any]]:
    """One statement for all sets of a question: its hits, if these are not too many, are read once
    and the sets made out of them."""
    clauses: list[str] = []
    parameters: list[Any] = []
    for name, one in sets.items():
        rows = _rows(_under(name, wanted, under), wanted, one, marked=name == "everything")
        sql, values = rows.query.sql_with_params()
        parameters.extend(values)
        if wanted.active and name != "everything":
            # Out of the hits at hand if these are all of them, else asked for anew.
            both = ", ".join(["row_id", *one.columns])
            where = " AND ".join(["so", *(f"is_{each}" for each in one.filters)])
            sql = (
                f"SELECT {both} FROM everything, few WHERE {where}"  # noqa: S608 (names of ours)
                f" UNION ALL SELECT {both} FROM ({sql}) AS anew WHERE NOT (SELECT so FROM few)"
            )
        clauses.append(f"{name} AS MATERIALIZED ({sql})")
        if name == "everything":
            few = f"SELECT count(*) <= {BOUND:d} AS so FROM everything"  # noqa: S608
            clauses.append(f"few AS MATERIALIZED ({few})")
    counted = " UNION ALL ".join(_counting(name, one) for name, one in sets.items())
    return f"WITH {', '.join(clauses)} {counted}", parameters


def _under(name: str, wanted: Wanted, under: Under) -> QuerySet[SearchEntry]:
    """The entries of a set, by its name."""
    if name == "everything":
        return under(Q())
    return under(conditions(wanted, but=name.removeprefix("but_")))


def _rows(
    entries: QuerySet[SearchEntry], wanted: Wanted, one: _Set, *, marked: bool = False
) -> QuerySet[SearchEntry, Any]:
    """The rows that are counted, with no more of each than their choices need.

    marked: all that any choice needs, and is_<filter> for those that are set.
    """
    columns = _columns(wanted)
    if not marked:
        columns = {name: columns[name] for name in one.columns}
    marks = {f"is_{x}": _holds(condition_of(x, wanted)) for x in wanted.active if marked}
    if not wanted.question and not TELLING & {*one.filters}:
        entries = entries.order_by("-published_at", "-pk")  # as an index has them
    return entries.values(row_id=F("pk"), **columns, **marks)[: BOUND + 1]


def _counting(name: str, one: _Set) -> str:
    """SQL that counts a set and all its groups while it is gone through once."""
    if not one.columns:
        return f"SELECT '{name}', 0, '[]'::json, count(*) FROM {name}"  # noqa: S608
    columns = ", ".join(one.columns)
    groups = ", ".join(f"({', '.join(group)})" for group in one.groups)
    return (
        f"SELECT '{name}', GROUPING({columns}), json_build_array({columns}), count(*)"  # noqa: S608
        f" FROM {name} GROUP BY GROUPING SETS ((), {groups})"
    )


def _read(
    rows: list[tuple[str, int, Any, int]], wanted: Wanted, sets: Mapping[str, _Set]
) -> Counts:
    sizes = dict.fromkeys(sets, 0)
    choices: dict[str, dict[str, int]] = defaultdict(dict)
    for name, missing, values, number in rows:
        one = sets[name]
        # a bit of GROUPING for each column that is not counted here, the first the highest
        there = {
            column for place, column in enumerate(reversed(one.columns)) if not missing >> place & 1
        }
        if not there:
            sizes[name] = number
            continue
        row = dict(zip(one.columns, values, strict=True))
        for choice in one.choices:
            if {*_CHOICES[choice].columns} == there:
                counted = choices[choice]
                for value in _CHOICES[choice].values(*(row[c] for c in _CHOICES[choice].columns)):
                    counted[value] = counted.get(value, 0) + number
    cut = {name for name, size in sizes.items() if size > BOUND}
    return Counts(
        total=sizes["found"],
        without_filters=sizes.get("everything", sizes["found"]),
        # In an order of their own: that in which the database comes upon them tells of rows that
        # it passed over.
        choices={choice: dict(sorted(counted.items())) for choice, counted in choices.items()},
        without={name: sizes[f"but_{name}"] for name in wanted.active},
        open_ended=frozenset(
            {choice for name, one in sets.items() if name in cut for choice in one.choices}
            | ({"total"} if "found" in cut else set())
        ),
    )
