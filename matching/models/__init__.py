from matching.models.mandates import Mandate
from matching.models.matches import Answer, Level, Match, Origin, Reason, Side, other_side
from matching.models.proposals import DeskVisit, Proposal
from matching.models.runs import MatchRun, Rarity, Term

__all__ = [
    "Answer", "DeskVisit", "Level", "Mandate", "Match", "MatchRun", "Origin", "Proposal", "Rarity",
    "Reason", "Side", "Term", "other_side",
]  # fmt: skip
