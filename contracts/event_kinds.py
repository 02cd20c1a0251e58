"""Kinds of events of this room."""

from django.utils.translation import gettext_lazy as _

from events.kinds import declare, resource

resource("contract", "contracts/{id}/")

DRAFTED = declare("contract.drafted", _("Contract drafted"))
CHANGED = declare("contract.changed", _("Draft changed"))
AMENDMENT_STARTED = declare("contract.amendment_started", _("Amendment drafted"))
FILE_ADDED = declare("contract.file_added", _("File added"))
FILE_REMOVED = declare("contract.file_removed", _("File removed"))
SUBMITTED = declare("contract.submitted", _("Contract submitted for registration"))
WITHDRAWN = declare("contract.withdrawn", _("Contract withdrawn"))
CLAIMED = declare("contract.claimed", _("Examination begun"))
RELEASED = declare("contract.released", _("Put back into the queue"))
RETURNED = declare("contract.returned", _("Contract returned for completion"))
PASSED_ON = declare("contract.passed_on", _("Passed to second review"))
SENT_BACK = declare("contract.sent_back", _("Sent back by the second reviewer"))
REGISTERED = declare("contract.registered", _("Contract registered"))
REFUSED = declare("contract.refused", _("Registration refused"))
AMENDED = declare("contract.amended", _("Contract amended"))
CANCELLED = declare("contract.cancelled", _("Registration cancelled"))
REVOKED = declare("contract.revoked", _("Registration revoked"))
CERTIFIED = declare("contract.certified", _("Certificate made"))
POINT_CHANGED = declare("registration_point.changed", _("Settings of a registration point changed"))
RULES_CHANGED = declare("rule_set.changed", _("Registration rules added or ended"))

# export and import screening
SCREENED = declare("contract.screened", _("Screened against catalogues"))
HIT_DECIDED = declare("contract.hit_decided", _("Possible hit in a catalogue decided"))
CATALOGUE_LOADED = declare("catalogue.loaded", _("Catalogue of controlled technologies loaded"))
QUESTION_ASKED = declare("contract.question_asked", _("Parties asked a question"))
QUESTION_ANSWERED = declare("contract.question_answered", _("Question answered"))
