"""What both kinds of cells share: several items in one text, names in two languages."""

import re
from dataclasses import dataclass
from itertools import pairwise

from marketplace.core.words import has_chinese

_OPEN, _CLOSE, _END = "(（[【", ")）]】", ";；\n"
BETWEEN = " | "
_BETWEEN = re.compile(r"\s*\|\s*")


@dataclass(frozen=True, slots=True)
class Unread:
    """An item that could not be read. number: its place from 1; why: metric, figure, kind or
    rest; part: the words that were not understood."""

    number: int
    why: str
    part: str


def items_of(text: str) -> list[str]:
    """The items of a cell: one a line, or with ; between them. What stands in brackets stays
    together."""
    found, depth, start = [], 0, 0
    for place, sign in enumerate(text):
        if sign in _OPEN:
            depth += 1
        elif sign in _CLOSE:
            depth = max(0, depth - 1)
        elif sign in _END and (not depth or sign == "\n"):
            found.append(text[start:place])
            start, depth = place + 1, 0
    found.append(text[start:])
    return [item for one in found if (item := " ".join(one.split()))]


def bracketed(text: str) -> list[str] | None:
    """The contents of the brackets of a text that consists of brackets, else None."""
    found, depth, start, loose = [], 0, 0, [0]
    for place, sign in enumerate(text):
        if sign in "(（":
            if not depth:
                loose.append(place)
                start = place + 1
            depth += 1
        elif sign in ")）" and depth:
            depth -= 1
            if not depth:
                found.append(text[start:place].strip())
                loose.append(place + 1)
    if depth:
        return None
    loose.append(len(text))
    outside = "".join(text[low:high] for low, high in list(pairwise(loose))[::2])
    return None if outside.strip(" ,，") else found


def both_of(text: str) -> tuple[str, str]:
    """(English, Chinese) of `English | 中文`, or of one of them."""
    parts = _BETWEEN.split(text.strip(), maxsplit=1)
    if len(parts) == 2:
        return parts[0], parts[1]
    return ("", parts[0]) if has_chinese(parts[0]) else (parts[0], "")


def both_text(en: str, zh: str) -> str:
    """What `both_of` reads back."""
    alone = en if not zh else zh if not en else ""
    if alone and both_of(alone) == (en, zh):
        return alone
    return f"{en}{BETWEEN}{zh}"
