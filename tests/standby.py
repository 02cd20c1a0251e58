"""A primary and its streaming standby, both real: copies of the whole server of the test run.

Not the run's server itself, so that what other tests write and drop is nothing to them.
"""

import os
import subprocess
from pathlib import Path

import psycopg
import pytest

from marketplace.runner.postgres import FOR_TESTS, Postgres
from marketplace.runner.processes import group_of

NOWHERE: dict[str, str] = {key: value for key, value in os.environ.items() if key[:2] != "PG"}


class Pair:
    """`primary` and `standby`; `start` copies what the run's server holds at that moment."""

    def __init__(self) -> None:
        run = Path(os.environ["YIZHAN_TEST_RUN"])
        if not (run / "pg").exists():
            pytest.skip("the server that was given is not ours to copy")
        self.folder = run / f"pair-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
        self.is_running = False
        self.database = ""

    def start(self, source: str, database: str) -> None:
        """source: address of the server to copy; database: the one that is meant in it."""
        self.database = database
        self.primary = self._copy("primary", source)
        self.primary.start()
        self.standby = self._copy("standby", self.primary.url(), "--write-recovery-conf")
        self.standby.start()
        self.is_running = True

    def stop(self) -> None:
        if self.is_running:
            self.standby.service.stop()
            self.primary.service.stop()

    def primary_url(self) -> str:
        return self.primary.url(self.database)

    def standby_url(self) -> str:
        return self.standby.url(self.database)

    def hold(self) -> None:
        """From now on the standby stays where it is, however far the primary goes."""
        self.standby.query("SELECT pg_wal_replay_pause()")

    def release(self) -> None:
        if self.standby.query("SELECT pg_is_wal_replay_paused()") == "t":
            self.standby.query("SELECT pg_wal_replay_resume()")

    def write(self, statement: str, *values: object) -> None:
        """On the primary, past the application."""
        with psycopg.connect(self.primary_url(), autocommit=True) as connection:
            connection.execute(statement, values)  # type: ignore[call-overload]

    def _copy(self, name: str, source: str, *options: str) -> Postgres:
        server = Postgres(
            self.folder / name, self.folder.parent / f"{name}.log", dict(os.environ), FOR_TESTS,
            lambda line: None,
        )  # fmt: skip
        done = subprocess.run(
            [
                str(server.programs / "pg_basebackup"), "--dbname", source,
                "--pgdata", str(server.data), "--checkpoint=fast", "--no-sync", *options,
            ],
            env=NOWHERE, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            cwd=server.data, user=server.user,
            group=None if server.user is None else group_of(server.user),
            extra_groups=None if server.user is None else [],
        )  # fmt: skip
        assert not done.returncode, done.stderr
        return server
