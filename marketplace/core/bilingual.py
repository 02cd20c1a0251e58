"""Texts that may stand in English, Chinese or both (columns `<name>_en`, `<name>_zh`)."""

from typing import Any, NamedTuple


class Text(NamedTuple):
    """A text and the language it is in (a BCP 47 tag for the lang attribute)."""

    value: str
    lang: str

    def __str__(self) -> str:
        return self.value


def is_chinese(language: str | None) -> bool:
    return (language or "").lower().startswith("zh")


def pick(obj: Any, name: str, language: str | None) -> Text:
    """`obj.<name>` in the reader's language, else in the other one; may be empty.

    Works on objects and on mappings.
    """
    read = obj.get if isinstance(obj, dict) else lambda key: getattr(obj, key, "")
    chinese, english = read(f"{name}_zh") or "", read(f"{name}_en") or ""
    if is_chinese(language):
        return Text(chinese, "zh-Hans") if chinese else Text(english, "en")
    return Text(english, "en") if english else Text(chinese, "zh-Hans")
