"""Network ports and socket folders on this machine."""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import tempfile
from pathlib import Path

from marketplace.runner.errors import CannotStart

HOST = "127.0.0.1"
SOCKET_PATH_LIMIT = 100  # bytes; the system allows 104 to 108


def require_free(port: int) -> None:
    """Raise CannotStart when the port cannot be listened on."""
    if not 0 < port < 65536:
        raise CannotStart(f"PORT={port} is not a port; choose one from 1024 to 65535.")
    with socket.socket() as probe:
        # As the web server does, so that connections still closing are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except PermissionError as error:
            raise CannotStart(
                f"Port {port} is for the system only; choose one above 1023 with PORT=..."
            ) from error
        except OSError as error:
            raise CannotStart(
                f"Port {port} is in use by another program; choose another with PORT=..."
            ) from error


def any_free() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def answers(port: int, timeout: float = 1.0) -> bool:
    """Whether something accepts connections on the port."""
    try:
        socket.create_connection((HOST, port), timeout).close()
    except OSError:
        return False
    return True


def socket_folder(wanted: Path, longest_name: str, owner: int) -> Path:
    """`wanted`, or a short private folder when the path would be too long for a socket.

    owner: the user that shall own the folder; nobody else may look into it.
    """
    folder = wanted
    if len(os.fsencode(wanted / longest_name)) > SOCKET_PATH_LIMIT:
        mark = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:12]
        # Below a folder that anybody may write to: the name is fixed, the check below is not.
        folder = Path(tempfile.gettempdir()) / f"yizhan-{owner}-{mark}"
        if len(os.fsencode(folder / longest_name)) > SOCKET_PATH_LIMIT:
            folder = Path("/tmp") / folder.name  # noqa: S108 (checked below)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.geteuid() == 0 and folder.lstat().st_uid == 0:
        os.chown(folder, owner, -1)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner:
        raise CannotStart(f"{folder} belongs to somebody else; remove it and start again.")
    folder.chmod(0o700)
    return folder
