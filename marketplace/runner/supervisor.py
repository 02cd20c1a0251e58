"""Holds one instance: starts its parts in order, keeps them alive, stops them in order."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from marketplace.runner import environment as env
from marketplace.runner import ports
from marketplace.runner.environment import ROOT
from marketplace.runner.errors import CannotStart
from marketplace.runner.postgres import DATABASE, Postgres
from marketplace.runner.processes import Service, Watchdog, die_with_parent, reason, tail
from marketplace.runner.valkey import Valkey

if TYPE_CHECKING:
    from marketplace.runner.home import Home

WEB_PATIENCE = 90.0  # seconds for the web server's first answer, on a slow and busy machine


class Stopped(BaseException):
    """Ctrl-C or SIGTERM: not an error, and nothing on the way may swallow it."""


class Supervisor:
    """The parts of one instance, from the database up to the web server."""

    def __init__(self, home: Home, port: int, say: Callable[[str], None]) -> None:
        self.home = home
        self.say = say
        self.port = port
        self.environment = env.for_instance(home, port)
        self.servers: list[Service] = []  # what others need: stopped last
        self.parts: list[Service] = []
        self.watchdog: Watchdog | None = None
        self.postgres: Postgres | None = None

    # --- Servers -----------------------------------------------------------------------------

    def start_servers(self) -> None:
        """PostgreSQL and Valkey, unless an address of others was given."""
        self.watchdog = Watchdog(keep_open=[self.home.lock])
        if not env.given("DATABASE_URL", self.environment):
            postgres = Postgres(
                self.home.path / "postgres",
                self.home.log("database"),
                dict(os.environ),
                say=self.say,
            )
            self._adopt(postgres.service, self.servers)
            postgres.start()
            self.postgres = postgres
            self.environment["DATABASE_URL"] = postgres.url()
        if not env.given("REDIS_URL", self.environment):
            valkey = Valkey(
                self.home.path / "valkey",
                self.home.log("queue"),
                dict(os.environ),
                self.home.secret("valkey"),
            )
            self._adopt(valkey.service, self.servers)
            valkey.start()
            self.environment["REDIS_URL"] = valkey.url
        self.home.write_note(
            {
                "pid": os.getpid(),
                "url": f"http://{ports.HOST}:{self.port}/",
                "environment": {
                    name: value
                    for name, value in self.environment.items()
                    if os.environ.get(name) != value
                },
            }
        )

    # --- Steps that end ----------------------------------------------------------------------

    def step(self, name: str, *command: str) -> None:
        """Run one command to its end, its output in the logs. Raises CannotStart if it fails."""
        service = self._service(name, *command, patience=5.0)
        service.log.unlink(missing_ok=True)  # what is quoted below shall be of this run
        self.parts.append(service)
        service.start()
        assert service.process is not None
        code = service.process.wait()
        service.stop()
        self.parts.remove(service)
        if code:
            raise CannotStart(
                f"The step '{name}' failed: {reason(service.log)} (all of it: {service.log})"
            )

    def prepare(self) -> None:
        """Tables, messages and static files as this version wants them."""
        self.step("messages", "-m", "marketplace.messages", "compile")
        self.step("migrate", "manage.py", "migrate", "--no-input")
        if self.postgres is not None:
            # Nobody but our own workers was ever at work here, and none of them is alive: what
            # they held when they ended is free now, not only when its lease runs out.
            self.postgres.query(
                "UPDATE core_job SET lease_until = now() WHERE state = 'running'", DATABASE
            )
        mark = fingerprint(ROOT / "static", ROOT / "requirements.txt")
        self.once("static", mark, "manage.py", "collectstatic", "--no-input", "--clear")

    def once(self, name: str, mark: str, *command: str) -> None:
        """A step that is skipped while its marker file says `mark`."""
        marker = self.home.marker(name)
        if not marker.exists() or marker.read_text() != mark:
            self.step(name, *command)
            marker.write_text(mark)

    # --- Parts that stay ---------------------------------------------------------------------

    def start_web(self) -> None:
        """The web server."""
        processes = self.environment.get("WEB_WORKERS", "2" if (os.cpu_count() or 1) > 1 else "1")
        self._adopt(
            self._service(
                "web", "-m", "granian", "--interface", "wsgi", "--host", ports.HOST,
                "--port", str(self.port), "--workers", processes, "--blocking-threads", "4",
                "--no-ws", "--log-level", "warning", "--respawn-failed-workers",
                "--workers-kill-timeout", "5s", "marketplace.wsgi:application",
            ),
            self.parts,
        ).start()  # fmt: skip

    def start_workers(self) -> None:
        """Workers and their clock."""
        # Two, so that a long row of texts to embed or a large file never keeps a match or a mail
        # waiting; and only one of them holds the language model. It is loaded after the fork: see
        # core.encoder.
        apart = "embedding,long"
        for name, queues in (("worker", ("-X", apart)), ("embedder", ("-Q", apart))):
            self._adopt(
                self._service(
                    name, "-m", "celery", "-A", "marketplace", "worker", *queues,
                    "--concurrency", "1", "--hostname", f"{name}@%h", "--loglevel", "info",
                    "--without-gossip", "--without-mingle",
                ),
                self.parts,
            ).start()  # fmt: skip
        self._adopt(
            self._service(
                "beat", "-m", "celery", "-A", "marketplace", "beat", "--loglevel", "warning",
                "--schedule", str(self.home.path / "beat-schedule"), "--pidfile", "",
            ),
            self.parts,
        ).start()  # fmt: skip

    def await_web(self) -> None:
        """Return when the web server answers. Raises CannotStart when it does not."""
        web = next(part for part in self.parts if part.name == "web")
        give_up = time.monotonic() + WEB_PATIENCE
        while time.monotonic() < give_up:
            if not web.running:
                raise CannotStart(f"The web server ended: {tail(web.log)} (log: {web.log})")
            if _status(self.port, "/health/live") == 200:
                return
            time.sleep(0.1)
        raise CannotStart(f"The web server does not answer on port {self.port} (log: {web.log})")

    def hold(self) -> None:
        """Watch everything for ever; what dies is said and started again."""
        while True:
            for service in (*self.servers, *self.parts):
                code = service.died()
                if code is not None and service.start_again_at is not None:
                    wait = max(0.0, service.start_again_at - time.monotonic())
                    ended = f"by signal {-code}" if code < 0 else f"with code {code}"
                    self.say(f"The {service.name} ended {ended}; starting it again in {wait:.0f} s "
                        f"(log: {service.log}).")  # fmt: skip
                due = service.start_again_at
                if due is not None and time.monotonic() >= due:
                    service.start()
                    self.say(f"The {service.name} is started again.")
            if self.watchdog is not None and self.watchdog.process.poll() is not None:
                self._renew_watchdog()
            time.sleep(0.2)

    # --- The end -----------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop what was started: first what uses the servers, all at once, then the servers."""
        for services in (self.parts, self.servers):
            for service in reversed(services):
                service.ask_to_stop()
            for service in reversed(services):
                service.wait_stopped()
        if self.watchdog is not None:
            self.watchdog.close()
        self.home.write_note({})

    # --- Inside ------------------------------------------------------------------------------

    def _service(self, name: str, *command: str, patience: float = 15.0) -> Service:
        return Service(
            name=name,
            command=[sys.executable, *command],
            environment=self.environment,
            log=self.home.log(name),
            patience=patience,
            cwd=ROOT,
            announce=self._announce,
        )

    def _adopt(self, service: Service, into: list[Service]) -> Service:
        service.announce = self._announce
        into.append(service)
        return service

    def _announce(self, line: str) -> None:
        if self.watchdog is not None:
            self.watchdog.tell(line)

    def _renew_watchdog(self) -> None:
        self.watchdog = Watchdog(keep_open=[self.home.lock])
        for service in (*self.servers, *self.parts):
            if service.process is not None:
                self._announce(f"+{service.process.pid} {int(service.stop_signal)}")


@contextlib.contextmanager
def stopping(supervisor: Supervisor) -> Iterator[None]:
    """Stop everything at the end of the block, however it ends; a second Ctrl-C hurries it."""

    def first(number: int, frame: FrameType | None) -> None:
        raise Stopped

    def hurry(number: int, frame: FrameType | None) -> None:
        for service in (*supervisor.parts, *supervisor.servers):
            if service.process is not None:
                with contextlib.suppress(OSError):
                    service.process.send_signal(signal.SIGQUIT)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, first)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, hurry)
        supervisor.stop()


def run(home: Home, port: int) -> int:
    """`make run`: returns the exit code when everything has stopped."""
    started = time.monotonic()
    home.hold()  # before the port: one's own instance is the likeliest to sit on it
    ports.require_free(port)
    supervisor = Supervisor(home, port, say)
    try:
        with stopping(supervisor):
            say(f"Starting Yizhan in {_short(home.path)} ...")
            supervisor.start_servers()
            supervisor.prepare()
            supervisor.start_web()
            if _is_on(supervisor.environment, "LOAD_DEMO"):
                if not home.marker("demo").exists():
                    say("Loading the demo market (the first time only) ...")
                supervisor.once("demo", "loaded", "manage.py", "load_demo")
            if _is_on(supervisor.environment, "DEMO"):
                supervisor.step("accounts", "manage.py", "demo_accounts")
            supervisor.await_web()
            supervisor.start_workers()  # after the web server, which somebody is waiting for
            say(f"\nYizhan is open at http://{ports.HOST}:{port}/ "
                f"(ready after {time.monotonic() - started:.0f} s)\n")  # fmt: skip
            if _is_on(supervisor.environment, "DEMO"):
                say(home.log("accounts").read_text())
            say(f"Logs: {_short(home.path / 'logs')}. E-mails: {_short(home.path / 'mail')}. "
                "Ctrl-C stops everything.")  # fmt: skip
            supervisor.hold()
    except Stopped:
        say("Stopped.")
        return 0
    return 0


def manage(home: Home, arguments: list[str]) -> int:
    """`make manage` and `make shell`: a management command against the instance in `home`.

    An instance that is not running has its servers started for as long as the command takes.
    """
    note = home.note().get("environment") if home.is_held() else None
    if isinstance(note, dict):
        return _in_foreground({**os.environ, **note}, "manage.py", *arguments)
    home.hold()
    supervisor = Supervisor(home, 8000, say_aside)
    try:
        with stopping(supervisor):
            supervisor.start_servers()
            return _in_foreground(supervisor.environment, "manage.py", *arguments)
    except Stopped:
        return 130


def _in_foreground(environment: Mapping[str, str], *command: str) -> int:
    """Run a command that owns the terminal: Ctrl-C is for it to understand, not for us."""
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        return subprocess.call(
            [sys.executable, *command],
            env=dict(environment),
            cwd=ROOT,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
    finally:
        signal.signal(signal.SIGINT, before)


def fingerprint(*paths: Path) -> str:
    """Changes when a file in one of the paths does."""
    state = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                status = file.stat()
                state.update(f"{file} {status.st_size} {status.st_mtime_ns}\n".encode())
    return state.hexdigest()


def say(sentence: str) -> None:
    """Tell the person at the terminal, at once."""
    print(sentence, flush=True)


def say_aside(sentence: str) -> None:
    """Tell the person where it does not mix with the output of a command."""
    print(sentence, file=sys.stderr, flush=True)


def _status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def _is_on(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "").lower() in ("1", "true", "yes", "on")


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
