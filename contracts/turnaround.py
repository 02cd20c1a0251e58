"""How long files take, worked out of their history. No database here."""

import datetime as dt
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from contracts.working_days import Calendar

Step = tuple[str, dt.date]  # kind of a decision row, local day
DECIDED = ("registered", "refused")


def days_taken(steps: Iterable[Step], decided_on: dt.date, calendar: Calendar) -> int:
    """Working days from the first submission to the decision, without those on which the file lay
    with its parties. steps: `submitted` and `returned`, oldest first. A day that a period begins on
    does not count, the one it ends on does: decided on the day of submission is 0.
    """
    total, since = 0, None
    for kind, day in steps:
        if kind == "submitted":
            since = day if since is None else since
        elif kind == "returned" and since is not None:
            total += calendar.between(since, day)
            since = None
    if since is not None:
        total += calendar.between(since, decided_on)
    return total


def percentile(values: Sequence[int], share: int) -> int | None:
    """The smallest value that at least `share` per cent of the values do not exceed (nearest
    rank); None of none."""
    if not values:
        return None
    ordered = sorted(values)
    rank = -(-share * len(ordered) // 100)
    return ordered[max(rank, 1) - 1]


@dataclass
class Figures:
    """Of one month, one registrar or a whole point. days: of each decided file; returned_files: of
    the decided ones those that were returned at least once; returns: made in the period, of
    whatever file; second_reviews: files passed on or sent back or approved as second person."""

    registered: int = 0
    refused: int = 0
    returned_files: int = 0
    returns: int = 0
    second_reviews: int = 0
    days: list[int] = field(default_factory=list)

    @property
    def decided(self) -> int:
        return self.registered + self.refused

    @property
    def median(self) -> float | None:
        """The middle value; of an even number the mean of the two in the middle."""
        return float(statistics.median(self.days)) if self.days else None

    @property
    def ninetieth(self) -> int | None:
        return percentile(self.days, 90)

    @property
    def returned_share(self) -> float | None:
        """Per cent of the decided files, with one decimal."""
        return round(100 * self.returned_files / self.decided, 1) if self.decided else None

    def add_decision(self, kind: str, days: int, was_returned: bool) -> None:
        if kind == "registered":
            self.registered += 1
        else:
            self.refused += 1
        self.days.append(days)
        self.returned_files += was_returned


BUCKETS = ("late", "today", "3", "7", "more")


def buckets(waiting: Mapping[dt.date, int], today: dt.date, calendar: Calendar) -> Counter[str]:
    """Files that wait, by working days left to their deadline: past it, none, up to 3, up to 7,
    more. waiting: deadline -> files."""
    found: Counter[str] = Counter()
    for due, number in waiting.items():
        left = calendar.between(today, due)
        name = "late" if due < today else "today" if left == 0 else "3" if left <= 3 else "7"
        found["more" if left > 7 else name] += number
    return found
