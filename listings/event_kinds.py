"""Kinds of events of this room."""

from django.utils.translation import gettext_lazy as _

from events.kinds import declare, resource


def _address(listing_id: str) -> str:
    """Where the API shows a listing; "" when it is deleted."""
    from listings.models import Listing  # noqa: PLC0415 (kinds are declared before models are)

    kind = Listing.objects.filter(public_id=listing_id).values_list("kind", flat=True).first()
    return {"technology": f"technologies/{listing_id}/", "need": f"needs/{listing_id}/"}.get(
        kind or "", ""
    )


resource("listing", _address)

DRAFTED = declare("listing.drafted", _("Draft started"))
DELETED = declare("listing.deleted", _("Draft deleted"))
SUBMITTED = declare("listing.submitted", _("Submitted for review"))
TAKEN_BACK = declare("listing.taken_back", _("Taken back from review"))
RETURNED = declare("listing.returned", _("Returned with a reason"))
PUBLISHED = declare("listing.published", _("Published"))
REVISED = declare("listing.revised", _("New version published"))
REVISION_STARTED = declare("listing.revision_started", _("Revision started"))
REVISION_DISCARDED = declare("listing.revision_discarded", _("Revision discarded"))
PAUSED = declare("listing.paused", _("Paused"))
RESUMED = declare("listing.resumed", _("Resumed"))
RENEWED = declare("listing.renewed", _("Renewed"))
EXPIRED = declare("listing.expired", _("Expired"))
WITHDRAWN = declare("listing.withdrawn", _("Withdrawn"))
FULFILLED = declare("listing.fulfilled", _("Marked as transferred or met"))
REOPENED = declare("listing.reopened", _("Reopened as a draft"))
IMPORTED = declare("listing.imported", _("Imported"))
IMPORT_STARTED = declare("listing.import_started", _("File uploaded for import"))
IMPORT_FINISHED = declare("listing.import_finished", _("Import of a file ended"))
IMPORT_CANCELLED = declare("listing.import_cancelled", _("Import of a file cancelled"))
EXPORT_ASKED = declare("listing.export_asked", _("Export asked for"))
DOCUMENT_ADDED = declare("listing.document_added", _("Document added"))
DOCUMENT_CHANGED = declare("listing.document_changed", _("Document changed"))
DOCUMENT_REMOVED = declare("listing.document_removed", _("Document removed"))
RELEASED = declare("listing.released", _("Released to an organisation"))
RELEASE_ENDED = declare("listing.release_ended", _("Release ended"))
SOURCE_ADDED = declare("source.added", _("Source added"))
SOURCE_CHANGED = declare("source.changed", _("Source changed"))
SOURCE_ON = declare("source.on", _("Source switched on"))
SOURCE_PAUSED = declare("source.paused", _("Source paused"))
SOURCE_ASKED = declare("source.asked", _("Source asked to run now"))
SOURCE_REMOVED = declare("source.removed", _("Source removed"))
SOURCE_READ = declare("source.read", _("Source read to its end"))
SOURCE_FAILED = declare("source.failed", _("Source could not be read"))
SEARCH_SAVED = declare("search.saved", _("Search saved"))
SEARCH_CHANGED = declare("search.changed", _("Saved search changed"))
SEARCH_DELETED = declare("search.deleted", _("Saved search deleted"))
