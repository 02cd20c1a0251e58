"""Texts of the non-disclosure agreement: dated files beside this module, never changed in place."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class NdaText:
    """One version in both languages; `hash` covers every word of both."""

    version: str
    valid_from: dt.date
    title_en: str
    title_zh: str
    text_en: str
    text_zh: str
    hash: str
    binding: str = "both"  # "en" or "zh": where one language alone is binding

    def paragraphs(self, *, chinese: bool) -> list[str]:
        """In one language; of a text without it none."""
        return (self.text_zh if chinese else self.text_en).splitlines()


@cache
def texts() -> dict[str, NdaText]:
    """All versions by name."""
    found = {}
    for path in sorted(_FOLDER.glob("*.yaml")):
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        title, text = raw["title"], raw["text"]
        whole = "\n".join([title["en"], text["en"], title["zh"], text["zh"]])
        version = str(raw["version"])
        found[version] = NdaText(
            version, raw["valid_from"], title["en"], title["zh"], text["en"], text["zh"],
            hashlib.sha256(whole.encode()).hexdigest(),
        )  # fmt: skip
    return found


def text_of(version: str) -> NdaText:
    """Raises KeyError for a version that has no file."""
    return texts()[version]


def current(today: dt.date) -> NdaText:
    """The newest version in force on a day."""
    in_force = [text for text in texts().values() if text.valid_from <= today]
    return max(in_force or list(texts().values()), key=lambda text: text.valid_from)
