"""Forty fixed questions, suggestions and similar listings, timed in this process."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

from django.core.cache import cache
from django.db import connection
from django.http import QueryDict

from listings.disclosure import disclosed_many
from listings.models import Listing
from listings.models.listings import State, Tier
from listings.queries import meaning
from listings.queries.browse import browse
from listings.queries.similar import similar_to
from listings.queries.suggestions import suggest
from listings.wanted import Wanted, read_wanted
from marketplace.bench.others import Engine
from marketplace.core.actor import Actor
from marketplace.core.encoder import encoder

ROUNDS = 3
_WORDS = (
    "battery electrolyte", "涂层", "wastewater membrane", "检测", "titanium alloy powder", "传感器",
    "machine learning inspection", "低温 电池", "corrosion", "recycling of plastics",
)  # fmt: skip
_FILTERS = (
    "field=new_energy&trl_min=5&mode=ordinary_licence",
    "field=new_materials&trl_max=7&language=en",
    "mode=assignment&region=440000&verified=1",
    "field=advanced_manufacturing&price_max=5000000&trl_min=4",
)
_MEANINGS = (
    "our pouch cells lose half of their capacity in winter",
    "a way to see cracks inside castings without cutting them",
    "keep vegetables fresh on long journeys without cooling",
    "make concrete with less carbon dioxide",
    "tell fake medicine from real in a village pharmacy",
)
_CROSSED = (
    "怎样在高温下防止金属表面剥落", "不停机检查输油管道的腐蚀", "用更少的水种水稻",
    "robot that picks fruit without bruising it", "水处理膜总是堵塞怎么办",
)  # fmt: skip
_TYPED = (
    "bat", "elec", "co", "涂", "传感", "dian", "gu", "mem", "wat", "ro", "ti", "膜", "cuihua",
    "las", "optic", "steel", "robot", "水", "低温", "sens",
)  # fmt: skip
_VISITOR = Actor.visitor()


def benches() -> dict[str, list[Callable[[], Any]]]:
    """Name -> calls to be timed, each on its own."""
    plain = [_asked(f"q={text}") for text in _WORDS]
    filtered = [
        _asked(f"q={text}&{_FILTERS[number % len(_FILTERS)]}") for number, text in enumerate(_WORDS)
    ]
    meanings = [_asked(f"q={text}") for text in _MEANINGS] * 2
    crossed = [_asked(f"q={text}") for text in _CROSSED] * 2
    return {
        "40 questions: words": [_calling(wanted, words_only=True) for wanted in plain],
        "40 questions: words, three filters": [
            _calling(wanted, words_only=True) for wanted in filtered
        ],
        "40 questions: words and meaning": [_calling(wanted) for wanted in meanings],
        "40 questions: crossed languages": [_calling(wanted) for wanted in crossed],
        "suggestions": [partial(suggest, text, "technology") for text in _TYPED],
        "similar": [partial(similar_to, seen, _VISITOR) for seen in _some()],
    }


def compared(engine: Engine) -> dict[str, list[Callable[[], Any]]]:
    """The same questions of words, asked of another engine."""
    plain = [_asked(f"q={text}") for text in _WORDS]
    filtered = [
        _asked(f"q={text}&{_FILTERS[number % len(_FILTERS)]}") for number, text in enumerate(_WORDS)
    ]
    return {
        "words": [partial(engine.ask, wanted) for wanted in plain],
        "words, three filters, one count": [
            partial(engine.ask, wanted, counts=True) for wanted in filtered
        ],
    }


def measure(calls: list[Callable[[], Any]]) -> tuple[list[float], list[float]]:
    """(seconds in the database, seconds in all) of every call, after one warm round."""
    in_database: list[float] = []
    in_all: list[float] = []
    for turn in range(ROUNDS + 1):
        for call in calls:
            with _watched() as seconds:
                started = time.perf_counter()
                call()
                took = time.perf_counter() - started
            if turn:
                in_database.append(sum(seconds))
                in_all.append(took)
    return in_database, in_all


@contextmanager
def _watched() -> Iterator[list[float]]:
    seconds: list[float] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            seconds.append(time.perf_counter() - started)

    with connection.execute_wrapper(watch):
        yield seconds


def _asked(query: str) -> Wanted:
    return read_wanted("technology", QueryDict(query))


def _calling(wanted: Wanted, *, words_only: bool = False) -> Callable[[], Any]:
    """The whole list with its counts. words_only: as where there is no encoder."""

    def call() -> Any:
        cache.clear()  # counts of a visitor without a question are kept; here they are counted
        if words_only:
            with patch.object(meaning, "vector_of", return_value=None):
                return browse(wanted, _VISITOR)
        return browse(wanted, _VISITOR)

    if not words_only and encoder() is not None:
        meaning.vector_of(wanted.question)  # loads the model before anything is timed
    return call


def _some() -> list[Any]:
    rows = Listing.objects.filter(
        kind="technology", state=State.PUBLISHED, visibility=Tier.PUBLIC
    ).order_by("-pk")[:20]
    return list(disclosed_many(list(rows), _VISITOR).values())
