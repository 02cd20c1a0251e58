"""Working days: Monday to Friday, without the days a registration point is closed and with the
weekends on which it works (public holidays in China move working days)."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

_ONE = dt.timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    closed: Collection[dt.date] = frozenset()
    opened: Collection[dt.date] = frozenset()

    def is_working(self, day: dt.date) -> bool:
        return day in self.opened or (day.weekday() < 5 and day not in self.closed)

    def add(self, start: dt.date, days: int) -> dt.date:
        """The day on which `days` working days after `start` are over; start does not count.

        Without any to add, `start` itself.
        """
        day = start
        for _count in range(max(days, 0)):
            day += _ONE
            while not self.is_working(day):
                day += _ONE
        return day

    def between(self, start: dt.date, end: dt.date) -> int:
        """Working days after `start` up to and with `end`; negative when end lies before."""
        if end < start:
            return -self.between(end, start)
        day, count = start, 0
        while day < end:
            day += _ONE
            count += self.is_working(day)
        return count
