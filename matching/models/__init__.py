from matching.models.matches import Answer, Level, Match, Reason, Side, other_side
from matching.models.runs import Bearing, MatchRun, Rarity, Term

__all__ = [
    "Answer", "Bearing", "Level", "Match", "MatchRun", "Rarity", "Reason", "Side", "Term",
    "other_side",
]  # fmt: skip
