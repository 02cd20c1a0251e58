"""Ends what a supervisor started, should the supervisor itself be killed.

Runs as a plain script in a session of its own. Its standard input is a pipe from the supervisor:
`+PID SIGNAL` announces a process group, `-PID` says that it has ended. When the pipe closes, every
group still announced gets its signal, and after a patience of 20 s the one that cannot be refused.
It also keeps the lock of the home folder until then, so that a new start waits for the end of the
old one. Folders named on its command line are temporary: they are removed at the very end.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time

PATIENCE = 20.0


def main() -> None:
    """Listen until the supervisor is gone, then clean up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: dict[int, int] = {}
    with contextlib.suppress(OSError, ValueError):
        for line in sys.stdin:
            words = line.split()
            if line.startswith("+") and len(words) == 2:
                groups[int(words[0])] = int(words[1])
            elif line.startswith("-"):
                groups.pop(-int(words[0]), None)
    # Servers that others still talk to were announced first: they end last.
    for pid in reversed(groups):
        end(pid, groups[pid])
    for folder in sys.argv[1:]:
        shutil.rmtree(folder, ignore_errors=True)


def end(pid: int, number: int) -> None:
    """Signal a group and wait until it is gone."""
    give_up = time.monotonic() + PATIENCE
    _signal(pid, number)
    while _alive(pid):
        if time.monotonic() > give_up:
            _signal(pid, signal.SIGKILL)
            return
        time.sleep(0.05)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(OSError):
        os.killpg(pid, number)


def _alive(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
