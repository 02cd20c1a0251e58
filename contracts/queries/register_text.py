"""The register's search for a number or a part of a title.

A title that is not public is not searched: finding it would tell it. Indexes: trigrams of both
titles in capitals (what `icontains` compares), and `title_grams` (migration 0014) for what holds no
three letters: single signs of Chinese and pairs of neighbours, Latin words of one or two letters.

How often an unusual sign occurs nobody can estimate, and millions that are walked newest first for
a text that three of them hold take seconds. So it is looked up first, through the indexes and no
further than BOUND; only what more hold than that is walked, and is then met soon.
"""

import re
from collections import Counter
from dataclasses import dataclass

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, IntegerField, Q, QuerySet, TextField
from django.db.models.functions import Cast, Left

from contracts import states
from contracts.models import Contract
from marketplace.core.replicas import reading_connection

BOUND = 10_000

YEAR = Cast(Left("number", 4), IntegerField())
TITLE_GRAMS = Func(
    F("title_en"), F("title_zh"), function="title_grams", output_field=ArrayField(TextField())
)
_NUMBER = 16  # digits
_CHINESE = re.compile("[\u3400-\u9fff]+")
_SHORT_WORD = re.compile("[a-z0-9]{1,2}")


@dataclass(frozen=True, slots=True)
class Found:
    """Contracts of the register whose number begins with a text, or whose public title holds it.
    ids: None where there are more than BOUND; counts: by (type, field, year of the number)."""

    text: str
    ids: list[int] | None
    counts: Counter[tuple[str, str, int]]


def find(text: str) -> Found:
    """One statement. One or two Latin letters are a word of the title (AI is not in "chain")."""
    rows = looked_up(text).values_list("pk", "type", "field", YEAR)
    statement, values = rows.query.sql_with_params()
    with reading_connection().cursor() as cursor:
        cursor.execute(
            # planned for all of it, so not by walking everything in hope of the first few
            f"WITH found AS MATERIALIZED ({statement}) SELECT * FROM found LIMIT {BOUND + 1}",  # noqa: S608
            values,
        )
        found = cursor.fetchall()
    if len(found) > BOUND:
        return Found(text, None, Counter())
    return Found(text, [row[0] for row in found], Counter(row[1:] for row in found))


def looked_up(text: str) -> QuerySet[Contract]:
    """What holds a text, each condition such that an index answers it."""
    return Contract.objects.alias(title_grams=TITLE_GRAMS).filter(
        _held(_indexed(text), text), state__in=sorted(states.IN_THE_REGISTER)
    )


def narrowed(queryset: QuerySet[Contract], found: Found) -> QuerySet[Contract]:
    """Those that were found."""
    if found.ids is not None:
        return queryset.filter(pk__in=found.ids)
    pattern = re.escape(found.text)
    if _SHORT_WORD.fullmatch(found.text.lower()):
        pattern = f"(?<![a-z0-9]){pattern}(?![a-z0-9])"
    # as no index has it: so many are walked, newest first
    titles = Q(title_en__iregex=pattern) | Q(title_zh__iregex=pattern)
    return queryset.filter(_held(titles, found.text))


def _held(titles: Q, text: str) -> Q:
    held = Q(public_facts__contains=["title"]) & titles
    if text.isascii() and text.isdigit():
        low, high = text.ljust(_NUMBER, "0"), text.ljust(_NUMBER, "9")
        return Q(number__gte=low, number__lte=high) | held
    return held


def _indexed(text: str) -> Q:
    if _SHORT_WORD.fullmatch(text.lower()):
        return Q(title_grams__contains=[text.lower()])
    held = Q(title_en__icontains=text) | Q(title_zh__icontains=text)
    if max(map(len, text.split())) > 2:
        return held  # three letters: trigrams know them
    grams = {gram for run in _CHINESE.findall(text) for gram in _grams(run)}
    return held & Q(title_grams__contains=sorted(grams)) if grams else held


def _grams(run: str) -> list[str]:
    """What finds it most narrowly: pairs of neighbours, or the sign that stands alone."""
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]
