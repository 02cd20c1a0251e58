"""New listings held in memory, to be held against many searches: every fact and every word is a
number whose bit n says whether it is true of the n-th of them.

The same conditions as listings.queries (a test holds both together), for readers without
organisations: what is a reader's own, or released to it, is no news.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import F, Func, Q, TextField, Value

from listings.models import SearchEntry
from listings.models.listings import Tier
from listings.readings import Reading
from marketplace.core import regions

# Between the tokens of an entry: no token holds one, and one text is read many times quicker than
# an array.
_BETWEEN = "\n"
# What a reading may ask for: each is decided in `Batch.found`, or left to the database (`ask`).
KNOWN = frozenset({
    "nothing", "ask", "words", "without", "field", "trl", "sub_field", "mode", "ip",
    "organisation_kind", "country", "language", "verified", "organisation", "region", "price",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """The facts of an entry that a filter may ask for."""

    pk: int
    kind: str
    owner: int
    visibility: str
    is_anonymous: bool
    language: str
    field: str
    sub_field: str
    more_fields: list[str]
    trl: int | None
    modes: list[str]
    ip_kinds: list[str]
    price_min: Decimal | None
    price_max: Decimal | None
    currency: str
    country: str
    region: str
    owner_id: str
    owner_kind: str
    owner_verified: bool


class Batch:
    """Published listings by what is true of them. What is asked for is read with `found`."""

    def __init__(self, listing_ids: Sequence[int]) -> None:
        self.rows: list[Row] = []
        self.public: dict[str, int] = defaultdict(int)  # token -> who holds it
        self.members: dict[str, int] = defaultdict(int)
        self.has_words = self.has_members = 0
        for row, public, members in _read(listing_ids):
            bit = 1 << len(self.rows)
            self.rows.append(row)
            for token in public or ():
                self.public[token] |= bit
            for token in members or ():
                self.members[token] |= bit
            self.has_words |= bit * (public is not None)
            self.has_members |= bit * (members is not None)
        self.places = {row.pk: place for place, row in enumerate(self.rows)}
        self.named = self.of(lambda row: not row.is_anonymous)
        self.open = {
            False: self.of(lambda row: row.visibility == Tier.PUBLIC),
            True: self.of(lambda row: row.visibility in (Tier.PUBLIC, Tier.MEMBERS)),
        }
        self.kinds = self._by(lambda row: [row.kind])
        self.owners = self._by(lambda row: [row.owner])
        self.fields = self._by(lambda row: [row.field, *row.more_fields])
        self.by_name: Mapping[str, Mapping[Any, int]] = {
            "sub_field": self._by(lambda row: [row.sub_field]),
            "mode": self._by(lambda row: row.modes),
            "ip": self._by(lambda row: row.ip_kinds),
            "organisation_kind": self._by(lambda row: [] if row.is_anonymous else [row.owner_kind]),
        }
        # asked again and again with the same few values
        self._trl = cache(self._with_trl)
        self._price = cache(self._with_price)
        self._region = cache(self._in_region)
        self._one = cache(self._with_one)

    @property
    def is_closed(self) -> bool:
        """Whether members may know or read more of these than visitors."""
        return bool(self.has_members or self.open[True] != self.open[False])

    @property
    def tokens(self) -> list[str]:
        """All words, of any tier that a reader may find by."""
        return list(self.public.keys() | self.members.keys())

    def of(self, holds: Callable[[Row], bool]) -> int:
        """Of which rows it holds."""
        return sum(1 << place for place, row in enumerate(self.rows) if holds(row))

    def ids(self, bits: int) -> list[int]:
        """The listings of these bits, by id."""
        found = []
        while bits:
            lowest = bits & -bits
            found.append(self.rows[lowest.bit_length() - 1].pk)
            bits ^= lowest
        return found

    def bit_of(self, pk: int) -> int:
        """The bit of a listing; raises KeyError for one that is not among these."""
        return 1 << self.places[pk]

    def owned_by(self, organisation_ids: Iterable[int]) -> int:
        """The listings of these organisations."""
        return _any(self.owners, organisation_ids)

    def found(self, reading: Reading, kind: str, *, member: bool) -> int:
        """What a search finds of these as a visitor or as a verified member: exactly, unless the
        reading says `ask`; then no fewer. Raises ValueError for a key that it does not know."""
        if unknown := reading.keys() - KNOWN:
            # left out it would tell everybody of everything
            raise ValueError(f"a filter that batches do not know: {', '.join(sorted(unknown))}")
        bits = self.kinds.get(kind, 0) & self.open[member]
        if reading.get("nothing"):
            return 0
        for forms in reading.get("words", ()):
            bits &= self._holding(forms, member)
            if not bits:
                return 0
        for forms in reading.get("without", ()):
            bits &= self.has_words & ~self._holding(forms, member)
        for codes in reading.get("field", ()):
            bits &= _any(self.fields, codes)
        for low, high in reading.get("trl", ()):
            bits &= self._trl(low, high)
        for name, having in self.by_name.items():
            if name in reading:
                bits &= _any(having, reading[name])
        for name in ("country", "language", "verified", "organisation"):
            if name in reading:
                bits &= self._one(name, reading[name])
        if "region" in reading:
            bits &= self._region(reading["region"])
        if "price" in reading and bits:
            bits &= self._price(*reading["price"])
        return bits

    def _holding(self, forms: Sequence[Sequence[str]], member: bool) -> int:
        """Who holds a word in any of its forms."""
        found = 0
        for form in forms:
            holding = -1
            for token in form:
                holding &= self._with_token(token, member)
            found |= holding
        return found

    def _with_token(self, token: str, member: bool) -> int:
        public = self.public.get(token, 0)
        if not member:
            return public
        return (public & ~self.has_members) | self.members.get(token, 0)

    # As in listings.queries.narrowing.

    def _with_trl(self, low: int | None, high: int | None) -> int:
        return self.of(
            lambda row: row.trl is not None and (low or 0) <= row.trl <= (high or row.trl)
        )

    def _with_price(self, low: str | None, high: str | None, currency: str) -> int:
        least = None if low is None else Decimal(low)
        most = None if high is None else Decimal(high)

        def reaches(row: Row) -> bool:
            if row.currency != currency or (row.price_min is None and row.price_max is None):
                return False
            return (least is None or row.price_max is None or row.price_max >= least) and (
                most is None or row.price_min is None or row.price_min <= most
            )

        return self.of(reaches)

    def _in_region(self, code: str) -> int:
        start = regions.prefix(code)
        lies = self.of(lambda row: row.country == "CN" and row.region.startswith(start))
        return lies if code.endswith("0000") else lies & self.named

    def _with_one(self, name: str, value: str | bool) -> int:
        match name:
            case "country":
                return self.of(lambda row: row.country == value)
            case "language":
                return self.of(lambda row: row.language in (value, "both"))
            case "verified":
                return self.of(lambda row: row.owner_verified)
            case _:
                return self.of(lambda row: row.owner_id == value) & self.named

    def _by(self, values: Callable[[Row], Iterable[Any]]) -> dict[Any, int]:
        found: dict[Any, int] = defaultdict(int)
        for place, row in enumerate(self.rows):
            for value in values(row):
                found[value] |= 1 << place
        return dict(found)


def _any(having: Mapping[Any, int], values: Iterable[Any]) -> int:
    found = 0
    for value in values:
        found |= having.get(value, 0)
    return found


def _read(listing_ids: Sequence[int]) -> Iterable[tuple[Row, list[str] | None, list[str] | None]]:
    """Entries by id, with their public words and those for members; one query."""
    rows = (
        SearchEntry.objects.filter(pk__in=list(listing_ids))
        .annotate(
            public=_tokens_of("words_public"), members=_tokens_of("words_members"),
            owner_verified=Q(owner__verified_at__isnull=False),
        )
        .order_by("pk")
        .values_list(
            "public", "members", "pk", "kind", "owner_id", "visibility", "is_anonymous", "language",
            "field", "sub_field", "more_fields", "trl", "modes", "ip_kinds", "price_min",
            "price_max", "currency", "country", "region", "owner__public_id", "owner__kind",
            "owner_verified",
        )
    )  # fmt: skip
    facts: Any  # in the order of Row
    for public, members, *facts in rows:
        yield Row(*facts), _split(public), _split(members)


def _split(text: str | None) -> list[str] | None:
    return None if text is None else text.split(_BETWEEN)


def _tokens_of(column: str) -> Func:
    return Func(
        Func(F(column), function="tsvector_to_array"), Value(_BETWEEN),
        function="array_to_string", output_field=TextField(),
    )  # fmt: skip
