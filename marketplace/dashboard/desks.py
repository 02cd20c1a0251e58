"""Blocks of brokers, registrars, moderators and operators."""

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.queries import verifications
from contracts.queries import desk as registrar
from deals.queries.lists import requests_for
from deals.queries.visibility import brokering_organisations
from listings.queries.review import waiting_reviews
from marketplace.core.actor import Actor
from marketplace.core.bilingual import Text, pick
from marketplace.core.models import Job
from marketplace.dashboard.parts import LINES, Block, Line, title_of, url


def broker_requests(actor: Actor) -> Block | None:
    """Pairs that wait for a broker."""
    if not (actor.is_authenticated and brokering_organisations(actor).exists()):
        return None
    rows = requests_for(actor, 20)
    lines = [
        Line(
            title=pick(row.need, "title", actor.language),
            url=url("desk"),
            note=pick(row.technology, "title", actor.language).value,
            when=row.introduction.updated_at,
        )
        for row in rows[:LINES]
    ]
    return Block(
        "requests", _("Pairs that ask for a broker"), lines, len(rows), url("desk"),
        more=_("Broker’s desk"), calm=_("No pair asks for a broker right now."),
    )  # fmt: skip


def registrar_files(actor: Actor) -> Block | None:
    """Files at one's registration points, the nearest deadline first."""
    if not (actor.is_authenticated and registrar.points_of(actor).exists()):
        return None
    today = timezone.localdate()
    at_points = registrar.at_points(actor)
    counts = registrar.counts(at_points, actor, today)
    rows = [
        *registrar.in_tab(at_points, "mine", actor)[:LINES],
        *registrar.in_tab(at_points, "waiting", actor)[:LINES],
    ]
    rows.sort(key=lambda row: (row.due_on or dt.date.max, row.pk))
    lines = [
        Line(
            title=title_of(row, actor, _("Contract without a title")),
            url=url("examine_contract", row.public_id),
            note=_("In your hands.") if row.examiner_id == actor.user_id else _("Nobody has it."),
            when=row.due_on,
            style="deadline",
        )
        for row in rows[:LINES]
    ]
    late = counts["late"]
    title = _("Files to examine")
    if late:
        title = ngettext(
            "Files to examine, %(number)s late", "Files to examine, %(number)s late", late
        ) % {"number": late}
    return Block(
        "files", title, lines, counts["mine"] + counts["waiting"], url("registrar_desk"),
        more=_("Registrar’s desk"), calm=_("No file waits at your registration point."),
    )  # fmt: skip


def review_queue(actor: Actor) -> Block | None:
    """What moderators have to read."""
    if not actor.is_moderator:
        return None
    waiting = waiting_reviews(actor)
    lines = [
        Line(
            title=title_of(review.listing, actor),
            url=url("review_listing", review.listing.public_id),
            note=pick(review.listing.owner, "name", actor.language).value,
            when=review.submitted_at,
        )
        for review in waiting[:LINES]
    ]
    return Block(
        "reviews", _("To review"), lines, waiting.count(), url("review_desk"),
        more=_("Review desk"), calm=_("The review desk is empty."),
    )  # fmt: skip


def verification_queue(actor: Actor) -> Block | None:
    """Organisations that wait for an operator."""
    if not actor.is_operator:
        return None
    waiting = verifications.queue(actor)
    lines = [
        Line(
            title=pick(row.organisation, "name", actor.language),
            url=url("verification", row.public_id),
            note=_("Asks to be verified."),
            when=row.created_at,
        )
        for row in waiting[:LINES]
    ]
    return Block(
        "verifications", _("Organisations to verify"), lines, waiting.count(),
        url("verifications"), calm=_("No organisation waits to be verified."),
    )  # fmt: skip


def failed_jobs(actor: Actor) -> Block | None:
    """Work that was given up, for operators."""
    if not actor.is_operator:
        return None
    failed = Job.objects.filter(state=Job.State.FAILED).order_by("-pk")
    lines = [
        Line(
            title=Text(f"{row.kind} {row.key}".strip(), "en"), url=url("operations"),
            note=row.error.strip().splitlines()[-1][:160] if row.error.strip() else "",
            when=row.finished_at or row.created_at,
        )
        for row in failed[:LINES]
    ]  # fmt: skip
    return Block(
        "jobs", _("Work that failed"), lines, failed.count(), url("operations"),
        more=_("Operations"), calm=_("Everything that was asked for is done or on its way."),
    )  # fmt: skip
