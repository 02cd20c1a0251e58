"""Work of this room that is done by workers. Every handler may run twice."""

from typing import Any

from marketplace.core.jobs import job


@job("matching.match_listing", queue="matching")
def match_listing(payload: dict[str, Any]) -> None:
    return None
