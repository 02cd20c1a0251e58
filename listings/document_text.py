"""The text inside an uploaded document."""

import subprocess
import sys
from pathlib import Path

import structlog

from listings import document_reading
from listings.models import Document

log = structlog.get_logger(__name__)
PROGRAM = Path(document_reading.__file__)
MEMORY = 1 << 30  # bytes of address space that a reader may take
SECONDS = 10  # of a processor, and twice that by the clock


def text_of(content: bytes, media_type: str) -> tuple[str, str]:
    """(text state, text) of a file; a broken or boundless file is `failed`, a picture has `none`.

    Never raises on the content: what people upload is not trusted to be well formed.
    """
    if media_type not in document_reading.READERS:
        return Document.TextState.NONE, ""
    try:
        # -P: the folder of the program does not come before the libraries
        done = subprocess.run(  # noqa: S603 (our own program; the type is one of four)
            [sys.executable, "-P", str(PROGRAM), media_type, str(MEMORY), str(SECONDS)],
            input=content, capture_output=True, timeout=2 * SECONDS, check=False, env={},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        log.warning("document_text_failed", media_type=media_type, error="timeout")
        return Document.TextState.FAILED, ""
    if done.returncode:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        error = last[0].partition(":")[0] if last else f"ended with {done.returncode}"
        log.warning("document_text_failed", media_type=media_type, error=error)
        return Document.TextState.FAILED, ""
    text = _clean(done.stdout.decode("utf-8"))
    return (Document.TextState.READ, text) if text else (Document.TextState.NONE, "")


def _clean(text: str) -> str:
    """Without control characters, which PostgreSQL refuses or readers never see."""
    return "".join(c if c in "\n\t" or c.isprintable() else " " for c in text).strip()
