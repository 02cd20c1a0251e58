"""A match as one reader may see it: what lists, pages and the API are made from.

Nothing above this module reads a Match's scores, features or reasons itself: what a Reading does
not hold cannot leak.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Organisation
from listings.disclosure import Disclosed, disclosed_many
from listings.models import Listing
from marketplace.core.actor import Actor
from marketplace.core.bilingual import Text, pick
from matching.models import Answer, Match, Origin, Side, other_side
from matching.pipeline.model import current
from matching.pipeline.reasons import OpenReasons, open_to
from matching.queries.sides import side_of


@dataclass(frozen=True)
class Proposed:
    """Who proposed a pair by hand, and its note: for both sides and for that institution."""

    institution: Organisation
    note: str
    created_at: dt.datetime


@dataclass(frozen=True)
class Reading:
    """side: the reader's, "" for a broker between the two. score: None where only the level may
    be known. need, technology: None where nothing of it may be known (a blind pair). Answers: ""
    where none was given, or the reader is of neither side. hidden_fits: what the reader may not
    see also fits."""

    pk: int
    public_id: str
    side: str
    level: str
    score: int | None
    need: Disclosed | None
    technology: Disclosed | None
    reasons: OpenReasons
    need_answer: str
    need_reason: str
    technology_answer: str
    technology_reason: str
    own_text: str
    is_new: bool
    both_interested: bool
    model_version: str
    created_at: dt.datetime
    scored_at: dt.datetime
    version: int
    proposal: Proposed | None = None

    @property
    def own(self) -> Disclosed | None:
        """The reader's listing; for a broker, the need."""
        return self.technology if self.side == Side.TECHNOLOGY else self.need

    @property
    def other(self) -> Disclosed | None:
        """The other side's listing; for a broker, the technology. None when blind."""
        return self.need if self.side == Side.TECHNOLOGY else self.technology

    @property
    def other_kind(self) -> str:
        return other_side(self.side or Side.NEED)

    @property
    def is_blind(self) -> bool:
        return self.other is None

    @property
    def hidden_fits(self) -> bool:
        return not self.is_blind and self.reasons.hidden_fits

    @property
    def answer(self) -> str:
        """The reader's own side's."""
        return self.technology_answer if self.side == Side.TECHNOLOGY else self.need_answer

    @property
    def reason(self) -> str:
        return self.technology_reason if self.side == Side.TECHNOLOGY else self.need_reason

    @property
    def other_answer(self) -> str:
        return self.need_answer if self.side == Side.TECHNOLOGY else self.technology_answer

    @property
    def other_reason(self) -> str:
        return self.need_reason if self.side == Side.TECHNOLOGY else self.technology_reason

    @property
    def may_answer(self) -> bool:
        return bool(self.side) and not self.both_interested

    @property
    def requirements(self) -> int:
        return sum(self.reasons.verdicts.values())

    def title(self, language: str | None) -> Text:
        """Of the other side's listing; what it is, for a blind pair."""
        return title_of(self.other, self.other_kind, language)


def title_of(listing: Disclosed | None, kind: str, language: str | None) -> Text:
    if listing is not None:
        return pick(listing, "title", language)
    word = _("Confidential need") if kind == Side.NEED else _("Confidential technology")
    return Text(word, "zh-Hans" if (language or "").startswith("zh") else "en")


def read(match: Match, actor: Actor, side: str = "") -> Reading:
    """One match; the caller has gated it (queries.visibility.visible_to)."""
    return read_many([match], actor, side)[0]


def read_many(matches: Iterable[Match], actor: Actor, side: str = "") -> list[Reading]:
    """Matches as the actor may see them, in the same order, in three queries.

    The caller has gated them. side: as which side a person of both organisations reads.
    """
    matches = list(matches)
    views = disclosed_many(listings_of(matches), actor, detail=False)
    return [reading_of(match, actor, views, side) for match in matches]


def listings_of(matches: Sequence[Match]) -> list[Listing]:
    """Both listings of each, once; the matches should come with them (`with_listings`)."""
    both = {row.pk: row for match in matches for row in (match.need, match.technology)}
    return list(both.values())


def reading_of(
    match: Match, actor: Actor, views: Mapping[int, Disclosed], side: str = ""
) -> Reading:
    """Pure but for the side: a match with what is disclosed of its listings."""
    own = side_of(match, actor, side)
    need, technology = views.get(match.need_id), views.get(match.technology_id)
    is_blind = need is None or technology is None
    return Reading(
        pk=match.pk, public_id=match.public_id, side=own, level=match.level,
        score=None if is_blind else _score(match, own), need=need, technology=technology,
        reasons=(
            open_to([], "public", "public") if need is None or technology is None
            else open_to(match.reasons, need.tier, technology.tier)
        ),
        need_answer=_answer(match, own, Side.NEED, match.need_answer),
        need_reason=_answer(match, own, Side.NEED, match.need_reason),
        technology_answer=_answer(match, own, Side.TECHNOLOGY, match.technology_answer),
        technology_reason=_answer(match, own, Side.TECHNOLOGY, match.technology_reason),
        own_text=getattr(match, f"{own}_text") if own else "",
        is_new=bool(own) and getattr(match, f"{own}_seen_at") is None and not match.answer_of(own),
        both_interested=match.both_interested,
        model_version=match.model_version, created_at=match.created_at, scored_at=match.scored_at,
        version=match.version, proposal=_proposal(match, actor, own),
    )  # fmt: skip


def _proposal(match: Match, actor: Actor, own: str) -> Proposed | None:
    if match.origin != Origin.BROKER:
        return None
    made = match.proposal
    if not own and not actor.can(made.institution_id, "broker"):
        return None
    return Proposed(made.institution, made.note, made.created_at)


def _score(match: Match, side: str) -> int | None:
    """The number, unless that side may know the level only. None below the floor, where a
    proposed or answered pair may lie: no level begins there that a closed score could be shown as.

    Its column then holds the lowest score of the level; a true score that happens to be that one
    is not shown either, or its showing would tell.
    """
    if match.score < current().floor:
        return None
    shown = {
        Side.NEED.value: match.need_score,
        Side.TECHNOLOGY.value: match.technology_score,
        "": min(match.need_score, match.technology_score),
    }[side]
    return None if shown == current().levels[match.level] or shown != match.score else shown


def _answer(match: Match, own: str, side: Side, value: str) -> str:
    """Answers are between the two sides; "later" is one's own business."""
    if own == side:
        return value
    if not own or (match.answer_of(side) == Answer.LATER and match.answer_of(own) == ""):
        return ""
    return value
