"""A whole market of processes beside the test, whose parts can be killed and started again."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx  # noqa: TID251 (the tests' own client, on the loopback)

from marketplace.runner import ports
from marketplace.runner.processes import die_with_parent, tail
from marketplace.runner.valkey import Valkey
from tests.databases import TestDatabase


class Part:
    """One process that can be started and killed."""

    def __init__(self, name: str, command: list[str], log: Path) -> None:
        self.name = name
        self.command = command
        self.log = log
        self.environment: dict[str, str] = {}
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0  # where its log stood

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.started_at = output.tell()
            self.process = subprocess.Popen(
                [sys.executable, *self.command], env=self.environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )  # fmt: skip

    def kill(self) -> None:
        """All of its processes, at once, with nothing put in order."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def await_ready(self, seconds: float = 60) -> None:
        """Until a worker says in its log that it is ready."""
        give_up = time.monotonic() + seconds
        while " ready." not in self.log.read_text(errors="replace")[self.started_at :]:
            assert time.monotonic() < give_up, f"no {self.name}: {tail(self.log, 20)}"
            time.sleep(0.1)


class Queue(Part):
    """Valkey; like an instance of `make run` it keeps an append-only file."""

    def __init__(self, folder: Path) -> None:
        super().__init__("queue", [], folder / "queue.log")
        self.valkey = Valkey(folder / "valkey", self.log, dict(os.environ), "faults")

    def start(self) -> None:
        self.valkey.start()
        self.process = self.valkey.service.process

    def await_ready(self, seconds: float = 60) -> None:
        """It was awaited at its start."""


class Web(Part):
    """Granian, which is ready when it answers."""

    url = ""

    def await_ready(self, seconds: float = 60) -> None:
        give_up = time.monotonic() + seconds
        while not self._answers():
            assert time.monotonic() < give_up, f"no web server: {tail(self.log, 20)}"
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/live", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False


class Instance:
    """Database of the test; queue, web server and two workers (one with the clock) of its own."""

    def __init__(self, database: TestDatabase, folder: Path, encoder: str) -> None:
        self.port = ports.any_free()
        self.url = f"http://127.0.0.1:{self.port}"
        self.queue = Queue(folder)
        celery = [
            "-m", "celery", "-A", "marketplace", "worker", "--concurrency", "1",
            "--loglevel", "info", "--without-gossip", "--without-mingle",
        ]  # fmt: skip
        self.web = Web(
            "web",
            ["-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port",
             str(self.port), "--workers", "1", "--blocking-threads", "4", "--no-ws",
             "--log-level", "warning", "marketplace.wsgi:application"],
            folder / "web.log",
        )  # fmt: skip
        self.web.url = self.url
        self.workers = [
            Part("worker 1", [*celery, "--hostname", "one@%h", "-B", "--schedule",
                              str(folder / "schedule")], folder / "worker1.log"),
            Part("worker 2", [*celery, "--hostname", "two@%h"], folder / "worker2.log"),
        ]  # fmt: skip
        self.parts: list[Part] = [self.queue, self.web, *self.workers]
        environment = {
            **os.environ,
            "DATABASE_URL": database.own_url(),
            "REDIS_URL": self.queue.valkey.url,
            "ENCODER": encoder,
            "API_RATE_TOKEN": "100000/min",
            "PUBLIC_URL": self.url,
        }
        for part in self.parts[1:]:
            part.environment = environment

    def start(self) -> None:
        for part in self.parts:
            part.start()
        self.web.await_ready()

    def stop(self) -> None:
        for part in reversed(self.parts):
            if part.process is not None and part.process.poll() is None:
                part.kill()


class Havoc:
    """Kills a part, starts it again a little later, and so on.

    Not in a thread: a child is told of the death of the thread that started it, and dies too.
    """

    def __init__(self, instance: Instance, seed: int, pause: tuple[float, float]) -> None:
        self.instance = instance
        self.random = random.Random(seed)
        self.pause = pause
        self.story: list[str] = []

    def until(self, over: Callable[[], bool]) -> None:
        """Each part in turn in a random order, each at least once; all are running afterwards."""
        first = True
        while first or not over():
            order = list(self.instance.parts)
            self.random.shuffle(order)
            for part in order:
                if over() and not first:
                    return
                part.await_ready()  # killing what has not come up yet shows nothing
                time.sleep(self.random.uniform(*self.pause))
                part.kill()
                self.story.append(part.name)
                time.sleep(self.random.uniform(0.05, 0.6))
                part.start()
            first = False
