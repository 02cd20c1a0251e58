"""Saved searches as people would make them, for measuring alerts."""

import random
from collections.abc import Sequence
from urllib.parse import urlencode

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from listings import news, readings
from listings.models import Listing, SavedSearch
from listings.models.listings import State
from listings.searches import canonical
from marketplace.core.words import tokens
from marketplace.demo.entries import Entry, authored

SEED = 11
PEOPLE = 1_000
WORDLESS = 0.3  # filters alone
FILTERED = 0.4  # of those with words, also a filter


def make_searches(number: int, organisations: Sequence[Organisation]) -> None:
    """`number` saved searches of PEOPLE people, half of them members of organisations: one to
    three words of real titles, a field, a readiness; in both languages."""
    dice = random.Random(SEED)  # noqa: S311 (a load test, no secret)
    people = User.objects.bulk_create(
        [User(email=f"bench{n}@bench.example", name="") for n in range(PEOPLE)]
    )
    Membership.objects.bulk_create(
        [
            Membership(user=user, organisation=dice.choice(organisations), roles=["editor"])
            for user in people[::2]
        ]
    )
    frames = list(authored())
    now = timezone.now()
    made: dict[tuple[int, str, str], SavedSearch] = {}
    while len(made) < number:
        user, frame = dice.choice(people), dice.choice(frames)
        query = canonical(frame.kind, QueryDict(_query(frame, dice)))
        made[user.pk, frame.kind, query] = SavedSearch(
            user=user, name="bench", kind=frame.kind, query=query, frequency="now",
            watched_since=now,
        )  # fmt: skip
    SavedSearch.objects.bulk_create(made.values(), batch_size=1000)
    readings.renew()


def _query(frame: Entry, dice: random.Random) -> str:
    asked: dict[str, str] = {}
    if dice.random() > WORDLESS:
        titles = frame.row["title"]
        words = tokens(titles[dice.choice(sorted(titles))], query=True)
        asked["q"] = " ".join(dice.sample(words, min(len(words), dice.randint(1, 3))))
        if dice.random() > FILTERED:
            return urlencode(asked)
    asked["field"] = frame.field
    if dice.random() < 0.5:
        asked["trl_min"] = str(dice.randint(3, 8))
    return urlencode(asked)


def note_newest(number: int) -> None:
    """Take the last `number` listings for newly published: what indexing would have noted."""
    newest = list(
        Listing.objects.filter(state=State.PUBLISHED)
        .order_by("-pk")
        .values_list("pk", flat=True)[:number]
    )
    Listing.objects.filter(pk__in=newest).update(published_at=timezone.now())
    with transaction.atomic():
        news.note(newest)
