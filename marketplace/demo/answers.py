"""Answers to matches in the demo market, given when the matcher has been there.

The authored entries come in threes: need k of a field meets technology 3k-2 well and 3k-1 nearly,
and shares only words with 3k.
"""

from dataclasses import dataclass

import structlog
from django.db import transaction

from accounts.models import Membership
from accounts.queries import actor_for
from listings.models import Listing, SearchEntry
from marketplace.core.errors import DomainError
from marketplace.core.jobs import enqueue
from marketplace.demo import talks
from marketplace.demo.names import stable_id
from matching.actions.answers import answer
from matching.models import Match, MatchRun

log = structlog.get_logger(__name__)
JOB = "demo.play_answers"
WAIT = 15.0  # seconds between looks at whether the matcher is through
TURNS = 240
TRIOS = {
    "nm": 11, "ne": 11, "er": 10, "na": 6, "ei": 12, "am": 11, "as": 6, "mt": 8, "bm": 12,
    "ag": 11, "us": 9,
}  # fmt: skip


@dataclass(frozen=True)
class Play:
    """Who answers what about which pair."""

    need: str
    technology: str
    side: str
    answer: str
    reason: str = ""


def script() -> list[Play]:
    """The answers, in order: pairs that both want, one-sided ones, refusals with reasons."""
    plays: list[Play] = []
    for prefix, count in TRIOS.items():
        for k in range(1, count + 1):
            need = f"{prefix}-n{k:02d}"
            good, near, wrong = (f"{prefix}-t{3 * k - offset:02d}" for offset in (2, 1, 0))
            if k in (1, 4, 7):
                plays.append(Play(need, good, "need", "interested"))
                plays.append(Play(need, good, "technology", "interested"))
            elif k in (2, 8):
                plays.append(Play(need, good, "technology", "interested"))
            elif k == 5:
                plays.append(Play(need, good, "need", "interested"))
            elif k == 6:
                plays.append(Play(need, good, "need", "later"))
            if k % 3 == 1:
                plays.append(Play(need, wrong, "need", "declined", "not_what_we_look_for"))
            if k % 3 == 2:
                plays.append(Play(need, near, "need", "declined", "immature"))
    return plays


def play(*, turn: int) -> None:
    """Give the scripted answers once every entry is matched; until then look again later."""
    waiting = SearchEntry.objects.filter(listing__match_run__isnull=True).exists()
    if (waiting or not MatchRun.objects.exists()) and turn < TURNS:
        with transaction.atomic():
            enqueue(JOB, {"turn": turn + 1}, delay=WAIT)
        return
    for step in script():
        _give(step)
    with transaction.atomic():
        enqueue(talks.JOB, {}, delay=talks.WAIT)


def _give(step: Play) -> None:
    match = (
        Match.objects.filter(
            need__public_id=stable_id("listing", step.need),
            technology__public_id=stable_id("listing", step.technology),
        )
        .select_related("need", "technology")
        .first()
    )
    if match is None:  # the matcher did not pair them: nobody answers
        return
    listing: Listing = match.need if step.side == "need" else match.technology
    member = (
        Membership.objects.filter(
            organisation_id=listing.owner_id, roles__overlap=["owner", "editor"]
        )
        .select_related("user")
        .order_by("pk")
        .first()
    )
    if member is None:
        return
    try:
        answer(
            actor=actor_for(member.user, member.user.language), match_id=match.pk, side=step.side,
            answer=step.answer, reason=step.reason,
        )  # fmt: skip
    except DomainError as refusal:  # a blind pair that this side may not see yet
        log.info("demo_answer_refused", code=refusal.code, need=step.need)
