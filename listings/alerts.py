"""Alerts of saved searches: what is new is found once, kept as rows, and told by frequency.

Nothing is lost: new listings wait as rows until they were held against all searches, hits wait as
rows until they were told; each step is one transaction. Nothing is told twice: a listing is noted
once, and a pair of search and listing stands once.
"""

import datetime as dt
from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from events.actions import notify
from listings import notices, readings
from listings.disclosure import Disclosed, disclosed_many
from listings.models import Listing, NewListing, SavedSearch, SearchHit
from listings.percolation import actors_of, hits, matching
from listings.searches import wanted_of
from marketplace.core import jobs
from marketplace.core.bilingual import pick

BATCH = 1_000
KEPT = 50_000  # pairs stored at once
TITLES = 5
Frequency = SavedSearch.Frequency
EVERY = {Frequency.DAILY: dt.timedelta(days=1), Frequency.WEEKLY: dt.timedelta(days=7)}
# What is closed for the moment may open again; after this long it is no news.
KEPT_UNTOLD = dt.timedelta(days=30)
# Listings wait this long at most to be indexed; an older one that was never noted is not new.
FRESH = dt.timedelta(days=1)
_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
LANGUAGES = {"en": "en", "zh": "zh-hans"}


def check_new() -> int:
    """Hold all noted listings against the saved searches; returns how many were looked at."""
    readings.renew()
    looked_at = 0
    while number := _check_batch():
        looked_at += number
    return looked_at


@transaction.atomic
def _check_batch() -> int:
    """One batch: hits, the jobs that tell them and that it was checked, all or nothing."""
    notes = list(
        NewListing.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(checked_at__isnull=True)
        .select_related("listing")
        .only("listing", "noted_at", "listing__published_at")
        .order_by("pk")[:BATCH]
    )
    if not notes:
        return 0
    news_since = {note.pk: _news_since(note) for note in notes}
    always = min(news_since.values())
    at_once: set[int] = set()
    found: list[tuple[int, int]] = []
    for search, pks in hits(list(news_since)):
        since = search.watched_since
        news = pks if since <= always else [pk for pk in pks if since <= news_since[pk]]
        if news and search.frequency == Frequency.NOW:
            at_once.add(search.pk)
        found += [(search.pk, pk) for pk in news]
        if len(found) >= KEPT:
            _keep(found)
            found = []
    _keep(found)
    if at_once:
        _enqueue(sorted(at_once))
    NewListing.objects.filter(pk__in=list(news_since)).update(checked_at=timezone.now())
    return len(notes)


def _news_since(note: NewListing) -> dt.datetime:
    """It is news for searches that were watched by then: it came to the market afterwards."""
    published = note.listing.published_at
    return min(note.noted_at, published + FRESH) if published is not None else _NEVER


def _keep(found: Sequence[tuple[int, int]]) -> None:
    """Store pairs of search and listing, each once, in one statement."""
    if not found:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO listings_searchhit (search_id, listing_id, found_at)"
            " SELECT search, listing, %s FROM unnest(%s::bigint[], %s::bigint[])"
            " AS pair(search, listing) ON CONFLICT DO NOTHING",
            # arrays as texts, since there may be a hundred thousand of them
            [
                timezone.now(),
                *("{{{}}}".format(",".join(map(str, ids))) for ids in zip(*found, strict=True)),
            ],
        )


def tell_due() -> int:
    """Queue the alerts whose day or week is over; returns how many. Run by the clock."""
    now = timezone.now()
    due = Q()
    for frequency, every in EVERY.items():
        due |= Q(frequency=frequency, since__lte=now - every)
    waiting = SearchHit.objects.filter(search=OuterRef("pk"), told_at__isnull=True)
    searches = (
        SavedSearch.objects.annotate(since=Coalesce(F("told_at"), F("watched_since")))
        .filter(due)
        .filter(Exists(waiting))
        .order_by("pk")
    )
    with transaction.atomic():
        ids = list(searches.values_list("pk", flat=True))
        _enqueue(ids)
    SearchHit.objects.filter(told_at__isnull=True, found_at__lt=now - KEPT_UNTOLD).delete()
    return len(ids)


def _enqueue(search_ids: Sequence[int]) -> None:
    jobs.enqueue_many("listings.tell_search", [(str(pk), {"search": pk}) for pk in search_ids])


@transaction.atomic
def tell(search_id: int) -> int:
    """Tell the person of the hits that wait and that it may still see; returns how many.

    The notice, its mail and that the hits are told are one transaction under the search's lock.
    """
    search = SavedSearch.objects.select_for_update().filter(pk=search_id).first()
    if search is None or search.frequency == Frequency.NEVER:
        return 0
    actor = actors_of([search.user_id]).get(search.user_id)
    waiting = dict(
        search.hits.filter(told_at__isnull=True).order_by("-pk").values_list("listing_id", "pk")
    )
    if actor is None or not waiting:
        return 0
    wanted = wanted_of(search.kind, search.query)
    found = matching(wanted, actor, waiting).order_by("-published_at", "-pk")
    pks = list(found.values_list("pk", flat=True))
    if not pks:
        return 0
    newest = list(Listing.objects.filter(pk__in=pks[:TITLES]).order_by("-published_at", "-pk"))
    seen = disclosed_many(newest, actor, detail=False)
    now = timezone.now()
    notify(
        [search.user_id], notices.NEW_FOR_SEARCH, url=f"/searches/{search.public_id}/",
        params={
            "name": search.name, "count": len(pks),
            **_titles([seen[row.pk] for row in newest if row.pk in seen], len(pks)),
        },
        key=f"search-{search.pk}-{max(waiting[pk] for pk in pks)}",
    )  # fmt: skip
    search.hits.filter(listing_id__in=pks).update(told_at=now)
    search.told_at = now
    search.save(update_fields=["told_at"])
    return len(pks)


def _titles(newest: Sequence[Disclosed], number: int) -> dict[str, str]:
    """The newest titles in both languages: a notice is written once and read in either."""
    params = {}
    for suffix, language in LANGUAGES.items():
        with override(language):
            titles = [pick(seen, "title", language).value for seen in newest]
            if number > len(titles):
                titles.append(_("and %(number)s more") % {"number": number - len(titles)})
            params[f"titles_{suffix}"] = " · ".join(titles)
    return params
