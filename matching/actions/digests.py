"""Mailing people their best new matches: by the market's clock, a batch at a time, each pair once.

Safe at any moment: how far a day has come is a row, what a person is to be sent is a row with its
pairs, and both are written before anything is sent. A mail that went out just before its worker
died is sent again as the same mail under the same Message-ID, never as another one.
"""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.queries.actors import actors_for
from events import mail
from events.models import MailPreference
from events.notices import NOTICES
from marketplace.core import jobs
from marketplace.core.actor import Actor
from marketplace.core.bilingual import Text, pick
from matching import notices
from matching.models import DigestDay, DigestPair, Match, MatchDigest
from matching.queries.digests import matches_of, news_for, people_after
from matching.readings import Reading, read_many

HOUR = 8  # of the market's clock: before that nobody is sent one
PEOPLE = 200  # looked at in one step
PAUSE = 60  # seconds between two steps, so that other mail never waits behind thousands of these
EVERY = {MailPreference.When.DAILY: 1, MailPreference.When.WEEKLY: 7}  # days


def queue_day() -> None:
    """Begin the mails of today, or go on with them where they were left. Run by the clock."""
    now = timezone.localtime()
    if now.hour < HOUR:
        return
    with transaction.atomic():
        day, _created = DigestDay.objects.get_or_create(day=now.date())
        if day.finished_at is None:
            jobs.enqueue("matching.digest_step", {"day": str(day.day)}, key=str(day.day))


@transaction.atomic
def queue_step(day: dt.date) -> int:
    """Ask for the mails of the next people; returns how many people were looked at.

    The place, the mails' jobs and the job of the next step are one transaction.
    """
    place = DigestDay.objects.select_for_update().filter(day=day, finished_at=None).first()
    if place is None or day != timezone.localdate():
        return 0
    people = people_after(place.last_person, PEOPLE)
    due = _due([person.pk for person in people], day)
    jobs.enqueue_many(
        "matching.mail_digest", [(f"{pk}-{day}", {"person": pk, "day": str(day)}) for pk in due]
    )
    if len(people) < PEOPLE:
        place.finished_at = timezone.now()
    else:
        jobs.enqueue("matching.digest_step", {"day": str(day)}, key=str(day), delay=PAUSE)
    place.last_person = people[-1].pk if people else place.last_person
    place.save()
    DigestDay.objects.filter(day__lt=day - dt.timedelta(days=30)).delete()
    return len(people)


def mail_digest(person_id: int, day: dt.date) -> int:
    """Choose, write down, then send; returns how many pairs the mail held, 0 for no mail."""
    digest = MatchDigest.objects.filter(person_id=person_id, day=day).first()
    if digest is None and day == timezone.localdate():
        digest = _chosen(person_id, day)
    return _send(digest.pk) if digest is not None else 0


def wish_of(person_id: int) -> str:
    """daily, weekly or never."""
    row = MailPreference.objects.filter(user_id=person_id, kind=notices.DIGEST).first()
    return row.when if row else NOTICES[notices.DIGEST].mail


# --- Inside --------------------------------------------------------------------------------------


def _due(people: list[int], day: dt.date) -> list[int]:
    """Those who want it, and whose last one is a day or a week old."""
    default = NOTICES[notices.DIGEST].mail
    wishes = dict(
        MailPreference.objects.filter(kind=notices.DIGEST, user_id__in=people).values_list(
            "user_id", "when"
        )
    )
    since = day - dt.timedelta(days=max(EVERY.values()))
    last = dict(
        MatchDigest.objects.filter(person_id__in=people, day__gt=since)
        .order_by("day")
        .values_list("person_id", "day")
    )
    due = []
    for pk in people:
        days = EVERY.get(MailPreference.When(wishes.get(pk, default)))
        if days is not None and (pk not in last or last[pk] <= day - dt.timedelta(days=days)):
            due.append(pk)
    return due


def _chosen(person_id: int, day: dt.date) -> MatchDigest | None:
    """The person's mail of the day with its pairs, written down; None when there is no news."""
    actor = _actor(person_id)
    if actor is None or not _due([person_id], day):
        return None
    pairs = news_for(actor)
    if not pairs:
        return None
    try:
        with transaction.atomic():
            digest = MatchDigest.objects.create(person_id=person_id, day=day)
            DigestPair.objects.bulk_create(
                DigestPair(
                    digest=digest, person_id=person_id, need_id=match.need_id,
                    technology_id=match.technology_id, side=side,
                )
                for side, match in pairs
            )  # fmt: skip
    except IntegrityError:  # another worker was quicker: its choice holds
        return MatchDigest.objects.filter(person_id=person_id, day=day).first()
    return digest


@transaction.atomic
def _send(digest_id: int) -> int:
    """Send a digest once, with those of its pairs that the person may still see at this moment."""
    digest = (
        MatchDigest.objects.select_for_update(of=("self",))
        .select_related("person")
        .filter(pk=digest_id, finished_at=None)
        .first()
    )
    if digest is None:
        return 0
    actor = _actor(digest.person_id)
    lines = []
    if actor is not None and wish_of(digest.person_id) != MailPreference.When.NEVER:
        with override(digest.person.language):
            lines = _lines(digest, actor)
            if lines:
                _post(digest, lines)
    digest.finished_at = timezone.now()
    digest.told = len(lines)
    digest.save(update_fields=["finished_at", "told"])
    return len(lines)


def _actor(person_id: int) -> Actor | None:
    people = get_user_model().objects.filter(pk=person_id, is_active=True)
    return actors_for(people).get(person_id)


@dataclass(frozen=True)
class Line:
    """One pair in the mail, as its reader may know it."""

    reading: Reading
    title: Text
    own_title: Text
    url: str


def _lines(digest: MatchDigest, actor: Actor) -> list[Line]:
    """In the order in which they were chosen; what has closed since is left out."""
    pairs = list(digest.pairs.order_by("pk"))
    matches = matches_of(pairs, actor)
    return [
        line
        for pair in pairs
        if pair.pk in matches
        for line in [_line(matches[pair.pk], pair.side, actor)]
    ]


def _line(match: Match, side: str, actor: Actor) -> Line:
    [reading] = read_many([match], actor, side)
    return Line(
        reading=reading,
        title=reading.title(actor.language),
        own_title=pick(reading.own, "title", actor.language),
        url=f"{settings.PUBLIC_URL}{reverse('match', args=[match.public_id])}?side={side}",
    )


def _post(digest: MatchDigest, lines: list[Line]) -> None:
    entry = NOTICES[notices.DIGEST]
    first = lines[0].title.value
    mail.post(
        digest.person, kind=notices.DIGEST,
        subject=entry.render({"title": first}, digest.person.language),
        template="matching/mail/digest",
        context={
            "lines": lines, "inbox_url": settings.PUBLIC_URL + reverse("matches"),
            "is_daily": wish_of(digest.person_id) == MailPreference.When.DAILY,
        },
        message_id=f"matches-{digest.public_id}".lower(),
    )  # fmt: skip
