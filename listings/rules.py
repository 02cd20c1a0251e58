"""Figures and simple rules of listings, in one place."""

import datetime as dt

from listings.models.listings import Kind, Listing

MAX_SPECIFICATIONS = 40
# Proposed from a text at a time, and dismissed ones that are remembered.
MAX_PROPOSALS = 20
MAX_DISMISSED = 500
MAX_RIGHTS = 30
MAX_CO_OWNERS = 20
MAX_DOCUMENTS = 30
VALID_DAYS = {Kind.TECHNOLOGY.value: 365, Kind.NEED.value: 180}
# Rows of one file that moderators are asked to read.
MAX_REVIEWED_ROWS = 500
MAX_VALID_DAYS = 3 * 366
# Fields that only one kind of listing has.
ONLY_FOR = {
    **dict.fromkeys(("deadline", "tried_en", "tried_zh", "judged_en", "judged_zh"), Kind.NEED),
    "project_source": Kind.TECHNOLOGY,
}
REMIND_DAYS = (14, 3)
EDIT_ROLES = ("editor", "broker")


def default_valid_until(listing: Listing, today: dt.date) -> dt.date:
    """A year for a technology, half a year for a need, but not past its deadline."""
    until = today + dt.timedelta(days=VALID_DAYS[listing.kind])
    if listing.deadline and listing.deadline >= today:
        return min(until, listing.deadline) if listing.kind == Kind.NEED else until
    return until


def renewed_until(listing: Listing, today: dt.date) -> dt.date:
    """Where a renewal leads: a full term from today, whatever was left."""
    return today + dt.timedelta(days=VALID_DAYS[listing.kind])
