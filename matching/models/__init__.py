from matching.models.digests import DigestDay, DigestPair, MatchDigest
from matching.models.matches import Answer, Level, Match, Reason, Side, other_side
from matching.models.runs import MatchRun, Rarity, Term

__all__ = [
    "Answer", "DigestDay", "DigestPair", "Level", "Match", "MatchDigest", "MatchRun", "Rarity",
    "Reason", "Side", "Term", "other_side",
]  # fmt: skip
