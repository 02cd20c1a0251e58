"""First step of every `make` target: a virtual environment with exactly the pinned packages.

Runs as a plain script under the system's Python, so it may use the standard library only and must
not import `marketplace`. When the environment stands it becomes the wanted program in it.

    python3 bootstrap.py [--dev] [--venv .venv] -- -m marketplace.runner run --port 8000
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent.parent
WANTED = (3, 11)
STAMP = "yizhan-packages"


def main() -> NoReturn:
    """Make the environment if needed, then replace this process by the program asked for."""
    parser = argparse.ArgumentParser(description="Prepare the virtual environment and run in it.")
    parser.add_argument("--dev", action="store_true", help="with the packages of tests and checks")
    parser.add_argument("--venv", default=".venv", type=Path)
    parser.add_argument("program", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    _die_with_make()
    os.chdir(ROOT)
    program = options.program[1:] if options.program[:1] == ["--"] else options.program
    python = prepare((ROOT / options.venv).absolute(), dev=options.dev)
    sys.stdout.flush()
    if not program:
        sys.exit(0)
    os.environ["PATH"] = f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    for name in ("PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"):
        os.environ.pop(name, None)  # the last one would make every process start 3 s later
    os.execv(python, [str(python), *program])  # noqa: S606 (no shell is what we want)


def prepare(venv: Path, *, dev: bool) -> Path:
    """Python of an environment that holds the pinned packages; made or mended when it does not."""
    if sys.version_info[:2] != WANTED:
        found = ".".join(map(str, sys.version_info[:3]))
        stop(f"Yizhan needs Python 3.11; {sys.executable} is {found}. Install it and try again.")
    wanted = ROOT / ("requirements-dev.txt" if dev else "requirements.txt")
    python = venv / "bin" / "python"
    # One start at a time makes the environment; the lock goes with the process.
    with wanted.open("rb") as lock:
        if _is_complete(venv, wanted):
            return python
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another start is installing the packages; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_complete(venv, wanted):
            _install(venv, wanted)
    return python


def _is_complete(venv: Path, wanted: Path) -> bool:
    """Whether the last installation ended well with these very pins (or with their superset)."""
    try:
        stamp = (venv / STAMP).read_text()
    except OSError:
        return False
    return f"{wanted.name} {_digest(wanted)}\n" in stamp and _works(venv)


def _works(venv: Path) -> bool:
    # A system upgrade can take the Python away from under an environment.
    return os.access(venv / "bin" / "python", os.X_OK)


def _install(venv: Path, wanted: Path) -> None:
    started = time.monotonic()
    stamp = venv / STAMP
    try:
        stamp.unlink(missing_ok=True)
    except OSError as error:
        stop(f"Cannot write in {venv}: {error.strerror}. Choose another folder with VENV=...")
    if not _usable(venv):
        if venv.exists():
            say(f"{venv} is incomplete or of another Python; making it anew.")
        _make(venv)
    say("Installing the pinned packages; the first time this takes a minute.")
    log = venv / "install.log"
    command = [
        str(venv / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check",
        "--no-input", "--compile", "--require-hashes", "-r", str(wanted),
    ]  # fmt: skip
    with log.open("wb") as output:
        code = subprocess.call(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    if code:
        lines = log.read_text(errors="replace").splitlines()
        told = [line for line in lines if "ERROR" in line] or lines or ["no message"]
        stop(f"The packages could not be installed: {told[-1].strip()} (all of it: {log})")
    done = [wanted]
    if wanted.name == "requirements-dev.txt":
        done.append(ROOT / "requirements.txt")  # the pins for development contain these
    stamp.write_text("".join(f"{path.name} {_digest(path)}\n" for path in done))
    say(f"Packages ready after {time.monotonic() - started:.0f} s.")


def _usable(venv: Path) -> bool:
    """Whether the environment is of the wanted Python and has a pip that runs."""
    if not _works(venv):
        return False
    probe = "import sys, pip; sys.exit(sys.version_info[:2] != (3, 11))"
    try:
        return not subprocess.call(
            [str(venv / "bin" / "python"), "-c", probe],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return False


def _make(venv: Path) -> None:
    if venv.exists() and not (venv / "pyvenv.cfg").exists() and any(venv.iterdir()):
        stop(f"{venv} is not a virtual environment; move it away or choose another with VENV=...")
    try:
        if venv.exists():
            shutil.rmtree(venv)
        venv.mkdir(parents=True)
    except OSError as error:
        stop(f"Cannot write {venv}: {error.strerror}. Choose another folder with VENV=...")
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(venv)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        told = (made.stdout + made.stderr).strip().splitlines() or ["no message"]
        if any("ensurepip" in line for line in told):
            stop("Python cannot make virtual environments here; on Debian and Ubuntu install "
                 "the package python3-venv.")  # fmt: skip
        stop(f"The virtual environment {venv} could not be made: {told[-1]}")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _die_with_make() -> None:
    """Stop when `make` dies, even by kill -9, so that nothing is left that nobody holds."""
    if "MAKELEVEL" in os.environ and sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def say(sentence: str) -> None:
    """Tell the person; not on standard output, which belongs to the program that follows."""
    print(sentence, file=sys.stderr, flush=True)


def stop(sentence: str) -> NoReturn:
    """End with one sentence for the person at the terminal."""
    say(sentence)
    sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        stop("Stopped.")
