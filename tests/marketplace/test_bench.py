"""What the bench does to its database, and the engines that ours is compared with."""

import pytest
from django.db import connection
from django.http import QueryDict

from listings import indexing
from listings.wanted import read_wanted
from marketplace.bench import market, others, search
from tests.listings.factories import published


def _indexes():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN"
            " ('listings_listing', 'listings_searchentry', 'listings_specification') ORDER BY 1"
        )
        return dict(cursor.fetchall())


@pytest.mark.django_db
def test_indexes_are_left_away_and_come_back():
    before = _indexes()
    with market.indexed_after() as seconds:
        assert "search_words_public" not in _indexes()
        assert not market.is_indexed()
    assert _indexes() == before
    assert market.is_indexed() and "search_meaning_public" in seconds


@pytest.mark.django_db
def test_a_run_that_was_stopped_is_taken_up():
    before = _indexes()
    stopped = market.indexed_after()
    stopped.__enter__()  # and never left
    assert "search_newest" not in _indexes()
    with market.indexed_after():
        pass
    assert _indexes() == before


@pytest.mark.django_db
def test_the_others_find_and_filter_the_same_words():
    first = indexed(title_en="Ceramic membrane for oily wastewater", field="new_materials", trl=7)
    second = indexed(title_en="Polymer membrane for wastewater", field="new_materials", trl=4)
    indexed(title_en="Electrolyte for lithium cells", field="new_energy", trl=5)
    with others.engines() as engines:
        assert [engine.name for engine in engines] == ["SQLite FTS5", "tantivy"]
        for engine in engines:
            others.filled(engine)
            assert set(engine.ask(_asked("q=wastewater+membrane"))) == {first.pk, second.pk}
            assert engine.ask(_asked("q=wastewater+membrane&trl_min=6"), counts=True) == [first.pk]
            assert engine.ask(_asked("q=ceramic+electrolyte+membrane"))[0] == first.pk
            assert engine.ask(_asked("q=nowhere")) == []
            assert engine.megabytes() > 0
            assert set(search.compared(engine)) == {"words", "words, three filters, one count"}


def indexed(**values):
    listing = published(**values)
    indexing.index_many([listing.pk], meanings=False)
    return listing


def _asked(query):
    return read_wanted("technology", QueryDict(query))
