"""Blocks of those who post: talks, matches, listings, contracts."""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.queries.alliances import invitations_for
from contracts.queries.visibility import of_parties
from deals.queries.lists import waiting_for
from listings import states
from listings.queries.mine import my_listings
from listings.rules import EDIT_ROLES
from marketplace.core.actor import Actor
from marketplace.core.bilingual import Text, pick
from marketplace.dashboard.parts import LINES, Block, Line, title_of, url
from matching.models import Side
from matching.queries.visibility import of_side
from matching.readings import read_many

SOON = dt.timedelta(days=14)
_LEVELS = ("strong", "fairly_strong", "weak")


def waiting_talks(actor: Actor) -> Block | None:
    """Introductions in which the other side, or a broker, waits for me."""
    if not actor.organisation_ids:
        return None
    pairs = waiting_for(actor, 100)
    if not pairs and not actor.ids_with(*EDIT_ROLES):
        return None
    lines = [
        Line(
            title=_pair_title(pair, actor),
            url=url("introduction", pair.introduction.public_id),
            note=next((step.text for step in pair.my_turn if step.is_waiting), ""),
            when=pair.introduction.updated_at,
        )
        for pair in pairs[:LINES]
    ]
    return Block(
        "talks", _("Waiting for your answer"), lines, len(pairs), url("introductions"),
        calm=_("Nobody waits for you in an introduction."),
    )  # fmt: skip


def _pair_title(pair: Any, actor: Actor) -> Text:
    """The other side's listing; one's own where it cannot be named."""
    own_side = pair.side if pair.side in (Side.NEED, Side.TECHNOLOGY) else Side.NEED
    other = pair.technology if own_side == Side.NEED else pair.need
    own = pair.need if own_side == Side.NEED else pair.technology
    shown = other or own
    if shown is None:
        return Text(_("Introduction"), actor.language)
    return pick(shown, "title", actor.language)


def new_matches(actor: Actor) -> Block | None:
    """Strong pairs first, of those that nobody of mine has looked at."""
    if not actor.ids_with(*EDIT_ROLES):
        return None
    count, found = 0, []
    for side in (Side.NEED, Side.TECHNOLOGY):
        fresh = of_side(actor, side).filter(
            **{f"{side.value}_seen_at__isnull": True, f"{side.value}_answer": ""}
        )
        count += fresh.order_by()[:100].count()
        rows = fresh.select_related("need__owner", "technology__owner").order_by("-score", "-pk")
        found += [(side, reading) for reading in read_many(rows[:LINES], actor, side)]
    found.sort(key=lambda pair: (_LEVELS.index(pair[1].level), -(pair[1].score or 0)))
    lines = [
        Line(
            title=reading.title(actor.language),
            url=url("match", reading.public_id),
            note=_("for %(title)s") % {"title": _own_title(reading, actor)},
            level=reading.level,
            score=reading.score,
        )
        for _side, reading in found[:LINES]
    ]
    return Block(
        "matches", _("New matches"), lines, count, url("matches"),
        calm=_("No new matches. They come as others post; figures in your listings help."),
    )  # fmt: skip


def _own_title(reading: Any, actor: Actor) -> str:
    return pick(reading.own, "title", actor.language).value if reading.own else ""


def listings_to_finish(actor: Actor) -> Block | None:
    """Drafts (returned ones first), what expires soon or has, and revisions begun."""
    if not actor.ids_with(*EDIT_ROLES):
        return None
    today = timezone.localdate()
    own = my_listings(actor)
    drafts = own.filter(state=states.DRAFT).prefetch_related("reviews").order_by("-updated_at")
    ending = own.filter(
        state__in=[states.PUBLISHED, states.EXPIRED], valid_until__lte=today + SOON,
        valid_until__gte=today - dt.timedelta(days=90),
    ).order_by("valid_until", "pk")  # fmt: skip
    drafting, expiring = list(drafts[:LINES]), list(ending[:LINES])
    lines = [
        Line(
            title=title_of(row, actor),
            url=url("edit_listing_start", row.public_id),
            note=_("Returned by the review desk: change it and submit it again.")
            if any(review.state == "returned" for review in row.reviews.all())
            else _("Draft, not posted yet."),
            when=row.updated_at,
        )
        for row in drafting
    ]
    lines += [
        Line(
            title=title_of(row, actor),
            url=url("listing_renew", row.public_id),
            note=_("Expired: renew it, and it is found again.")
            if row.state == states.EXPIRED
            else _("Expires soon: renew it with one click."),
            when=row.valid_until,
            style="deadline",
        )
        for row in expiring
    ]
    lines.sort(key=lambda line: line.style != "deadline" and "Returned" not in str(line.note))
    count = len(lines) if len(lines) < LINES else drafts.count() + ending.count()
    return Block(
        "listings", _("Your listings ask for"), lines[:LINES], count, url("my_listings"),
        more=_("My listings"), calm=_("Nothing to finish and nothing that expires soon."),
    )  # fmt: skip


def own_contracts(actor: Actor) -> Block | None:
    """Contracts of one's organisations that one has to go on with."""
    if not actor.organisation_ids:
        return None
    mine = of_parties(actor).filter(state__in=["draft", "returned"])
    rows = list(mine.order_by("-state", "-updated_at")[:LINES])
    if not rows:
        return None
    lines = [
        Line(
            title=title_of(row, actor, _("Contract without a title")),
            url=url("contract", row.public_id),
            note=_("Returned for completion: see what is missing.")
            if row.state == "returned"
            else _("Draft, not submitted yet."),
            when=row.updated_at,
        )
        for row in rows
    ]
    count = len(lines) if len(lines) < LINES else mine.order_by().count()
    return Block("contracts", _("Contracts to go on with"), lines, count, url("contracts"))


def alliance_invitations(actor: Actor) -> Block | None:
    """Alliances that ask one's organisation to join."""
    rows = list(invitations_for(actor)[:LINES]) if actor.organisation_ids else []
    if not rows:
        return None
    lines = [
        Line(
            title=pick(row.alliance, "name", actor.language),
            url=url("alliance", row.alliance.public_id),
            note=_("asks %(name)s to join")
            % {"name": pick(row.organisation, "name", actor.language).value},
            when=row.changed_at,
        )
        for row in rows
    ]
    return Block("alliances", _("Invitations"), lines, len(rows), url("alliances"))
