"""Registration numbers: year 4, code of the point 6, serial 6; gap-free per point and year.

Steps: the registering transaction locks the sequence row of (point, year), counts up and writes
the number with the registration. A second registrar of the same point waits for the row; an
abandoned transaction gives the serial back. So the lock is taken last, right before the write.
"""

from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from contracts.actions.points import settings_for
from contracts.models import NumberSequence
from marketplace.core.errors import Conflict

LAST_SERIAL = 999_999


def next_number(point: Organisation, year: int) -> str:
    """The next number of a point in a year, in the caller's transaction.

    Raises Conflict when the point has no code, or has given all numbers of the year.
    """
    code = settings_for(point).code
    NumberSequence.objects.get_or_create(point=point, year=year)
    sequence = _locked(point, year)
    if sequence.last >= LAST_SERIAL:
        raise Conflict("numbers_used_up", _("All numbers of this point and year have been given."))
    sequence.last += 1
    sequence.save(update_fields=["last"])
    return f"{year:04d}{code}{sequence.last:06d}"


def _locked(point: Organisation, year: int) -> NumberSequence:
    # Who comes first is served first: of twenty that wait for one row some wait for seconds, since
    # each change of it sends them to its end again.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [point.pk, year])
    return NumberSequence.objects.select_for_update().get(point=point, year=year)
