"""What every test may use. docs/how-to/test.md is a tour."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from marketplace.runner.processes import die_with_parent, tail
from tests.cast import cast  # noqa: F401 (a fixture for every test)
from tests.databases import TestDatabase, renew_instead_of_flush

LOOPBACK = ("127.", "::1", "localhost")


# --- Order ----------------------------------------------------------------------------------------


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long starts first, so that no process ends with a long test while others rest."""
    items.sort(key=lambda item: not _takes_long(item))


def _takes_long(item: pytest.Item) -> bool:
    starts_programs = item.path.parent.name in {"runner", "faults"}
    return starts_programs or any(item.iter_markers("worker")) or any(item.iter_markers("browser"))


# --- The network ends at this machine -------------------------------------------------------------


def _refuse_outside(address: Any) -> None:
    if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
        raise AssertionError(f"A test tried to reach {address[0]}; nothing may leave the machine.")


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        original = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any, original: Any = original) -> Any:
            _refuse_outside(address)
            return original(self, address)

        patch.setattr(socket.socket, name, guarded)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _language_of_nobody() -> Iterator[None]:
    """A request leaves its reader's language behind in the thread; the next test starts afresh."""
    yield
    from django.utils import translation

    translation.deactivate()


# --- The database ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def test_database() -> TestDatabase:
    """The database of this test process (its address, mostly)."""
    return TestDatabase()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that commits begins with connections of its own: one that is left from before may be
    to a database that has been replaced since."""
    marker = item.get_closest_marker("django_db")
    if marker is not None and marker.kwargs.get("transaction"):
        from django.db import connections

        connections.close_all()


@pytest.fixture(scope="session")
def django_db_setup(
    test_database: TestDatabase, django_test_environment: None, django_db_blocker: Any
) -> Iterator[None]:
    """Replaces pytest-django's: copies of one migrated template."""
    with django_db_blocker.unblock():
        test_database.make()
        renew_instead_of_flush(test_database)
    yield
    with django_db_blocker.unblock():
        test_database.drop()


# --- Jobs -----------------------------------------------------------------------------------------


@pytest.fixture
def run_jobs() -> Callable[..., int]:
    """`run_jobs()` does the work that is waiting in the outbox, here and now, and what follows.

    run_jobs(check=False) lets jobs fail; run_jobs(delayed=True) does also what is due later only.
    Returns how many jobs were run.
    """
    from django.utils import timezone

    from marketplace.core import jobs
    from marketplace.core.models import Job

    def run(*, check: bool = True, delayed: bool = False) -> int:
        done = 0
        for _round in range(100):
            if delayed:
                Job.objects.filter(state=Job.State.WAITING).update(run_after=timezone.now())
            ran = jobs.drain()
            done += ran
            if not ran:
                break
        if check:
            failed = list(Job.objects.exclude(error="").values_list("kind", "error"))
            assert not failed, f"jobs failed: {failed}"
        return done

    return run


class Worker:
    """A real Celery worker (with the clock in it) at this test's database and queue."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.environment = environment
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and return when it takes work."""
        with self.log.open("ab") as output:
            start = output.tell()
            self.process = subprocess.Popen(
                [
                    sys.executable, "-m", "celery", "-A", "marketplace", "worker", "-B",
                    "--schedule", str(self.log.with_suffix(".schedule")), "--concurrency", "1",
                    "--loglevel", "info", "--without-gossip", "--without-mingle",
                ],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(15),
            )  # fmt: skip
        wait_until(lambda: " ready." in self.log.read_text()[start:], 60, self._why)

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        assert self.process is not None
        os.killpg(self.process.pid, 9)
        self.process.wait()

    def stop(self) -> None:
        """End it as a person would."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()

    def _why(self) -> str:
        return f"the worker is not ready: {tail(self.log, 20)}"


@pytest.fixture
def worker(transactional_db: None, test_database: TestDatabase, tmp_path: Path) -> Iterator[Worker]:
    """A running Celery worker process; mark the test with `worker`."""
    environment = {**os.environ, "DATABASE_URL": test_database.own_url()}
    running = Worker(environment, tmp_path / "worker.log")
    running.start()
    yield running
    running.stop()


def wait_until(
    true: Callable[[], object], seconds: float = 20, why: Callable[[], str] = lambda: "not in time"
) -> None:
    """Return as soon as `true()` is; fail with `why()` after `seconds`."""
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up, why()
        time.sleep(0.05)


@pytest.fixture(name="wait_until")
def _wait_until() -> Callable[..., None]:
    """The function `wait_until`, for tests that watch another process."""
    return wait_until


# --- Journeys that could not be made --------------------------------------------------------------


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly what was left out for want of a browser."""
    not_run = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if "no Chromium" in str(report.longrepr)
    ]
    if not_run:
        terminalreporter.section("BROWSER JOURNEYS NOT RUN", sep="!", red=True, bold=True)
        terminalreporter.line(
            f"{len(not_run)} journey(s) were not made: there is no Chromium in the path. "
            "Install one (Debian: apt-get install chromium fonts-wqy-microhei) and run again."
        )
