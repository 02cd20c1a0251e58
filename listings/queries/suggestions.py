"""What a reader may mean: suggestions while typing, and corrections of words that stand nowhere.

Terms come from public texts (listings.terms), and each suggestion is looked up once more, so that
none leads to an empty list or to what has been taken back.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from listings.models.listings import Tier
from listings.question import Word, all_of, words_of
from listings.terms import key_of, sound_of
from marketplace.core.replicas import reading_connection
from marketplace.core.words import fold, has_chinese

NUMBER = 8
# A term that so many listings held when they were counted, an hour ago at most, is held by some.
MANY = 50
MAX_TYPED = 60
_LONGEST = 8  # characters of a Chinese term, words of a Latin one in pinyin
_ALIKE = 0.82  # of the letters of a word and its correction
_SHORTEST = 4  # letters of a word that is corrected
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_LETTERS = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Suggestion:
    """text: what would be asked; label: how it was found when its letters do not show it."""

    text: str
    label: str = ""


def suggest(typed: str, kind: str, number: int = NUMBER) -> list[Suggestion]:
    """Keywords that begin as typed, in letters, pinyin or initials, most used first; then those
    that hold it. Two queries."""
    key = key_of("".join(c if c.isprintable() else " " for c in typed[:MAX_TYPED]))
    if not key:
        return []
    letters = key.replace(" ", "") if _LETTERS.fullmatch(key.replace(" ", "")) else ""
    arms = [("key", f"{_escaped(key)}%", 0)]
    if len(letters) >= 2:
        arms.append(("sound", f"{letters}%", 1))
    if len(letters) >= 3:
        arms.append(("initials", f"{letters}%", 2))
    if len(key) >= 3:
        arms.append(("key", f"%{_escaped(key)}%", 3))
    sql = " UNION ALL ".join(
        f"(SELECT text, sound, listings, {rank} AS arm FROM listings_term"  # noqa: S608 (our names)
        f" WHERE kind = %s AND is_phrase AND {column} LIKE %s"
        f" ORDER BY listings DESC, text LIMIT {2 * number})"
        for column, _pattern, rank in arms
    )
    parameters = [value for _column, pattern, _rank in arms for value in (kind, pattern)]
    with reading_connection().cursor() as cursor:
        cursor.execute(
            f"SELECT * FROM ({sql}) AS found ORDER BY arm, listings DESC, text",  # noqa: S608
            parameters,
        )
        rows = cursor.fetchall()
    found = {text: sound if arm in (1, 2) else "" for text, sound, _number, arm in reversed(rows)}
    ordered = list(dict.fromkeys(row[0] for row in rows))
    few = [text for text, _sound, number, _arm in rows if number < MANY]
    alive = {*ordered} - {*few} | _alive(list(dict.fromkeys(few)), kind)
    return [Suggestion(text, found[text]) for text in ordered if text in alive][:number]


def corrected(question: str, nowhere: Sequence[Word], kind: str) -> str:
    """The question with the words that stand nowhere replaced by what was probably meant; "" when
    nothing comes near. Two queries at most."""
    sounds = _by_sound(question, nowhere, kind)
    text = question
    for written, meant in sounds.items():
        text = text.replace(written, meant, 1)
    rest = [
        word.surface
        for word in nowhere
        if word.surface in text and not has_chinese(word.surface) and len(word.surface) >= _SHORTEST
    ]
    for written, meant in _by_letters(rest, kind).items():
        text = re.sub(rf"(?<!\w){re.escape(written)}(?!\w)", re.escape(meant), text, count=1)
    return text if text != question else ""


def _by_sound(question: str, nowhere: Sequence[Word], kind: str) -> dict[str, str]:
    """Pieces of the question that sound like a term: Chinese typed with the wrong characters, or
    pinyin. Written -> meant, longest first, not overlapping."""
    wrong = [word.surface for word in nowhere]
    windows = list(_windows(question, wrong))
    wanted = {sound for _piece, sound in windows if len(sound) >= _SHORTEST}
    if not wanted:
        return {}
    with reading_connection().cursor() as cursor:
        cursor.execute(
            "SELECT sound, text FROM listings_term WHERE kind = %s AND sound = ANY(%s)"
            " ORDER BY is_phrase DESC, listings DESC",
            [kind, sorted(wanted)],
        )
        known: dict[str, str] = {}
        for sound, text in cursor.fetchall():
            known.setdefault(sound, text)
    found: dict[str, str] = {}
    for piece, sound in sorted(windows, key=lambda one: -len(one[0])):
        meant = known.get(sound)
        if meant and key_of(meant) != key_of(piece) and not any(piece in one for one in found):
            found[piece] = meant
    return found


def _windows(question: str, wrong: Sequence[str]) -> Iterable[tuple[str, str]]:
    """(piece, its sound) for pieces of Chinese around a wrong word, and for runs of Latin words of
    which all are wrong."""
    for run in _HAN_RUN.findall(question):
        for word in wrong:
            at = run.find(word)
            if at < 0:
                continue
            for start in range(max(0, at - _LONGEST), at + 1):
                for end in range(at + len(word), min(len(run), start + _LONGEST) + 1):
                    if end - start >= 2:
                        piece = run[start:end]
                        yield piece, sound_of(fold(piece))[0]
    pieces = list(re.finditer(r"[A-Za-z]+", question))
    known = {word.lower() for word in wrong}
    for start in range(len(pieces)):
        for end in range(start, min(start + _LONGEST, len(pieces))):
            run_of = pieces[start : end + 1]
            if not all(match.group().lower() in known for match in run_of):
                break
            piece = question[run_of[0].start() : run_of[-1].end()]
            yield piece, "".join(match.group().lower() for match in run_of)


def _by_letters(words: Sequence[str], kind: str) -> dict[str, str]:
    """Written -> the term whose letters are nearly the same, the more used one of equals."""
    if not words:
        return {}
    with reading_connection().cursor() as cursor:
        cursor.execute(
            "SELECT w.word, t.key, t.listings FROM unnest(%s::text[]) AS w(word),"
            " LATERAL (SELECT key, listings FROM listings_term"
            " WHERE kind = %s AND key %% w.word"
            " ORDER BY similarity(key, w.word) DESC LIMIT 12) AS t",
            [[fold(word) for word in words], kind],
        )
        rows = cursor.fetchall()
    found: dict[str, str] = {}
    for word in words:
        near = [
            (_likeness(fold(word), key), number, key)
            for one, key, number in rows
            if one == fold(word)
        ]
        best = max(near, default=(0.0, 0, ""))
        if best[0] >= _ALIKE and best[2] != fold(word):
            found[word] = best[2]
    return found


def _likeness(word: str, other: str) -> float:
    """0..1; the same letters in another order count as nearly the same."""
    if sorted(word) == sorted(other):
        return 0.95
    return difflib.SequenceMatcher(None, word, other, autojunk=False).ratio()


def _alive(texts: Sequence[str], kind: str) -> set[str]:
    """Those that a public listing holds now."""
    asked = [(text, all_of(words_of(text, asking=True))) for text in texts]
    asked = [(text, tsquery) for text, tsquery in asked if tsquery]
    if not asked:
        return set()
    with reading_connection().cursor() as cursor:
        cursor.execute(
            "SELECT a.text FROM unnest(%s::text[], %s::text[]) AS a(text, query) WHERE EXISTS ("
            "SELECT 1 FROM listings_searchentry e WHERE e.kind = %s AND e.visibility = %s"
            " AND e.words_public @@ a.query::tsquery)",
            [[text for text, _ in asked], [tsquery for _, tsquery in asked], kind, Tier.PUBLIC],
        )
        return {row[0] for row in cursor.fetchall()}


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)
