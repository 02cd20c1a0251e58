"""The passage of a listing that answers a question best, with its words marked.

Built from a Disclosed, so nothing that the reader may not see can be quoted.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from listings import display
from listings.disclosure import Disclosed
from marketplace.core.synonyms import is_term, with_terms, words_in
from marketplace.core.words import base_tokens, tokens

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

LENGTH = 240  # characters; Chinese says more in fewer, see _room
_SENTENCE = re.compile(r"(?<=[。！？；])|(?<=[.!?;])\s+|\n+")
_PIECE = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+(?:[.\-+#][^\W_\u3400-\u9fff]+)*")
_HAN = re.compile(r"[\u3400-\u9fff]")
_WHERE: dict[str, "str | StrPromise"] = {
    "summary": "",
    "body": "",
    "tried": _("What was tried"),
    "judged": _("How answers will be judged"),
    "members_text": _("For verified members"),
    "confidential_text": _("Under the non-disclosure agreement"),
    "keywords": _("Keywords"),
    "": _("Specification"),
}


@dataclass(frozen=True, slots=True)
class Passage:
    """html is escaped, with <mark>; where: the part it was found in, "" for the open text."""

    html: SafeString
    lang: str
    where: "StrPromise | str" = ""


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    lang: str
    source: str
    place: int


def best_passage(seen: Disclosed, weights: Mapping[str, float], language: str) -> Passage | None:
    """The sentence (or two) that says most of the wanted words; the summary when none does.

    weights: token -> how much it says. None for a listing without any text.
    """
    sentences = list(_sentences(seen, language))
    if not sentences:
        return None
    best = max(sentences, key=lambda one: (_worth(one.text, weights), -one.place))
    if not _worth(best.text, weights):
        best = sentences[0]
    index = sentences.index(best)
    text = best.text
    # A short sentence says little alone: the next one of the same text is added.
    if index + 1 < len(sentences):
        following = sentences[index + 1]
        same = following.lang == best.lang and following.source == best.source
        same = same and best.source not in ("", "keywords")
        if same and len(text) + len(following.text) < _room(text):
            text += ("" if best.lang.startswith("zh") else " ") + following.text
    return Passage(marked(_clipped(text, weights), weights), best.lang, _WHERE[best.source])


def marked(text: str, wanted: Iterable[str]) -> SafeString:
    """The text escaped, every word whose token is wanted in <mark>."""
    known = frozenset(wanted)
    spans = _spans(text, known)
    parts: list[str] = []
    end = 0
    for start, stop in spans:
        if start < end:
            continue
        parts.append(conditional_escape(text[end:start]))
        parts.append(format_html("<mark>{}</mark>", text[start:stop]))
        end = stop
    parts.append(conditional_escape(text[end:]))
    return mark_safe("".join(parts))  # noqa: S308 (every part is escaped above)


def present(seen: Disclosed, wanted: Iterable[str]) -> frozenset[str]:
    """Which of the wanted tokens stand in what the reader sees of the listing."""
    texts = [seen.title_en, seen.title_zh, *seen.keywords_en, *seen.keywords_zh]
    texts += [sentence.text for sentence in _sentences(seen, "en")]
    texts += [seen.field_name, seen.sub_field_name]
    if seen.owner:
        texts += [seen.owner.name_en, seen.owner.name_zh]
    return frozenset(wanted) & frozenset(with_terms(tokens("\n".join(texts))))


def _sentences(seen: Disclosed, language: str) -> Iterable[_Sentence]:
    """Sentences of everything disclosed, the reader's language first."""
    tags = (("zh", "zh-Hans"), ("en", "en"))
    order = tags if language.startswith("zh") else tags[::-1]
    place = 0
    for name in ("summary", "body", "tried", "judged", "members_text", "confidential_text"):
        for suffix, lang in order:
            text = getattr(seen, f"{name}_{suffix}")
            for part in _SENTENCE.split(text):
                if part.strip():
                    yield _Sentence(part.strip(), lang, name, place)
                    place += 1
    for suffix, lang in order:
        words = getattr(seen, f"keywords_{suffix}")
        if words:
            yield _Sentence(("、" if suffix == "zh" else ", ").join(words), lang, "keywords", place)
            place += 1
    for row in seen.specifications:
        metric = display.metric_text(row, language)
        colon = "：" if metric.lang.startswith("zh") else ": "
        text = f"{metric.value}{colon}{display.value_text(row, language)}"
        yield _Sentence(text, metric.lang, "", place)
        place += 1


def _worth(text: str, weights: Mapping[str, float]) -> float:
    return sum(weights[token] for token in set(with_terms(tokens(text))) if token in weights)


def _room(text: str) -> int:
    return LENGTH // 2 if _HAN.search(text) else LENGTH


def _clipped(text: str, weights: Mapping[str, float]) -> str:
    """At most LENGTH characters around the first wanted word."""
    room = _room(text)
    if len(text) <= room * 1.25:
        return text
    spans = _spans(text, frozenset(weights))
    start = max(0, spans[0][0] - room // 4) if spans else 0
    if start and not _HAN.match(text[start]):
        # begin at a word
        start = text.find(" ", start) + 1 if " " in text[start : start + 20] else start
    piece = text[start : start + room]
    if start + room < len(text) and not _HAN.search(piece[-12:]) and " " in piece[-20:]:
        piece = piece[: piece.rindex(" ")]
    return f"{'…' if start else ''}{piece}{'…' if start + len(piece) < len(text) else ''}"


def _spans(text: str, wanted: frozenset[str]) -> list[tuple[int, int]]:
    """Where wanted words stand, in order."""
    han = sorted((token for token in wanted if _HAN.match(token)), key=len, reverse=True)
    found: list[tuple[int, int]] = []
    latin: list[tuple[str, int, int]] = []
    for match in _PIECE.finditer(text):
        piece, start = match.group(), match.start()
        if _HAN.match(piece):
            for token in han:
                at = piece.find(token)
                while at >= 0:
                    found.append((start + at, start + at + len(token)))
                    at = piece.find(token, at + len(token))
            continue
        latin += [(token, start, match.end()) for token in base_tokens(piece)]
        cut = tokens(piece)
        if cut and (cut[0] in wanted or (cut[1:] and wanted.issuperset(cut[1:]))):
            # a hyphenated word is marked for itself or for all of its parts, not for one
            found.append((start, match.end()))
    found += _terms(latin, [words_in(token) for token in wanted if is_term(token)])
    # longer words first where they overlap
    return sorted(found, key=lambda span: (span[0], -span[1]))


def _terms(
    latin: list[tuple[str, int, int]], terms: list[tuple[str, ...]]
) -> Iterable[tuple[int, int]]:
    """Where the words of a term stand side by side."""
    said = tuple(token for token, _start, _end in latin)
    for term in terms:
        for place in range(len(said) - len(term) + 1):
            if said[place : place + len(term)] == term:
                yield latin[place][1], latin[place + len(term) - 1][2]
