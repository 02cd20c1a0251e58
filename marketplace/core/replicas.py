"""Which reads a replica may answer (docs/decisions/0014-read-replicas.md).

Only views that say so under `@may_lag`, only GET and HEAD, only for somebody who has not written
lately, only while the replica is fresh. Everything else is the primary's: jobs, commands, actions,
sessions, people. Without DATABASE_REPLICA_URLS nothing here does anything.
"""

import contextlib
import hashlib
import math
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import structlog
from django.conf import settings
from django.core.cache import caches
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.db.utils import InterfaceError, InternalError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from redis.exceptions import RedisError

from marketplace.core.metrics import REPLICA_READS
from marketplace.core.replica_lag import WATCH

if TYPE_CHECKING:
    from marketplace.core.cache import PatientRedisCache

log = structlog.get_logger(__name__)
View = TypeVar("View", bound=Callable[..., HttpResponseBase])
COOKIE = "wrote"
# Who somebody is, and what the floor keeps for itself, is asked of the primary alone.
_OWN = {"sessions", "auth", "contenttypes", "account", "mfa", "usersessions", "axes", "core"}
# The replica is well, it only could not go on with this one question.
_PASSING = {
    "40001",  # the log removed rows that the question was reading
    "40P01",
    "25006",  # something was to be written
    "57014",
    "42703",  # a column or a table of a release that it has not got to yet
    "42P01",
}


@dataclass
class _Reading:
    """A request that may read from a replica; alias is None from its first write on, and from the
    moment at which the replica is no longer fresh."""

    alias: str | None
    has_read: bool = False


@dataclass
class _Traffic:
    """Whether this request has written anything that a person could look for."""

    has_written: bool = False


_reading: ContextVar[_Reading | None] = ContextVar("replica_reading", default=None)
_traffic: ContextVar[_Traffic | None] = ContextVar("replica_traffic", default=None)


class ReplicaRouter:
    """Django's database router. Outside of `may_lag` it answers as Django does without one."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return DEFAULT_DB_ALIAS if _is_own(model) else reading_alias()

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        traffic, reading = _traffic.get(), _reading.get()
        if traffic is not None and not _is_own(model):
            traffic.has_written = True
        if reading is not None:
            reading.alias = None
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return True  # all of them are one database

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS


def _is_own(model: type[Model]) -> bool:
    return model._meta.app_label in _OWN or model._meta.label == settings.AUTH_USER_MODEL


def reading_alias() -> str:
    """The database that what is read now comes from. Within a transaction it is the primary: what
    was written in it is seen in it."""
    reading = _reading.get()
    if reading is None or reading.alias is None:
        return DEFAULT_DB_ALIAS
    if connections[DEFAULT_DB_ALIAS].in_atomic_block:
        return DEFAULT_DB_ALIAS
    if not WATCH.is_fresh(reading.alias):
        reading.alias = None
        return DEFAULT_DB_ALIAS
    reading.has_read = True
    return reading.alias


def reading_connection() -> BaseDatabaseWrapper:
    """For statements written by hand in `queries`; instead of django.db.connection."""
    return connections[reading_alias()]


@contextlib.contextmanager
def on_primary() -> Iterator[None]:
    """What is asked within must be true now: who somebody is and what they may do. Notes kept of
    that (the last use of a token) are not what the person wrote."""
    before, counted = _reading.set(None), _traffic.set(None)
    try:
        yield
    finally:
        _traffic.reset(counted)
        _reading.reset(before)


def may_lag(view: View) -> View:
    """For views that only read: they may be answered by a replica, at most
    DATABASE_REPLICA_MAX_LAG seconds behind, and are answered by the primary when it fails."""

    @wraps(view)
    def served(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        alias = _replica_for(request)
        if alias is None:
            return view(request, *args, **kwargs)
        reading = _Reading(alias)
        before = _reading.set(reading)
        try:
            response = view(request, *args, **kwargs)
            if not getattr(response, "is_rendered", True):
                response.render()  # type: ignore[attr-defined]
            REPLICA_READS.labels("replica" if reading.alias else "primary").inc()
            return response
        except (OperationalError, InterfaceError, InternalError, ProgrammingError) as error:
            # From the first write on, or once the replica was late, it is the primary that failed:
            # what was written is not written twice.
            if not reading.has_read or reading.alias is None:
                raise
            _note(alias, error)
        finally:
            _reading.reset(before)
        REPLICA_READS.labels("failed").inc()
        return view(request, *args, **kwargs)

    return cast("View", served)


def _replica_for(request: HttpRequest) -> str | None:
    if not settings.DATABASE_REPLICAS or request.method not in ("GET", "HEAD"):
        return None
    alias = None if wrote_lately(request) else WATCH.choose()
    if alias is None:
        REPLICA_READS.labels("primary").inc()
    return alias


def _note(alias: str, error: Exception) -> None:
    state = getattr(error.__cause__, "sqlstate", None)
    if state in _PASSING:
        log.info("replica_gave_up", replica=alias, sqlstate=state)
    else:
        WATCH.note_failure(alias, type(error).__name__)


# --- One's own writes are read --------------------------------------------------------------------


class WroteMiddleware:
    """Marks whoever writes, until every replica that may answer must hold it.

    A browser keeps the mark in a cookie; a token, which keeps none, is remembered in the cache. The
    mark holds no secret: who forges it is answered by the primary.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        traffic = _Traffic()
        before = _traffic.set(traffic)
        try:
            response = self.get_response(request)
        finally:
            _traffic.reset(before)
        if traffic.has_written or request.method not in ("GET", "HEAD", "OPTIONS", "TRACE"):
            _mark(request, response)
        return response


def wrote_lately(request: HttpRequest) -> bool:
    """Whether what this reader wrote may not have reached the replicas; also when nobody knows."""
    if COOKIE in request.COOKIES:
        return True
    key = _token_key(request)
    if not key:
        return False
    try:
        return bool(cast("PatientRedisCache", caches["default"]).get_or_fail(key))
    except RedisError:
        return True


def _mark(request: HttpRequest, response: HttpResponse) -> None:
    seconds = math.ceil(settings.DATABASE_REPLICA_MAX_LAG) + 1
    key = _token_key(request)
    if key:
        caches["default"].set(key, 1, seconds)
        return
    response.set_cookie(
        COOKIE, "1", max_age=seconds, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip


def _token_key(request: HttpRequest) -> str:
    given = request.headers.get("Authorization", "")
    return f"wrote:{hashlib.sha256(given.encode()).hexdigest()}" if given else ""
