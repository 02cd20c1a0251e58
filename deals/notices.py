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
