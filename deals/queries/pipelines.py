"""Pipelines of operators: rows beside the shipped files, held by each process for a few seconds."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from deals.models import AddedPipeline
from deals.pipelines import Pipeline, by_code, read, shipped

SECONDS = 5.0  # so long may a process not know of a pipeline that was added


@dataclass(frozen=True, slots=True)
class _Held:
    pipelines: Mapping[str, Pipeline]
    looked_at: float


_held: list[_Held] = []  # one entry, replaced as a whole: threads may read it meanwhile


def all_of_them(anew: bool) -> Mapping[str, Pipeline]:
    """Shipped and added pipelines, by code; at most SECONDS old unless anew. An added one of a
    shipped code takes its place."""
    now = time.monotonic()
    held = _held[0] if _held else None
    if held and not anew and now - held.looked_at < SECONDS:
        return held.pipelines
    rows = AddedPipeline.objects.order_by("code").values_list("document", flat=True)
    found = {**shipped(), **by_code(read(text) for text in rows)}
    _held[:] = [_Held(found, now)]
    return found


def forget() -> None:
    """Read anew at the next question."""
    _held.clear()
