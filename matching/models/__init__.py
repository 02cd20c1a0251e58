from matching.models.gone import MatchGone
from matching.models.matches import Answer, Level, Match, Reason, Side, other_side
from matching.models.open_words import OpenRarity, OpenTerm
from matching.models.runs import Bearing, MatchRun, Rarity, Term

__all__ = [
    "Answer", "Bearing", "Level", "Match", "MatchGone", "MatchRun", "OpenRarity", "OpenTerm",
    "Rarity", "Reason", "Side", "Term", "other_side",
]  # fmt: skip
