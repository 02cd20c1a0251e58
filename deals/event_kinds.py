"""Kinds of events of this room."""

from django.utils.translation import gettext_lazy as _

from events.kinds import declare, resource

resource("introduction", "introductions/{id}/")

OPENED = declare("introduction.opened", _("Introduction opened"))
BROKER_ASKED = declare("introduction.broker_asked", _("A broker was asked for"))
CLAIMED = declare("introduction.claimed", _("Taken up by a broker"))
STEPPED_BACK = declare("introduction.stepped_back", _("The broker stepped back"))
MESSAGE_POSTED = declare("introduction.message_posted", _("Message posted"))
TALKS_BEGUN = declare("introduction.talks_begun", _("Talks begun"))
NDA_ACCEPTED = declare("introduction.nda_accepted", _("Non-disclosure agreement accepted"))
IDENTITY_RELEASED = declare("introduction.identity_released", _("Name shown to the other side"))
DETAILS_RELEASED = declare("introduction.details_released", _("Confidential details released"))
RELEASE_ENDED = declare("introduction.release_ended", _("Release ended"))
CONTRACT_DRAFTED = declare("introduction.contract_drafted", _("Contract drafted"))
CLOSED = declare("introduction.closed", _("Introduction closed"))
