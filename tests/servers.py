"""One PostgreSQL and one Valkey for a whole test run, in a temporary folder, careless of crashes.

Loaded with `-p tests.servers`, since pytest-django reads the settings before any conftest. The
process that the person started makes the servers; xdist's workers find them in the environment.
`DATABASE_URL` and `REDIS_URL`, when given, take their place.
"""

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from marketplace.messages import catalogues
from marketplace.runner.errors import CannotStart
from marketplace.runner.postgres import FOR_TESTS, Postgres
from marketplace.runner.processes import Watchdog
from marketplace.runner.valkey import Valkey
from tests.databases import drop_template

RUN_FOLDER = "YIZHAN_TEST_RUN"
_started: list[Postgres | Valkey | Watchdog] = []
_given: list[str] = []  # a database server that is not ours


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Servers first, then pytest-django looks at the settings."""
    if RUN_FOLDER not in os.environ:
        try:
            _start()
        except CannotStart as error:
            _stop()
            raise pytest.UsageError(str(error)) from error
    _take_own_queue()
    try:
        return (yield)
    except BaseException:
        _stop()  # nobody will ask us to
        raise


def pytest_unconfigure() -> None:
    """In the process that started them, end the servers and forget their folder."""
    _stop()


def _start() -> None:
    folder = Path(tempfile.mkdtemp(prefix="yizhan-test-"))
    if os.geteuid() == 0:  # the database runs as somebody else
        folder.chmod(stat.S_IRWXU | stat.S_IXOTH)
    os.environ[RUN_FOLDER] = str(folder)
    os.environ["YIZHAN_HOME"] = str(folder / "home")
    os.environ["YIZHAN_TESTING"] = "true"
    os.environ["PUBLIC_URL"] = "http://testserver"
    os.environ["ALLOWED_HOSTS"] = "testserver,127.0.0.1,localhost"
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    (folder / "home" / "static").mkdir(parents=True)  # whitenoise warns when it is absent
    catalogues.compile_catalogues()  # a fresh clone has none of the compiled ones
    watchdog = Watchdog(keep_open=[], remove=[folder])
    _started.append(watchdog)
    given = os.environ.get("DATABASE_URL")
    if given:
        drop_template(given)
        _given.append(given)
    else:
        postgres = Postgres(
            folder / "pg", folder / "database.log", dict(os.environ), FOR_TESTS, lambda line: None
        )
        postgres.service.announce = watchdog.tell
        _started.append(postgres)
        postgres.start()
        os.environ["DATABASE_URL"] = postgres.url()
    if not os.environ.get("REDIS_URL"):
        valkey = Valkey(
            folder / "valkey", folder / "queue.log", dict(os.environ), "test", durable=False
        )
        valkey.service.announce = watchdog.tell
        _started.append(valkey)
        valkey.start()
        os.environ["REDIS_URL"] = valkey.url


def _take_own_queue() -> None:
    """Each process of the run has a numbered database of Valkey to itself."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        address, _, _number = os.environ["REDIS_URL"].rpartition("/")
        os.environ["REDIS_URL"] = f"{address}/{int(worker.removeprefix('gw')) % 15 + 1}"


def _stop() -> None:
    while _given:
        drop_template(_given.pop())
    while _started:
        server = _started.pop()
        if isinstance(server, Watchdog):
            server.close()
        else:
            server.service.stop()
