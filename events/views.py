"""Pages: notifications, mail preferences, the unsubscribe link."""

from django.contrib import messages
from django.core import signing
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from events import actions, mail, queries
from events.models import MailPreference
from events.notices import GROUPS, NOTICES, notice
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound, Unauthenticated

PAGE_SIZE = 30


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.is_authenticated:
        raise Unauthenticated("sign_in", _("Sign in to see this page."))
    return actor


@require_GET
def notification_list(request: HttpRequest) -> HttpResponse:
    """Newest first; `?unread=1` and `?about=match` narrow it."""
    actor = _actor(request)
    every = queries.notifications_visible_to(actor)
    unread = every.filter(read_at__isnull=True)
    about = request.GET.get("about", "")
    rows = unread if request.GET.get("unread") else every
    if about in GROUPS:
        rows = queries.about(rows, about)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    language = get_language() or "en"
    lines = [
        {
            "row": row,
            "day": timezone.localdate(row.created_at),
            "icon": notice(row.kind).icon,
            "text": notice(row.kind).render(row.params, language),
            "detail": notice(row.kind).render_detail(row.params, language),
        }
        for row in page
    ]
    return render(
        request,
        "events/notifications.html",
        {
            "page": page,
            "lines": lines,
            "about": about,
            "groups": [(code, group.label) for code, group in GROUPS.items()],
            "only_unread": bool(request.GET.get("unread")),
            "unread": unread.order_by().count(),
        },
    )


@require_POST
def mark_all_read(request: HttpRequest) -> HttpResponse:
    actions.mark_read(None, actor=_actor(request))
    messages.success(request, _("All notifications are marked as read."))
    return redirect("notifications")


@require_safe
def open_notification(request: HttpRequest, public_id: str) -> HttpResponse:
    """Go to what it is about. Having read it is noted on the way: a link that can be opened in
    a new tab is worth more here than the letter of the method."""
    actor = _actor(request)
    row = queries.notifications_visible_to(actor).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    actions.mark_read([public_id], actor=actor)
    if row.url and url_has_allowed_host_and_scheme(row.url, allowed_hosts=None):
        return redirect(row.url)
    return redirect("notifications")


@require_http_methods(["GET", "POST"])
def mail_preferences(request: HttpRequest) -> HttpResponse:
    actor = _actor(request)
    assert actor.user_id is not None
    if request.method == "POST":
        for kind in NOTICES:
            when = request.POST.get(f"when-{kind}", "")
            if when in NOTICES[kind].choices:
                actions.set_mail_preference(kind, when, user_id=actor.user_id)
        messages.success(request, _("Your choices are saved."))
        return redirect("mail_preferences")
    groups: dict[str, list[queries.Preference]] = {}
    for row in queries.mail_preferences(actor.user_id):
        groups.setdefault(row.notice.group, []).append(row)
    return render(
        request,
        "events/mail_preferences.html",
        {
            "groups": [
                (GROUPS[code].label, groups[code], _columns(groups[code]))
                for code in GROUPS
                if code in groups
            ],
        },
    )


def _columns(rows: list[queries.Preference]) -> list[tuple[str, str]]:
    """What can be chosen for one of these at least, with its name."""
    known = {choice for row in rows for choice in row.notice.choices}
    return [(value, str(label)) for value, label in MailPreference.When.choices if value in known]


@csrf_exempt  # mail programs post here without a page (RFC 8058); the signed token is the right
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET (link checkers follow links), stop on POST."""
    try:
        user_id, kind = mail.read_unsubscribe_token(token)
    except (signing.BadSignature, ValueError, TypeError):
        raise NotFound from None
    if request.method == "POST":
        actions.stop_mail(kind, user_id=user_id)
    return render(
        request,
        "events/unsubscribe.html",
        {
            "label": "" if kind == "*" else notice(kind).label,
            "done": request.method == "POST",
        },
    )
