"""Legal moves of this room's states."""

from accounts.models.alliances import AllianceMember
from accounts.models.organisations import Verification
from marketplace.core.states import Transitions

_V = Verification.State
VERIFICATION = Transitions(
    {
        "approve": ({_V.WAITING}, _V.APPROVED),
        "refuse": ({_V.WAITING}, _V.REFUSED),
    }
)

_A = AllianceMember.State
ALLIANCE_MEMBER = Transitions(
    {
        "invite": ({_A.LEFT}, _A.INVITED),
        "accept": ({_A.INVITED}, _A.MEMBER),
        "decline": ({_A.INVITED}, _A.LEFT),
        "leave": ({_A.MEMBER}, _A.LEFT),
        "remove": ({_A.INVITED, _A.MEMBER}, _A.LEFT),
    }
)
