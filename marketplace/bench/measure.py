"""Timing of calls, and the memory of a group of processes."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CLIENTS = 2
PAGE_BYTES = 4096


def percentile(values: list[float], share: float) -> float:
    """The value below which that share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]


def line(bench: str, n: int, seconds: list[float], *, wall: float, peak: float) -> str:
    """One result as JSON: milliseconds, calls a second, megabytes."""
    return json.dumps(
        {
            "bench": bench,
            "n": n,
            "p50_ms": round(percentile(seconds, 0.5) * 1000, 1) if seconds else None,
            "p95_ms": round(percentile(seconds, 0.95) * 1000, 1) if seconds else None,
            "rps": round(len(seconds) / wall, 1) if wall else None,
            "peak_mb": round(peak, 1),
        }
    )


def time_requests(
    port: int,
    paths: list[str],
    *,
    total: int,
    headers: dict[str, str] | Sequence[dict[str, str]] | None = None,
    expected: int = 200,
) -> tuple[list[float], float]:
    """Time `total` GET requests over the paths in turn, by CLIENTS at once, after a warm-up.

    headers: of every request, or one set for each path. Returns the seconds of each and the
    seconds of all. Raises RuntimeError on an answer other than expected: a refusal is quick and
    would flatter the figure.
    """
    seconds: list[float] = []
    lock = threading.Lock()
    todo = iter(range(total))
    failed: list[str] = []

    def client(count: Iterator[int], keep: list[float]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with lock:
                number = next(count, None)
            if number is None or failed:
                break
            path = paths[number % len(paths)]
            sent = headers[number % len(paths)] if isinstance(headers, Sequence) else headers
            started = time.perf_counter()
            connection.request("GET", path, headers=sent or {})
            answer = connection.getresponse()
            answer.read()
            took = time.perf_counter() - started
            if answer.status != expected:
                failed.append(f"{path} answered {answer.status}")
            keep.append(took)
        connection.close()

    client(iter(range(len(paths) * 2)), [])  # warm-up: caches, plans, templates
    started = time.perf_counter()
    threads = [threading.Thread(target=client, args=(todo, seconds)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise RuntimeError(failed[0])
    return seconds, time.perf_counter() - started


class PeakMemory:
    """Samples the proportional memory (PSS) of a process and its children; `megabytes` is the
    highest sum seen."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.megabytes = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            self.megabytes = max(self.megabytes, sum(_pss(pid) for pid in _family(self.pid)))

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self._stop.set()
        self._thread.join()


def _family(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:  # it ended meanwhile
            continue
        for child in children:
            found.extend(_family(int(child)))
    return found


def _pss(pid: int) -> float:
    try:
        for row in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if row.startswith("Pss:"):
                return int(row.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def wait_for(what: str, test: Callable[[], bool], seconds: float = 60) -> None:
    """Return when the test is true; raises RuntimeError when it is not in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if test():
            return
        time.sleep(0.02)
    raise RuntimeError(f"{what} did not happen within {seconds:.0f} s")


@contextmanager
def timed(seconds: list[float]) -> Iterator[None]:
    """Append how long the block took."""
    started = time.perf_counter()
    yield
    seconds.append(time.perf_counter() - started)
