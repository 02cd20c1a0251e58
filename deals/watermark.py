"""A reader's name, organisation and the time on every page of a PDF."""

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import structlog
from django.utils import timezone

from contracts.certificates.typesetting import pdf_of

log = structlog.get_logger(__name__)
PDF = "application/pdf"
_HERE = Path(__file__).resolve().parent
_TEMPLATE = _HERE / "watermark.typ"
_PROGRAM = _HERE / "watermarking.py"
SECONDS = 30


def can_mark(media_type: str) -> bool:
    """Only PDF keeps a mark on its pages; others are handed out as they are, and logged so."""
    return media_type == PDF


def marked(content: bytes, *, reader: str, house: str, at: dt.datetime) -> bytes | None:
    """The PDF with the mark; None where it cannot be written on (encrypted, broken).

    The file came from a stranger, so it is read in a process of its own that may die.
    """
    words = {
        "who": f"{reader} · {house}",
        "when": timezone.localtime(at).strftime("%Y-%m-%d %H:%M"),
    }
    stamp = pdf_of(_TEMPLATE, words, at)
    try:
        done = subprocess.run(  # noqa: S603 (our own program, with no argument of a stranger)
            [sys.executable, "-I", str(_PROGRAM), json.dumps(len(stamp))],
            input=stamp + content, capture_output=True, timeout=SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        log.warning("watermark_timeout", size=len(content))
        return None
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF"):
        log.warning("watermark_failed", code=done.returncode, size=len(content))
        return None
    return done.stdout
