"""From a score to a level, and what a side may know of a score."""

from listings.disclosure import RANK
from listings.models.listings import Tier
from matching.models import Level
from matching.pipeline.model import Model
from matching.pipeline.subjects import Subject


def level_of(score: int, model: Model) -> str:
    """strong, fairly_strong or weak. Pairs under the floor have no level: they are not kept."""
    if score >= model.levels["strong"]:
        return Level.STRONG.value
    if score >= model.levels["fairly_strong"]:
        return Level.FAIRLY_STRONG.value
    return Level.WEAK.value


def score_seen_by(reader: Subject, other: Subject, score: int, model: Model) -> int:
    """The score as the side of `reader` may know it.

    The lowest score of the level where the other listing holds what is closed to that side: an
    exact number, or the order of a list by it, would tell whoever posts near-copies what the
    closed texts say.
    """
    may_read = Tier.MEMBERS if reader.owner_is_verified else Tier.PUBLIC
    tiers = {*other.closed_tiers, other.visibility}
    if all(RANK[tier] <= RANK[may_read] for tier in tiers):
        return score
    return min(score, model.levels[level_of(score, model)])
