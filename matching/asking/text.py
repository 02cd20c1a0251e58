"""What somebody typed or pasted, read into what the matcher compares. Pure."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from listings import metrics
from listings.actions.specifications import Errors, build_specifications
from listings.disclosure import Access, Disclosed, disclose_at
from listings.models import Listing, Specification
from listings.models.listings import Kind, Tier
from listings.quantities import SpecificationAsked, read_specification
from listings.question import is_asking, words_of
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import field_error
from marketplace.core.words import language_of, tokens
from matching.pipeline.subjects import PART_WEIGHTS, Figure, Mentions, Subject

# What of a long text is used. A page of a report has about 3,000 characters.
MAX_USED = 8_000
# A first sentence up to this long says what the whole is about, as a title does.
MAX_TITLE = 200
MAX_FIGURES = 5
MAX_WORD = 100
_SENTENCE = re.compile(r"[。！？!?；;\n]|\.(?=\s)")
_READ = re.compile(r"(>=|≥|≧|<=|≤|≦|>|<)\s*(\S+)\s*(.*)\Z")


@dataclass(frozen=True)
class ReadFigure:
    """A requirement (or claim) read from the text: as a person reads it, and as it is compared."""

    text: str
    specification: Specification
    is_used: bool = True


@dataclass(frozen=True)
class Asked:
    """A text ready to be ranked.

    kind: what the text is, a need or a technology. used, length: characters that were used and
    that were given. words: token -> as it was written, in order of the text.
    """

    kind: str
    text: str
    used: int
    length: int
    language: str
    words: dict[str, str]
    title_words: frozenset[str]
    figures: tuple[ReadFigure, ...] = ()
    mentions: dict[str, Mentions] = field(default_factory=dict)

    @property
    def is_cut(self) -> bool:
        return self.length > MAX_USED

    @property
    def is_thin(self) -> bool:
        """One word: whatever holds it is found, and little can be said of it."""
        return len(self.words) < 2

    @property
    def specifications(self) -> list[Specification]:
        return [one.specification for one in self.figures if one.is_used]

    def without(self, dropped: Collection[str]) -> "Asked":
        """The same with these figures (by their text) left out."""
        return replace(self, figures=tuple(
            replace(one, is_used=one.text not in dropped) for one in self.figures
        ))  # fmt: skip


def read_text(text: str, kind: str = Kind.NEED.value) -> Asked:
    """The text as the matcher reads it. Raises Invalid on `text` when there is nothing to go by."""
    length = len(text.strip())
    whole = clean_text(_visible(text[: 4 * MAX_USED]))
    if not whole:
        raise field_error(
            "text", _("Say in a sentence or two what it is about."), code="text_missing"
        )
    used = whole[:MAX_USED]
    mentions = _mentions(used)
    if not mentions:
        raise _nothing_said(used)
    return Asked(
        kind=kind, text=used, used=len(used), length=max(length, len(used)),
        language=language_of(used),
        words=_written(used), title_words=frozenset(w for w, m in mentions.items() if m.in_title),
        figures=_figures(used, kind), mentions=mentions,
    )  # fmt: skip


def _visible(text: str) -> str:
    """Without what cannot be seen: control characters and marks of direction."""
    return "".join(
        c if c in "\n\t" or unicodedata.category(c)[0] != "C" else " "
        for c in text.replace("\r\n", "\n")
    )


def _nothing_said(text: str) -> Exception:
    if any(letter.isalpha() and ord(letter) > 0x2AF for letter in text):
        return field_error(
            "text", _("Only Chinese and English are understood. Say it in one of the two."),
            code="language_unknown",
        )  # fmt: skip
    return field_error(
        "text", _("There is no word in it that could be looked for. Say what it should do."),
        code="no_words",
    )  # fmt: skip


def _mentions(text: str) -> dict[str, Mentions]:
    """Word -> weight. The first sentence counts as a title does; words of asking do not count."""
    end = _SENTENCE.search(text, 1)
    cut = end.end() if end and end.end() <= MAX_TITLE else min(len(text), MAX_TITLE)
    title = _telling(text[:cut])
    found = {word: PART_WEIGHTS["A"] * title.count(word) for word in title}
    for word in _telling(text[cut:]):
        found[word] = found.get(word, 0.0) + PART_WEIGHTS["C"]
    heads = frozenset(title)
    # What is said over and over says no more than what is said a few times.
    return {word: Mentions(min(weight, 12.0), word in heads) for word, weight in found.items()}


def _telling(text: str) -> list[str]:
    return [word for word in tokens(text) if len(word) <= MAX_WORD and not is_asking(word)]


def _written(text: str) -> dict[str, str]:
    return {word.token: word.surface for word in words_of(text) if not is_asking(word.token)}


# --- Figures -------------------------------------------------------------------------------------


def _figures(text: str, kind: str) -> tuple[ReadFigure, ...]:
    """Figures with a known metric, a sign (or its words) and a unit; each metric and sign once."""
    asked, _rest = read_specification(text)
    found: dict[str, ReadFigure] = {}
    for one in asked:
        made = _specification(one)
        if made is not None:
            found.setdefault(one.text, ReadFigure(one.text, made))
    return tuple(found.values())[:MAX_FIGURES]


def _specification(asked: SpecificationAsked) -> Specification | None:
    read = _READ.search(asked.text)
    if read is None:
        return None
    sign, value, unit = read.groups()
    known = metrics.find(asked.name)
    name = {"metric_en": known.en, "metric_zh": known.zh} if known else {"metric_en": asked.name}
    errors: Errors = {}
    built = build_specifications(
        Listing(), [{
            **name, "comparator": "ge" if sign in (">", ">=", "≥", "≧") else "le",
            "value": value.replace("−", "-"), "unit": unit.strip(),
        }], errors,
    )  # fmt: skip
    return built[0] if built and not errors else None


# --- As the pipeline and the pages take it -------------------------------------------------------


def as_subject(asked: Asked, meaning: str | None, encoder: str) -> Subject:
    """One side of a pair that is stored nowhere; meaning: as PostgreSQL writes a vector."""
    return Subject(
        pk=0, kind=asked.kind, version=0, owner_id=0, owner_is_verified=False,
        visibility=Tier.PUBLIC.value, language=asked.language, field="", sub_field="",
        more_fields=(), trl=None, modes=frozenset(), price_min=None, price_max=None, currency="",
        country="", region="", closed_tiers=frozenset(), encoder=encoder,
        length=len(asked.mentions), meaning=meaning, meaning_public=meaning,
        words=asked.mentions,
        specifications=tuple(as_figure(row) for row in asked.specifications),
    )  # fmt: skip


def as_figure(row: Specification) -> Figure:
    """A specification as the pipeline takes it."""
    return Figure(
        row.pk or 0, row.metric_en, row.metric_zh, row.condition_en, row.condition_zh,
        row.comparator, row.value, row.upper, row.unit, row.dimension, row.strength, row.tier,
    )  # fmt: skip


def as_disclosed(asked: Asked) -> Disclosed:
    """The text as if it were a listing, for what is made of two disclosed ones."""
    listing = Listing(
        kind=asked.kind, owner=Organisation(), **{f"body_{asked.language}": asked.text}
    )
    shown = disclose_at(listing, Access(Tier.PUBLIC.value, knows_owner=False), detail=False)
    return replace(shown, specifications=asked.specifications)
