"""What accounts asks of this room: a person's data, and what goes with its account."""

from typing import Any

from accounts import closing, personal_data
from deals.models import CalendarFeed, CaseNote, CaseTask, CaseView, ReferralReport


def cases_of(user_id: int) -> dict[str, list[dict[str, Any]]]:
    """Views that the person keeps, notes and reports that it wrote and tasks that it was given.
    What a case says beyond that is its institution's."""
    views, notes = ("public_id", "name", "page", "query"), ("case__public_id", "body", "created_at")
    tasks = ("case__public_id", "title_en", "title_zh", "due_on", "done_at")
    rows = {
        "views": CaseView.objects.filter(user_id=user_id).order_by("pk").values(*views),
        "notes": CaseNote.objects.filter(author_id=user_id).order_by("pk").values(*notes),
        "tasks": CaseTask.objects.filter(assignee_id=user_id).order_by("pk").values(*tasks),
        "reports": ReferralReport.objects.filter(author_id=user_id)
        .order_by("pk")
        .values("referral__public_id", "body", "created_at"),
        "calendar": CalendarFeed.objects.filter(user_id=user_id).values("renewed_at"),
    }
    return {name: [dict(row) for row in found] for name, found in rows.items()}


def forget(user_id: int) -> None:
    """What a person kept goes with its account; cases, notes and tasks are the institution's."""
    CaseView.objects.filter(user_id=user_id).delete()
    CalendarFeed.objects.filter(user_id=user_id).delete()


def register() -> None:
    """Called once at start."""
    personal_data.provide("cases", cases_of)
    closing.at_closing(forget)
