"""The web server and the worker that are measured, as they run in production."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from marketplace.bench.measure import wait_for
from marketplace.runner.processes import tail


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(database_url: str) -> dict[str, str]:
    """That of this process, at the scratch database and another Redis database."""
    redis = settings.REDIS_URL.rsplit("/", 1)[0] + "/9"
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis,
        "API_RATE_VISITOR": "1000000/min",
        "API_RATE_TOKEN": "1000000/min",
        "OMP_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def web(env: dict[str, str]) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """One granian worker; yields its port and process."""
    port = _free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
        "--port", str(port), "--workers", "1", "--blocking-threads", "4", "--no-ws",
        "--log-level", "warning", "marketplace.wsgi:application",
    ]  # fmt: skip

    def up() -> bool:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/health/live")
            return connection.getresponse().status == 200
        except OSError:
            return False

    with _process(command, {**env, "DATABASE_POOL_SIZE": "4"}) as (process, _log):
        wait_for("the web server's start", up)
        yield port, process


@contextmanager
def worker(env: dict[str, str], *, processes: int = 1) -> Iterator[subprocess.Popen[bytes]]:
    """One Celery worker with the clock and so many child processes."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable, "-m", "celery", "-A", "marketplace", "worker", "-B",
            "--schedule", f"{folder}/schedule", "--concurrency", str(processes),
            "--loglevel", "info", "--without-gossip", "--without-mingle",
        ]  # fmt: skip
        with _process(command, env) as (process, log):
            wait_for("the worker's start", lambda: " ready." in log.read_text(errors="replace"))
            yield process


@contextmanager
def _process(
    command: list[str], env: dict[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        process = subprocess.Popen(  # noqa: S603 (our own programs)
            command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        try:
            yield process, Path(log.name)
        except RuntimeError:  # the figure could not be had: what the server said of it
            sys.stderr.write(tail(Path(log.name), 60) + "\n")
            raise
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
