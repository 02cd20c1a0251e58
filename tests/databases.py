"""A migrated database for each test process, and a fresh one after each test that commits.

The tables are made once a run, in a template; everybody else copies it, which takes a blink. A copy
also replaces Django's flush: that one empties what migrations filled, and cannot empty tables that
refuse deletion, as the events do.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase
from psycopg import sql

TEMPLATE = "test_template"


class TestDatabase:
    """The database of this test process."""

    __test__ = False

    def __init__(self) -> None:
        self.url = os.environ["DATABASE_URL"]
        self.name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"

    def make(self) -> None:
        """Make the template if this process is the first, then our own copy; point Django at it."""
        with _one_at_a_time():
            if not self._exists(TEMPLATE):
                self._run("CREATE DATABASE {}", TEMPLATE)
                self._use(TEMPLATE)
                call_command("migrate", verbosity=0, interactive=False)
                connections.close_all()
        self.renew()

    def renew(self) -> None:
        """Replace our database by a new copy of the template, whoever is still connected."""
        connections.close_all()
        with _one_at_a_time():  # a template is copied by one at a time
            self.drop()
            self._run("CREATE DATABASE {} TEMPLATE {}", self.name, TEMPLATE)
        self._use(self.name)

    def drop(self) -> None:
        """Remove our database."""
        connections.close_all()
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)

    def own_url(self) -> str:
        """What DATABASE_URL must be for another process to see our database."""
        head, _, query = self.url.partition("?")
        return f"{head.rpartition('/')[0]}/{self.name}" + (f"?{query}" if query else "")

    def _use(self, name: str) -> None:
        settings.DATABASES["default"]["NAME"] = name
        connections["default"].settings_dict["NAME"] = name

    def _exists(self, name: str) -> bool:
        with psycopg.connect(self.url) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return found.fetchone() is not None

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def drop_template(url: str) -> None:
    """Remove the template from a server that lives longer than a run: before it, since it may be
    of older tables, and after it, when no process copies it any more."""
    with psycopg.connect(url, autocommit=True) as connection:
        name = sql.Identifier(TEMPLATE)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (Path(os.environ["YIZHAN_TEST_RUN"]) / "database.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def renew_instead_of_flush(database: TestDatabase) -> None:
    """Tests that commit end with a new copy of the template."""

    def teardown(self: TransactionTestCase, *args: Any, **kwargs: Any) -> None:
        database.renew()

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign,assignment]
