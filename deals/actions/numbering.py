"""Docket numbers: a serial by institution and year, without gaps.

The opening transaction locks the sequence row last and counts up; another that opens a case of the
same institution waits for it, and an abandoned transaction gives the serial back.
"""

from django.db import connection

from deals.models import CaseSequence


def next_docket(organisation_id: int, year: int) -> int:
    """The next serial, in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"case-docket-{organisation_id}-{year}"],
        )
    CaseSequence.objects.get_or_create(organisation_id=organisation_id, year=year)
    sequence = CaseSequence.objects.select_for_update().get(
        organisation_id=organisation_id, year=year
    )
    sequence.last += 1
    sequence.save(update_fields=["last"])
    return sequence.last
