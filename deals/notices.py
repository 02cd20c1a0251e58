"""What this room tells people.

A notice names the reader's own listing only, and never repeats a message: what may be known of the
other side is decided when the page is opened.
"""

from django.utils.translation import gettext_lazy as _

from events.notices import declare

OPENED = declare(
    "introduction.opened",
    label=_("An introduction was opened"),
    text=_("An introduction was opened for “%(title)s”. Write the first message."),
    mail="now",
)
ASKED = declare(
    "introduction.asked",
    label=_("Somebody asks to be introduced to you"),
    text=_("Somebody asks for an introduction because of “%(title)s”."),
    mail="now",
)
ENQUIRY = declare(
    "introduction.enquiry",
    label=_("Somebody asks about your listing without giving its name"),
    text=_("An enterprise or institution whose name is withheld asks about “%(title)s”."),
    mail="now",
)
BROKER_WANTED = declare(
    "introduction.broker_wanted",
    label=_("An introduction wants a broker"),
    text=_("An introduction waits for a broker: “%(title)s”."),
    mail="daily",
)
OFFERED = declare(
    "introduction.offered",
    label=_("An introduction of a client or of a pair you proposed"),
    text=_("Both sides of “%(title)s” are interested. You can take the introduction up."),
    mail="now",
)
CLAIMED = declare(
    "introduction.claimed",
    label=_("A broker took up your introduction"),
    text=_("%(broker)s takes up the introduction for “%(title)s”."),
    mail="now",
)
STEPPED_BACK = declare(
    "introduction.stepped_back",
    label=_("The broker of an introduction stepped back"),
    text=_("The broker of the introduction for “%(title)s” stepped back. You can ask for another."),
    mail="now",
)
MESSAGE = declare(
    "introduction.message",
    label=_("A new message in an introduction"),
    text=_("There is a new message in the introduction for “%(title)s”."),
    mail="now",
)
NDA_ACCEPTED = declare(
    "introduction.nda_accepted",
    label=_("The other side accepted the non-disclosure agreement"),
    text=_(
        "The other side accepted the non-disclosure agreement for “%(title)s”. It is your turn."
    ),
    mail="now",
)
NDA_IN_FORCE = declare(
    "introduction.nda_in_force",
    label=_("A non-disclosure agreement is in force"),
    text=_("The non-disclosure agreement for “%(title)s” is in force. Details can be released."),
    mail="now",
)
RELEASED = declare(
    "introduction.released",
    label=_("The other side released something to you"),
    text=_("The other side of “%(title)s” lets you see more now."),
    mail="now",
)
RELEASE_ENDED = declare(
    "introduction.release_ended",
    label=_("A release to you has ended"),
    text=_("The other side of “%(title)s” has ended what it released to you."),
    mail="daily",
)
CONTRACT_DRAFTED = declare(
    "introduction.contract_drafted",
    label=_("A contract was drafted from an introduction"),
    text=_("A contract was drafted from the introduction for “%(title)s”. Please check it."),
    mail="now",
)
CLOSED = declare(
    "introduction.closed",
    label=_("An introduction was closed"),
    text=_("The introduction for “%(title)s” was closed: %(outcome)s."),
    detail=_("Reason: %(reason)s"),
    mail="now",
)

# Deal rooms: the room's title at most, which says nothing confidential; never a word or a figure.
ROOM_OPENED = declare(
    "room.opened",
    label=_("A deal room was opened"),
    text=_("A deal room was opened: “%(title)s”. It begins with the non-disclosure agreement."),
    mail="now",
)
ROOM_SEAT = declare(
    "room.seat_given",
    label=_("You were let into a deal room"),
    text=_("You were let into the deal room “%(title)s”."),
    mail="now",
)
ROOM_NDA = declare(
    "room.nda_accepted",
    label=_("A side of a deal room accepted the agreement"),
    text=_("A side accepted the non-disclosure agreement of the deal room “%(title)s”."),
    mail="now",
)
ROOM_MESSAGE = declare(
    "room.message",
    label=_("A new message in a deal room"),
    text=_("There is a new message in the deal room “%(title)s”."),
    mail="now",
)
ROOM_DOCUMENT = declare(
    "room.document",
    label=_("A new document in a deal room"),
    text=_("There is a new document in the deal room “%(title)s”."),
    mail="daily",
)
ROOM_OFFER = declare(
    "room.offer",
    label=_("An offer in a deal room"),
    text=_("The other side of the deal room “%(title)s” made an offer. It waits for your answer."),
    mail="now",
)
ROOM_ANSWER = declare(
    "room.answer",
    label=_("What became of an offer in a deal room"),
    text=_("What became of an offer in the deal room “%(title)s”: %(state)s."),
    mail="now",
)
ROOM_CLOSED = declare(
    "room.closed",
    label=_("A deal room was closed"),
    text=_("The deal room “%(title)s” was closed."),
    mail="now",
)

CASE_GIVEN = declare(
    "case.given",
    label=_("You became responsible for a case"),
    text=_("You are responsible for case %(docket)s now."),
    mail="daily",
)
CASE_WOKEN = declare(
    "case.woken",
    label=_("A deferred case woke up"),
    text=_("Case %(docket)s was deferred until today and is open again."),
    mail="daily",
)
TASK_GIVEN = declare(
    "case.task_given",
    label=_("You were given a task of a case"),
    text=_("You were given a task in case %(docket)s."),
    mail="daily",
)
TASK_DUE = declare(
    "case.task_due",
    label=_("A task of a case is due"),
    text=_("A task in case %(docket)s is due on %(due)s."),
    mail="daily",
)

RUN_WAITS = declare(
    "distribution.waits",
    label=_("A distribution of income waits for approval"),
    text=_("A distribution of the income of “%(title)s” waits for the approval of an owner."),
    mail="now",
)
SCHEME_WAITS = declare(
    "scheme.waits",
    label=_("A scheme of distribution waits for approval"),
    text=_("The scheme of distribution “%(title)s” waits for the approval of an owner."),
    mail="now",
)
RUN_APPROVED = declare(
    "distribution.approved",
    label=_("A distribution of income that you drafted was approved"),
    text=_("Distribution %(number)s of the income of “%(title)s” is approved."),
)
STATEMENT = declare(
    "distribution.statement",
    label=_("A statement of your part of licence income"),
    text=_("There is a statement of your part of the income of “%(title)s”."),
    mail="now",
)
PAYMENT_LATE = declare(
    "income.payment_late",
    label=_("A payment under a contract of yours is late"),
    text=_("A payment under “%(title)s” was due on %(due)s and has not come in whole."),
)

# Fees of brokerage: the docket number alone.
FEE_CAN_BE_STATED = declare(
    "commission.can_be_stated",
    label=_("The fee of a case can be stated"),
    text=_("The contract of case %(docket)s is registered: state the fee that was agreed."),
)

# Royalty statements: the title of a contract that both sides signed; never an amount.
ROYALTY_DUE = declare(
    "royalty.due",
    label=_("A royalty statement of yours is due"),
    text=_("Under “%(title)s”, state the sales of the period up to %(until)s by %(due)s."),
    mail="now",
)
ROYALTY_LATE = declare(
    "royalty.late",
    label=_("A royalty statement is late"),
    text=_("The royalty statement under “%(title)s” was due on %(due)s and is missing."),
    mail="now",
)
ROYALTY_SUBMITTED = declare(
    "royalty.submitted",
    label=_("A licensee submitted a royalty statement"),
    text=_("There is a royalty statement under “%(title)s” for the period up to %(until)s."),
    mail="now",
)
ROYALTY_QUERIED = declare(
    "royalty.queried",
    label=_("A royalty statement of yours was queried"),
    text=_("The licensor has a question about your royalty statement under “%(title)s”."),
    mail="now",
)
ROYALTY_ACCEPTED = declare(
    "royalty.accepted",
    label=_("A royalty statement of yours was accepted"),
    text=_("Your royalty statement under “%(title)s” was accepted."),
    mail="daily",
)

# Disclosures: never a title, a name or a word of what was invented.
DISCLOSURE_CAME = declare(
    "disclosure.came",
    label=_("An invention was disclosed to your institution"),
    text=_("An invention was disclosed to your institution. It waits for your decision."),
    mail="now",
)
DISCLOSURE_SUBMITTED = declare(
    "disclosure.submitted",
    label=_("All inventors signed your disclosure"),
    text=_("All inventors have signed: your disclosure is submitted."),
)
DISCLOSURE_DECIDED = declare(
    "disclosure.decided",
    label=_("An institution answered your disclosure"),
    text=_("The institution has answered your disclosure."),
    mail="now",
)
DEADLINE_NEAR = declare(
    "case.deadline_near",
    label=_("A deadline of protection comes near"),
    text=_("A deadline of protection in case %(docket)s is on %(due)s."),
    mail="now",
)
REFERRAL_PUBLISHED = declare(
    "referral.published",
    label=_("A member of your alliance seeks a partner for a case"),
    text=_("On the board of your alliance: “%(title)s”."),
    mail="daily",
)
REFERRAL_CLAIMED = declare(
    "referral.claimed",
    label=_("A member wants to carry on a case that you refer"),
    text=_("“%(title)s” was claimed. Confirm or decline it."),
    mail="now",
)
REFERRAL_CONFIRMED = declare(
    "referral.confirmed",
    label=_("A case was given to your institution"),
    text=_("“%(title)s” is yours to carry on. A case was opened for it."),
    mail="now",
)
REFERRAL_CHANGED = declare(
    "referral.changed",
    label=_("Something has changed in a referral"),
    text=_("There is something new in the referral “%(title)s”."),
    mail="daily",
)
REFERRAL_REPORT_DUE = declare(
    "referral.report_due",
    label=_("A report on a referral is due"),
    text=_("A report on “%(title)s” is due on %(due)s."),
    mail="now",
)
REFERRAL_OVERDUE = declare(
    "referral.overdue",
    label=_("A report on a referral is overdue"),
    text=_("The report on “%(title)s” was due on %(due)s. The referral can be taken back."),
    mail="now",
)
COMMISSION_WAITS = declare(
    "commission.waits",
    label=_("A commission waits for approval"),
    text=_("A commission of case %(docket)s waits for your approval."),
    mail="now",
)
COMMISSION_APPROVED = declare(
    "commission.approved",
    label=_("A commission was approved"),
    text=_("A commission in which your institution has a part was approved."),
    mail="now",
)

# Requests for help: never a word of them.
LOCATOR_RECEIVED = declare(
    "request.received",
    label=_("Somebody asks your institution for help"),
    text=_("A request for help has reached your institution."),
    mail="now",
)
LOCATOR_DUE = declare(
    "request.due",
    label=_("An answer to a request for help is wanted soon"),
    text=_("An answer to a request for help is wanted by %(due)s."),
    mail="now",
)
LOCATOR_CLOSED = declare(
    "request.closed",
    label=_("A request for help was closed by its asker"),
    text=_("The asker has closed a request for help and said how it went."),
    mail="daily",
)
LOCATOR_TAKEN = declare(
    "request.taken",
    label=_("Your request for help is being worked on"),
    text=_("An institution has taken up your request for help."),
)
LOCATOR_PASSED = declare(
    "request.passed_on",
    label=_("Your request for help was passed on"),
    text=_("Your request for help was passed on to another institution of the alliance."),
)
LOCATOR_ANSWERED = declare(
    "request.answered",
    label=_("Your request for help was answered"),
    text=_("There is an answer to your request for help. Say whether it helped."),
    mail="now",
)
LOCATOR_NEED = declare(
    "request.need_drafted",
    label=_("A need was drafted from your request for help"),
    text=_("A need was drafted from your request for help. Look at it and publish it yourself."),
    mail="now",
)
LOCATOR_EXPIRED = declare(
    "request.expired",
    label=_("Your request for help was not answered in time"),
    text=_("Nobody answered your request for help in time. You may ask others."),
    mail="now",
)

VISIT_NEED = declare(
    "visit.need_drafted",
    label=_("Your broker has drafted a need for you"),
    text=_("Your broker has drafted a need for you. Look at it and publish it yourself."),
    mail="now",
)

# Gatherings: their time, and why one is called off; never how to join or who else comes.
GATHERING_MOVED_UP = declare(
    "gathering.moved_up",
    label=_("You have moved up from a waiting list"),
    text=_("A place became free at the gathering of %(when)s, and it is yours."),
    mail="now",
)
GATHERING_SOON = declare(
    "gathering.soon",
    label=_("A gathering for which you are registered begins within a day"),
    text=_("A gathering for which you are registered begins on %(when)s."),
    mail="now",
)
GATHERING_CHANGED = declare(
    "gathering.changed",
    label=_("Time or place of a gathering has changed"),
    text=_("Time or place of a gathering has changed. It begins on %(when)s; look at it again."),
    mail="now",
)
GATHERING_CANCELLED = declare(
    "gathering.cancelled",
    label=_("A gathering was called off"),
    text=_("The gathering of %(when)s was called off: %(reason)s"),
    mail="now",
)
TRAINING_SHORT = declare(
    "training.short",
    label=_("You are short of hours of continuing education"),
    text=_("You have attended %(hours)s of %(wanted)s hours of training in %(year)s. "
           "Look what comes."),
    mail="now",
)  # fmt: skip

# Tenders and auctions: the title of a listing that is no secret; never an amount or a rival's name.
SALE_OPENER = declare(
    "sale.opener",
    label=_("You are asked to open the bids of a tender"),
    text=_("A seller asks your organisation to open the bids of “%(title)s” with it."),
    mail="now",
)
SALE_INVITED = declare(
    "sale.invited",
    label=_("You are invited to bid"),
    text=_("Your organisation is invited to bid for “%(title)s”."),
    mail="now",
)
SALE_APPLIED = declare(
    "sale.applied",
    label=_("An organisation applies to bid in your sale"),
    text=_("An organisation applies to bid for “%(title)s”."),
    mail="now",
)
SALE_ADMITTED = declare(
    "sale.admitted",
    label=_("You are admitted to a tender or auction"),
    text=_("Your organisation is admitted to bid for “%(title)s”."),
    mail="now",
)
SALE_NOT_ADMITTED = declare(
    "sale.not_admitted",
    label=_("You are not admitted to a tender or auction"),
    text=_("Your organisation is not admitted to bid for “%(title)s”. The page says why."),
    mail="now",
)
SALE_OUTBID = declare(
    "sale.outbid",
    label=_("You were outbid in an auction"),
    text=_("Somebody bids more than you for “%(title)s”."),
    mail="now",
)
SALE_TO_OPEN = declare(
    "sale.to_open",
    label=_("Sealed bids wait to be opened"),
    text=_("The sealed bids for “%(title)s” wait for your opening key."),
    mail="now",
)
SALE_REVEAL = declare(
    "sale.reveal",
    label=_("You are asked to show the receipt of a sealed bid"),
    text=_("The bids for “%(title)s” were not opened. Show the receipt of yours within 7 days."),
    mail="now",
)
SALE_MATCH = declare(
    "sale.match",
    label=_("You may match the winning price"),
    text=_("Your organisation has the first refusal for “%(title)s”. Answer in time."),
    mail="now",
)
SALE_DECIDED = declare(
    "sale.decided",
    label=_("A tender or auction was decided"),
    text=_("The result of the sale of “%(title)s” is there."),
    mail="now",
)
SALE_CANCELLED = declare(
    "sale.cancelled",
    label=_("A tender or auction was cancelled"),
    text=_("The sale of “%(title)s” was cancelled. The page says why."),
    mail="now",
)
PROJECTS_CHECKED = declare(
    "project_import.checked",
    label=_("A table of foreign projects was checked"),
    text=_("“%(name)s” was checked: %(new)s cases would be opened, %(there)s projects are there "
           "already, %(refused)s rows cannot be taken. Nothing was opened yet."),
    mail="daily",
)  # fmt: skip
PROJECTS_IMPORTED = declare(
    "project_import.done",
    label=_("A table of foreign projects was imported"),
    text=_("“%(name)s” was imported: %(opened)s cases opened, %(there)s projects were there "
           "already, %(refused)s rows not taken."),
    mail="daily",
)  # fmt: skip
PROJECTS_FAILED = declare(
    "project_import.failed",
    label=_("A table of foreign projects could not be imported"),
    text=_("“%(name)s” could not be imported. Its page says why."),
)
FRAME_SET = declare(
    "alliance.frame_set",
    label=_("An alliance asks for figures"),
    text=_("The lead of %(alliance)s asks its members for figures. Accept it, or leave it."),
    mail="daily",
)
FRAME_ACCEPTED = declare(
    "alliance.frame_accepted",
    label=_("A member of your alliance shares its figures"),
    text=_("A member of %(alliance)s shares the figures that you asked for."),
    mail="daily",
)
