"""The whole market matched again by one worker process and by two."""

import json
import time

from marketplace.bench import servers
from marketplace.bench.measure import PeakMemory, wait_for
from marketplace.core.actor import Actor
from marketplace.core.models import Job
from matching.actions import rematching
from matching.models import Rematch
from matching.queries.rematches import progress_of

PATIENCE = 3600.0  # seconds


def lines(env: dict[str, str]) -> list[str]:
    """A result for each number of processes, then how many times as quick two are. rps: listings a
    second; peak_mb: of the worker with its processes."""
    found, seconds = [], []
    for processes in (1, 2):
        with servers.worker(env, processes=processes) as worker, PeakMemory(worker.pid) as memory:
            wait_for("an empty outbox", _is_idle, PATIENCE)
            started = time.perf_counter()
            rematch = rematching.begin(actor=Actor.system(), again=True)
            done = Rematch.objects.filter(pk=rematch.pk, state=Rematch.State.DONE)
            wait_for("the end of the re-match", done.exists, PATIENCE)
            seconds.append(time.perf_counter() - started)
        number = progress_of(done.get()).done
        found.append(
            json.dumps(
                {
                    "bench": f"re-match, worker processes: {processes}", "n": number,
                    "p50_ms": None, "p95_ms": None, "rps": round(number / seconds[-1], 1),
                    "peak_mb": round(memory.megabytes, 1),
                }
            )
        )  # fmt: skip
    ratio = round(seconds[0] / seconds[1], 2)
    return [*found, json.dumps({"bench": "re-match, two against one", "n": number, "ratio": ratio})]


def _is_idle() -> bool:
    return not Job.objects.filter(
        state__in=[Job.State.WAITING, Job.State.RUNNING], kind__in=[
            "listings.index_listing", "listings.index_batch", "listings.embed_batch",
            "matching.match_listing",
        ],
    ).exists()  # fmt: skip
