"""What this room tells people.

A notice names the reader's own listing only: what may be known of the other one is decided when
the page is opened.
"""

from django.utils.translation import gettext_lazy as _

from events.notices import declare, declare_mail

FOUND = declare(
    "match.found",
    label=_("New strong matches"),
    text=_("There are new strong matches for “%(title)s”."),
    mail="daily",
)
DECLINED = declare(
    "match.declined",
    label=_("The other side of a match declined"),
    text=_("A match of “%(title)s” is not for the other side."),
    detail=_("Reason: %(reason)s"),
    mail="daily",
)
POSTPONED = declare(
    "match.postponed",
    label=_("The other side of a match will look at it later"),
    text=_("The other side of a match of “%(title)s” has seen it and will come back to it later."),
    mail="daily",
)
INTERESTED = declare(
    "match.interested",
    label=_("The other side of a match is interested"),
    text=_("Somebody is interested in a match of “%(title)s”. It is your turn to answer."),
    mail="now",
)
BOTH_INTERESTED = declare(
    "match.both_interested",
    label=_("Both sides of a match are interested"),
    text=_("Both sides are interested in a match of “%(title)s”. An introduction is being opened."),
    mail="now",
)
PROPOSED = declare(
    "match.proposed",
    label=_("A broker proposes a match"),
    text=_("%(institution)s proposes a match for “%(title)s”."),
    mail="now",
)
ANSWERED_FOR_YOU = declare(
    "match.answered_for_you",
    label=_("A broker answered a match for you"),
    text=_("%(institution)s answered a match of “%(title)s” for you: %(answer)s."),
    mail="daily",
)
MANDATE_GIVEN = declare(
    "match.mandate_given",
    label=_("A client lets you answer its matches"),
    text=_("%(client)s lets %(institution)s answer its matches."),
    mail="now",
)
MANDATE_WITHDRAWN = declare(
    "match.mandate_withdrawn",
    label=_("A client withdrew its mandate"),
    text=_("%(client)s no longer lets %(institution)s answer its matches."),
    mail="now",
)
DIGEST = declare_mail(
    "match.digest",
    label=_("Summary of your best new matches"),
    text=_("New match for you: %(title)s"),
    mail="weekly",
    choices=("daily", "weekly", "never"),
)
