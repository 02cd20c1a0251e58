"""Kinds of events of this room."""

from django.utils.translation import gettext_lazy as _

from events.kinds import declare, resource

resource("match", "matches/{id}/")
resource("mandate", "mandates/{id}/")

FOUND = declare("match.found", _("Matches found"))
ANSWERED = declare("match.answered", _("Match answered"))
TAKEN_BACK = declare("match.taken_back", _("Answer taken back"))
BOTH_INTERESTED = declare("match.both_interested", _("Both sides interested"))
PROPOSED = declare("match.proposed", _("Match proposed by a broker"))
MANDATE_GIVEN = declare("match.mandate_given", _("Institution allowed to answer matches"))
MANDATE_WITHDRAWN = declare("match.mandate_withdrawn", _("Mandate to answer matches withdrawn"))
REMATCH_BEGUN = declare("match.rematch_begun", _("Matching of the market anew begun"))
REMATCH_DONE = declare("match.rematch_done", _("Matching of the market anew done"))
REMATCH_CANCELLED = declare("match.rematch_cancelled", _("Matching of the market anew cancelled"))
