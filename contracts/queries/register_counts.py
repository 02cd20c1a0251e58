"""How many contracts the public register lists, by type, field and year."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from contracts.queries.register_text import Found
from marketplace.core.replicas import reading_connection

# The sums of the figures, what waits to be added to them, and what the figures do not count.
_ALL = """
SELECT type, field, year, sum(number)::int FROM (
  SELECT type, field, year, contracts AS number FROM contracts_figurecell WHERE cube = 'year'
  UNION ALL SELECT type, field, year, sign FROM contracts_figurechange
  UNION ALL SELECT type, field, left(number, 4)::int, 1 FROM contracts_contract
    WHERE state IN ('cancelled', 'revoked')
) AS counted GROUP BY type, field, year HAVING sum(number) > 0
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """Contracts by (type, field, year of the number). is_cut: more hold the text than are
    counted."""

    rows: Counter[tuple[str, str, int]]
    is_cut: bool = False

    def total(self, types: Collection[str], fields: Collection[str], years: Collection[int]) -> int:
        return sum(self._chosen(types, fields, years).values())

    def by_type(self, fields: Collection[str], years: Collection[int]) -> Counter[str]:
        """As all counts: under the other filters, so that no choice leads nowhere."""
        return _summed(self._chosen((), fields, years), 0)

    def by_field(self, types: Collection[str], years: Collection[int]) -> Counter[str]:
        return _summed(self._chosen(types, (), years), 1)

    def by_year(self, types: Collection[str], fields: Collection[str]) -> Counter[int]:
        return _summed(self._chosen(types, fields, ()), 2)

    def _chosen(self, *chosen: Collection[object]) -> Counter[tuple[str, str, int]]:
        return Counter(
            {
                facts: number
                for facts, number in self.rows.items()
                if all(not some or fact in some for fact, some in zip(facts, chosen, strict=True))
            }
        )


def count_register(found: Found | None = None) -> Counts:
    """Of what holds a text, or of the whole register: one statement over the sums of the figures,
    however many contracts there are."""
    if found is not None:
        return Counts(found.counts, is_cut=found.ids is None)
    with reading_connection().cursor() as cursor:
        cursor.execute(_ALL)
        return Counts(Counter({row[:3]: row[3] for row in cursor.fetchall()}))


def _summed(rows: Counter[tuple[str, str, int]], place: int) -> Counter:  # type: ignore[type-arg]
    told: Counter = Counter()  # type: ignore[type-arg]
    for facts, number in rows.items():
        told[facts[place]] += number
    return told
