"""The home folder of an instance: data, sockets, secrets, logs, and the lock that guards them."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from pathlib import Path
from typing import Any

from marketplace.runner.errors import CannotStart

FOLDERS = ("logs", "mail", "media", "static")
LOCK_PATIENCE = 30.0  # seconds for the end of an instance whose supervisor was killed


class Home:
    """A folder, made on first use, that one supervisor at a time may hold."""

    def __init__(self, path: Path) -> None:
        """Make the folder and what belongs in it. Raises CannotStart where it cannot be written."""
        self.path = Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 (keep symbolic links)
        self._lock: int | None = None
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            for name in FOLDERS:
                folder = self.path / name
                folder.mkdir(exist_ok=True, mode=0o700)
                probe = folder / f".probe-{os.getpid()}"
                probe.touch()
                probe.unlink()
        except OSError as error:
            raise CannotStart(
                f"Cannot write in {error.filename or self.path}: {error.strerror}. "
                "Choose another folder with HOME_DIR=..."
            ) from error

    # --- One holder ------------------------------------------------------------------------

    def hold(self) -> None:
        """Take the lock, or raise CannotStart saying who has it."""
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        give_up = time.monotonic() + LOCK_PATIENCE
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                note = self.note()
                pid = int(note.get("pid", 0))
                if _alive(pid) or time.monotonic() > give_up:
                    os.close(lock)
                    raise CannotStart(
                        f"Yizhan already runs in {self.path} (process {pid}, "
                        f"{note.get('url', 'starting')}); stop it, or choose another folder with "
                        "HOME_DIR=... and another port with PORT=..."
                    ) from None
                time.sleep(0.1)  # killed: its watchdog is still tidying up
        self._lock = lock
        self.write_note({"pid": os.getpid()})

    @property
    def lock(self) -> int:
        """File descriptor of the held lock."""
        assert self._lock is not None
        return self._lock

    def is_held(self) -> bool:
        """Whether some supervisor holds the folder now."""
        try:
            lock = os.open(self.path / "lock", os.O_RDWR)
        except OSError:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
        return False

    # --- What it remembers -----------------------------------------------------------------

    def note(self) -> dict[str, Any]:
        """What the holder wrote down: pid, url, environment; empty when nobody ever did."""
        try:
            read = json.loads((self.path / "instance.json").read_text())
        except (OSError, ValueError):
            return {}
        return read if isinstance(read, dict) else {}

    def write_note(self, note: dict[str, Any]) -> None:
        """Write down what `make manage` needs; readable by the owner only."""
        write_private(self.path / "instance.json", json.dumps(note, indent=1))

    def secret(self, name: str) -> str:
        """A secret that is made up once and kept."""
        path = self.path / "secrets" / name
        try:
            kept = path.read_text().strip()
            if kept:
                return kept
        except FileNotFoundError:
            pass
        except OSError as error:
            raise CannotStart(f"Cannot read {path}: {error.strerror}.") from error
        path.parent.mkdir(exist_ok=True, mode=0o700)
        made = secrets.token_urlsafe(48)
        write_private(path, made)
        return made

    def log(self, name: str) -> Path:
        """Where the output of a service goes."""
        return self.path / "logs" / f"{name}.log"

    def marker(self, name: str) -> Path:
        """A file whose text says that a first-time step was done, and for what."""
        return self.path / f".{name}"


def write_private(path: Path, text: str) -> None:
    """Replace a file by one that only its owner may read."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    new.replace(path)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid > 0
