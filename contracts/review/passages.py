"""A contract's text as passages with their places, headings and sentences."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_PASSAGE = 4000  # characters; a longer one is cut in pieces
MAX_QUOTE = 160
_FULL = 0.6  # of a page's longest line: a shorter one ends its paragraph
_NUMBER = re.compile(
    r"\s{0,4}(?:第\s?[一二三四五六七八九十百零〇\d]{1,5}\s?[条章节款]"
    r"|[（(](?:[一二三四五六七八九十]{1,3}|\d{1,2})[）)]"
    r"|[一二三四五六七八九十]{1,3}[、.．]"
    r"|§\s?\d{1,3}|(?:Article|Section|Clause|ARTICLE|SECTION|CLAUSE)\s\d{1,3}"
    r"|\d{1,2}(?:[.．]\d{1,2}){0,3}(?:[.．、)）:：]|(?=\s[^\d\s]))|(?:[IVX]{1,5}|[A-Z])[.)](?=\s))"
    r"\s{0,4}[.:：、．–-]?\s{0,4}"
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_ENDS = tuple("。；;：:.!?！？")
# "Ltd. " and "No. 7" end no sentence
_SENTENCE = re.compile(
    r"(?<=[。；！？])|(?<=[.;!?])(?<!\bNo\.)(?<!\bLtd\.)(?<!\bCo\.)(?<!\bInc\.)(?<!\bDr\.)\s+"
)
_PIECE_ENDS = "，,；;。"
EMPTY = re.compile(
    r"[\s:：.。;；、/／—_＿（）()-]{0,60}"
    r"(?:无|没有|不适用|空白|略|none|nil|n/a|not applicable)?"
    r"[\s:：.。;；、/／—_＿（）()-]{0,60}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Passage:
    """place: page or paragraph, from 1. heading: its title when it has one, without the number."""

    place: int
    text: str
    heading: str
    body: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: its code, where, and its words."""

    code: str
    place: int
    quote: str


def passages(parts: Sequence[str], unit: str) -> list[Passage]:
    """Parts of a file (pages or paragraphs) as passages; lines that a page breaks are joined."""
    rows = list(_lines_of_pages(parts) if unit == "page" else _paragraphs(parts))
    found = []
    for index, (place, text) in enumerate(rows):
        heading, body = _split(text)
        if heading and not body and index + 1 < len(rows):
            following = rows[index + 1][1]
            if not _NUMBER.match(following):
                body = following
        found.append(Passage(place, text, heading, body))
    return found


def sentences(passage: Passage) -> Iterator[str]:
    for part in _SENTENCE.split(passage.text):
        if part.strip():
            yield part.strip()


def around(sentence: str, start: int, end: int) -> str:
    """The pieces between commas that a match lies in."""
    left = max(sentence.rfind(mark, 0, start) for mark in _PIECE_ENDS) + 1
    rights = [at for mark in _PIECE_ENDS if (at := sentence.find(mark, end)) != -1]
    return sentence[left : min(rights, default=len(sentence))]


def quote(text: str, start: int = 0, end: int = 0) -> str:
    """At most MAX_QUOTE characters around a match, whole when the text is short."""
    text = " ".join(text.split()) if not start and not end else text
    if len(text) <= MAX_QUOTE:
        return text.strip()
    left = max(0, min(start - (MAX_QUOTE - (end - start)) // 2, len(text) - MAX_QUOTE))
    piece = text[left : left + MAX_QUOTE].strip()
    return f"{'…' if left else ''}{piece}{'…' if left + MAX_QUOTE < len(text) else ''}"


def language_of(parts: Sequence[str]) -> str:
    """zh, en, or "" for a text of hardly any letters."""
    text = "".join(parts)[:50_000]
    han = len(_HAN.findall(text))
    latin = sum(character.isascii() and character.isalpha() for character in text)
    if han + latin < 20:
        return ""
    return "zh" if han * 3 > latin else "en"  # a Chinese character says what three letters say


def _paragraphs(parts: Sequence[str]) -> Iterator[tuple[int, str]]:
    for place, part in enumerate(parts, 1):
        for line in part.splitlines():
            yield from _pieces(place, line)


def _lines_of_pages(parts: Sequence[str]) -> Iterator[tuple[int, str]]:
    place, held, is_last = 1, "", False
    for page, part in enumerate(parts, 1):
        lines = [line.strip() for line in part.splitlines()]
        full = _FULL * max(map(len, lines), default=0)
        for line in filter(None, lines):
            if held and (held.endswith(_ENDS) or _NUMBER.match(line) or is_last):
                yield from _pieces(place, held)
                held = ""
            if not held:
                place, held = page, line
            elif _HAN.match(held[-1]) or _HAN.match(line[0]):
                held += line
            else:
                held = f"{held} {line}"
            is_last = len(line) < full
            if len(held) > MAX_PASSAGE:
                yield from _pieces(place, held)
                held = ""
    yield from _pieces(place, held)


def _pieces(place: int, text: str) -> Iterator[tuple[int, str]]:
    text = text.strip()
    for start in range(0, len(text), MAX_PASSAGE):
        yield place, text[start : start + MAX_PASSAGE]


def _split(text: str) -> tuple[str, str]:
    """(heading, rest): of a numbered passage what stands before its first stop; of another one
    the whole when it is short and ends without a stop."""
    number = _NUMBER.match(text)
    rest = text[number.end() :] if number else text
    longest = 24 if _HAN.search(rest[:24]) else 70
    if not number:
        key = re.match(r"([^:：。；;，,.]{2,40})[:：]", rest)
        if key and len(key[1]) <= (12 if _HAN.search(key[1]) else 40):
            return key[1], rest[key.end() :]
        short = len(rest) <= longest and not rest.endswith(_ENDS)
        return (rest, "") if short else ("", rest)
    stop = re.search(r"[.:：。；;，,]\s?|\s?[/／_—]|\s(?=[\u4e00-\u9fff])", rest[: longest + 2])
    if stop:
        behind = rest[stop.end() :] or stop[0].strip(".:：。；;，, ")  # a stroke says "none"
        return rest[: stop.start()], behind
    return (rest, "") if len(rest) <= longest else (rest[:longest], rest)
