"""Words of a text in Chinese and English, the same for indexing, for questions and for matching."""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

import opencc
import rjieba
import Stemmer

_HAN = re.compile(r"[\u3400-\u9fff]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_PIECES = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+(?:[.\-+#][a-z0-9]+)*")
# Words that say nothing about the subject.
_STOP_EN = (
    "a an and are as at be by can do for from has have in into is it its of on or that the their "
    "this to was we which will with within without than then there these they you your our not"
)
_STOP_ZH = "的了和与及或在是对为有等中由从到以于可其该本将并被把也都而上下之者项"
STOP = frozenset(_STOP_EN.split()) | frozenset(_STOP_ZH)
MAX_TOKENS = 20_000


@lru_cache(maxsize=1)
def _segmenter() -> Any:
    """rjieba with the words of the field (dictionary.txt), loaded at the first Chinese text."""
    for word in Path(__file__).with_name("dictionary.txt").read_text("utf-8").split():
        rjieba.add_word(word, None, None)
    return rjieba


@lru_cache(maxsize=1)
def _simplified() -> dict[int, str]:
    """Traditional characters -> simplified ones. One by one: words are found by what they mean in
    either script, and a question need not be typeset."""
    converter = opencc.OpenCC("t2s")
    every = "".join(map(chr, range(0x3400, 0xA000)))
    simple = converter.convert("\n".join(every)).split("\n")
    return {
        ord(one): other
        for one, other in zip(every, simple, strict=True)
        if one != other and len(other) == 1
    }


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    return Stemmer.Stemmer("english")


@lru_cache(maxsize=65_536)
def _latin(piece: str) -> str:
    """The token of a word without Chinese in it; "" for a stop word."""
    if piece in STOP:
        return ""
    return str(_stemmer().stemWord(piece)) if piece.isalpha() else piece


@lru_cache(maxsize=16_384)
def parts_of(piece: str) -> tuple[str, ...]:
    """The tokens inside a hyphenated word: low-temperature is also found by "low temperature"."""
    words = (word for word in piece.split("-") if len(word) > 1)
    return tuple(token for word in words if (token := _latin(word)))


def fold(text: str) -> str:
    """Compatibility forms unified, accents dropped, lower case, Chinese simplified."""
    if text.isascii():
        return text.lower()
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text.lower())).translate(_simplified())


def tokens(text: str, *, query: bool = False) -> list[str]:
    """Words in order, stop words dropped, English stemmed, Chinese cut by rjieba.

    For indexing, long Chinese words and hyphenated English ones are also given in their parts;
    for a question (`query`) only the plain cut, so that all of its words can be required.
    """
    found: list[str] = []
    for piece in _PIECES.findall(fold(text)):
        if piece[0] >= "\u3400":
            cut = _segmenter().cut(piece, False) if query else _cut_for_search(piece)
            found += [word for word in cut if word not in STOP]
        elif word := _latin(piece):
            found.append(word)
            if not query and "-" in piece:
                found.extend(parts_of(piece))
        if len(found) >= MAX_TOKENS:
            break
    return found[:MAX_TOKENS]


def _cut_for_search(piece: str) -> list[str]:
    cut: list[str] = _segmenter().cut_for_search(piece, False)
    return cut


@lru_cache(maxsize=16_384)
def parts_of_chinese(word: str) -> tuple[str, ...]:
    """The tokens inside a long Chinese word: 锂离子电池 is also found by 锂离子 and 电池."""
    if len(word) < 4 or not _HAN.fullmatch(word):
        return ()
    inside = [part for part in _cut_for_search(word) if part != word and part not in STOP]
    covered = {
        place
        for part in inside
        for start in range(len(word))
        if word.startswith(part, start)
        for place in range(start, start + len(part))
    }
    return tuple(dict.fromkeys(inside)) if len(covered) == len(word) else ()


def base_tokens(text: str) -> list[str]:
    """The plain cut with hyphenated words in their parts: how terms are compared."""
    return [
        part
        for token in tokens(text, query=True)
        for part in (parts_of(token) if "-" in token else (token,)) or (token,)
    ]


def surfaces(text: str) -> list[str]:
    """The words of a text as they are written (folded), Chinese ones as they are cut."""
    found: list[str] = []
    for piece in _PIECES.findall(fold(text)):
        if piece[0] >= "\u3400":
            found.extend(_segmenter().cut(piece, False))
        else:
            found.append(piece)
    return [word for word in found if word not in STOP]


def is_telling(word: str) -> bool:
    """Whether a word can name a subject: letters in it, and more than one."""
    return len(word) > 1 and any(letter.isalpha() for letter in word)


def has_chinese(text: str) -> bool:
    return _HAN.search(text) is not None


def language_of(text: str) -> str:
    """ "zh" when a noticeable share of the letters is Chinese, else "en"."""
    han = sum(len(run) for run in _HAN.findall(text))
    return "zh" if han * 4 >= max(len(text.replace(" ", "")), 1) else "en"
