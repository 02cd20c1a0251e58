"""The brokers' list of pairs to bring together."""

from django.core.paginator import Paginator
from django.db.models import F
from django.db.models.functions import Least
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.pages import actor_of, signed_in
from marketplace.core.codes import FIELDS
from marketplace.core.errors import Refused
from matching.models import Level
from matching.queries.inbox import with_listings
from matching.queries.visibility import for_triage, tti_ids
from matching.readings import read_many

ROWS = 20
MOST = 1_000  # nobody goes through more, and counting all would grow with the market


@require_GET
@signed_in
def triage_page(request: HttpRequest) -> HttpResponse:
    """Open pairs, best first, narrowed by level and field."""
    actor = actor_of(request)
    if not tti_ids(actor):
        raise Refused(
            "brokers_only",
            _("Only technology brokers of a verified transfer institution see this list."),
        )
    level = request.GET.get("level", "")
    level = level if level in Level.values else ""
    field = request.GET.get("field", "")
    field = field if field in FIELDS else ""
    rows = for_triage(actor)
    if level:
        rows = rows.filter(level=level)
    if field:
        rows = rows.filter(need__field=field)
    ranked = with_listings(rows).order_by(
        Least("need_score", "technology_score").desc(), F("id").desc()
    )
    paginator = Paginator(ranked, ROWS)
    paginator.count = rows.order_by()[:MOST].count()
    page = paginator.get_page(request.GET.get("page"))
    return render(
        request,
        "matching/triage.html",
        {
            "page": page,
            "rows": read_many(page.object_list, actor),
            "level": level,
            "levels": Level.choices,
            "field": field,
            "fields": FIELDS,
            "total": paginator.count,
            "is_most": paginator.count >= MOST,
        },
    )
