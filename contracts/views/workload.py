"""Workload and turnaround of a registration point: its page and its file."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import Organisation
from contracts.labels import fact_label
from contracts.queries import desk
from contracts.queries.workload import Workload, period_of, workload
from contracts.rule_sets import rule_set
from contracts.turnaround import BUCKETS, Figures
from contracts.views.gates import registrar
from listings.exports.sending import download, slow_down
from listings.exports.writing import write_table
from marketplace.core.actor import Actor
from marketplace.core.bilingual import is_chinese
from marketplace.core.errors import Invalid
from marketplace.core.gates import get_visible

BUCKET_NAMES = {
    "late": gettext_lazy("past their day"),
    "today": pgettext_lazy("deadline", "today"),
    "3": gettext_lazy("in 1 to 3 working days"),
    "7": gettext_lazy("in 4 to 7 working days"),
    "more": gettext_lazy("in more than 7 working days"),
}
COLUMNS = (
    "of", "name", "decided", "registered", "refused", "returns", "returned_share",
    "median_days", "p90_days", "second_reviews",
)  # fmt: skip


def _point(request: HttpRequest, public_id: str) -> tuple[Actor, Organisation]:
    actor = registrar(request)
    return actor, get_visible(desk.points_of(actor), public_id=public_id)


@require_GET
def workload_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """What waits, how much was decided, and how long it took."""
    actor, point = _point(request, public_id)
    today = timezone.localdate()
    first, last = _asked(request)
    problem = None
    try:
        period = period_of(first, last, today)
    except Invalid as error:
        problem = [str(text) for texts in error.fields.values() for text in texts]
        period = period_of("", "", today)
    found = workload(point, actor, period)
    return render(
        request,
        "contracts/desk/workload.html",
        {
            "point": point,
            "found": found,
            "problem": problem,
            "first": first or period.first.strftime("%Y-%m"),
            "last": last or period.last.strftime("%Y-%m"),
            "waiting": [
                {"key": key, "name": BUCKET_NAMES[key], "number": found.waiting.get(key, 0)}
                for key in BUCKETS
            ],
            "months": list(found.months.items()),
            "labels": [month.strftime("%Y-%m") for month in found.months],
            "decided": [row.decided for row in found.months.values()],
            "lines": [
                (_("Median"), [row.median for row in found.months.values()]),
                (_("90th percentile"), [row.ninetieth for row in found.months.values()]),
            ],
            "remarks": remark_rows(found),
            "grounds": ground_rows(found),
            "query": f"?from={period.first:%Y-%m}&to={period.last:%Y-%m}",
        },
        status=400 if problem else 200,
    )


@require_GET
def workload_file(request: HttpRequest, public_id: str) -> FileResponse:
    """The figures as CSV: the whole, month by month, and for owners registrar by registrar."""
    actor, point = _point(request, public_id)
    slow_down(request, actor)
    period = period_of(*_asked(request), timezone.localdate())
    found = workload(point, actor, period)
    name = f"workload-{period.first:%Y-%m}-{period.last:%Y-%m}"
    return download("csv", name, lambda path: write_table(path, "csv", COLUMNS, _lines(found)))


def remark_rows(found: Workload) -> list[tuple[str, str, int]]:
    """What files were returned for: code, name, number; the most frequent first."""
    return [
        (code, str(fact_label(code)) if code else _("in words only"), number)
        for code, number in found.remarks.most_common()
    ]


def ground_rows(found: Workload) -> list[tuple[str, str, int]]:
    """Grounds of refusal in the reader's language: code, name, number."""
    chinese = is_chinese(get_language())
    sums: dict[str, tuple[str, int]] = {}
    for (rules, code), number in found.grounds.most_common():
        ground = rule_set(rules).refusals.get(code)
        name = code if ground is None else ground.zh if chinese else ground.en
        sums[code] = (name, sums.get(code, ("", 0))[1] + number)
    return [(code, name, number) for code, (name, number) in sums.items()]


def _asked(request: HttpRequest) -> tuple[str, str]:
    return request.GET.get("from", "")[:10], request.GET.get("to", "")[:10]


def _lines(found: Workload) -> Iterator[Sequence[Any]]:
    yield _line("point" if found.whole else "registrar", "", found.total)
    for month, figures in found.months.items():
        yield _line("month", month_name(month), figures)
    for person, figures in found.people:
        yield _line("registrar", str(person), figures)


def month_name(month: dt.date) -> str:
    return month.strftime("%Y-%m")


def _line(kind: str, name: str, row: Figures) -> Sequence[Any]:
    return (
        kind, name, row.decided, row.registered, row.refused, row.returns, row.returned_share,
        row.median, row.ninetieth, row.second_reviews,
    )  # fmt: skip
