"""The coach: how good a draft is, and what would make it better and why.

Pure: it looks at a listing and its parts as they are, stored or just typed, and asks nothing of
the database. Every check is worth some of 100 points.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from listings.models import IpRight, Listing, Specification
from marketplace.core.words import has_chinese

Text = str | Promise

_NUMBER = re.compile(r"\d")


def _words(english: str, chinese: str) -> tuple[str, ...]:
    """Beginnings of English words, or Chinese words anywhere, that show a thing is spoken of."""
    return (*(f" {word}" for word in english.split()), *chinese.split())


def _speaks_of(words: tuple[str, ...], text: str) -> bool:
    plain = _plain(text)
    return any(word in plain for word in words)


@lru_cache(maxsize=4)  # several checks ask about the same text
def _plain(text: str) -> str:
    """Lower case, a space before every word."""
    return " " + text.lower().translate(_BREAKS)


_BREAKS = str.maketrans(dict.fromkeys("\n\t-–—/()[],.;:“”\"'", " "))
_COMPARISON = _words(
    "than versus vs compared instead against reduc increas improv lower higher faster cheaper "
    "longer times half twice above below",
    "比 相比 较 提高 提升 降低 减少 缩短 延长 倍 降至 升至 提至",
)
_EVIDENCE = _words(
    "test trial pilot measured demonstrat validated verified prototype certif field customer "
    "batch third installed",
    "试验 实验 测试 中试 样机 验证 示范 检测 鉴定 应用 用户 现场 量产 小试 批",
)
_PROBLEM = _words(
    "problem fail loss lose cost waste because cannot too limit need must suffer replac avoid "
    "without prevent solve leak wear defect hazard short slow today current present",
    "问题 难 故障 失效 损 成本 浪费 缺 不足 无法 瓶颈 解决 避免 防止 替代 目前 现有 超标 废 漏 慢 "
    "隐患",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the coach looks at."""

    listing: Listing
    specifications: Sequence[Specification] = ()
    ip_rights: Sequence[IpRight] = ()
    document_count: int = 0

    def text(self, *names: str) -> str:
        """The named texts in both languages."""
        return "\n".join(
            value
            for name in names
            for suffix in ("_en", "_zh")
            if (value := getattr(self.listing, name + suffix))
        )


@dataclass(frozen=True, slots=True)
class Advice:
    """step: the step of the form where it is done; points: what it is worth in all."""

    code: str
    step: str
    points: int
    share: float
    title: Text
    why: Text
    example: Text = ""

    @property
    def is_done(self) -> bool:
        return self.share >= 1

    @property
    def is_begun(self) -> bool:
        return 0 < self.share < 1


@dataclass(frozen=True, slots=True)
class Coaching:
    """score 0..100; advices: what is still to do, the most valuable first; done: the rest."""

    score: int
    advices: list[Advice] = field(default_factory=list)
    done: list[Advice] = field(default_factory=list)

    @property
    def grade(self) -> str:
        """good, fair or thin: shown beside the figure, never instead of it."""
        return "good" if self.score >= 75 else "fair" if self.score >= 45 else "thin"


Check = Callable[[Draft], float]


_HAN = re.compile("[\u3400-\u9fff]")


def _length(text: str) -> int:
    """Characters, a Chinese one counted as three Latin ones: it says about that much."""
    return len(text) + 2 * len(_HAN.findall(text))


def _title(draft: Draft) -> float:
    titles = [t for t in (draft.listing.title_en, draft.listing.title_zh) if t]
    return max((1.0 if 18 <= _length(t) <= 130 else 0.4 for t in titles), default=0.0)


def _summary(draft: Draft) -> float:
    text = draft.text("summary")
    if not text:
        return 0.0
    return 1.0 if _length(text) >= 60 else 0.5


def _problem(draft: Draft) -> float:
    text = draft.text("summary", "body")
    return 1.0 if _length(text) >= 80 and _speaks_of(_PROBLEM, text) else 0.0


def _by_how_much(draft: Draft) -> float:
    text = draft.text("summary", "body")
    compared = any(row.compared_with_en or row.compared_with_zh for row in draft.specifications)
    if compared:
        return 1.0
    has_number = bool(_NUMBER.search(text))
    return 0.5 * has_number + 0.5 * bool(has_number and _speaks_of(_COMPARISON, text))


def _specifications(draft: Draft) -> float:
    return min(len(draft.specifications) / 3, 1.0)


def _must(draft: Draft) -> float:
    musts = [row for row in draft.specifications if row.strength == Specification.Strength.MUST]
    return min(len(musts) / 2, 1.0)


def _conditions(draft: Draft) -> float:
    if not draft.specifications:
        return 0.0
    told = sum(bool(row.condition_en or row.condition_zh) for row in draft.specifications)
    return min(told / max(len(draft.specifications) / 2, 1), 1.0)


def _body(draft: Draft) -> float:
    return min(_length(draft.text("body")) / 300, 1.0)


def _trl(draft: Draft) -> float:
    return 1.0 if draft.listing.trl else 0.0


def _evidence(draft: Draft) -> float:
    text = draft.text("summary", "body", "members_text", "confidential_text")
    return 1.0 if draft.document_count or _speaks_of(_EVIDENCE, text) else 0.0


def _ip(draft: Draft) -> float:
    if not draft.ip_rights:
        return 0.0
    return 1.0 if all(r.expires_on or r.kind == "know_how" for r in draft.ip_rights) else 0.7


def _modes(draft: Draft) -> float:
    return 1.0 if draft.listing.modes else 0.0


def _price(draft: Draft) -> float:
    known = draft.listing.price_min is not None or draft.listing.price_max is not None
    return 1.0 if known else 0.3 if draft.listing.price_kind == "negotiable" else 0.0


def _languages(draft: Draft) -> float:
    row = draft.listing
    return 0.5 * bool(row.title_en and row.title_zh) + 0.5 * bool(row.summary_en and row.summary_zh)


def _findable(draft: Draft) -> float:
    row = draft.listing
    words = len(row.keywords_en) + len(row.keywords_zh)
    return 0.5 * bool(row.sub_field) + 0.5 * min(words / 3, 1.0)


def _tried(draft: Draft) -> float:
    return 1.0 if draft.text("tried") else 0.0


def _judged(draft: Draft) -> float:
    return 1.0 if draft.text("judged") else 0.0


def _deadline(draft: Draft) -> float:
    return 1.0 if draft.listing.deadline else 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    code: str
    step: str
    points: int
    check: Check
    title: Text
    why: Text
    example: Text = ""


_SHARED_LAST = (
    Rule(
        "languages", "what", 8, _languages,
        _("Give title and summary in both languages"),
        _("Half of the market reads the other language first. Two lines are enough."),
    ),
    Rule(
        "findable", "what", 6, _findable,
        _("Choose a sub-field and three keywords"),
        _("Readers who filter find only what is filed where they look."),
    ),
)  # fmt: skip

TECHNOLOGY_RULES = (
    Rule(
        "title", "what", 8, _title,
        _("Make the title say the claim"),
        _("It is all that most readers see in a list. Name the thing and what it achieves."),
        _("Solid-state separator that survives nail penetration at 4.5 V"),
    ),
    Rule(
        "summary", "what", 8, _summary,
        _("Sum it up in one or two sentences"),
        _("An engineer decides in ten seconds whether to read on."),
    ),
    Rule(
        "problem", "what", 8, _problem,
        _("Say which problem it solves"),
        _("Needs are written as problems. A technology that names its problem is matched to them."),
    ),
    Rule(
        "by_how_much", "specifications", 12, _by_how_much,
        _("Say by how much, and compared with what"),
        _("“Better” convinces nobody: 46% of enterprises doubt what they are offered."),
        _("84% capacity at −40 °C; a common carbonate blend keeps 73%"),
    ),
    Rule(
        "specifications", "specifications", 10, _specifications,
        _("Claim three figures with units"),
        _("Figures are held against what needs require, and decide how strong a match is."),
    ),
    Rule(
        "conditions", "specifications", 4, _conditions,
        _("Say under which conditions the figures hold"),
        _("A figure without its test condition cannot be compared."),
    ),
    Rule(
        "body", "what", 4, _body,
        _("Describe how it works, and its limits"),
        _("Honest limits build trust, and save both sides a visit that leads nowhere."),
    ),
    Rule(
        "trl", "what", 6, _trl,
        _("Give the technology readiness level"),
        _("It tells an enterprise how much time and money lies between this and its line."),
    ),
    Rule(
        "evidence", "what", 8, _evidence,
        _("Back the readiness level with evidence"),
        _("Which test, where, how many pieces or hours? Or attach a test report."),
        _("Ran 1,200 h on a pilot line at a user’s site, report attached"),
    ),
    Rule(
        "ip", "terms", 8, _ip,
        _("State the IP rights and when they expire"),
        _("Without them nobody can judge what a licence would be worth. Know-how counts too."),
    ),
    Rule(
        "modes", "terms", 6, _modes,
        _("Say what you seek: licence, sale, joint development"),
        _("Enterprises pass by an offer that does not say whether it is for sale."),
    ),
    Rule(
        "price", "terms", 4, _price,
        _("Give an indicative price range"),
        _("39% of enterprises find technology too dear: most of them never asked."),
    ),
    *_SHARED_LAST,
)  # fmt: skip

NEED_RULES = (
    Rule(
        "title", "what", 8, _title,
        _("Make the title say the problem"),
        _("It is all that most suppliers see in a list."),
        _("Quiet ventilation fan, 38 dB(A) at 300 m³/h"),
    ),
    Rule(
        "summary", "what", 10, _summary,
        _("Sum the need up in one or two sentences"),
        _("A professor decides in ten seconds whether this is for the group."),
    ),
    Rule(
        "problem", "what", 10, _problem,
        _("Describe the situation and what goes wrong"),
        _("Where does it occur, how often, what does it cost? A solver needs the cause."),
    ),
    Rule(
        "specifications", "specifications", 10, _specifications,
        _("Require three figures with units"),
        _("Figures are held against what technologies claim, and decide how strong a match is."),
    ),
    Rule(
        "must", "specifications", 10, _must,
        _("Mark at least two requirements as must"),
        _("Suppliers see at once whether they qualify, and you are spared near misses."),
    ),
    Rule(
        "conditions", "specifications", 4, _conditions,
        _("Say under which conditions the figures must hold"),
        _("A figure without its condition is met on paper and missed on the line."),
    ),
    Rule(
        "body", "what", 6, _body,
        _("Describe the line and its constraints"),
        _("Space, temperature, takt time, media: what a solution has to live with."),
    ),
    Rule(
        "tried", "what", 8, _tried,
        _("Say what was tried and why it failed"),
        _("It keeps suppliers from offering you the same again."),
    ),
    Rule(
        "judged", "terms", 8, _judged,
        _("Say how answers will be judged"),
        _("Suppliers answer more often when they know what counts."),
    ),
    Rule(
        "price", "terms", 6, _price,
        _("Give a budget range"),
        _("Serious suppliers look at the budget first; a range is enough."),
    ),
    Rule(
        "deadline", "terms", 4, _deadline,
        _("Set a deadline for answers"),
        _("A need without a date is put off."),
    ),
    Rule(
        "trl", "what", 2, _trl,
        _("Give the least readiness level you can use"),
        _("It keeps laboratory results away when you need a product, and the other way round."),
    ),
    *_SHARED_LAST,
)  # fmt: skip


def advise(draft: Draft) -> Coaching:
    """Score the draft and say what is missing, the most valuable first."""
    rules = TECHNOLOGY_RULES if draft.listing.is_technology else NEED_RULES
    found = [
        Advice(
            rule.code, rule.step, rule.points, rule.check(draft), rule.title, rule.why, rule.example
        )
        for rule in rules
    ]
    total = sum(rule.points for rule in rules)
    earned = sum(advice.points * advice.share for advice in found)
    to_do = [advice for advice in found if not advice.is_done]
    return Coaching(
        round(100 * earned / total),
        sorted(to_do, key=lambda a: -a.points * (1 - a.share)),
        [advice for advice in found if advice.is_done],
    )


def coach_stored(listing: Listing) -> Coaching:
    """`advise` with the stored parts (three queries unless prefetched)."""
    return advise(
        Draft(
            listing, list(listing.specifications.all()), list(listing.ip_rights.all()),
            len(listing.documents.all()),
        )
    )  # fmt: skip


def score(listing: Listing) -> int:
    return coach_stored(listing).score


def missing_language(listing: Listing) -> str:
    """zh or en when title and summary stand in one language only, else ""."""
    if listing.title_en and not listing.title_zh:
        return "zh"
    if listing.title_zh and not listing.title_en:
        return "en"
    return ""


def wrong_language(listing: Listing) -> list[str]:
    """Fields for English that hold mostly Chinese: a slip that makes the text hard to find."""
    return [
        name
        for name in ("title_en", "summary_en", "body_en")
        if (value := getattr(listing, name))
        and has_chinese(value)
        and _length(value) > 2 * len(value)
    ]
