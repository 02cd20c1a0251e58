"""Telling people of new matches and of answers; nobody is told of what it may not see."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import override

from events.actions import notify
from listings.actions.access import people_of
from listings.actions.lifecycle import title_params
from listings.models import Listing
from matching import notices
from matching.models import Answer, Level, Match, Reason, Side, other_side
from matching.queries.sides import listing_of, may_know

LANGUAGES = {"en": "en", "zh": "zh-hans"}
KINDS = {
    Answer.INTERESTED: notices.INTERESTED,
    Answer.LATER: notices.POSTPONED,
    Answer.DECLINED: notices.DECLINED,
}


def tell_of_new(*, pairs: Sequence[tuple[int, int]]) -> None:
    """Tell the people of both sides of new strong pairs, once a listing and day."""
    wanted = Q()
    for need, technology in pairs:
        wanted |= Q(need_id=need, technology_id=technology)
    if not wanted:
        return
    rows = Match.objects.filter(wanted, level=Level.STRONG).select_related(
        "need__owner", "technology__owner"
    )
    listings: dict[int, Listing] = {}
    for match in rows.order_by("pk"):
        for side in Side.values:
            if may_know(match, side) and not match.answer_of(side):
                own = listing_of(match, side)
                listings[own.pk] = own
    today = timezone.localdate()
    for pk in sorted(listings):
        _tell_found(listings[pk], today)


@transaction.atomic
def _tell_found(listing: Listing, today: dt.date) -> None:
    notify(
        people_of(listing), notices.FOUND, url=f"/matches/?listing={listing.public_id}",
        params=title_params(listing), key=f"{listing.pk}-{today}",
    )  # fmt: skip


def tell_of_answer(match: Match, side: str) -> None:
    """In the answer's transaction: tell the other side that it came, and why.

    A side that may not know of the pair is told nothing, so a confidential listing that declines
    stays unknown.
    """
    told = other_side(side)
    if not may_know(match, told):
        return
    own = listing_of(match, told)
    answer = match.answer_of(side)
    kind = notices.BOTH_INTERESTED if match.both_interested else KINDS[Answer(answer)]
    notify(
        people_of(own), kind, url=f"/matches/{match.public_id}/",
        params={**title_params(own), **_reason(match.reason_of(side))},
        key=f"{match.pk}-{side}-{match.version}",
    )  # fmt: skip


def _reason(reason: str) -> dict[str, str]:
    """In both languages: a notice is written once and read in either."""
    params = {}
    for suffix, language in LANGUAGES.items():
        with override(language):
            params[f"reason_{suffix}"] = str(Reason(reason).label) if reason else ""
    return params
