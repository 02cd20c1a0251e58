"""Work of this room that is done by workers. Every handler may run twice."""

import datetime as dt
from typing import Any

from listings import indexing, terms
from listings.actions import documents, lifecycle
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


@job("listings.read_document", queue="backlog")
def read_document(payload: dict[str, Any]) -> None:
    documents.read_text(document_id=payload["document"])


@job(
    "listings.count_terms",
    queue="backlog",
    every=dt.timedelta(hours=1),
    lease=dt.timedelta(minutes=30),
)
def count_terms(payload: dict[str, Any]) -> None:
    terms.count_terms()


@job("listings.expire_due", every=dt.timedelta(hours=1))
def expire_due(payload: dict[str, Any]) -> None:
    lifecycle.expire_due()
    lifecycle.remind_expiring()
