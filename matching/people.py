"""What accounts asks of this room about a person."""

from typing import Any

from accounts import closing, personal_data
from matching.models import InboxVisit, MatchDigest


def data_of(user_id: int) -> list[dict[str, Any]]:
    """Mails of new matches by their day: of the pairs their number, since they name others."""
    rows = MatchDigest.objects.filter(person_id=user_id).order_by("day")
    return [dict(row) for row in rows.values("day", "told", "finished_at")]


def forget(user_id: int) -> None:
    """What was mailed to a person goes with its account."""
    MatchDigest.objects.filter(person_id=user_id).delete()
    InboxVisit.objects.filter(person_id=user_id).delete()


def register() -> None:
    """Called once at start."""
    personal_data.provide("match_mails", data_of)
    closing.at_closing(forget)
