from contracts.models.added_rules import AddedRuleSet
from contracts.models.catalogues import Catalogue, CatalogueEntry
from contracts.models.certificates import Certificate, SealKey
from contracts.models.contracts import Contract
from contracts.models.figures import FigureCell, FigureChange, FigureSeller
from contracts.models.files import ContractFile
from contracts.models.history import ContractDecision, ContractVersion
from contracts.models.imports import ContractImport, ContractImportRow, ImportedContract
from contracts.models.parties import ContractDeduction, ContractParty
from contracts.models.points import NumberSequence, PointSettings
from contracts.models.questions import ContractAnswer, ContractQuestion, Side
from contracts.models.reviews import ClauseReview
from contracts.models.screenings import HitDecision, Screening, ScreeningHit
from contracts.models.terms import ContractInstalment, ContractRoyalty, RoyaltyStep

__all__ = [
    "AddedRuleSet",
    "Catalogue",
    "CatalogueEntry",
    "Certificate",
    "ClauseReview",
    "Contract",
    "ContractAnswer",
    "ContractDecision",
    "ContractDeduction",
    "ContractFile",
    "ContractImport",
    "ContractImportRow",
    "ContractInstalment",
    "ContractParty",
    "ContractQuestion",
    "ContractRoyalty",
    "ContractVersion",
    "FigureCell",
    "FigureChange",
    "FigureSeller",
    "HitDecision",
    "ImportedContract",
    "NumberSequence",
    "PointSettings",
    "RoyaltyStep",
    "Screening",
    "ScreeningHit",
    "SealKey",
    "Side",
]
