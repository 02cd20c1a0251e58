"""Which new pairs are worth a mail to a person."""

import datetime as dt
from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Membership, User
from listings import states
from marketplace.core.actor import Actor
from matching.models import Answer, DigestPair, Level, Match, Side, other_side
from matching.queries.inbox import is_new, ranked
from matching.queries.sides import ROLES
from matching.queries.visibility import of_side

PAIRS = 3
WORTH = (Level.STRONG.value, Level.FAIRLY_STRONG.value)
NEWS_FOR = dt.timedelta(days=30)  # a pair that lay unread for longer is no news


def news_for(actor: Actor) -> list[tuple[str, Match]]:
    """The best pairs that the actor may see, that nobody of its side has looked at, and of which
    it was not told by this mail: at most PAIRS of (its side, the match), best first."""
    told = DigestPair.objects.filter(
        person_id=actor.user_id, need=OuterRef("need_id"), technology=OuterRef("technology_id")
    )
    found: dict[int, tuple[str, Match]] = {}
    for side in Side.values:
        rows = ranked(still_news(of_side(actor, side), side), side)
        for match in rows.filter(~Exists(told), created_at__gte=timezone.now() - NEWS_FOR)[:PAIRS]:
            found.setdefault(match.pk, (side, match))
    best = sorted(
        found.values(),
        # by what that side may know of the score: never by the score itself
        key=lambda row: (WORTH.index(row[1].level), -getattr(row[1], f"{row[0]}_score"), row[1].pk),
    )
    return best[:PAIRS]


def still_news(rows: QuerySet[Match], side: str) -> QuerySet[Match]:
    """Good pairs of a listing on the market that wait for that side's first look, and that the
    other side has not declined."""
    return rows.filter(
        is_new(side),
        ~Q(**{f"{other_side(side)}_answer": Answer.DECLINED}),
        **{f"{side}__state": states.PUBLISHED},
        level__in=WORTH,
    )


def people_after(person_id: int, number: int) -> list[User]:
    """The next people who look after matches, by id."""
    looks_after = Membership.objects.filter(
        user_id=OuterRef("pk"), roles__overlap=["owner", *ROLES]
    )
    people = get_user_model().objects.filter(Exists(looks_after), pk__gt=person_id, is_active=True)
    return list(people.order_by(F("pk"))[:number])


def matches_of(pairs: Iterable[DigestPair], actor: Actor) -> dict[int, Match]:
    """Pair id -> its match, of those that are still news to the actor as it is now."""
    found = {}
    pairs = list(pairs)
    for side in Side.values:
        mine = {(row.need_id, row.technology_id): row.pk for row in pairs if row.side == side}
        wanted = Q(pk__in=[])
        for need, technology in mine:
            wanted |= Q(need_id=need, technology_id=technology)
        rows = still_news(of_side(actor, side), side).filter(wanted)
        for match in rows.select_related("need__owner", "technology__owner"):
            found[mine[match.need_id, match.technology_id]] = match
    return found
