"""How far behind the read replicas are, known anew every second or so in each process.

The primary is asked where its log stands, at a moment noted on our own clock; a replica that has
replayed its log up to there holds everything that was committed before that moment. Neither clocks
of servers nor a receiver that believes itself up to date, cut off from the primary, can deceive it;
and any account may ask, without the rights of a monitor.
"""

import math
import random
import threading
import time
from collections import deque
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections

log = structlog.get_logger(__name__)
RETRY = 10.0  # seconds until a replica that failed is asked again: asking may take its time
_PAGE, _HEADERS = 8192, (24, 40)  # bytes of a page of the log, and of what heads it
# The same tables by number: only a physical copy of this very database has them.
_SAME = (
    "(SELECT oid FROM pg_database WHERE datname = current_database()), 'core_job'::regclass::oid"
)


@dataclass
class Standing:
    """What this process knows of one replica. as_of: it holds all that was committed before then,
    on the monotonic clock; retry_at: not asked again before. why: what was wrong with it."""

    as_of: float = -math.inf
    retry_at: float = -math.inf
    why: str = ""

    @property
    def lag(self) -> float:
        """Seconds that its data may be behind, at most; infinite while nothing is known."""
        return time.monotonic() - self.as_of

    @property
    def is_fresh(self) -> bool:
        """Whether it may answer at this moment."""
        return not self.why and self.lag < settings.DATABASE_REPLICA_MAX_LAG


class Watch:
    """The replicas as this process sees them; any thread may ask, one at a time measures."""

    def __init__(self) -> None:
        self.standings: dict[str, Standing] = {}
        self._marks: deque[tuple[float, int]] = deque(maxlen=32)
        self._looked_at = -math.inf
        self._looking = threading.Lock()

    def choose(self) -> str | None:
        """The alias of a replica that may answer now, any of them; None when there is none."""
        self.look()
        fresh = [alias for alias in settings.DATABASE_REPLICAS if self.is_fresh(alias)]
        return random.choice(fresh) if fresh else None  # noqa: S311 (no secret)

    def is_fresh(self, alias: str) -> bool:
        return self.standing(alias).is_fresh

    def note_failure(self, alias: str, why: str) -> None:
        """Leave a replica out for a while."""
        standing = self.standing(alias)
        standing.why, standing.retry_at = why, time.monotonic() + RETRY
        log.warning("replica_left_out", replica=alias, why=why)

    def look(self) -> None:
        """Measure all replicas, unless that was done a moment ago or is being done."""
        pause = settings.DATABASE_REPLICA_MAX_LAG / 4
        if time.monotonic() - self._looked_at < pause or not self._looking.acquire(blocking=False):
            return
        try:
            self._measure()
        finally:
            self._looked_at = time.monotonic()
            self._looking.release()

    def _measure(self) -> None:
        before = time.monotonic()
        try:
            with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
                cursor.execute(f"SELECT pg_current_wal_insert_lsn(), {_SAME}")
                mark, *same = cursor.fetchone()
        except Error:  # whoever asks will find out; what is known of the replicas runs out
            return
        self._marks.append((before, position(mark)))
        for alias in settings.DATABASE_REPLICAS:
            if time.monotonic() >= self.standing(alias).retry_at:
                self._ask(alias, same)

    def _ask(self, alias: str, same: list[int]) -> None:
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute(f"SELECT pg_last_wal_replay_lsn(), pg_is_in_recovery(), {_SAME}")
                replayed, is_replica, *found = cursor.fetchone()
        except Error as error:
            connections[alias].close()
            self.note_failure(alias, type(error).__name__)
            return
        if not is_replica or replayed is None or found != same:
            self.note_failure(alias, "not_a_replica_of_this_database")
            return
        standing = self.standing(alias)
        reached = position(replayed)
        held = [moment for moment, mark in self._marks if mark <= reached]
        standing.as_of = max(held, default=standing.as_of)
        standing.why = ""

    def standing(self, alias: str) -> Standing:
        """What is known of it."""
        return self.standings.setdefault(alias, Standing())


def position(lsn: str) -> int:
    """A place in the log, as a number of bytes. Before the first record of a page the place to
    insert is behind the page's header, the end of what was replayed before it."""
    high, _slash, low = lsn.partition("/")
    place = (int(high, 16) << 32) + int(low, 16)
    over = place % _PAGE
    return place - over if over in _HEADERS else place


WATCH = Watch()
