"""What this room tells people: the parties of a contract, and the registrars of its point."""

from django.utils.translation import gettext_lazy as _

from events.notices import declare

SUBMITTED = declare(
    "contract.submitted",
    label=_("A contract waits for examination"),
    text=_("“%(title)s” was submitted; it is to be decided by %(due)s."),
)
SECOND_REVIEW = declare(
    "contract.second_review",
    label=_("A contract waits for second review"),
    text=_("“%(title)s” waits for the approval of a second person."),
    mail="now",
)
SENT_BACK = declare(
    "contract.sent_back",
    label=_("A second reviewer sent a contract back"),
    text=_("The second reviewer sent “%(title)s” back to you."),
    detail=_("Reason: %(reason)s"),
    mail="now",
)
RETURNED = declare(
    "contract.returned",
    label=_("A contract was returned for completion"),
    text=_(
        "“%(title)s” was returned for completion. The clock stands still until you send it again."
    ),
    detail=_("What to correct: %(reason)s"),
    mail="now",
)
WITHDRAWN = declare(
    "contract.withdrawn",
    label=_("A contract was taken back from registration"),
    text=_("“%(title)s” was withdrawn. There is nothing more to examine."),
)
REGISTERED = declare(
    "contract.registered",
    label=_("A contract was registered"),
    text=_("“%(title)s” is registered under number %(number)s."),
    mail="now",
)
REFUSED = declare(
    "contract.refused",
    label=_("The registration of a contract was refused"),
    text=_("The registration of “%(title)s” was refused."),
    detail=_("Reason: %(reason)s"),
    mail="now",
)
CANCELLED = declare(
    "contract.cancelled",
    label=_("A registration was cancelled"),
    text=_("The registration %(number)s of “%(title)s” was cancelled."),
    detail=_("Reason: %(reason)s"),
    mail="now",
)
REVOKED = declare(
    "contract.revoked",
    label=_("A registration was revoked"),
    text=_("The registration %(number)s of “%(title)s” was revoked by the registration point."),
    detail=_("Reason: %(reason)s"),
    mail="now",
)
SCREENING_HITS = declare(
    "contract.screening_hits",
    label=_("A contract you examine has possible hits in a catalogue"),
    text=_("Possible hits in a catalogue of controlled technologies wait for you in “%(title)s”."),
    mail="now",
)
QUESTION_ASKED = declare(
    "contract.question_asked",
    label=_("The registration point asks a question"),
    text=_("The registration point asks a question about “%(title)s”."),
    detail=_("Question: %(question)s"),
    mail="now",
)
QUESTION_ANSWERED = declare(
    "contract.question_answered",
    label=_("A party answered a question"),
    text=_("A question about “%(title)s” was answered."),
    mail="now",
)
IMPORT_DONE = declare(
    "contract.import_done",
    label=_("A table of contracts was imported"),
    text=_("“%(name)s” was imported: %(created)s drafted, %(changed)s renewed, %(refused)s not "
           "taken."),
    mail="daily",
)  # fmt: skip
IMPORT_EMPTY = declare(
    "contract.import_empty",
    label=_("Of a table of contracts no row could be taken"),
    text=_("“%(name)s”: none of the %(seen)s rows could be taken, nothing was drafted. Its page "
           "says why, row by row."),
    mail="daily",
)  # fmt: skip
IMPORT_CHECKED = declare(
    "contract.import_checked",
    label=_("A table of contracts was checked"),
    text=_("“%(name)s” was checked, %(seen)s rows: %(refused)s cannot be taken. Nothing was "
           "drafted yet."),
    mail="daily",
)  # fmt: skip
IMPORT_FAILED = declare(
    "contract.import_failed",
    label=_("A table of contracts could not be imported"),
    text=_("“%(name)s” could not be imported. Its page says why."),
    mail="now",
)
QUESTION_DUE = declare(
    "contract.question_due",
    label=_("A question of the registration point is to be answered"),
    text=_("A question about “%(title)s” is to be answered by %(due)s."),
    mail="now",
)
