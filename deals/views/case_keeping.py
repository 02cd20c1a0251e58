"""Pages: saved views, and the calendar of next actions and tasks."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.queries import actor_for
from deals.actions import case_keeping
from deals.actions.cases import refuse_unless_visible
from deals.icalendar import Entry, calendar
from deals.models import CalendarFeed
from deals.queries.my_day import my_actions, my_deadlines, my_tasks
from deals.views.gates import signed_in
from marketplace.core.bilingual import pick
from marketplace.core.errors import DomainError, NotFound

MOST_ENTRIES = 1000


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    actor = signed_in(request)
    page = "board" if request.POST.get("page") == "board" else "list"
    query = request.POST.get("query", "")
    try:
        view = case_keeping.save_view(
            actor=actor, name=request.POST.get("name", "")[:200], page=page, query=query
        )
    except DomainError as error:
        text = next((texts[0] for texts in error.fields.values() if texts), error.message)
        messages.error(request, str(text))
    else:
        query = view.query
        messages.success(request, _("The view “%(name)s” is kept.") % {"name": view.name})
    return redirect(reverse("case_board" if page == "board" else "cases") + f"?{query}")


@require_POST
def delete_view(request: HttpRequest, public_id: str) -> HttpResponse:
    case_keeping.delete_view(actor=signed_in(request), public_id=public_id.replace("\x00", ""))
    messages.success(request, _("The view is deleted."))
    return redirect("cases")


@require_http_methods(["GET", "POST"])
def calendar_page(request: HttpRequest) -> HttpResponse:
    """Whether there is an address; by POST a new one, shown this once."""
    actor = signed_in(request)
    refuse_unless_visible(actor)
    address = ""
    if request.method == "POST":
        secret = case_keeping.renew_calendar(actor=actor)
        address = request.build_absolute_uri(reverse("case_calendar_feed", args=[secret]))
    there = CalendarFeed.objects.filter(user_id=actor.user_id or 0).first()
    response = render(request, "deals/cases/calendar.html", {"address": address, "there": there})
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """What its person may see now; who left the institution, or whose address was renewed, finds
    nothing."""
    feed = (
        CalendarFeed.objects.filter(digest=case_keeping.digest(secret[:200]), user__is_active=True)
        .select_related("user").first()
    )  # fmt: skip
    if feed is None:
        raise NotFound
    language = feed.user.language or settings.LANGUAGE_CODE
    actor = actor_for(feed.user, language)
    host = request.get_host()
    with translation.override(language):
        entries = [
            Entry(
                f"case-{one.public_id}@{host}", one.next_action_on, f"{one.docket} "
                f"{one.next_action or one.title}", request.build_absolute_uri(
                    one.get_absolute_url()
                ), one.updated_at, one.version,
            )
            for one in my_actions(actor)[:MOST_ENTRIES]
            if one.next_action_on
        ]  # fmt: skip
        entries += [
            Entry(
                f"task-{one.public_id}@{host}", one.due_on, f"{one.case.docket} "
                f"{pick(one, 'title', get_language()).value}",
                request.build_absolute_uri(one.case.get_absolute_url()), one.created_at,
                one.version,
            )
            for one in my_tasks(actor)[:MOST_ENTRIES]
            if one.due_on
        ]  # fmt: skip
        entries += [
            Entry(
                f"deadline-{one.public_id}@{host}", one.deadline, f"{one.case.docket} "
                f"{one.get_kind_display()} {one.office}".rstrip(),
                request.build_absolute_uri(f"{one.case.get_absolute_url()}protection/"),
                one.updated_at, one.version,
            )
            for one in my_deadlines(actor)[:MOST_ENTRIES]
            if one.deadline
        ]  # fmt: skip
        body = calendar(_("Cases"), entries)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
