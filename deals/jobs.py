"""Work of this room that is done by workers. Every handler may run twice."""

from typing import Any

from deals.actions import opening
from marketplace.core.jobs import job


@job("deals.open_introduction", queue="matching")
def open_introduction(payload: dict[str, Any]) -> None:
    opening.open_for_match(payload["match"])
