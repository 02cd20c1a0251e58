"""Kinds of events of this room."""

from django.utils.translation import gettext_lazy as _

from events.kinds import declare, resource

resource("organisation", "organisations/{id}/")
resource("alliance", "alliances/{id}/")
resource("verification", "verifications/{id}/")

ACCOUNT_CREATED = declare("account.created", _("Account created"))
ACCOUNT_CHANGED = declare("account.changed", _("Profile changed"))
ACCOUNT_EXPORTED = declare("account.exported", _("Own data exported"))
ACCOUNT_CLOSED = declare("account.closed", _("Account closed"))
OPERATOR_MADE = declare("account.operator_made", _("Made an operator"))

TOKEN_CREATED = declare("token.created", _("API token created"))
TOKEN_REVOKED = declare("token.revoked", _("API token revoked"))

QUALIFICATION_ADDED = declare("qualification.added", _("Broker certificate added"))
QUALIFICATION_CHANGED = declare("qualification.changed", _("Broker certificate changed"))
QUALIFICATION_REMOVED = declare("qualification.removed", _("Broker certificate removed"))

ORGANISATION_CREATED = declare("organisation.created", _("Organisation created"))
ORGANISATION_CHANGED = declare("organisation.changed", _("Facts changed"))
STANDING_CHANGED = declare("organisation.standing_changed", _("Standing changed by an operator"))
VERIFICATION_ASKED = declare("organisation.verification_asked", _("Verification asked for"))
VERIFIED = declare("organisation.verified", _("Verified"))
VERIFICATION_REFUSED = declare("organisation.verification_refused", _("Verification refused"))
VERIFICATION_REVOKED = declare("organisation.verification_revoked", _("Verification withdrawn"))
EVIDENCE_READ = declare("organisation.evidence_read", _("Evidence opened"))

MEMBER_INVITED = declare("member.invited", _("Member invited"))
INVITATION_WITHDRAWN = declare("member.invitation_withdrawn", _("Invitation withdrawn"))
MEMBER_JOINED = declare("member.joined", _("Member joined"))
ROLES_CHANGED = declare("member.roles_changed", _("Roles changed"))
MEMBER_REMOVED = declare("member.removed", _("Member removed"))
MEMBER_LEFT = declare("member.left", _("Member left"))

ALLIANCE_CREATED = declare("alliance.created", _("Alliance founded"))
ALLIANCE_CHANGED = declare("alliance.changed", _("Alliance changed"))
ALLIANCE_INVITED = declare("alliance.invited", _("Organisation invited to the alliance"))
ALLIANCE_JOINED = declare("alliance.joined", _("Organisation joined the alliance"))
ALLIANCE_DECLINED = declare("alliance.declined", _("Invitation to the alliance declined"))
ALLIANCE_LEFT = declare("alliance.left", _("Organisation left the alliance"))
ALLIANCE_REMOVED = declare("alliance.removed", _("Organisation removed from the alliance"))
ALLIANCE_LEAD = declare("alliance.lead_handed_over", _("Lead of the alliance handed over"))
EXPERT_AGREED = declare("account.expert_agreed", _("Agreed to be found as an expert"))
EXPERT_TOOK_BACK = declare("account.expert_took_back", _("Consent to be found taken back"))
