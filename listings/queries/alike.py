"""Listings that say the same again: the first of a list stays, the others stand behind it.

Compared are fingerprints and titles, which everybody who finds a listing may read.
"""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from listings.disclosure import Disclosed
from listings.fingerprints import FIGURES, TWINS
from listings.queries.visibility import published_for
from marketplace.core.actor import Actor

_FIGURES = re.compile(FIGURES)
# id, fingerprint, titles in both languages without their figures
_Mark = tuple[int, int, tuple[str, str]]


def folded(ids: Sequence[int], actor: Actor) -> dict[int, list[int]]:
    """The first of each text -> those that say it again, both in the order of the ids.

    Of what the actor may see; one query.
    """
    rows = published_for(actor).filter(pk__in=ids) if ids else published_for(actor).none()
    marks = {
        pk: _mark(pk, fingerprint, title_en, title_zh)
        for pk, fingerprint, title_en, title_zh in rows.values_list(
            "pk", "fingerprint", "title_en", "title_zh"
        )
    }
    return _grouped(marks[pk] for pk in ids if pk in marks)


def fold_page(rows: Sequence[Disclosed], fingerprints: dict[int, int]) -> dict[int, list[int]]:
    """The same for the listings of one page."""
    return _grouped(
        _mark(row.pk, fingerprints.get(row.pk, 0), row.title_en, row.title_zh) for row in rows
    )


def _mark(pk: int, fingerprint: int, title_en: str, title_zh: str) -> _Mark:
    return pk, fingerprint, (_FIGURES.sub("#", title_en), _FIGURES.sub("#", title_zh))


def _grouped(marks: Iterable[_Mark]) -> dict[int, list[int]]:
    rows = list(marks)
    near = _near([fingerprint for _pk, fingerprint, _titles in rows])
    firsts: dict[int, int] = {}  # place -> id of those that are first of their text
    by_titles: dict[tuple[str, str], int] = {}
    groups: dict[int, list[int]] = {}
    for place, (pk, _fingerprint, titles) in enumerate(rows):
        first = by_titles.get(titles) or next(
            (firsts[other] for other in near.get(place, ()) if other in firsts), None
        )
        if first is None:
            firsts[place] = pk
            by_titles[titles] = pk
            groups[pk] = []
        else:
            groups[first].append(pk)
    return groups


def _near(fingerprints: list[int]) -> dict[int, list[int]]:
    """Place -> earlier places whose fingerprint is near; 0 says nothing and is near to none."""
    marks = np.array(fingerprints, dtype=np.int64).view(np.uint64)
    bits = np.bitwise_count(marks[:, None] ^ marks[None, :])
    said = marks != 0
    alike = np.tril((bits <= TWINS) & said[:, None] & said[None, :], -1)
    near: dict[int, list[int]] = {}
    for later, earlier in zip(*(places.tolist() for places in alike.nonzero()), strict=True):
        near.setdefault(later, []).append(earlier)
    return near
