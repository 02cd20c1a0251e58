"""Child processes that are started, watched, restarted and stopped together."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

LOG_LIMIT = 10 * 1024 * 1024  # bytes; a longer log is put aside once at the next start
BACKOFF = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds before another start
CALM = 60.0  # seconds of life after which earlier deaths are forgotten

_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(number: int) -> Callable[[], None]:
    """A function for `preexec_fn`: the child gets signal `number` when its parent dies."""
    parent = os.getpid()

    def ask() -> None:
        if _LIBC is not None:
            _LIBC.prctl(1, number)  # PR_SET_PDEATHSIG
            if os.getppid() != parent:  # it died before we could ask
                os._exit(1)

    return ask


@dataclass
class Service:
    """A program to keep alive: what to start and how to stop it."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    stop_signal: int = signal.SIGTERM
    patience: float = 15.0  # seconds given to a stop before it is forced
    user: int | None = None
    cwd: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    start_again_at: float | None = None
    announce: Callable[[str], None] = field(default=lambda line: None)

    def start(self) -> None:
        """Start the program in a process group of its own, its output going to the log."""
        with open_log(self.log) as output:
            self.process = subprocess.Popen(
                list(self.command),
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.cwd,
                start_new_session=True,
                preexec_fn=die_with_parent(self.stop_signal),
                user=self.user,
                group=None if self.user is None else group_of(self.user),
                extra_groups=None if self.user is None else [],
            )
        self.started_at = time.monotonic()
        self.start_again_at = None
        self.announce(f"+{self.process.pid} {int(self.stop_signal)}")

    @property
    def running(self) -> bool:
        """Whether the program is alive now."""
        return self.process is not None and self.process.poll() is None

    def died(self) -> int | None:
        """Exit code of a death nobody has spoken of yet (negative: signal), else None."""
        if self.process is None or self.process.poll() is None:
            return None
        code = self.process.returncode
        self._forget()
        if time.monotonic() - self.started_at > CALM:
            self.deaths = 0
        delay = BACKOFF[min(self.deaths, len(BACKOFF) - 1)]
        self.deaths += 1
        self.start_again_at = time.monotonic() + delay
        return code

    def ask_to_stop(self) -> None:
        """Send the stop signal; `wait_stopped` sees it through."""
        self.start_again_at = None
        if self.process is not None:
            with contextlib.suppress(OSError):
                self.process.send_signal(self.stop_signal)

    def wait_stopped(self, until: float | None = None) -> None:
        """Wait for the end, at most until the monotonic time `until`, then force it."""
        if self.process is None:
            return
        until = time.monotonic() + self.patience if until is None else until
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.kill()
        self._forget()

    def stop(self) -> None:
        """Ask, wait, force."""
        self.ask_to_stop()
        self.wait_stopped()

    def kill(self) -> None:
        """End the whole group at once."""
        if self.process is not None:
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _forget(self) -> None:
        if self.process is not None:
            # Helpers of a leader that died badly would keep ports and sockets.
            with contextlib.suppress(OSError):
                for _try in range(20):
                    os.killpg(self.process.pid, signal.SIGKILL)
                    time.sleep(0.05)  # until there is nobody left to signal
            self.announce(f"-{self.process.pid}")
            self.process = None


def open_log(path: Path) -> IO[bytes]:
    """The log to append to; one that grew long is put aside as `.1`."""
    with contextlib.suppress(OSError):
        if path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")


def tail(path: Path, lines: int = 1) -> str:
    """Last non-empty lines of a log, to quote in a sentence."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 8192))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join([line.strip() for line in text.splitlines() if line.strip()][-lines:])


def reason(path: Path) -> str:
    """The line of a log that most likely says why its program failed."""
    lines = tail(path, 200).splitlines()
    for pattern in (r"^(ERRORS:|SystemCheckError)", r"^[\w.]*(Error|Exception|Configured)\b.*:"):
        for number in range(len(lines) - 1, -1, -1):
            if re.search(pattern, lines[number]):
                follows = lines[number] == "ERRORS:" and number + 1 < len(lines)
                return lines[number + 1] if follows else lines[number]
    return lines[-1] if lines else "no message"


def group_of(user: int) -> int:
    """First group of an operating-system user."""
    import pwd  # noqa: PLC0415 (not on every system)

    return pwd.getpwuid(user).pw_gid


class Watchdog:
    """The process that cleans up after a supervisor that was killed; see watchdog.py."""

    def __init__(self, keep_open: Sequence[int], remove: Sequence[Path] = ()) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-I",
                "-S",
                str(Path(__file__).with_name("watchdog.py")),
                *map(str, remove),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=list(keep_open),
        )

    def tell(self, line: str) -> None:
        """Announce or withdraw a process group."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):  # it was killed; children still die with their parent
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()

    def close(self) -> None:
        """Nothing is left to watch."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.wait(30)
