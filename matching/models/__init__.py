from matching.models.digests import DigestDay, DigestPair, MatchDigest
from matching.models.gone import MatchGone
from matching.models.mandates import Mandate
from matching.models.matches import Answer, Level, Match, Origin, Reason, Side, other_side
from matching.models.open_words import OpenRarity, OpenTerm
from matching.models.proposals import DeskVisit, Proposal
from matching.models.rematches import Rematch, RematchBatch
from matching.models.runs import Bearing, MatchRun, Rarity, Term
from matching.models.visits import InboxVisit

__all__ = [
    "Answer", "Bearing", "DeskVisit", "DigestDay", "DigestPair", "InboxVisit", "Level", "Mandate",
    "Match", "MatchDigest", "MatchGone", "MatchRun", "OpenRarity", "OpenTerm", "Origin", "Proposal",
    "Rarity", "Reason", "Rematch", "RematchBatch", "Side", "Term", "other_side",
]  # fmt: skip
