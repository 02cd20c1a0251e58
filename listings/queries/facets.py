"""Counts beside the filters, in one query over bounded sets.

Each filter's choices are counted under all the other filters, so that one sees where a change
leads. Sets end at a bound: what is counted beyond it is "at least".
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.db.models import Case, F, Q, QuerySet, Value, When

from listings.models import SearchEntry
from listings.queries.narrowing import conditions
from listings.queries.search import BOUND
from listings.wanted import Wanted
from marketplace.core.actor import Actor
from marketplace.core.replicas import reading_connection

KEPT_FOR = 60  # seconds
# Choices of prices, in units of the currency asked for: up to, between, above.
PRICE_STEPS = (500_000, 2_000_000, 10_000_000)


@dataclass(frozen=True)
class Counts:
    """total: what is found. choices[filter][value]: what the choice would give.
    without[filter]: what is found when this filter is left; without_filters: with none at all.
    open_ended: filters whose set was cut at the bound ("total" for the whole list).
    """

    total: int
    without_filters: int
    choices: dict[str, dict[str, int]] = field(default_factory=dict)
    without: dict[str, int] = field(default_factory=dict)
    open_ended: frozenset[str] = frozenset()


# filter -> SQL that counts its choices in a set {base} of the columns below.
_CHOICES = {
    "field": "SELECT x, count(*) FROM {base}, LATERAL"
             " (SELECT DISTINCT unnest(more || main::text) AS x) AS one GROUP BY x",
    "sub_field": "SELECT sub::text, count(*) FROM {base} WHERE sub <> '' GROUP BY sub",
    "trl": "SELECT level::text, count(*) FROM {base} WHERE level IS NOT NULL GROUP BY level",
    "mode": "SELECT x::text, count(*) FROM {base}, unnest(ways) AS x GROUP BY x",
    "price": "SELECT step, count(*) FROM {base}, LATERAL (SELECT unnest(ARRAY["
             "CASE WHEN coalesce(low, 0) < %(s1)s THEN '0' END,"
             "CASE WHEN coalesce(low, 0) <= %(s2)s AND coalesce(high, 1e15) >= %(s1)s THEN '1' END,"
             "CASE WHEN coalesce(low, 0) <= %(s3)s AND coalesce(high, 1e15) >= %(s2)s THEN '2' END,"
             "CASE WHEN coalesce(high, 1e15) >= %(s3)s THEN '3' END]) AS step) AS steps"
             " WHERE money = %(currency)s AND (low IS NOT NULL OR high IS NOT NULL)"
             " AND step IS NOT NULL GROUP BY step",
    "ip": "SELECT x::text, count(*) FROM {base}, unnest(rights) AS x GROUP BY x",
    "organisation_kind": "SELECT who::text, count(*) FROM {base} WHERE who <> '' GROUP BY who",
    "region": "SELECT left(place, 2) || '0000', count(*) FROM {base}"
              " WHERE land = 'CN' AND place <> '' GROUP BY left(place, 2)",
    "city": "SELECT left(place, 4) || '00', count(*) FROM {base}"
            " WHERE land = 'CN' AND named AND length(place) = 6"
            " AND left(place, 4) <> left(place, 2) || '00' GROUP BY left(place, 4)",
    "country": "SELECT land::text, count(*) FROM {base} GROUP BY land",
    "language": "SELECT unnest(ARRAY['en', 'zh']), unnest(ARRAY["
                "count(*) FILTER (WHERE english), count(*) FILTER (WHERE chinese)]) FROM {base}",
    "verified": "SELECT '1', count(*) FROM {base} WHERE known",
}  # fmt: skip
# What these read, by the names they give it.
_COLUMNS: dict[str, Any] = {
    "main": F("field"), "more": F("more_fields"), "sub": F("sub_field"), "level": F("trl"),
    "ways": F("modes"), "rights": F("ip_kinds"), "low": F("price_min"), "high": F("price_max"),
    "money": F("currency"), "place": F("region"), "land": F("country"),
    "named": Q(is_anonymous=False),
    # an anonymous owner is of no kind here: a count of one would tell who it is
    "who": Case(When(is_anonymous=False, then=F("owner__kind")), default=Value("")),
    "known": Q(owner__verified_at__isnull=False),
    "english": Q(language__in=["en", "both"]), "chinese": Q(language__in=["zh", "both"]),
}  # fmt: skip
_READ = {
    "field": ("main", "more"), "sub_field": ("sub",), "trl": ("level",), "mode": ("ways",),
    "price": ("low", "high", "money"), "ip": ("rights",), "organisation_kind": ("who",),
    "region": ("place", "land"), "city": ("place", "land", "named"), "country": ("land",),
    "language": ("english", "chinese"), "verified": ("known",),
}  # fmt: skip
# A choice of one of these is a closer look at the other.
_SET_OF = {"city": "region"}


# What a question finds under filters.
Under = Callable[[Q], QuerySet[SearchEntry]]


def count_for(wanted: Wanted, under: Under, actor: Actor) -> Counts:
    """`count`; in a market beyond the bound, what a visitor without a question gets is kept."""
    if not wanted.is_plain or actor.organisation_ids or actor.is_moderator or actor.is_system:
        return count(wanted, under)
    key = f"listings:counts:{wanted.kind}:{wanted.currency}"
    kept: Counts | None = cache.get(key)
    if kept is not None:
        return kept
    counts = count(wanted, under)
    if "total" in counts.open_ended:  # below the bound a new listing shows at once
        cache.set(key, counts, KEPT_FOR)
    return counts


def count(wanted: Wanted, under: Under) -> Counts:
    """Counts for the filters in force, over what the question finds. One query."""
    everything = under(Q())
    if everything.query.is_empty():
        return Counts(0, 0, without=dict.fromkeys(wanted.active, 0))
    sets = {"found": under(conditions(wanted)), "everything": everything}
    for name in wanted.active:
        sets[f"but_{name}"] = under(conditions(wanted, but=name))
    if not wanted.active:
        del sets["everything"]  # it is what is found
    clauses: list[str] = []
    parameters: list[Any] = []
    for name, rows in sets.items():
        choices = [choice for choice in _CHOICES if _base_of(choice, sets) == name]
        columns = sorted({column for choice in choices for column in _READ[choice]})
        # Of words that are everywhere, any hits up to the bound: to find the newest of them, all
        # would be read. Without words an index has them in order.
        newest = rows if wanted.question else rows.order_by("-published_at", "-pk")
        sql, values = _rows(newest, BOUND + 1, columns).query.sql_with_params()
        clauses.append(f"{name} AS MATERIALIZED ({sql})")
        parameters.extend(values)
    counted = [f"SELECT '#', '{name}', count(*) FROM {name}" for name in sets]  # noqa: S608
    for name, sql in _CHOICES.items():
        base = _base_of(name, sets)
        chosen, bound = _bound_values(sql.format(base=base), wanted)
        counted.append(f"SELECT '{name}', x.* FROM ({chosen}) AS x")  # noqa: S608 (names of ours)
        parameters.extend(bound)
    sql = f"WITH {', '.join(clauses)} {' UNION ALL '.join(counted)}"
    with reading_connection().cursor() as cursor:
        if not wanted.question:
            cursor.execute(sql, parameters)
            return _read(cursor.fetchall(), wanted, sets)
        # Words lie outside the row, which the planner does not weigh: of a frequent word it would
        # go through rows in some order and unpack the words of each. Only sets of hits, out of the
        # index of words, are right here. Several statements, one round trip.
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off;"
            f" {sql}; SET LOCAL enable_indexscan = on; SET LOCAL enable_seqscan = on",
            parameters,
        )
        cursor.nextset()
        cursor.nextset()
        return _read(cursor.fetchall(), wanted, sets)


def _rows(
    entries: QuerySet[SearchEntry], limit: int, columns: Iterable[str]
) -> QuerySet[SearchEntry, Any]:
    """The rows that are counted, with no more of each than its choices need."""
    return entries.values(row_id=F("pk"), **{name: _COLUMNS[name] for name in columns})[:limit]


def _base_of(name: str, sets: dict[str, Any]) -> str:
    own = f"but_{_SET_OF.get(name, name)}"
    return own if own in sets else "found"


def _bound_values(sql: str, wanted: Wanted) -> tuple[str, list[Any]]:
    """Named parameters as positional ones, in their order in the text."""
    known = {
        "s1": PRICE_STEPS[0], "s2": PRICE_STEPS[1], "s3": PRICE_STEPS[2],
        "currency": wanted.currency,
    }  # fmt: skip
    pieces = sql.split("%(")
    values = [known[piece.partition(")s")[0]] for piece in pieces[1:]]
    return pieces[0] + "".join("%s" + piece.partition(")s")[2] for piece in pieces[1:]), values


def _read(rows: list[tuple[str, str, int]], wanted: Wanted, sets: dict[str, Any]) -> Counts:
    sizes: dict[str, int] = {}
    choices: dict[str, dict[str, int]] = defaultdict(dict)
    # In an order of their own: that in which the database comes upon them tells of rows that it
    # passed over.
    for name, value, number in sorted(rows):
        if name == "#":
            sizes[value] = number
        else:
            choices[name][value] = number
    cut = {name for name, size in sizes.items() if size > BOUND}
    return Counts(
        total=sizes["found"],
        without_filters=sizes.get("everything", sizes["found"]),
        choices=dict(choices),
        without={name: sizes[f"but_{name}"] for name in wanted.active},
        open_ended=frozenset(
            {name for name in _CHOICES if _base_of(name, sets) in cut}
            | ({"total"} if "found" in cut else set())
        ),
    )
