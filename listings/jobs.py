"""Work of this room that is done by workers. Every handler may run twice."""

import datetime as dt
from typing import Any

from listings import alerts, indexing, news, terms
from listings.actions import (
    documents,
    exports,
    harvesting,
    import_files,
    import_reading,
    import_turns,
    lifecycle,
)
from marketplace.core.jobs import job


@job("listings.index_listing")
def index_listing(payload: dict[str, Any]) -> None:
    indexing.index_listing(payload["listing"])


@job("listings.index_batch", queue="embedding", lease=dt.timedelta(minutes=10))
def index_batch(payload: dict[str, Any]) -> None:
    indexing.index_many(payload["listings"], meanings=payload.get("meanings", True))


@job("listings.embed_batch", queue="embedding", lease=dt.timedelta(minutes=10))
def embed_batch(payload: dict[str, Any]) -> None:
    indexing.embed_batch(payload["listings"])


# The queue "long" is that of minutes: it has a worker apart from what people wait for. The backlog
# holds nothing but what follows an import of many rows: behind those nobody should have to wait.
@job("listings.read_document", queue="long")
def read_document(payload: dict[str, Any]) -> None:
    documents.read_text(document_id=payload["document"])


@job(
    "listings.count_terms",
    queue="long",
    every=dt.timedelta(hours=1),
    lease=dt.timedelta(minutes=30),
)
def count_terms(payload: dict[str, Any]) -> None:
    terms.count_terms()


@job("listings.expire_due", every=dt.timedelta(hours=1))
def expire_due(payload: dict[str, Any]) -> None:
    lifecycle.expire_due()
    lifecycle.remind_expiring()


# Taking the rows out of a large Excel file is minutes of work: never before what people wait for.
@job("listings.read_import", queue="long", lease=dt.timedelta(minutes=12))
def read_import(payload: dict[str, Any]) -> None:
    import_reading.read_next(payload["owner"])


# Short turns, in a queue of their own: neither do they keep anything waiting, nor do they wait
# behind the matches of the rows they stored, which are in the backlog.
@job("listings.import_turn", queue="imports")
def import_turn(payload: dict[str, Any]) -> None:
    import_turns.take_next(payload["owner"])


@job("listings.write_export", queue="long", lease=dt.timedelta(minutes=20), max_tries=3)
def write_export(payload: dict[str, Any]) -> None:
    exports.write_next(payload["person"])


@job("listings.forget_files", every=dt.timedelta(hours=1))
def forget_files(payload: dict[str, Any]) -> None:
    exports.forget_exports()
    import_files.forget_imports()


@job("listings.harvest_due", every=dt.timedelta(minutes=5))
def harvest_due(payload: dict[str, Any]) -> None:
    harvesting.enqueue_due()


@job("listings.harvest", queue="long", lease=dt.timedelta(minutes=15))
def harvest(payload: dict[str, Any]) -> None:
    harvesting.take_turn(source_id=payload["source"])


@job(news.CHECK, queue="long", lease=dt.timedelta(minutes=10))
def check_new(payload: dict[str, Any]) -> None:
    alerts.check_new()


@job("listings.tell_due", every=dt.timedelta(hours=1))
def tell_due(payload: dict[str, Any]) -> None:
    alerts.tell_due()


@job("listings.tell_search", queue="mail")
def tell_search(payload: dict[str, Any]) -> None:
    alerts.tell(payload["search"])
