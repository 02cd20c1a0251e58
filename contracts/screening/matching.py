"""Which entries of a catalogue a text may be about. Pure: no database, nothing is stored.

Three ways lead to a hit, each quoted with its place: the entry's own code stands in the text; a key
term stands there; or one passage has most of the words of the entry's name, or many of all that it
says. A field alone is no hit: it only makes words count more, or less where the field is another.
Asks a person, so it would rather ask once too often; how often it does is in
docs/explanation/screening.md.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Generic, Protocol, TypeVar

from contracts.review.passages import quote
from marketplace.core.words import (
    base_tokens,
    fold,
    has_chinese,
    is_telling,
    parts_of_chinese,
    surfaces,
)

MAX_REASONS = 5  # quoted for one entry
OVERLAP = 80  # characters that two neighbouring pieces of a long sentence share
MAX_WINDOW = 400  # characters in which the words of a name must stand together
CODE, TERM, WORDS = "code", "term", "words"
# Share of a name's words, by their weight, that a passage must have.
USUAL, SAME_FIELD, OTHER_FIELD = 0.5, 0.4, 0.7
LEAST_WORDS = 2
LEAST_CODE = 4  # signs
# Or so many words of all that the entry says, its control points and terms, too.
MANY, MANY_SAME_FIELD = 4, 3
_SCORES = {CODE: 100, TERM: 80}
_STOPS = re.compile(r"(?<=[。；！？\n])|(?<=[.;!?])\s+")
# Words of contracts and of catalogues alike: that they are shared says nothing.
_EMPTY_WORDS = (
    "technology technologies technique method process system device equipment product production "
    "preparation manufacture manufacturing design development application research control high "
    "large new type related key using used use make making material materials "
    "技术 工艺 方法 系统 装置 设备 产品 制造 制备 生产 设计 开发 应用 研究 控制 关键 新型"
    " 加工 相关 材料"
)
_EMPTY = frozenset(base_tokens(_EMPTY_WORDS))


class Listed(Protocol):
    """What is needed of an entry."""

    @property
    def code(self) -> str: ...
    @property
    def name_en(self) -> str: ...
    @property
    def name_zh(self) -> str: ...
    @property
    def points_en(self) -> str: ...
    @property
    def points_zh(self) -> str: ...
    @property
    def fields(self) -> Any: ...  # a list of texts
    @property
    def terms(self) -> Any: ...


# Of what Listed says; a bound would not hold for columns of a model.
Entry = TypeVar("Entry", bound=Any)


@dataclass(frozen=True, slots=True)
class Piece:
    """A text to screen and where it stands. fact: the name of a fact, or "" with `file` (public
    id), its name, and page or paragraph (`unit`, `at`)."""

    text: str
    fact: str = ""
    file: str = ""
    name: str = ""
    unit: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """why: code, term or words; terms: what text and entry share."""

    why: str
    piece: Piece
    quote: str
    terms: tuple[str, ...]


@dataclass
class Hit(Generic[Entry]):
    entry: Entry
    score: int
    same_field: bool
    reasons: list[Reason] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Compiled:
    code: str  # in lower case; "" for one that could be a number or a word
    # folded Chinese term, or tokens of another one; with the term as written
    chinese: tuple[tuple[str, str], ...]
    other: tuple[tuple[tuple[str, ...], str], ...]
    names: tuple[Mapping[str, str], ...]  # token -> word, of either name
    all_said: Mapping[str, str]


def screen(
    pieces: Iterable[Piece], fields: Collection[str], entries: Sequence[Entry]
) -> list[Hit[Entry]]:
    """Possible hits, the surest first.

    fields: codes of fields and sub-fields that the text is of; empty when not known.
    """
    compiled = [_compile(entry) for entry in entries]
    weights = _weights(compiled)
    index = _Index(compiled)
    found: dict[int, Hit[Entry]] = {}
    for piece in pieces:
        for window in _windows(piece.text):
            folded, tokens = fold(window), base_tokens(window)
            have = set(_with_parts(tokens))
            for place in index.candidates(window, folded, have):
                entry = entries[place]
                related = _related(entry, fields)
                seen = _reason(window, folded, tokens, have, compiled[place], related, weights)
                if seen is None:
                    continue
                why, terms, score, start, end = seen
                hit = found.setdefault(place, Hit(entry, 0, related is True))
                hit.score = max(hit.score, score)
                reason = Reason(why, piece, quote(window, start, end), terms)
                if len(hit.reasons) < MAX_REASONS and not _said(hit.reasons, reason):
                    hit.reasons.append(reason)
    return [found[place] for place in sorted(found, key=lambda at: (-found[at].score, at))]


class _Index:
    """Which entries a passage can be about at all: thousands of entries are not looked at one by
    one. What it finds is judged by `_reason`; what it leaves out has no reason."""

    def __init__(self, compiled: Iterable[_Compiled]) -> None:
        self._codes: dict[str, list[int]] = defaultdict(list)  # by their first signs
        self._chinese: dict[str, list[int]] = defaultdict(list)  # by the first two
        self._first: dict[str, list[int]] = defaultdict(list)  # by the first word of a term
        self._words: dict[str, list[int]] = defaultdict(list)
        self._names: dict[str, list[int]] = defaultdict(list)
        for place, one in enumerate(compiled):
            if one.code:
                self._codes[one.code[:LEAST_CODE]].append(place)
            for text, _term in one.chinese:
                self._chinese[text[:2]].append(place)
            for form, _term in one.other:
                self._first[form[0]].append(place)
            for token in one.all_said:
                self._words[token].append(place)
            for token in set().union(*one.names):
                self._names[token].append(place)

    def candidates(self, window: str, folded: str, have: set[str]) -> list[int]:
        """Places of entries, in their order."""
        found: set[int] = set()
        plain = window.lower()
        for grams, size, text in (
            (self._codes, LEAST_CODE, plain), (self._chinese, 2, folded), (self._chinese, 1, folded)
        ):  # fmt: skip
            signs = {text[at : at + size] for at in range(len(text) - size + 1)}
            for sign in signs & grams.keys():
                found.update(grams[sign])
        for token in have & self._first.keys():
            found.update(self._first[token])
        for words, least in ((self._names, LEAST_WORDS), (self._words, MANY_SAME_FIELD)):
            counts: Counter[int] = Counter()
            for token in have & words.keys():
                counts.update(words[token])
            found.update(place for place, number in counts.items() if number >= least)
        return sorted(found)


def _related(entry: Listed, fields: Collection[str]) -> bool | None:
    """Whether entry and text are of one field; None where one of them does not say."""
    if not entry.fields or not fields:
        return None
    return not set(entry.fields).isdisjoint(fields)


def _reason(
    window: str, folded: str, tokens: Sequence[str], have: set[str], one: _Compiled,
    related: bool | None, weights: Mapping[str, float],
) -> tuple[str, tuple[str, ...], int, int, int] | None:  # fmt: skip
    """(why, shared terms, score, start and end of what to quote around), the strongest way."""
    if one.code and (span := _code_in(one.code, window)):
        return CODE, (window[slice(*span)],), _SCORES[CODE], *span
    terms = [term for text, term in one.chinese if text in folded]
    terms += [term for form, term in one.other if have.issuperset(form) and _within(form, tokens)]
    if terms:
        at = max(folded.find(fold(terms[0])), 0) if len(folded) == len(window) else 0
        score = _SCORES[TERM] + min(5 * (len(terms) - 1), 10) + (5 if related else 0)
        return TERM, tuple(terms), score - (20 if related is False else 0), at, at + len(terms[0])
    needed = {True: SAME_FIELD, False: OTHER_FIELD, None: USUAL}[related]
    for name in one.names:
        shared = [token for token in name if token in have]
        if len(shared) < LEAST_WORDS:
            continue
        share = sum(weights[token] for token in shared) / sum(weights[token] for token in name)
        if share >= needed:
            return WORDS, tuple(name[token] for token in shared), round(70 * share), 0, 0
    said = [token for token in one.all_said if token in have]
    if related is not False and len(said) >= (MANY_SAME_FIELD if related else MANY):
        terms = [one.all_said[token] for token in said]
        return WORDS, tuple(dict.fromkeys(terms)), min(8 * len(said), 60), 0, 0
    return None


def _compile(entry: Listed) -> _Compiled:
    return _compiled(
        entry.code, entry.name_zh, entry.name_en, entry.points_zh, entry.points_en,
        tuple(entry.terms),
    )  # fmt: skip


@lru_cache(maxsize=8192)  # entries never change; taking one apart costs about a millisecond
def _compiled(
    code: str, name_zh: str, name_en: str, points_zh: str, points_en: str, given: tuple[str, ...]
) -> _Compiled:
    terms = [term for term in given if fold(term).strip()]
    return _Compiled(
        code=_code(code),
        chinese=tuple((fold(term), term) for term in terms if has_chinese(term)),
        other=tuple(
            (form, term)
            for term in terms
            if not has_chinese(term) and (form := tuple(base_tokens(term)))
        ),
        names=tuple(name for text in (name_zh, name_en) if len(name := _telling(text)) > 1),
        all_said=_telling(" ".join([name_zh, name_en, points_zh, points_en, *given])),
    )


def _code(code: str) -> str:
    """A code that cannot be mistaken for a number or a word: figures, and four signs or more."""
    if len(code) < LEAST_CODE or not any(sign.isdigit() for sign in code):
        return ""
    return code.lower()


def _code_in(code: str, window: str) -> tuple[int, int] | None:
    """Where a code stands by itself."""
    if code not in window.lower():  # far quicker than a pattern for each entry
        return None
    found = re.search(rf"(?<![0-9A-Za-z]){re.escape(code)}(?![0-9A-Za-z])", window, re.IGNORECASE)
    return found.span() if found else None


def _telling(text: str) -> dict[str, str]:
    """Token -> word as it is written, of the words that can name a subject."""
    return {
        token: word
        for word in surfaces(text)
        for token in _tokens_of(word)
        if is_telling(token) and token not in _EMPTY
    }


@lru_cache(maxsize=16384)  # catalogues say the same words again and again
def _tokens_of(word: str) -> tuple[str, ...]:
    return tuple(_with_parts(base_tokens(word)))


def _with_parts(tokens: Iterable[str]) -> Iterator[str]:
    """Long Chinese words in their parts alone, so that 电解液 is found in 低温电解液 and the other
    way round."""
    for token in tokens:
        yield from parts_of_chinese(token) or (token,)


def _weights(compiled: Iterable[_Compiled]) -> dict[str, float]:
    """What a word says: the more entries have it, the less."""
    listed = list(compiled)
    counts = Counter(token for one in listed for token in set().union(*one.names))
    return {
        token: 1 + math.log((len(listed) + 1) / (number + 1)) for token, number in counts.items()
    }


def _within(form: tuple[str, ...], tokens: Sequence[str]) -> bool:
    """Whether the words of a term stand one after the other."""
    return any(
        tuple(tokens[at : at + len(form)]) == form
        for at in range(len(tokens) - len(form) + 1)
        if tokens[at] == form[0]
    )


def _windows(text: str) -> Iterator[str]:
    """Sentences, short neighbours together: a name may be told in two of them."""
    held = ""
    for part in _STOPS.split(text):
        sentence = part.strip()
        if not sentence:
            continue
        if held and len(held) + len(sentence) > MAX_WINDOW:
            yield held
            held = ""
        # text without a stop, cut so that a term at a cut stands whole in one of two
        while len(sentence) > MAX_WINDOW:
            yield sentence[:MAX_WINDOW]
            sentence = sentence[MAX_WINDOW - OVERLAP :]
        held = f"{held} {sentence}" if held else sentence
    if held:
        yield held


def _said(reasons: Iterable[Reason], new: Reason) -> bool:
    """Whether the same terms were quoted from the same place already."""
    return any(old.piece == new.piece and old.terms == new.terms for old in reasons)
