"""Docket numbers: a serial by institution and year, without gaps.

The opening transaction locks the sequence row last and counts up; another that opens a case of the
same institution waits for it, and an abandoned transaction gives the serial back.
"""

from django.db import connection

from deals.models import CaseSequence


def next_docket(organisation_id: int, year: int) -> int:
    """The next serial, in the caller's transaction."""
    return next_dockets(organisation_id, year, 1)[0]


def next_dockets(organisation_id: int, year: int, count: int) -> range:
    """The next serials, for cases that are opened together."""
    lock_dockets(organisation_id, year)
    CaseSequence.objects.get_or_create(organisation_id=organisation_id, year=year)
    sequence = CaseSequence.objects.select_for_update().get(
        organisation_id=organisation_id, year=year
    )
    first = sequence.last + 1
    sequence.last += count
    sequence.save(update_fields=["last"])
    return range(first, first + count)


def lock_dockets(organisation_id: int, year: int) -> None:
    """Nobody else opens a case of the institution until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"case-docket-{organisation_id}-{year}"],
        )
