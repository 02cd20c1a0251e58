"""The two sides of a match: whose it is, and what a side may know of it. For loaded rows."""

from listings import states
from listings.models import Listing
from listings.models.listings import Tier
from marketplace.core.actor import Actor
from matching.models import Answer, Match, Side, other_side

# Who looks after an organisation's matches: its owners, editors and brokers.
ROLES = ("editor", "broker")


def listing_of(match: Match, side: str) -> Listing:
    return match.need if side == Side.NEED else match.technology


def owner_id_of(match: Match, side: str) -> int:
    return match.need_owner_id if side == Side.NEED else match.technology_owner_id


def side_of(match: Match, actor: Actor, wanted: str = "") -> str:
    """need, technology, or "" for who is of neither side (a broker between them).

    wanted: which one, for a person of both organisations; the need's without it.
    """
    held = [side for side in Side.values if actor.can(owner_id_of(match, side), *ROLES)]
    if wanted in held:
        return wanted
    return held[0] if held else ""


def is_blind(match: Match, side: str) -> bool:
    """Whether the other listing is confidential: known, if at all, as nothing but a level."""
    return listing_of(match, other_side(side)).visibility == Tier.CONFIDENTIAL


def may_know(match: Match, side: str) -> bool:
    """Whether the people of a side may know of the pair, by the other listing's visibility alone
    (releases not counted): the rule of queries.visibility for one row."""
    other = listing_of(match, other_side(side))
    if other.state != states.PUBLISHED:
        return False
    if other.visibility == Tier.CONFIDENTIAL:
        return match.answer_of(other_side(side)) == Answer.INTERESTED
    if other.visibility == Tier.MEMBERS:
        return listing_of(match, side).owner.is_verified
    return True
