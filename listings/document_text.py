"""The text inside an uploaded document."""

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import structlog

from listings import document_reading
from listings.models import Document

log = structlog.get_logger(__name__)
PROGRAM = Path(document_reading.__file__)
MEMORY = 1 << 30  # bytes of address space that a reader may take
SECONDS = 10  # of a processor, and twice that by the clock


@dataclass(frozen=True)
class Parts:
    """The text of a file with its places. unit: page or paragraph; read: how many of the parts
    stand here to their end; total: of the whole file, which may have more."""

    unit: str
    parts: tuple[str, ...]
    read: int
    total: int
    is_encrypted: bool = False


class Interrupted(Exception):
    """The reader was ended by the clock or a signal: another time it may come to its end."""


def text_of(content: bytes, media_type: str) -> tuple[str, str]:
    """(text state, text) of a file; a broken or boundless file is `failed`, a picture has `none`.

    Never raises on the content: what people upload is not trusted to be well formed.
    """
    if media_type not in document_reading.READERS:
        return Document.TextState.NONE, ""
    try:
        printed = _printed(content, media_type)
    except Interrupted:
        printed = None
    if printed is None:
        return Document.TextState.FAILED, ""
    text = _clean(printed.decode("utf-8"))
    return (Document.TextState.READ, text) if text else (Document.TextState.NONE, "")


def parts_of(content: bytes, media_type: str) -> Parts | None:
    """Pages of a PDF or paragraphs of a Word file; None for a broken or boundless file.

    Raises Interrupted when the reader was ended from outside, KeyError for another type.
    """
    if media_type not in (document_reading.PDF, document_reading.DOCX):
        raise KeyError(media_type)
    printed = _printed(content, media_type, "places")
    if printed is None:
        return None
    told = json.loads(printed)
    parts = tuple(_clean(part) for part in told["parts"])
    return Parts(told["unit"], parts, told["read"], told["total"], told["encrypted"])


def _printed(content: bytes, media_type: str, *more: str) -> bytes | None:
    """What the reader prints of a file, None when it fails or needs too much of a processor.

    Raises Interrupted.
    """
    try:
        # -P: the folder of the program does not come before the libraries
        done = subprocess.run(  # noqa: S603 (our own program; the type is one of four)
            [sys.executable, "-P", str(PROGRAM), media_type, str(MEMORY), str(SECONDS), *more],
            input=content, capture_output=True, timeout=2 * SECONDS, check=False, env={},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        log.warning("document_text_failed", media_type=media_type, error="timeout")
        raise Interrupted("timeout") from None
    if done.returncode < 0 and done.returncode != -signal.SIGXCPU:
        log.warning("document_text_failed", media_type=media_type, error="signal")
        raise Interrupted(f"signal {-done.returncode}")
    if done.returncode:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        error = last[0].partition(":")[0] if last else f"ended with {done.returncode}"
        log.warning("document_text_failed", media_type=media_type, error=error)
        return None
    return done.stdout


def _clean(text: str) -> str:
    """Without control characters, which PostgreSQL refuses or readers never see."""
    return "".join(c if c in "\n\t" or c.isprintable() else " " for c in text).strip()
