"""A specification that a reader asks for: "energy density >= 300 Wh/kg", or in words as in "energy
density over 300 Wh/kg", 能量密度不[得应能可]?低于300 Wh/kg."""

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal

from listings import metrics
from marketplace.core.errors import DomainError
from marketplace.core.units import parse_unit, to_base

MAX_ASKED = 5
_SIGNS = {">=": "ge", "≥": "ge", "≧": "ge", ">": "gt", "<=": "le", "≤": "le", "≦": "le", "<": "lt"}
_ASKED = re.compile(
    r"(?P<metric>[^\d<>=≤≥≦≧,;，；。\"]{2,80})(?P<sign>>=|<=|≥|≤|≧|≦|>|<)\s*"
    r"(?P<value>[-−]?\d{1,12}(?:\.\d{1,6})?)\s*(?P<unit>[^\s\d,;，；。<>=≥≤\"][^\s,;，；。<>=≥≤\"]{0,30})?"
)
# The ways in which a text says what is a sign in a question; the longer first.
_NO = "不[得应能可]?"
# What is denied is no bound of its own.
_NOT = r"(?<!\bnot )(?<!\bno )(?<!\bnever )(?<!不)(?<!不[得应能可宜])"
_SAID = (
    (">=", r"(?:at least|no less than|not less than|not below|not under|no lower than|"
           r"not lower than|a minimum of|minimum)"
           rf"|[应须需要]{{0,4}}(?:{_NO}(?:低于|少于|小于|短于)|至少为?|大于等于|大于或等于|达到?)"),
    ("<=", r"(?:at most|no more than|not more than|not above|no higher than|not higher than|"
           r"no greater than|not greater than|not over|not exceed(?:ing)?|up to|a maximum of|"
           r"maximum)"
           rf"|[应须需要]{{0,4}}(?:{_NO}(?:高于|超过|大于|多于|长于)|至多为?|小于等于|小于或等于)"),
    (">", _NOT + r"(?:more than|greater than|higher than|longer than|exceeding|above|over"
          r"|[应须需要]{0,4}(?:高于|大于|超过|多于))"),
    ("<", _NOT + r"(?:less than|lower than|shorter than|below|under"
          r"|[应须需要]{0,4}(?:低于|小于|少于))"),
)  # fmt: skip
_BEFORE = r"(?:\b(?:of|is|be|must|should|shall|has to|needs? to|stays?|remains?)\s{1,3}){0,4}"
_SPOKEN = tuple(
    (f" {sign} ", re.compile(rf"{_BEFORE}(?:{words})\s*(?=[-−]?\d)", re.IGNORECASE))
    for sign, words in _SAID
)
# 300 Wh/kg以上, 30 dB or less: the sign stands behind the figure.
_BEHIND = tuple(
    (sign, re.compile(
        r"(?<![\d.<>=≥≤≧≦−-])(?<![<>=≥≤≧≦] )(?P<figure>[-−]?\d{1,12}(?:\.\d{1,6})?\s?"
        rf"[^\s\d,;，；。<>=≥≤\"]{{0,12}}?)\s?(?:{words})", re.IGNORECASE,
    ))
    for sign, words in (
        (">=", r"[及或]?以上|\bor (?:more|higher|above|better)\b"),
        ("<=", r"[及或]?以下|以内|\bor (?:less|lower|below)\b"),
    )
)  # fmt: skip
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[^\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class SpecificationAsked:
    """metric: all names by which listings may call it, lower case; comparator: ge, gt, le or lt;
    base: the value in base units of the dimension; text: as a person types it; name: the metric as
    it was asked; said: what it was read from, in the text with signs."""

    metric: tuple[str, ...]
    comparator: str
    base: float
    dimension: str
    text: str
    name: str = ""
    said: str = field(default="", compare=False)

    @property
    def printed(self) -> str:
        """The text with the signs of print: energy density ≥ 300 Wh/kg."""
        return self.text.replace(">=", "≥").replace("<=", "≤")


def with_signs(text: str) -> str:
    """The text with signs in place of the words that compare: at least 3, 不低于3, 3 or more."""
    for sign, pattern in _SPOKEN:
        text = pattern.sub(sign, text)
    for sign, pattern in _BEHIND:
        text = pattern.sub(rf" {sign} \g<figure>", text)
    return text


def read_specification(
    text: str, *, any_metric: bool = False
) -> tuple[tuple[SpecificationAsked, ...], str]:
    """The specifications asked for in a text, in signs or in words, and the text without them.

    A metric is the longest known name that ends at the sign; with any_metric also an unknown one,
    the last words before it. What has no sign, or a unit or metric unknown, stays in the text.
    """
    found: list[SpecificationAsked] = []
    original = text
    text = rest = with_signs(text)
    for match in _ASKED.finditer(text):
        before, name = _split(match["metric"].strip())
        if not any_metric and metrics.find(name) is None:
            continue
        unit = _unit_of(match["unit"] or "")
        said = match[0][: len(match[0]) - len(match["unit"] or "") + len(unit)].strip()
        asked = _asked(name, match["sign"], match["value"], unit)
        if asked is None or len(found) >= MAX_ASKED:
            continue
        found.append(replace(asked, said=said.removeprefix(before).strip()))
        rest = rest.replace(said, f"{before} ", 1)
    return tuple(found), rest if found else original


def without_figure(text: str, asked: SpecificationAsked) -> str:
    """The text with the metric's name alone in place of what is asked of it."""
    return " ".join(with_signs(text).replace(asked.said, f"{asked.name} ", 1).split())


def _unit_of(text: str) -> str:
    """The unit that a run of signs begins with: Wh/kg的电池 is Wh/kg."""
    latin = _LATIN.match(text)
    ends = [len(text), latin.end() if latin else 0, *range(min(len(text), 4), 0, -1)]
    return next((text[:end] for end in ends if end and _is_unit(text[:end])), text)


def _is_unit(text: str) -> bool:
    try:
        parse_unit(text)
    except DomainError:
        return False
    return True


def _split(words: str) -> tuple[str, str]:
    """(what stands before, the metric's name)."""
    pieces = words.split()
    for start in range(len(pieces)):
        name = " ".join(pieces[start:])
        if metrics.find(name):
            return " ".join(pieces[:start]), name
    if _HAN.search(words):
        for start in range(len(words)):
            if metrics.find(words[start:]):
                return words[:start], words[start:]
        return " ".join(pieces[:-1]), pieces[-1]
    return " ".join(pieces[:-3]), " ".join(pieces[-3:])


def _asked(name: str, sign: str, value: str, unit_text: str) -> SpecificationAsked | None:
    try:
        unit = parse_unit(unit_text)
        base = to_base(Decimal(value.replace("−", "-")), unit)
    except (DomainError, OverflowError):
        return None
    known = metrics.find(name)
    names = (known.en, known.zh) if known else (name,)
    text = f"{name} {sign} {value} {unit_text}".strip()
    return SpecificationAsked(
        tuple(one.lower() for one in names), _SIGNS[sign], base, unit.dimension[:120], text, name
    )
