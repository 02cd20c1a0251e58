"""Pages of continuing education: a broker's own, and its institution's owner's."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import rules as accounts_rules
from accounts.queries.people import qualifications_of
from deals import gathering_states as states
from deals.queries import training as queries
from deals.queries.gatherings import places_left
from deals.views.gates import signed_in
from deals.views.income import private
from marketplace.core.gates import get_visible

MOST = 10  # of each list


@require_safe
def my_qualification(request: HttpRequest) -> HttpResponse:
    """One's own certificates, hours of three years, what is missing, what comes."""
    actor = signed_in(request)
    user_id = actor.user_id or 0
    today = timezone.localdate()
    coming = list(queries.coming_trainings(actor)[:MOST])
    context: dict[str, Any] = {
        "certificates": [
            (one, _standing(one.expires_on, today)) for one in qualifications_of(actor)
        ],
        "years": queries.years_of(user_id, today),
        # nobody else is asked for hours
        "wanted": queries.wanted_hours() if queries.is_broker(user_id) else None,
        "attended": list(queries.attended_by(user_id)[:MOST]), "held": states.HELD,
        "coming": [
            (row, places_left(row, row.taken)) for row in coming  # type: ignore[attr-defined]
        ],
        "overseen": list(queries.overseen_by(actor)), "today": today,
    }  # fmt: skip
    return private(render(request, "deals/gatherings/qualification.html", context))


def _standing(until: Any, today: Any) -> str:
    """expired, soon (as the reminder means it) or valid."""
    if until is None:
        return "valid"
    if until < today:
        return "expired"
    return "soon" if (until - today).days <= accounts_rules.EXPIRY_WARNING_DAYS else "valid"


@require_safe
def brokers_page(request: HttpRequest, institution_id: str) -> HttpResponse:
    """Hours and certificates of an institution's brokers, for its owners; others find nothing."""
    actor = signed_in(request)
    institution = get_visible(queries.overseen_by(actor), public_id=institution_id)
    today = timezone.localdate()
    rows = queries.brokers_of(institution, today)
    context = {
        "institution": institution, "wanted": queries.wanted_hours(),
        "rows": [
            (one, _standing(one.until, today) if one.has_certificate else "none") for one in rows
        ],
        "years": list(range(today.year, today.year - queries.YEARS, -1)),
    }  # fmt: skip
    return private(render(request, "deals/gatherings/brokers.html", context))
