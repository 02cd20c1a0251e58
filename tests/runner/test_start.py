"""`make run` as a person meets it: what it says when it cannot, and that it leaves nothing."""

import json
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from marketplace.runner import ports
from marketplace.runner.environment import ROOT

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder for an instance, that the database's user can reach."""
    for above in (tmp_path, *tmp_path.parents):
        if above.stat().st_uid == os.geteuid() and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o001)
    return tmp_path / "home"


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """Start the runner as `make` does, with an environment of its own."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str, **more: Any) -> "subprocess.Popen[str]":
        kept = ("PATH", "HOME", "LANG", "TMPDIR")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        process = subprocess.Popen(
            [sys.executable, "-m", "marketplace.runner", *arguments],
            env={**environment, "LOAD_DEMO": "false", **more.pop("environment", {})},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **more,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(60)
        assert process.stdout is not None
        process.stdout.close()


def said(process: "subprocess.Popen[str]") -> str:
    """All that it says until its end, which must be a refusal in one sentence."""
    text = process.communicate(timeout=60)[0].strip()
    assert process.returncode == 1, text
    assert "Traceback" not in text
    return text


def processes_of(home: Path) -> list[str]:
    """Command lines of everything that runs for a home folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes()
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if os.fsencode(home) in environment + command:
            found.append(command.replace(b"\0", b" ").decode())
    return found


def test_a_busy_port_is_said(start: Start, home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert said(start("run", "--home", str(home), "--port", str(port))) == (
            f"Port {port} is in use by another program; choose another with PORT=..."
        )


@pytest.mark.parametrize("port", ["80000", "http", "0"])
def test_a_port_that_is_none_is_said(start: Start, home: Path, port: str) -> None:
    assert f"PORT={port}" in said(start("run", "--home", str(home), "--port", port))


def test_a_file_in_the_way_is_said(start: Start, home: Path) -> None:
    home.write_text("")
    assert f"Cannot write in {home}" in said(start("run", "--home", str(home)))


def test_a_folder_that_not_even_root_can_make_is_said(start: Start) -> None:
    text = said(start("run", "--home", "/proc/yizhan"))
    assert text.startswith("Cannot write in /proc/yizhan")


def test_an_unwritable_folder_is_said(start: Start, home: Path) -> None:
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        try:
            subprocess.run([sys.executable, "-c", "import celery"], check=True, cwd="/", **who)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("this Python is root's own, so nobody else can try it")
    home.mkdir(mode=0o555)
    text = said(start("run", "--home", str(home), **who))
    assert text.startswith(f"Cannot write in {home}")
    assert "HOME_DIR" in text


def test_data_of_another_version_is_said(start: Start, home: Path) -> None:
    data = home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("15\n")
    assert "is of PostgreSQL 15" in said(start("manage", "--home", str(home), "check"))


def test_an_initialisation_cut_off_is_mended(start: Start, home: Path) -> None:
    data = home / "postgres" / "data"
    (data / "base").mkdir(parents=True)
    (data / "postgresql.conf").write_text("half")
    process = start("manage", "--home", str(home), "version")
    assert process.wait(60) == 0
    assert (data / "PG_VERSION").exists()


def test_addresses_of_other_servers_win(start: Start, home: Path) -> None:
    given = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    show = "import os; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'])"
    process = start("manage", "--home", str(home), "shell", "-c", show, environment=given)
    assert " ".join(given.values()) in process.communicate(timeout=60)[0]
    assert not (home / "postgres").exists()
    assert not (home / "valkey").exists()


def test_long_paths_get_a_short_socket(tmp_path: Path) -> None:
    wanted = tmp_path / ("deep" * 30)
    folder = ports.socket_folder(wanted, ".s.PGSQL.5432.lock", os.geteuid())
    try:
        assert len(os.fsencode(folder)) < ports.SOCKET_PATH_LIMIT
        assert folder.stat().st_mode & 0o777 == 0o700
        assert folder == ports.socket_folder(wanted, ".s.PGSQL.5432.lock", os.geteuid())
    finally:
        folder.rmdir()


def until_said(process: "subprocess.Popen[str]", word: str, seconds: float = 120) -> str:
    """Read lines until one holds `word`."""
    lines = []
    give_up = time.monotonic() + seconds
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if word in line:
            return line
        assert time.monotonic() < give_up, lines
    raise AssertionError(lines)


def status(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def test_a_life_from_start_to_kill(
    start: Start, home: Path, wait_until: Callable[..., None]
) -> None:
    """One instance through everything that may happen to it (starting one takes a while)."""
    port = ports.any_free()
    arguments = ("run", "--home", str(home), "--port", str(port))
    first = start(*arguments)
    until_said(first, "Yizhan is open at")
    assert status(port, "/health/live") == 200
    wait_until(lambda: status(port, "/health/ready") == 200, 180)

    second = said(start("run", "--home", str(home), "--port", str(ports.any_free())))
    assert second.startswith(f"Yizhan already runs in {home} (process {first.pid}")

    command = start("manage", "--home", str(home), "shell", "-c", "print(6 * 7)")
    assert "42" in command.communicate(timeout=60)[0]

    note = json.loads((home / "instance.json").read_text())
    assert (home / "instance.json").stat().st_mode & 0o777 == 0o600
    database = next(entry for entry in Path("/proc").glob("[0-9]*") if _is_database_of(entry, home))
    os.kill(int(database.name), signal.SIGKILL)
    assert "by signal 9" in until_said(first, "The database ended")
    until_said(first, "The database is started again")
    wait_until(lambda: status(port, "/health/ready") == 200, 180)

    first.kill()
    first.wait()
    wait_until(lambda: not processes_of(home), 30, lambda: str(processes_of(home)))

    third = start(*arguments)
    until_said(third, "Starting")
    third.send_signal(signal.SIGINT)
    assert "Stopped." in third.communicate(timeout=60)[0]
    assert third.returncode == 0
    assert not processes_of(home)
    assert (home / "secrets" / "secret_key").read_text() == note["environment"]["SECRET_KEY"]


def _is_database_of(entry: Path, home: Path) -> bool:
    try:
        command = (entry / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return command[0].endswith(b"bin/postgres") and os.fsencode(home / "postgres/data") in command
