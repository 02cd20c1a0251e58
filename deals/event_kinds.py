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

resource("valuation", "valuations/{id}/")

VALUATION_BEGUN = declare("valuation.begun", _("Valuation begun"))
VALUATION_COMPUTED = declare("valuation.computed", _("Inputs of a valuation saved"))
VALUATION_SIMULATED = declare("valuation.simulated", _("Simulation of a valuation done"))
VALUATION_FINALISED = declare("valuation.finalised", _("Valuation made final"))

resource("dealroom", "rooms/{id}/")

ROOM_OPENED = declare("room.opened", _("Deal room opened"))
ROOM_BROKER = declare("room.broker_changed", _("The broker of a deal room changed"))
ROOM_SEAT_GIVEN = declare("room.seat_given", _("Somebody was let into a deal room"))
ROOM_SEAT_ENDED = declare("room.seat_ended", _("Somebody was taken out of a deal room"))
ROOM_NDA_ACCEPTED = declare("room.nda_accepted", _("Agreement of a deal room accepted"))
ROOM_MESSAGE = declare("room.message_posted", _("Message posted in a deal room"))
ROOM_DOCUMENT_PUT = declare("room.document_put", _("Document put into a deal room"))
ROOM_DOCUMENT_OPENED = declare("room.document_opened", _("Document of a deal room opened"))
ROOM_DOCUMENT_WITHDRAWN = declare("room.document_withdrawn", _("Document withdrawn"))
ROOM_OFFER_MADE = declare("room.offer_made", _("Offer made"))
ROOM_OFFER_COUNTERED = declare("room.offer_countered", _("Offer countered"))
ROOM_OFFER_ACCEPTED = declare("room.offer_accepted", _("Offer accepted"))
ROOM_OFFER_DECLINED = declare("room.offer_declined", _("Offer declined"))
ROOM_OFFER_WITHDRAWN = declare("room.offer_withdrawn", _("Offer withdrawn"))
ROOM_OFFER_EXPIRED = declare("room.offer_expired", _("Offer expired"))
ROOM_CONTRACT = declare("room.contract_drafted", _("Contract drafted from an accepted offer"))
ROOM_CLOSED = declare("room.closed", _("Deal room closed"))

resource("case", "cases/{id}/")

CASE_OPENED = declare("case.opened", _("Case opened"))
CASE_CHANGED = declare("case.changed", _("Case changed"))
CASE_MOVED = declare("case.moved", _("Moved to another stage"))
CASE_DEFERRED = declare("case.deferred", _("Case deferred"))
CASE_WOKEN = declare("case.woken", _("Taken up again"))
CASE_CLOSED = declare("case.closed", _("Case closed"))
CASE_REOPENED = declare("case.reopened", _("Case reopened"))
CASE_NOTED = declare("case.noted", _("Note written"))
CASE_PART = declare("case.part_changed", _("Clients, listings, contacts or ties changed"))
CASE_TASK = declare("case.task_changed", _("Task changed"))
PIPELINES_CHANGED = declare("case.pipelines_changed", _("Pipelines of cases changed"))

resource("incomeaccount", "income/{id}/")
resource("distributionrun", "distribution-runs/{id}/")

INCOME_OPENED = declare("income.opened", _("Income of a contract is kept"))
SCHEME_CHOSEN = declare("income.scheme_chosen", _("Scheme of distribution chosen"))
INVENTORS_SET = declare("income.inventors_set", _("Inventors and their parts entered"))
RECEIPT_ENTERED = declare("income.receipt_entered", _("Receipt entered"))
RECEIPT_REVERSED = declare("income.receipt_reversed", _("Receipt reversed"))
COST_ENTERED = declare("income.cost_entered", _("Cost entered"))
COST_REVERSED = declare("income.cost_reversed", _("Cost reversed"))
RUN_DRAFTED = declare("distribution.drafted", _("Distribution drafted"))
RUN_DISCARDED = declare("distribution.discarded", _("Draft of a distribution discarded"))
RUN_APPROVED = declare("distribution.approved", _("Distribution approved"))
RUN_REVERSAL_DRAFTED = declare("distribution.reversal_drafted", _("Reversal drafted"))
