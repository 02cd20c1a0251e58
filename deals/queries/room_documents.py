"""Documents of a room as one reader may open them, with the log for the side that put them."""

from django.db.models import Prefetch, Q, QuerySet

from deals.models import RoomDocument, RoomFile, RoomOpening, RoomTier
from deals.queries.rooms import RoomView


def documents_for(view: RoomView) -> QuerySet[RoomDocument]:
    """Once the agreement is in force: those of the room's tier for everybody inside, those behind
    the agreement for sides that accepted it; withdrawn ones for the side that put them alone."""
    if not view.nda_in_force or not view.rights:
        return RoomDocument.objects.none()
    own = Q(organisation__in=view.houses)
    readable = Q() if view.is_open else Q(tier=RoomTier.ROOM)
    return (
        RoomDocument.objects.filter(room=view.room)
        .filter(readable & (own | Q(withdrawn_at__isnull=True)))
        .order_by("-id")
    )


def shown_documents(view: RoomView) -> list[RoomDocument]:
    """With versions, newest first, and, on those of the reader's side, `log` of the last openings:
    three queries."""
    files = RoomFile.objects.order_by("-number").select_related("put_by")
    rows = list(documents_for(view).prefetch_related(Prefetch("files", queryset=files)))
    log: dict[int, list[RoomOpening]] = {}
    for row in rows:
        row.is_own = row.organisation_id in view.houses  # type: ignore[attr-defined]
    for opening in openings_of([row for row in rows if row.is_own]):  # type: ignore[attr-defined]
        log.setdefault(opening.file.document_id, []).append(opening)
    for row in rows:
        row.log = log.get(row.pk, [])  # type: ignore[attr-defined]
    return rows


def openings_of(documents: list[RoomDocument]) -> QuerySet[RoomOpening]:
    """Openings, newest first. The caller gives documents of the reader's side alone."""
    return (
        RoomOpening.objects.filter(file__document__in=documents)
        .select_related("file", "user")
        .order_by("-id")[:500]
    )
