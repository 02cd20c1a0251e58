"""Keep, change and drop saved searches and favourites; each is its person's own."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.actions import record
from listings import event_kinds
from listings.models import Favourite, Listing, SavedSearch
from listings.models.listings import Kind
from listings.models.saved import MAX_NAME, MAX_NOTE
from listings.queries.saved import favourites_of, searches_of
from listings.queries.search import require_all
from listings.queries.visibility import visible_to
from listings.readings import READ, fill
from listings.searches import canonical, describe, wanted_of
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Conflict, Unauthenticated, field_error
from marketplace.core.gates import get_visible, lock

MAX_SEARCHES = 100
MAX_FAVOURITES = 1_000
Frequency = SavedSearch.Frequency


@transaction.atomic
def save_search(
    *, actor: Actor, kind: str, query: QueryDict, name: str = "", frequency: str = Frequency.DAILY
) -> SavedSearch:
    """Save a search; one that was saved before is returned with the new name and frequency.

    query: the parameters of its address. Raises Invalid, Conflict `too_many_searches`.
    """
    user_id = _person(actor)
    if kind not in Kind.values:
        raise field_error("kind", _("Choose technologies or needs."), code="unknown_code")
    text = canonical(kind, query)
    wanted = wanted_of(kind, text)
    if wanted.question and require_all(wanted.question, actor) is None:
        raise field_error("query", _("The question holds no word to look for."), code="no_words")
    name = _clean("name", name, MAX_NAME) or describe(wanted)
    frequency = _frequency(frequency)
    if searches_of(actor).exclude(kind=kind, query=text).count() >= MAX_SEARCHES:
        raise Conflict(
            "too_many_searches",
            _("You keep %(number)s searches already. Delete one that you no longer need.")
            % {"number": MAX_SEARCHES},
        )
    read = SavedSearch(kind=kind, query=text)
    fill([read])
    search, is_new = SavedSearch.objects.get_or_create(
        user_id=user_id, kind=kind, query=text,
        defaults={
            "name": name, "frequency": frequency, "watched_since": timezone.now(),
            **{field: getattr(read, field) for field in READ},
        },
    )  # fmt: skip
    if not is_new:
        return change_search(actor=actor, search_id=search.pk, name=name, frequency=frequency)
    record(event_kinds.SEARCH_SAVED, actor=actor, obj=search, after={"frequency": frequency})
    return search


@transaction.atomic
def change_search(
    *, actor: Actor, search_id: int, name: str | None = None, frequency: str | None = None
) -> SavedSearch:
    """Rename it, or tell of new hits at another pace. Raises NotFound, Invalid."""
    search = lock(searches_of(actor), search_id)
    before = search.frequency
    if name is not None:
        search.name = _clean("name", name, MAX_NAME) or describe(
            wanted_of(search.kind, search.query)
        )
    if frequency is not None and _frequency(frequency) != before:
        search.frequency = frequency
        if Frequency.NEVER in (before, frequency):  # what comes from here on is new
            search.hits.filter(told_at__isnull=True).delete()
            search.watched_since = timezone.now()
    search.save(update_fields=["name", "frequency", "watched_since"])
    if search.frequency != before:
        record(
            event_kinds.SEARCH_CHANGED, actor=actor, obj=search,
            before={"frequency": before}, after={"frequency": search.frequency},
        )  # fmt: skip
    return search


@transaction.atomic
def delete_search(*, actor: Actor, search_id: int) -> None:
    """Forget a search and what waited to be told. Raises NotFound."""
    search = lock(searches_of(actor), search_id)
    record(event_kinds.SEARCH_DELETED, actor=actor, obj=search)
    search.delete()


@transaction.atomic
def keep(*, actor: Actor, public_id: str, note: str | None = None) -> Favourite:
    """Keep a listing that the actor may see; kept already, only a given note is changed.

    Raises NotFound, Invalid, Conflict `too_many_favourites`. Which listings a person keeps is no
    fact of the market: no event is written.
    """
    user_id = _person(actor)
    listing: Listing = get_visible(
        visible_to(actor).filter(revision_of__isnull=True), public_id=public_id
    )
    text = _clean("note", note or "", MAX_NOTE)
    if favourites_of(actor).exclude(listing=listing).count() >= MAX_FAVOURITES:
        raise Conflict(
            "too_many_favourites",
            _("You keep %(number)s listings already. Drop one that you no longer need.")
            % {"number": MAX_FAVOURITES},
        )
    favourite, is_new = Favourite.objects.get_or_create(
        user_id=user_id, listing=listing, defaults={"note": text}
    )
    if not is_new and note is not None:
        return change_note(actor=actor, favourite_id=favourite.pk, note=text)
    return favourite


@transaction.atomic
def change_note(*, actor: Actor, favourite_id: int, note: str) -> Favourite:
    """Write one's own note, also on a listing that is no longer open. Raises NotFound, Invalid."""
    favourite = lock(favourites_of(actor), favourite_id)
    favourite.note = _clean("note", note, MAX_NOTE)
    favourite.save(update_fields=["note"])
    return favourite


def drop(*, actor: Actor, **which: Any) -> bool:
    """Keep it no longer, by pk= or listing__public_id=; returns whether it was kept."""
    _person(actor)
    removed, _by_model = favourites_of(actor).filter(**which).delete()
    return bool(removed)


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise Unauthenticated("not_signed_in", _("Sign in to go on."))
    return actor.user_id


def _frequency(value: str) -> str:
    if value not in Frequency.values:
        raise field_error("frequency", _("Choose how often you want to be told."), "unknown_code")
    return value


def _clean(name: str, value: str, limit: int) -> str:
    try:
        text = clean_text(value)
    except ValidationError as error:
        raise field_error(name, error.messages[0], code="control_characters") from None
    if len(text) > limit:
        raise field_error(
            name, _("At most %(number)s characters.") % {"number": limit}, code="too_long"
        )
    return text
