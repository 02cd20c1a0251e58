"""The matches inbox: a ranked list beside one pair."""

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.pages import actor_of, signed_in
from listings.coach import Coaching, coach_stored
from listings.models import Listing
from listings.queries.visibility import visible_to as listings_visible_to
from listings.states import PUBLISHED
from marketplace.core.actor import Actor
from marketplace.core.codes import FIELDS
from marketplace.core.gates import get_visible
from matching.actions.answers import mark_seen
from matching.actions.visits import note_visit
from matching.explanation import explain
from matching.forms import AnswerForm, wanted_from
from matching.models import Answer, Match, Side
from matching.queries import inbox
from matching.queries.inbox import ALL, WAITING, Wanted
from matching.queries.sides import ROLES, side_of
from matching.queries.visibility import visible_to
from matching.readings import Reading, read_many

ROWS = 20
THIN = 3
UNDO = "match_undo"  # in the session: the answer that can be taken back with one click
SHOW_LABELS = {
    WAITING: _("To answer"),
    Answer.LATER.value: pgettext_lazy("answer", "Later"),
    Answer.INTERESTED.value: _("Interested"),
    Answer.DECLINED.value: _("Not for us"),
    ALL: _("All"),
}


@require_GET
@signed_in
def matches_page(request: HttpRequest) -> HttpResponse:
    """The list, with the first pair opened beside it on wide screens."""
    actor = actor_of(request)
    context = list_context(request, actor)
    rows: list[Reading] = context["rows"]
    if not context["sides"]:
        context["thin"] = _thin_listings(actor)
    if rows:
        first = get_visible(inbox.with_listings(visible_to(actor)), pk=rows[0].pk)
        context |= pair_context(first, actor, context)
    return render(request, "matching/inbox.html", context)


@require_GET
@signed_in
def match_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """One pair, beside the list it was opened from."""
    actor = actor_of(request)
    match = get_visible(inbox.with_listings(visible_to(actor)), public_id=public_id)
    mark_seen(actor=actor, match=match)
    return render(request, "matching/match.html", page_context(request, match, actor))


def page_context(
    request: HttpRequest, match: Match, actor: Actor, form: AnswerForm | None = None
) -> dict[str, Any]:
    """What the pair page shows; the list only for those who have an inbox."""
    context = list_context(request, actor, of=match)
    return context | pair_context(match, actor, context, form)


def list_context(request: HttpRequest, actor: Actor, of: Match | None = None) -> dict[str, Any]:
    """The narrowed list, its counts and filters; `of` is the pair that stands beside it."""
    sides = inbox.sides_of(actor)
    wanted = wanted_from(request.GET, sides)
    if of is not None and "side" not in request.GET and (own := side_of(of, actor)):
        wanted = _for_pair(wanted, own, of)
    counts = inbox.counts_by_level(actor, wanted)
    rows = inbox.with_listings(inbox.found(actor, wanted))
    since = note_visit(actor=actor)
    fresh = rows.filter(created_at__gt=since).order_by().count() if since else 0
    if since and fresh:
        found = inbox.newest_first(rows, wanted.side, since)
    else:
        found = inbox.ranked(rows, wanted.side)
    paginator = Paginator(found, ROWS)
    # counted already, with the levels
    paginator.count = counts[wanted.level] if wanted.level else sum(counts.values())
    page = paginator.get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("match", None)
    readings = read_many(page.object_list, actor, wanted.side)
    return {
        "sides": sides,
        "wanted": wanted,
        "page": page,
        "rows": readings,
        "since": since,
        "fresh": fresh,
        "older_from": _older_from(readings, since) if since and fresh else "",
        "fields": FIELDS,
        "undo": request.session.pop(UNDO, None),
        "levels": counts,
        "total": paginator.count,
        "shows": SHOW_LABELS,
        "own": _own_listing(wanted, actor),
        "own_choices": _choices(actor, wanted),
        "new_count": inbox.new_count(actor, wanted.side, wanted.listing),
        "query": query.urlencode(),
        "is_broker": any("broker" in roles for roles in actor.roles.values()),
    }


def _older_from(rows: list[Reading], since: dt.datetime) -> str:
    """The first row that was there at the last visit, where the line between the two is drawn."""
    return next((row.public_id for row in rows if row.created_at <= since), "")


def _thin_listings(actor: Actor) -> list[tuple[Listing, Coaching]]:
    """For who has listings but no matches: its thinnest ones, with what would make them found."""
    own = sorted(actor.ids_with(*ROLES))
    rows = (
        Listing.objects.filter(owner_id__in=own, state=PUBLISHED, revision_of=None)
        .order_by("coach_score", "pk")
        .prefetch_related("specifications", "ip_rights", "documents")[:THIN]
    )
    return [(row, coach_stored(row)) for row in rows]


def _for_pair(wanted: Wanted, side: str, match: Match) -> Wanted:
    """Opened from elsewhere (a notice): the list is that of its own listing, in any state."""
    own = match.need if side == Side.NEED else match.technology
    return Wanted(side=side, listing=own.public_id, level="", show=ALL)


def pair_context(
    match: Match, actor: Actor, context: dict[str, Any], form: AnswerForm | None = None
) -> dict[str, Any]:
    """One pair explained, and where to go after the answer."""
    wanted: Wanted = context["wanted"]
    found = explain(match, actor, wanted.side)
    return {
        "found": found,
        "match": found.reading,
        "title": found.reading.title(get_language()),
        "form": form or AnswerForm(),
        "next_url": _next_url(found.reading, context),
    }


def _next_url(reading: Reading, context: dict[str, Any]) -> str:
    """The row under this one, so that one answers down the list; the list when it was the last."""
    rows: list[Reading] = context["rows"]
    ids = [row.public_id for row in rows]
    tail = f"?{context['query']}" if context["query"] else ""
    if reading.public_id in ids:
        following = ids[ids.index(reading.public_id) + 1 :]
        if following:
            return reverse("match", args=[following[0]]) + tail
    return reverse("matches") + tail


def _own_listing(wanted: Wanted, actor: Actor) -> Listing | None:
    """The listing that the list was narrowed to, if it is the actor's."""
    if not wanted.listing:
        return None
    own = sorted(actor.ids_with(*ROLES))
    return (
        listings_visible_to(actor)
        .filter(public_id=wanted.listing, owner_id__in=own)
        .only("public_id", "title_en", "title_zh", "kind")
        .first()
    )


def _choices(actor: Actor, wanted: Wanted) -> list[inbox.OwnListing]:
    return inbox.own_listings(actor, wanted.side)
