"""What this room tells people."""

from django.utils.translation import gettext_lazy as _

from events.notices import declare

VERIFIED = declare(
    "organisation.verified",
    label=_("Your organisation was verified"),
    text=_(
        "%(organisation)s is verified. Its people may now publish and read what is for members."
    ),
    mail="now",
)
VERIFICATION_REFUSED = declare(
    "organisation.verification_refused",
    label=_("Your organisation was not verified"),
    text=_("%(organisation)s could not be verified. You can ask again with other evidence."),
    detail=_("Reason: %(reason)s"),
    mail="now",
)
VERIFICATION_REVOKED = declare(
    "organisation.verification_revoked",
    label=_("A verification was withdrawn"),
    text=_("The verification of %(organisation)s was withdrawn. Its listings are kept."),
    detail=_("Reason: %(reason)s"),
    mail="now",
)
TO_VERIFY = declare(
    "organisation.to_verify",
    label=_("An organisation waits for verification"),
    text=_("%(organisation)s asks to be verified."),
    mail="daily",
)
MEMBER_JOINED = declare(
    "member.joined",
    label=_("Somebody joined your organisation"),
    text=_("%(person)s joined %(organisation)s."),
    mail="daily",
)
ROLES_CHANGED = declare(
    "member.roles_changed",
    label=_("Your roles were changed"),
    text=_("Your roles in %(organisation)s were changed."),
    mail="daily",
)
MEMBER_REMOVED = declare(
    "member.removed",
    label=_("You were removed from an organisation"),
    text=_("You are no longer a member of %(organisation)s."),
    mail="now",
)
ALLIANCE_INVITED = declare(
    "alliance.invited",
    label=_("Your organisation was invited to an alliance"),
    text=_("%(organisation)s is invited to join %(alliance)s."),
    mail="now",
)
ALLIANCE_JOINED = declare(
    "alliance.joined",
    label=_("An organisation joined your alliance"),
    text=_("%(organisation)s joined %(alliance)s."),
    mail="daily",
)
ALLIANCE_LEFT = declare(
    "alliance.left",
    label=_("An organisation left your alliance"),
    text=_("%(organisation)s is no longer a member of %(alliance)s."),
    mail="daily",
)
QUALIFICATION_EXPIRING = declare(
    "qualification.expiring",
    label=_("Your broker certificate expires soon"),
    text=_("Your broker certificate %(number)s expires on %(date)s. Enter the new one in time."),
    mail="now",
)
QUALIFICATION_EXPIRED = declare(
    "qualification.expired",
    label=_("Your broker certificate has expired"),
    text=_("Your broker certificate %(number)s expired on %(date)s."),
    mail="now",
)
