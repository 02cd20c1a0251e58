"""Listings like another one, of what the reader may see."""

from django.db.models import Q

from listings.disclosure import Disclosed, disclosed_many
from listings.queries import meaning, ranking, search
from listings.queries.visibility import published_for
from listings.question import plain
from marketplace.core.actor import Actor

NEAREST = 40  # what each of the two ways gives
RAREST = 8  # words that are looked for: this is beside a page, not what was asked for
_DEPTH = 10  # how slowly the worth of a place falls with its rank
_ENOUGH = 0.09
_SAME_SUB_FIELD, _SAME_FIELD = 0.03, 0.01


def similar_to(seen: Disclosed, actor: Actor, number: int = 4) -> list[Disclosed]:
    """Up to `number` of the same kind, nearest first, out of the public meanings and the words of
    title and keywords. What is found one way only must be of the same sub-field."""
    by_meaning, by_words = _by_meaning(seen, actor), _by_words(seen, actor)
    ids = {*by_meaning, *by_words} - {seen.pk}
    rows = published_for(actor).filter(pk__in=ids, kind=seen.kind)
    worth = {
        row.pk: _worth(by_meaning.get(row.pk), by_words.get(row.pk))
        + _SAME_SUB_FIELD * bool(seen.sub_field and row.sub_field == seen.sub_field)
        + _SAME_FIELD * (row.field == seen.field)
        for row in rows
        if (row.pk in by_meaning and row.pk in by_words) or row.sub_field == seen.sub_field
    }
    best = sorted(
        (pk for pk in worth if worth[pk] >= _ENOUGH), key=lambda pk: worth[pk], reverse=True
    )[:number]
    views = disclosed_many([row for row in rows if row.pk in best], actor, detail=False)
    return [views[pk] for pk in best if pk in views]


def _worth(*ranks: int | None) -> float:
    return sum(1 / (_DEPTH + rank) for rank in ranks if rank is not None)


def _by_meaning(seen: Disclosed, actor: Actor) -> dict[int, int]:
    """Id -> rank. Only public meanings are compared."""
    vector = meaning.stored(seen.pk)
    if vector is None:
        return {}
    language = "zh" if seen.title_zh else "en"
    others = ~Q(pk=seen.pk)
    nearest = meaning.nearest(vector, actor, seen.kind, others, language, number=NEAREST)
    return {pk: rank for rank, pk in enumerate(nearest)}


def _by_words(seen: Disclosed, actor: Actor) -> dict[int, int]:
    words = f"{seen.title_en} {seen.title_zh} {' '.join([*seen.keywords_en, *seen.keywords_zh])}"
    query = search.require_some(plain(words), actor, seen.kind, rarest=RAREST)
    if query is None:
        return {}
    found = ranking.by_words(query, seen.kind, NEAREST)
    return {pk: rank for rank, pk in enumerate(found)}
