from contracts.models.added_rules import AddedRuleSet
from contracts.models.certificates import Certificate, SealKey
from contracts.models.contracts import Contract
from contracts.models.figures import FigureCell, FigureChange, FigureSeller
from contracts.models.files import ContractFile
from contracts.models.history import ContractDecision, ContractVersion
from contracts.models.parties import ContractDeduction, ContractParty
from contracts.models.points import NumberSequence, PointSettings
from contracts.models.questions import ContractAnswer, ContractQuestion, Side
from contracts.models.reviews import ClauseReview

__all__ = [
    "AddedRuleSet", "Certificate", "ClauseReview", "Contract", "ContractAnswer", "ContractDecision",
    "ContractDeduction", "ContractFile", "ContractParty", "ContractQuestion", "ContractVersion",
    "FigureCell", "FigureChange", "FigureSeller", "NumberSequence", "PointSettings", "SealKey",
    "Side",
]  # fmt: skip
