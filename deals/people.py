"""What accounts asks of this room: a person's data, and what goes with its account."""

from typing import Any

from accounts import closing, personal_data
from deals.actions.gathering_places import leave_all
from deals.models import (
    CalendarFeed,
    CaseNote,
    CaseTask,
    CaseView,
    CentreSettings,
    Disclosure,
    Finding,
    GatheringPlace,
    InformalTransfer,
    LocatorAnswer,
    LocatorRequest,
    ProjectImport,
    ReferralReport,
    RoyaltyAnswer,
    RoyaltyStatement,
    ServiceReport,
    Visit,
)


def cases_of(user_id: int) -> dict[str, list[dict[str, Any]]]:
    """Views that the person keeps; notes, disclosures, reports, requests, visits, royalty
    statements, answers and service figures that it wrote; its tasks; its places at gatherings.
    What a case says beyond that is its institution's."""
    views, notes = ("public_id", "name", "page", "query"), ("case__public_id", "body", "created_at")
    tasks = ("case__public_id", "title_en", "title_zh", "due_on", "done_at")
    rows = {
        "views": CaseView.objects.filter(user_id=user_id).order_by("pk").values(*views),
        "notes": CaseNote.objects.filter(author_id=user_id).order_by("pk").values(*notes),
        "tasks": CaseTask.objects.filter(assignee_id=user_id).order_by("pk").values(*tasks),
        "disclosures": Disclosure.objects.filter(author_id=user_id)
        .order_by("pk")
        .values("public_id", "title_en", "title_zh", "state", "created_at"),
        "informal": InformalTransfer.objects.filter(author_id=user_id)
        .order_by("pk")
        .values("route", "what", "partner", "happened_on"),
        "reports": ReferralReport.objects.filter(author_id=user_id)
        .order_by("pk")
        .values("referral__public_id", "body", "created_at"),
        "royalty_statements": RoyaltyStatement.objects.filter(submitted_by_id=user_id)
        .order_by("pk")
        .values("period__public_id", "public_id", "note", "created_at"),
        "royalty_answers": RoyaltyAnswer.objects.filter(decided_by_id=user_id)
        .order_by("pk")
        .values("statement__public_id", "verdict", "words", "created_at"),
        "requests": LocatorRequest.objects.filter(asked_by_id=user_id)
        .order_by("pk")
        .values("public_id", "title", "words", "contact", "state", "created_at"),
        "answers": LocatorAnswer.objects.filter(author_id=user_id)
        .order_by("pk")
        .values("request__public_id", "body", "created_at"),
        "visits": Visit.objects.filter(author_id=user_id)
        .order_by("pk")
        .values("public_id", "name", "organisation__public_id", "visited_on", "people"),
        "findings": Finding.objects.filter(visit__author_id=user_id)
        .order_by("pk")
        .values("visit__public_id", "words", "field"),
        "project_tables": ProjectImport.objects.filter(person_id=user_id)
        .order_by("pk")
        .values("public_id", "name", "state", "created_at"),
        "gatherings": GatheringPlace.objects.filter(person_id=user_id)
        .order_by("pk")
        .values(
            "gathering__public_id",
            "gathering__title_en",
            "gathering__title_zh",
            "gathering__starts_at",
            "organisation__public_id",
            "state",
            "attended",
            "created_at",
        ),
        "service_reports": ServiceReport.objects.filter(written_by_id=user_id)
        .order_by("pk")
        .values("public_id", "institution__public_id", "year", "number", "reason", "created_at"),
        "calendar": CalendarFeed.objects.filter(user_id=user_id).values("renewed_at"),
    }
    return {name: [dict(row) for row in found] for name, found in rows.items()}


def forget(user_id: int) -> None:
    """What a person kept goes with its account; cases, notes, tasks and what was
    submitted are the institution's."""
    CaseView.objects.filter(user_id=user_id).delete()
    CalendarFeed.objects.filter(user_id=user_id).delete()
    leave_all(user_id)
    CentreSettings.people.through.objects.filter(user_id=user_id).delete()
    # nobody else reads a draft, and nobody could go on with it
    Disclosure.objects.filter(author_id=user_id, state__in=["draft", "signing"]).delete()


def register() -> None:
    """Called once at start."""
    personal_data.provide("cases", cases_of)
    closing.at_closing(forget)
