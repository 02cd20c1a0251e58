"""Which reads leave the primary, as the router decides; tests/faults has it with real servers."""

from __future__ import annotations

import math
import time
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from accounts.models import User
from listings.models import Listing
from marketplace.core import replica_lag, replicas
from marketplace.core.models import Job
from marketplace.core.replica_lag import Standing, Watch, position
from marketplace.core.replica_urls import database
from marketplace.core.replicas import (
    ReplicaRouter,
    WroteMiddleware,
    may_lag,
    on_primary,
    reading_alias,
)

ROUTER = ReplicaRouter()
ASK = RequestFactory()


@pytest.fixture
def watch(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """One replica, known to be fresh."""
    settings.DATABASE_REPLICAS = ["replica_1"]
    made = Watch()
    made.standings["replica_1"] = Standing(as_of=time.monotonic() + 60)
    monkeypatch.setattr(made, "_measure", lambda: None)
    monkeypatch.setattr(replicas, "WATCH", made)
    return made


def read_from(request: HttpRequest | None = None, within: Any = None) -> str:
    """Where a marked view reads listings from."""
    found = []

    @may_lag
    def view(request: HttpRequest) -> HttpResponse:
        if within is not None:
            within()
        found.append(ROUTER.db_for_read(Listing))
        return HttpResponse()

    view(request or ASK.get("/"))
    return found[-1]


def test_without_replicas_nothing_leaves_the_primary_and_nobody_is_marked() -> None:
    assert read_from() == "default"


def test_a_marked_view_reads_from_the_replica_and_leaves_it_behind(watch: Watch) -> None:
    assert read_from() == "replica_1"
    assert reading_alias() == "default"
    assert ROUTER.db_for_read(Listing) == "default"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_what_may_write_reads_from_the_primary(watch: Watch, method: str) -> None:
    assert read_from(getattr(ASK, method)("/")) == "default"


def test_who_is_marked_reads_from_the_primary(watch: Watch) -> None:
    marked = ASK.get("/")
    marked.COOKIES["wrote"] = "1"
    assert read_from(marked) == "default"


def test_from_its_first_write_on_a_request_stays_with_the_primary(watch: Watch) -> None:
    assert read_from(within=lambda: ROUTER.db_for_write(Listing)) == "default"


def test_within_a_transaction_the_primary_is_read(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections["default"], "in_atomic_block", True)
    assert read_from() == "default"


def test_who_somebody_is_comes_from_the_primary(watch: Watch) -> None:
    found: list[str] = []

    def ask() -> None:
        found.append(ROUTER.db_for_read(User))
        found.append(ROUTER.db_for_read(Job))
        with on_primary():
            found.append(ROUTER.db_for_read(Listing))

    assert read_from(within=ask) == "replica_1"
    assert found == ["default"] * 3


def test_a_replica_that_grows_too_old_is_left_in_the_middle_of_a_request(watch: Watch) -> None:
    def grow_old() -> None:
        watch.standings["replica_1"].as_of = time.monotonic() - 5.1

    assert read_from(within=grow_old) == "default"
    assert read_from() == "default"


def _failing(sqlstate: str = "") -> Any:
    """A view that fails once after it has read from the replica."""
    asked = []

    @may_lag
    def view(request: HttpRequest) -> HttpResponse:
        asked.append(ROUTER.db_for_read(Listing))
        if asked[-1] != "default":
            cause = psycopg.errors.lookup(sqlstate)() if sqlstate else psycopg.OperationalError()
            raise OperationalError from cause
        return HttpResponse(",".join(asked))

    return view


def test_a_replica_that_fails_is_left_out_and_the_primary_answers(watch: Watch) -> None:
    assert _failing()(ASK.get("/")).content == b"replica_1,default"
    assert watch.choose() is None


def test_a_question_that_the_log_ran_over_is_no_fault_of_the_replica(watch: Watch) -> None:
    assert _failing("40001")(ASK.get("/")).content == b"replica_1,default"
    assert watch.choose() == "replica_1"


def test_what_wrote_is_not_done_twice_when_the_primary_fails(watch: Watch) -> None:
    done = []

    @may_lag
    def view(request: HttpRequest) -> HttpResponse:
        ROUTER.db_for_read(Listing)
        ROUTER.db_for_write(Listing)
        done.append(1)
        raise OperationalError

    with pytest.raises(OperationalError):
        view(ASK.get("/"))
    assert done == [1]
    assert watch.choose() == "replica_1"  # it is no fault of the replica


def test_a_failure_of_the_primary_is_not_hidden(watch: Watch) -> None:
    @may_lag
    def view(request: HttpRequest) -> HttpResponse:
        raise OperationalError

    with pytest.raises(OperationalError):
        view(ASK.get("/"))


def test_a_replica_has_the_settings_of_the_primary_but_not_its_address() -> None:
    primary = {
        "ENGINE": "django.db.backends.postgresql", "NAME": "market", "USER": "one", "HOST": "",
        "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"host": "/run/primary", "options": "-c a=b", "pool": {"max_size": 4}},
    }  # fmt: skip

    made = database("postgresql://two:pass@replica:5433/market", primary)

    assert (made["HOST"], made["PORT"], made["USER"]) == ("replica", 5433, "two")
    assert "host" not in made["OPTIONS"] and made["CONN_MAX_AGE"] == 60
    assert made["OPTIONS"]["options"] == "-c a=b -c default_transaction_read_only=on"
    assert made["OPTIONS"]["pool"] == {"max_size": 4, "timeout": 2}
    assert database("postgresql://u@/m?host=/run/two", primary)["OPTIONS"]["host"] == "/run/two"


# --- Who has written ------------------------------------------------------------------------------


def _answer(request: HttpRequest, view: Any = lambda request: HttpResponse()) -> HttpResponse:
    return WroteMiddleware(view)(request)


def test_a_browser_that_wrote_is_marked_for_as_long_as_a_replica_may_be_behind(
    settings: Any,
) -> None:
    settings.DATABASE_REPLICA_MAX_LAG = 2.5
    assert _answer(ASK.post("/")).cookies["wrote"]["max-age"] == 4
    assert "wrote" not in _answer(ASK.get("/")).cookies


def test_a_get_that_writes_marks_too_but_notes_of_who_came_do_not() -> None:
    def writes(model: Any) -> Any:
        def view(request: HttpRequest) -> HttpResponse:
            ROUTER.db_for_write(model)
            return HttpResponse()

        return view

    def notes(request: HttpRequest) -> HttpResponse:
        with on_primary():
            ROUTER.db_for_write(Listing)
        return HttpResponse()

    assert "wrote" in _answer(ASK.get("/"), writes(Listing)).cookies
    assert "wrote" not in _answer(ASK.get("/"), writes(User)).cookies
    assert "wrote" not in _answer(ASK.get("/"), notes).cookies


def test_a_token_that_wrote_is_remembered_without_a_cookie(watch: Watch) -> None:
    mine = {"headers": {"authorization": "Bearer yz_mine"}}
    others = {"headers": {"authorization": "Bearer yz_others"}}
    assert read_from(ASK.get("/", **mine)) == "replica_1"

    assert "wrote" not in _answer(ASK.post("/", **mine)).cookies

    assert read_from(ASK.get("/", **mine)) == "default"
    assert read_from(ASK.get("/", **others)) == "replica_1"


def test_while_nobody_knows_who_wrote_tokens_read_from_the_primary(
    watch: Watch, settings: Any
) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "marketplace.core.cache.PatientRedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    assert read_from(ASK.get("/", headers={"authorization": "Bearer yz_mine"})) == "default"


# --- How far behind -------------------------------------------------------------------------------


class Asked:
    """A connection that answers each cursor's question with the next of its rows."""

    def __init__(self, *rows: tuple[Any, ...]) -> None:
        self.rows = list(rows)

    def cursor(self) -> Asked:
        return self

    __enter__ = cursor

    def __exit__(self, *error: object) -> None: ...

    def execute(self, statement: str) -> None: ...

    def fetchone(self) -> tuple[Any, ...]:
        return self.rows.pop(0)

    def close(self) -> None: ...


@pytest.fixture
def measured(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """measured(primary's rows, replica's rows): the standing after that many measurements."""
    settings.DATABASE_REPLICAS = ["replica_1"]

    def measure(primary: list[Any], replica: list[Any]) -> Standing:
        monkeypatch.setattr(
            replica_lag, "connections", {"default": Asked(*primary), "replica_1": Asked(*replica)}
        )
        watch = Watch()
        for _ in primary:
            watch._measure()
            time.sleep(0.01)
        return watch.standings["replica_1"]

    return measure


def test_a_replica_holds_what_was_committed_before_the_mark_that_it_has_reached(
    measured: Any,
) -> None:
    start = time.monotonic()
    there = measured([("0/5000", 1, 2)], [("0/5000", True, 1, 2)])
    assert there.is_fresh and start <= there.as_of <= time.monotonic()

    behind = measured(
        [("0/5000", 1, 2), ("0/6000", 1, 2)], [("0/5000", True, 1, 2), ("0/5800", True, 1, 2)]
    )
    assert behind.is_fresh and behind.lag >= 0.01  # as the first mark says, not the second

    never = measured([("0/5000", 1, 2)], [("0/4000", True, 1, 2)])
    assert not never.is_fresh and never.as_of == -math.inf


def test_what_is_no_replica_of_this_database_is_left_out(measured: Any) -> None:
    assert not measured([("0/5000", 1, 2)], [(None, False, 1, 2)]).is_fresh
    assert not measured([("0/5000", 1, 2)], [("0/6000", False, 1, 2)]).is_fresh
    assert not measured([("0/5000", 1, 2)], [("0/6000", True, 1, 3)]).is_fresh


def test_places_in_the_log_compare_as_numbers() -> None:
    assert position("0/FFFFFFFF") < position("1/0")
    # an idle primary that would write next behind the heading of a page, and its replica
    assert position("0/2018") == position("0/2000") == 8192
