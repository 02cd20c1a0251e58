"""What this room tells people. The owner's own people may be told its titles; alerts of saved
searches name what their reader may see at that moment (listings.alerts)."""

from django.utils.translation import gettext_lazy as _

from events.notices import declare

APPROVED = declare(
    "listing.approved",
    label=_("Your listing was published"),
    text=_("“%(title)s” passed the review and is published."),
    mail="now",
)
RETURNED = declare(
    "listing.returned",
    label=_("Your listing was returned"),
    text=_("“%(title)s” was returned by the review desk. Change it and submit it again."),
    detail=_("Reason: %(reason)s"),
    mail="now",
)  # fmt: skip
EXPIRING = declare(
    "listing.expiring",
    label=_("A listing expires soon"),
    text=_("“%(title)s” expires on %(until)s. Renew it with one click if it still holds."),
    mail="now",
)
EXPIRED = declare(
    "listing.expired",
    label=_("A listing has expired"),
    text=_("“%(title)s” has expired and can no longer be found. You can renew it at any time."),
    mail="now",
)
TO_REVIEW = declare(
    "listing.to_review",
    label=_("A listing waits for review"),
    text=_("A listing was submitted and waits at the review desk."),
    mail="daily",
)
IMPORT_DONE = declare(
    "listing.import_done",
    label=_("Your import is done"),
    text=_("The import of “%(source)s” is done: %(created)s new, %(changed)s changed, "
           "%(refused)s refused."),
    mail="daily",
)  # fmt: skip
IMPORT_FAILED = declare(
    "listing.import_failed",
    label=_("An import of yours failed"),
    text=_("The import of “%(source)s” could not be finished. Its page says why."),
    mail="now",
)
EXPORT_READY = declare(
    "listing.export_ready",
    label=_("Your export is ready"),
    text=_("The file with %(total)s rows that you asked for is ready until %(until)s."),
    mail="now",
)
NEW_FOR_SEARCH = declare(
    "listing.new_for_search",
    label=_("Something new for a saved search"),
    text=_("New for your saved search %(name)s: %(count)s"),
    detail="%(titles)s",
    mail="now",  # how often is said by each search
)
