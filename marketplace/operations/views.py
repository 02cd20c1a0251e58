"""The operator's page: health, queues, jobs."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import actor_of, operators_only
from listings.queries.progress import progress
from marketplace.core.errors import DomainError
from marketplace.core.models import Job
from marketplace.operations import actions, queries
from matching.queries import rematches


@require_safe
@operators_only
def operations(request: HttpRequest) -> HttpResponse:
    """Health first, then the jobs, newest first; `before` pages by number."""
    actor = actor_of(request)
    state = request.GET.get("state", "")
    kind = request.GET.get("kind", "")
    queue = request.GET.get("queue", "")
    every = queries.jobs_visible_to(actor)
    chosen = queries.narrow(
        every,
        state=state if state in Job.State.values else "",
        kind=kind if kind in queries.kinds() else "",
        queue=queue if queue in queries.queues() else "",
    )
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        chosen = chosen.filter(pk__lt=int(before))
    rows = list(chosen.order_by("-id")[: queries.PAGE_SIZE + 1])
    shown = rows[: queries.PAGE_SIZE]
    return render(
        request,
        "marketplace/operations.html",
        {
            "health": queries.health_now(),
            "queues": queries.queue_states(),
            "progress": progress() if settings.ENCODER != "none" else None,
            "replicas": queries.replica_states(),
            "rematch": rematches.latest(),
            "weights": rematches.weights(),
            "clock": queries.clock_jobs(),
            "states": [
                (value, str(Job.State(value).label), number)
                for value, number in queries.counts_by_state(every).items()
            ],
            "jobs": [{"job": job, "payload": queries.payload_of(job)} for job in shown],
            "older": shown[-1].pk if len(rows) > queries.PAGE_SIZE else None,
            "state": state,
            "kind": kind,
            "queue": queue,
            "kinds": queries.kinds(),
            "count_limit": queries.COUNT_LIMIT,
        },
    )


@require_POST
@operators_only
def retry_job(request: HttpRequest, job_id: int) -> HttpResponse:
    try:
        actions.retry_job(actor=actor_of(request), job_id=job_id)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Job %(number)s is put back.") % {"number": job_id})
    return redirect("operations")


@require_POST
@operators_only
def retry_failed(request: HttpRequest) -> HttpResponse:
    kind = request.POST.get("kind", "")
    done = actions.retry_failed(
        actor=actor_of(request), kind=kind if kind in queries.kinds() else ""
    )
    messages.success(
        request,
        ngettext("%(number)d job is put back.", "%(number)d jobs are put back.", done)
        % {"number": done},
    )
    return redirect("operations")
