"""What one could take in place of our search: SQLite FTS5 and tantivy, over the same words.

Each gets the words that our index holds (so Chinese is cut and English stemmed for them, too), asks
for all words of a question and, when nothing holds them all, for any; and orders by BM25 with the
title counting three times. They get no synonyms, corrections, tiers or meaning: that is what they
are without the work around them. Filters are those of the question, but for verified owners, whom
they do not know; counts are of one facet.
"""

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from django.db import connection, transaction

from listings.question import Question, read_question
from listings.wanted import Wanted

TITLE = 3.0
FOUND = 100
_CHUNK = 5_000


class Row(NamedTuple):
    """A listing as both engines get it."""

    pk: int
    kind: str
    title: str
    body: str
    field: str
    trl: int
    modes: str
    region: str
    language: str
    price: int


class Engine(Protocol):
    name: str

    def fill(self, rows: Iterator[Row]) -> None:
        """Index the rows; blocks until they can be found."""

    def ask(self, wanted: Wanted, *, counts: bool = False) -> list[int]:
        """Ids of the best, best first; counts: also count the hits by field."""

    def megabytes(self) -> float:
        """What it takes on disk."""

    def close(self) -> None:
        """Let go of files."""


def rows() -> Iterator[Row]:
    """Every listing with its public words, as often as they stand in it, streamed."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT listing_id, kind,"
            " (SELECT string_agg(lexeme, ' ') FROM unnest(words_title)),"
            " (SELECT string_agg(repeat(lexeme || ' ', cardinality(positions)), '')"
            "  FROM unnest(words_public)),"
            " field, coalesce(trl, 0), array_to_string(modes, ' '), region, language,"
            " coalesce(price_min, 0)::bigint"
            " FROM listings_searchentry WHERE words_public IS NOT NULL ORDER BY listing_id"
        )
        while found := cursor.fetchmany(_CHUNK):
            for pk, kind, title, body, *facts in found:
                yield Row(pk, kind, title or "", body or "", *facts)


@contextmanager
def engines() -> Iterator[list[Engine]]:
    """Both, each in a folder of its own that is gone afterwards. Raises ImportError without
    tantivy, which is a development package."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        made: list[Engine] = [Fts5(Path(first)), Tantivy(Path(second))]
        try:
            yield made
        finally:
            for engine in made:
                engine.close()


def filled(engine: Engine) -> float:
    """Seconds that it takes to index what the database holds, reading included."""
    started = time.perf_counter()
    engine.fill(rows())
    return time.perf_counter() - started


def _tokens(question: Question) -> list[str]:
    return [word.token for word in question.words]


class Fts5:
    name = "SQLite FTS5"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "words.sqlite"
        self.db = sqlite3.connect(self.path)
        self.db.executescript(
            "PRAGMA journal_mode = off; PRAGMA synchronous = off; PRAGMA cache_size = -262144;"
            "CREATE VIRTUAL TABLE words USING fts5(title, body, content='',"
            " tokenize = \"unicode61 remove_diacritics 0 tokenchars '_.-+#/'\");"
            "CREATE TABLE facts (pk INTEGER PRIMARY KEY, kind TEXT, field TEXT, trl INT,"
            " modes TEXT, region TEXT, language TEXT, price INT);"
        )

    def fill(self, rows: Iterator[Row]) -> None:
        with self.db:
            for row in rows:
                self.db.execute(
                    "INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)",
                    (row.pk, row.title, row.body),
                )
                self.db.execute(
                    "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (row.pk, row.kind, *row[4:]),
                )
        self.db.execute("INSERT INTO words (words) VALUES ('optimize')")

    def ask(self, wanted: Wanted, *, counts: bool = False) -> list[int]:
        tokens = ['"{}"'.format(one.replace('"', "")) for one in _tokens(wanted_question(wanted))]
        where, values = _conditions(wanted)
        found: list[int] = []
        for joint in (" AND ", " OR "):
            match = joint.join(tokens)
            found = [
                pk
                for (pk,) in self.db.execute(
                    "SELECT pk FROM words JOIN facts ON pk = words.rowid"  # noqa: S608 (our names)
                    f" WHERE words MATCH ? AND {where}"
                    f" ORDER BY bm25(words, {TITLE}, 1.0) LIMIT {FOUND}",
                    (match, *values),
                )
            ]
            if found or len(tokens) < 2:
                break
        if counts:
            self.db.execute(
                "SELECT field, count(*) FROM words JOIN facts ON pk = words.rowid"  # noqa: S608
                f" WHERE words MATCH ? AND {where} GROUP BY field",
                (match, *values),
            ).fetchall()
        return found

    def megabytes(self) -> float:
        return self.path.stat().st_size / 1024 / 1024

    def close(self) -> None:
        self.db.close()


def _conditions(wanted: Wanted) -> tuple[str, list[Any]]:
    """The filters of a question in SQL, with their values."""
    parts: list[tuple[str, list[Any]]] = [("kind = ?", [wanted.kind])]
    if wanted.field:
        parts.append(("field = ?", [wanted.field[0]]))
    if wanted.trl_min:
        parts.append(("trl >= ?", [wanted.trl_min]))
    if wanted.trl_max:
        parts.append(("trl <= ?", [wanted.trl_max]))
    if wanted.mode:
        parts.append(("modes LIKE ?", [f"%{wanted.mode[0]}%"]))
    if wanted.region:
        parts.append(("region LIKE ?", [f"{wanted.region[:2]}%"]))
    if wanted.language:
        parts.append(("language IN (?, 'both')", [wanted.language]))
    if wanted.price_max is not None:
        parts.append(("price <= ?", [int(wanted.price_max)]))
    return " AND ".join(text for text, _ in parts), [v for _, values in parts for v in values]


class Tantivy:
    name = "tantivy"

    def __init__(self, folder: Path) -> None:
        import tantivy  # noqa: PLC0415 (a development package)

        self.folder, self.tantivy = folder, tantivy
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("pk", stored=True, fast=True)
        for name in ("title", "body", "modes"):
            builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
        for name in ("kind", "field", "region", "language"):
            builder.add_text_field(name, tokenizer_name="raw", fast=True, index_option="basic")
        for name in ("trl", "price"):
            builder.add_integer_field(name, indexed=True, fast=True)
        self.schema = builder.build()
        self.index = tantivy.Index(self.schema, path=str(folder))
        self.searcher = self.index.searcher()

    def fill(self, rows: Iterator[Row]) -> None:
        writer = self.index.writer(heap_size=256 * 1024 * 1024, num_threads=2)
        for row in rows:
            facts = {**row._asdict(), "region": row.region[:2]}
            writer.add_document(self.tantivy.Document(**facts))
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()
        self.searcher = self.index.searcher()

    def ask(self, wanted: Wanted, *, counts: bool = False) -> list[int]:
        tantivy = self.tantivy
        limits = [(tantivy.Occur.Must, tantivy.Query.const_score_query(limit, 0.0))
                  for limit in self._limits(wanted)]  # fmt: skip
        words = [self._word(token) for token in _tokens(wanted_question(wanted))]
        found: list[int] = []
        for occur in (tantivy.Occur.Must, tantivy.Occur.Should):
            asked = tantivy.Query.boolean_query([(occur, word) for word in words])
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, asked), *limits])
            hits = self.searcher.search(query, FOUND, count=counts).hits
            found = [self.searcher.doc(address)["pk"][0] for _score, address in hits]
            if found or len(words) < 2:
                break
        if counts:
            self.searcher.aggregate(query, {"by_field": {"terms": {"field": "field"}}})
        return found

    def _word(self, token: str) -> Any:
        tantivy = self.tantivy
        title = tantivy.Query.term_query(self.schema, "title", token, "freq")
        body = tantivy.Query.term_query(self.schema, "body", token, "freq")
        return tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Should, tantivy.Query.boost_query(title, TITLE)),
                (tantivy.Occur.Should, body),
            ]
        )

    def _limits(self, wanted: Wanted) -> list[Any]:
        query, kinds = self.tantivy.Query, self.tantivy.FieldType
        limits = [query.term_query(self.schema, "kind", wanted.kind, "basic")]
        if wanted.field:
            limits.append(query.term_query(self.schema, "field", wanted.field[0], "basic"))
        if wanted.trl_min or wanted.trl_max:
            limits.append(
                query.range_query(
                    self.schema, "trl", kinds.Integer, wanted.trl_min or 1, wanted.trl_max or 9
                )
            )
        if wanted.mode:
            limits.append(query.term_query(self.schema, "modes", wanted.mode[0], "freq"))
        if wanted.region:
            limits.append(query.term_query(self.schema, "region", wanted.region[:2], "basic"))
        if wanted.language:
            limits.append(query.term_set_query(self.schema, "language", [wanted.language, "both"]))
        if wanted.price_max is not None:
            limits.append(
                query.range_query(self.schema, "price", kinds.Integer, 0, int(wanted.price_max))
            )
        return limits

    def megabytes(self) -> float:
        return sum(file.stat().st_size for file in self.folder.iterdir()) / 1024 / 1024

    def close(self) -> None:
        return None


def wanted_question(wanted: Wanted) -> Question:
    """The question taken apart as ours is."""
    return read_question(wanted.question)
