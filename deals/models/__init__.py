from deals.models.enquiries import Enquiry
from deals.models.introductions import (
    CloseReason,
    Introduction,
    Origin,
    Outcome,
    Side,
    State,
    other_party,
)
from deals.models.talks import IntroductionMessage, NdaAcceptance

__all__ = [
    "CloseReason", "Enquiry", "Introduction", "IntroductionMessage", "NdaAcceptance", "Origin",
    "Outcome", "Side", "State", "other_party",
]  # fmt: skip
