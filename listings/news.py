"""Which listings are new: noted in the transaction that makes them findable, whoever comes after.

A listing is noted once in its life, so an edited, paused or renewed one is not new again.
"""

from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

from listings import states
from marketplace.core import jobs

CHECK = "listings.check_new"


def note(listing_ids: Sequence[int]) -> None:
    """Note those of the listings that are on the market for the first time, and have the saved
    searches held against them. In the caller's transaction; for any number of listings one
    statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO listings_newlisting (listing_id, noted_at)"
            " SELECT id, %s FROM listings_listing"
            " WHERE id = ANY(%s) AND state = %s AND revision_of_id IS NULL"
            " ON CONFLICT DO NOTHING",
            [timezone.now(), list(listing_ids), states.PUBLISHED],
        )
        if cursor.rowcount:
            jobs.enqueue(CHECK, {}, key="new")
