"""A question as it was typed, taken apart: words with their synonyms, phrases, what must not be
there, and filters that were written into it. Pure.

`"solid electrolyte" -sulfide field:energy trl:5-7 org:Lakeside energy density >= 300 Wh/kg`
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from listings.quantities import SpecificationAsked, read_specification
from marketplace.core.codes import FIELDS, Code
from marketplace.core.synonyms import MAX_TERM, Form, forms_of
from marketplace.core.words import fold, parts_of, parts_of_chinese, tokens

MAX_WORDS = 64
MAX_WORD = 100  # no listing has a longer word, and PostgreSQL refuses far longer ones
MAX_PHRASES = 3
_HAN = frozenset(map(chr, range(0x3400, 0xA000)))
# How one asks, not what for: not required, unless nothing else was said. English as stems.
_ASKING_EN = (
    "need want look search find seek solut pleas help how what good better best too much mani veri "
    "do doe did i me my am who where when whi just ani some make get use give take keep let put "
    "tell know all each both more most less least other anoth such same own over under abov below "
    "between through dure befor after again onli also so if whether while becaus out up down off "
    "away could would should may might must one two someth anyth thing way lot around about per "
    "without instead new long short big small high low lower higher exceed greater fewer"
)
_ASKING_ZH = (
    "需要 需求 寻求 寻找 查找 求购 希望 想要 更好 更 好 方案 解决方案 解决 如何 怎么 怎样 什么 "
    "请问 怎么办 怎么样 我们 我 我厂 你们 有没有 有 没有 哪些 哪里 哪个 能否 能 可以 是否 吗 呢 请 "
    "问题 目前 现在 太 太快 太慢 太高 太大 过高 过快 很 时 下 中 用 后 里 一个 一种 一起 不 能够 "
    "大于 小于 高于 低于 多于 少于 等于 超过 至少 至多 不少 达到 以内 "
    "马上 知道 以上 以下 之后 之前 容易 不会 不能 不要 老是 总是 经常"
)
_ASKING = frozenset(f"{_ASKING_EN} {_ASKING_ZH}".split())
_PIECES = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+(?:[.\-+#][^\W_\u3400-\u9fff]+)*[+#]*")

_QUOTED = r"[\"“”]([^\"“”]{1,100})[\"“”]"
# A minus before a letter; before a figure it is a number below zero.
_WITHOUT = re.compile(rf"(?:(?<=\s)|^)[-−](?:{_QUOTED}|(?=[^\W\d_])([^\s\"“”]+))")
_PHRASE = re.compile(_QUOTED)
_NAMED = re.compile(
    rf"(?:(?<=\s)|^)(field|trl|org|领域|成熟度|机构)\s?[:：]\s?(?:{_QUOTED}|([^\s\"“”]+))",
    re.IGNORECASE,
)
# A filter without a value: nothing but the end of the question or another sign follows.
_UNNAMED = re.compile(
    r"(?:(?<=\s)|^)(field|trl|org|领域|成熟度|机构)\s?[:：](?:\s*[\"“”]\s*[\"“”])?(?=\s*$)",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"[\"“”:：<>=≥≤]|(?:(?<=\s)|^)[-−]")
_NAMES = {"领域": "field", "成熟度": "trl", "机构": "org"}
_TRL = re.compile(r"(>=|≥|<=|≤)?([1-9])(?:(?:-|–|~|至|到)([1-9])|(\+))?")


@dataclass(frozen=True, slots=True)
class Word:
    """surface: as the reader wrote it; token: as it is indexed; forms: the ways in which it may
    stand in a listing, each a set of tokens that must all be there (itself first, then its parts
    and its synonyms)."""

    surface: str
    token: str
    forms: tuple[Form, ...] = ()

    @property
    def tsquery(self) -> str:
        """The word in PostgreSQL's text form of a tsquery."""
        forms = [" & ".join(map(_quoted, form)) for form in self.ways]
        if len(forms) == 1:
            return f"({forms[0]})" if len(self.ways[0]) > 1 else forms[0]
        return "({})".format(
            " | ".join(
                f"({text})" if len(form) > 1 else text
                for form, text in zip(self.ways, forms, strict=True)
            )
        )

    @property
    def ways(self) -> tuple[Form, ...]:
        return self.forms or ((self.token,),)

    @property
    def tokens(self) -> frozenset[str]:
        """Of all its forms, terms as they are indexed."""
        return frozenset(token for form in self.ways for token in form)


@dataclass(frozen=True, slots=True)
class Misread:
    """A filter in a question whose value is none: name is field, trl or org; text as it was
    written; value what stands after the colon."""

    name: str
    text: str
    value: str


@dataclass(frozen=True, slots=True)
class Question:
    """words: all of them, phrases included; phrases: to be found to the letter; without: what must
    not be there; misread: filters that say nothing that is known and are left out; the rest are
    filters."""

    text: str
    words: tuple[Word, ...] = ()
    phrases: tuple[str, ...] = ()
    without: tuple[Word, ...] = ()
    fields: tuple[str, ...] = ()
    trl_min: int | None = None
    trl_max: int | None = None
    organisation: str = ""
    specifications: tuple[SpecificationAsked, ...] = ()
    misread: tuple[Misread, ...] = ()

    @property
    def is_filter(self) -> bool:
        """Whether it narrows by more than its words."""
        return bool(self.phrases or self.without or self.has_filters)

    @property
    def has_filters(self) -> bool:
        return bool(
            self.fields or self.trl_min or self.trl_max or self.organisation or self.specifications
        )


@lru_cache(maxsize=1024)
def read_question(text: str) -> Question:
    """Take a question apart; nothing is refused. What is not understood stays a word, but a filter
    whose value is none is left out and named."""
    rest = text
    without: list[Word] = []
    for match in _WITHOUT.finditer(rest):
        without += words_of(match[1] or match[2], asking=True)
    rest = _WITHOUT.sub(" ", rest)
    filters: dict[str, object] = {}
    misread: list[Misread] = []
    for match in [*_NAMED.finditer(rest), *_UNNAMED.finditer(rest)]:
        name = _NAMES.get(match[1].lower(), match[1].lower())
        value = ((match[2] or match[3]) if match.re is _NAMED else "").strip()
        if not _take(name, value, filters):
            misread.append(Misread(name, match[0].strip(), value))
        rest = rest.replace(match[0], " ", 1)
    phrases = [" ".join(match[1].split()) for match in _PHRASE.finditer(rest)]
    rest = _PHRASE.sub(r" \1 ", rest)
    specifications, rest = read_specification(rest)
    words = words_of(rest)
    if specifications and all(is_asking(word.token) for word in words):
        words = []  # 80%以上: what is left of how the figure was said
    return Question(
        text, tuple(words),
        phrases=tuple(phrase for phrase in phrases if words_of(phrase))[:MAX_PHRASES],
        without=tuple(without[:MAX_WORDS]), specifications=specifications,
        misread=tuple(misread),
        **filters,  # type: ignore[arg-type]
    )  # fmt: skip


def plain(text: str) -> str:
    """A text that is no question, without the signs by which a question narrows."""
    return _SIGNS.sub(" ", text)


def _take(name: str, value: str, filters: dict[str, object]) -> bool:
    """Add what `name:value` asks for; False when the value says nothing that is known."""
    if name == "org":
        filters["organisation"] = value[:60]
        return bool(value)
    if name == "trl":
        match = _TRL.fullmatch(value)
        if match is None:
            return False
        sign, low, high, more = match.groups()
        low, high = sorted((int(low), int(high or low)))
        filters["trl_min"] = None if sign in ("<=", "≤") else low
        filters["trl_max"] = None if sign in (">=", "≥") or more else high
        return True
    code = _field_of(value)
    if code:
        filters["fields"] = tuple(dict.fromkeys([*filters.get("fields", ()), code]))  # type: ignore[misc]
    return bool(code)


def _field_of(value: str) -> str:
    """The code of a technology field by its code or the beginning of a name, "" when unclear."""
    found = _fields_beginning(value)
    return found[0] if len(found) == 1 else ""


def _fields_beginning(value: str) -> list[str]:
    wanted = _comparable(value)
    return [
        code.code
        for code in FIELDS
        if wanted and any(name.startswith(wanted) for name in _names_of(code))
    ]


def nearest_fields(value: str) -> list[str]:
    """Codes of the technology fields that come near to what was written, best first; all of them
    when none does."""
    wanted = _comparable(value)
    names = {name: code.code for code in FIELDS for name in _names_of(code)}
    inside = [code for name, code in names.items() if len(wanted) > 1 and wanted in name]
    close = [names[name] for name in get_close_matches(wanted, names, n=3)]
    found = dict.fromkeys([*_fields_beginning(value), *inside, *close])
    return list(found) or [code.code for code in FIELDS]


def _names_of(code: Code) -> tuple[str, ...]:
    return tuple(map(_comparable, (code.code, code.en, code.zh)))


def _comparable(name: str) -> str:
    return fold(name).replace("_", " ").replace("-", " ").strip()


def words_of(question: str, *, asking: bool = False) -> list[Word]:
    """The words of a text in order, each once, at most MAX_WORDS; words of asking dropped unless
    they are wanted too (`asking`). Terms with synonyms are one word."""
    found: dict[str, Word] = {}
    for word in _joined(_cut(question)):
        found.setdefault(word.token, word)
        if len(found) >= MAX_WORDS:
            break
    words = list(found.values())
    return words if asking else [word for word in words if word.token not in _ASKING] or words


def is_asking(token: str) -> bool:
    """Whether a word is how one asks, not what for."""
    return token in _ASKING


def _cut(question: str) -> list[Word]:
    """Every single word, with its parts."""
    words: list[Word] = []
    for match in _PIECES.finditer(question):
        piece = match.group()
        for token in tokens(piece, query=True):
            if len(token) > MAX_WORD:
                continue
            # A Latin word gives one token, its stem; a run of Chinese is its tokens in a row.
            chinese = piece[0] in _HAN
            parts = (
                parts_of_chinese(token)
                if chinese
                else parts_of(fold(piece))
                if "-" in token
                else ()
            )
            forms = ((token,), parts) if parts else ()
            words.append(Word(token if chinese else piece, token, forms))
        if len(words) >= 4 * MAX_WORDS:
            break
    return words


def _joined(words: list[Word]) -> list[Word]:
    """The same with runs of words that are one term with synonyms put together."""
    bases = [word.forms[1] if "-" in word.token and word.forms else (word.token,) for word in words]
    made: list[Word] = []
    place = 0
    while place < len(words):
        for end in range(min(place + MAX_TERM, len(words)), place, -1):
            base = tuple(token for one in bases[place:end] for token in one)
            if forms := forms_of(base):
                made.append(_term(words[place:end], forms))
                place = end
                break
        else:
            made.append(words[place])
            place += 1
    return made


def _term(words: list[Word], forms: tuple[Form, ...]) -> Word:
    joint = "" if words[0].surface[0] in _HAN else " "
    whole = tuple(token for word in words for token in (word.token,))
    if len(words) == 1:
        spelled = list(words[0].ways)
    else:  # what was typed may also stand apart; what it is called otherwise may not
        spelled = [tuple(token for word in words for token in word.ways[-1])]
    parts = [part for form in forms if len(form) == 1 and (part := parts_of_chinese(form[0]))]
    return Word(
        joint.join(word.surface for word in words), words[0].token if len(words) == 1 else
        " ".join(whole), tuple(dict.fromkeys([*spelled, *forms, *parts])),
    )  # fmt: skip


def all_of(words: Iterable[Word]) -> str:
    """A tsquery that requires every word."""
    return " & ".join(word.tsquery for word in words)


def any_of(words: Iterable[Word]) -> str:
    """A tsquery that is content with one."""
    return " | ".join(word.tsquery for word in words)


def _quoted(token: str) -> str:
    return "'{}'".format(token.replace("\\", "\\\\").replace("'", "''"))
