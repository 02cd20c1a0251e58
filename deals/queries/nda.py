"""Which text of the agreement is asked for: the platform's, or one that an institution wrote."""

import datetime as dt
from functools import lru_cache

from django.utils import timezone

from deals.models import CentreNda, CentreSettings
from deals.models.centres import OWN
from deals.nda import NdaText, current, texts


def text_of(version: str) -> NdaText:
    """Raises KeyError for a version that is nowhere."""
    return _own(version) if version.startswith(OWN) else texts()[version]


def asked_by(organisation_id: int | None, today: dt.date) -> NdaText:
    """What a room or introduction that an institution opens from now on asks for. None: no
    institution opens it."""
    if organisation_id is None:
        return current(today)
    own = CentreSettings.objects.filter(
        organisation_id=organisation_id, nda__isnull=False
    ).select_related("nda").first()  # fmt: skip
    return told(own.nda) if own and own.nda else current(today)


def told(row: CentreNda) -> NdaText:
    return NdaText(
        row.version, timezone.localdate(row.created_at), row.title_en, row.title_zh, row.text_en,
        row.text_zh, row.digest, row.binding,
    )  # fmt: skip


@lru_cache(maxsize=256)
def _own(version: str) -> NdaText:
    """Such a text is never changed, so that each process reads it once."""
    row = CentreNda.objects.filter(public_id=version.removeprefix(OWN)).first()
    if row is None:
        raise KeyError(version)
    return told(row)
