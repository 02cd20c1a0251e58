from matching.models.digests import DigestDay, DigestPair, MatchDigest
from matching.models.matches import Answer, Level, Match, Reason, Side, other_side
from matching.models.runs import MatchRun, Rarity, Term
from matching.models.visits import InboxVisit

__all__ = [
    "Answer", "DigestDay", "DigestPair", "InboxVisit", "Level", "Match", "MatchDigest", "MatchRun",
    "Rarity", "Reason", "Side", "Term", "other_side",
]  # fmt: skip
