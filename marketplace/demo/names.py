"""Stable ids and dates of the demo market, so that loading it again changes nothing."""

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import yaml
from django.utils import timezone

from marketplace.core.public_id import ALPHABET, LENGTH

FOLDER = Path(__file__).resolve().parent
MAIL_DOMAIN = "demo.yizhan.example"


def stable_id(kind: str, key: str) -> str:
    """The public id of a demo object: the same on every load."""
    number = int.from_bytes(
        hashlib.blake2b(f"{kind}:{key}".encode(), digest_size=8).digest(), "big"
    )
    letters = []
    for _place in range(LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[rest])
    return "".join(letters)


def read(name: str) -> Any:
    """A data file of this folder."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    # the C parser, where it is built, reads the same safe subset ten times faster
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def days_ago(days: float) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=days)


def in_days(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)
