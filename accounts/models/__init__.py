from accounts.models.alliances import Alliance, AllianceMember
from accounts.models.experts import ExpertProfile
from accounts.models.memberships import BrokerQualification, Invitation, Membership
from accounts.models.organisations import Organisation, Verification
from accounts.models.tokens import ApiToken
from accounts.models.users import User

__all__ = [
    "Alliance", "AllianceMember", "ApiToken", "BrokerQualification", "ExpertProfile", "Invitation",
    "Membership", "Organisation", "User", "Verification",
]  # fmt: skip
