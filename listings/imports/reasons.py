"""Reasons in both languages: who reads a report may have another one than who uploaded the file."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from django.utils.translation import get_language, override

from marketplace.core.bilingual import is_chinese, pick
from marketplace.core.errors import DomainError, Message

_LANGUAGES = {"en": "en", "zh": "zh-hans"}


class Reason(NamedTuple):
    """One sentence in both languages."""

    en: str
    zh: str

    def __str__(self) -> str:
        """In the active language."""
        return pick({"reason_en": self.en, "reason_zh": self.zh}, "reason", get_language()).value

    def by(self, say: Callable[[str], str]) -> "Reason":
        """Each sentence as `say` puts it in its language."""
        said = {}
        for name, language in _LANGUAGES.items():
            with override(language):
                said[name] = say(getattr(self, name))
        return Reason(**said)

    def joined(self, other: "Reason") -> "Reason":
        return Reason(f"{self.en} {other.en}", f"{self.zh} {other.zh}")


Reasons = dict[str, Reason]
"""Field -> why it is wrong."""


def both(say: Callable[[], Message]) -> Reason:
    """What `say` gives, in either language."""
    said = {}
    for name, language in _LANGUAGES.items():
        with override(language):
            said[name] = str(say())
    return Reason(**said)


def judged(
    first: Mapping[str, Sequence[Message]], again: Callable[[], Mapping[str, Sequence[Message]]]
) -> Reasons:
    """Messages by field, as judged in the active language, in both. again: judges once more, since
    a message with figures in it is a text already."""
    mine = "zh" if is_chinese(get_language()) else "en"
    other = "en" if mine == "zh" else "zh"
    here = {name: " ".join(map(str, found)) for name, found in first.items()}
    with override(_LANGUAGES[other]):
        there = {name: " ".join(map(str, found)) for name, found in again().items()}
    return {
        name: Reason(**{mine: text, other: there.get(name, text)}) for name, text in here.items()
    }


def fields_of(work: Callable[[], object]) -> dict[str, list[Message]]:
    """What `work` refuses, by field; nothing where it refuses nothing."""
    try:
        work()
    except DomainError as error:
        return error.fields or {"": [error.message]}
    return {}
