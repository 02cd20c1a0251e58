from matching.models.gone import MatchGone
from matching.models.mandates import Mandate
from matching.models.matches import Answer, Level, Match, Origin, Reason, Side, other_side
from matching.models.open_words import OpenRarity, OpenTerm
from matching.models.proposals import DeskVisit, Proposal
from matching.models.runs import Bearing, MatchRun, Rarity, Term

__all__ = [
    "Answer", "Bearing", "DeskVisit", "Level", "Mandate", "Match", "MatchGone", "MatchRun",
    "OpenRarity", "OpenTerm", "Origin", "Proposal", "Rarity", "Reason", "Side", "Term",
    "other_side",
]  # fmt: skip
