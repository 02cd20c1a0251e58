"""A Chromium of the system for journeys and pictures, with a font for Chinese."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGES = ("chromium", "fontconfig", "fonts-wqy-microhei")
# Nothing a page asks for may leave the machine, whoever wrote the page.
ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


def find() -> Path | None:
    """The browser, installed on the way where we may; None when there is none to be had."""
    found = _in_path()
    if (found is None or not _has_chinese_font()) and _may_install():
        # Several test processes may want it at once.
        with (Path(tempfile.gettempdir()) / "yizhan-browser.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if _in_path() is None or not _has_chinese_font():
                _install()
        found = _in_path()
    return found


def arguments() -> list[str]:
    """Command line arguments; root has no sandbox to put it in."""
    return [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def _in_path() -> Path | None:
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    return None


def _has_chinese_font() -> bool:
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    shown = subprocess.run([lister, ":lang=zh", "family"], capture_output=True, check=False)
    return bool(shown.stdout.strip())


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _install() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run(
            ["apt-get", "-q", *command],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            return
