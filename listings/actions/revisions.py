"""Changing a published listing: a second row is edited and, once approved, takes the place."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events.actions import record
from listings import event_kinds, states
from listings.actions.access import locked, locked_for_change
from listings.models import Document, Listing
from listings.snapshots import CONTENT_FIELDS, RIGHT_FIELDS, SPECIFICATION_FIELDS
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict
from marketplace.core.public_id import new_public_id

CARRIED = (*CONTENT_FIELDS, "coach_score", "fingerprint", "fingerprint_bands")


@transaction.atomic
def start_revision(*, actor: Actor, listing_id: int) -> Listing:
    """The revision of a published, paused or expired listing: the open one, or a fresh copy."""
    listing = locked_for_change(listing_id, actor)
    if listing.revision_of_id is not None:
        return listing
    if listing.state not in states.REVISED:
        raise Conflict("wrong_state", _("Only a listing that was published is revised."))
    open_one = Listing.objects.filter(revision_of=listing).first()
    if open_one is not None:
        return open_one
    revision = Listing(
        kind=listing.kind, owner_id=listing.owner_id, posted_by_id=actor.user_id,
        revision_of=listing, state=states.DRAFT, valid_until=listing.valid_until,
        **{name: getattr(listing, name) for name in CARRIED},
    )  # fmt: skip
    revision.save()
    _copy_parts(listing, revision)
    record(
        event_kinds.REVISION_STARTED, actor=actor, obj=listing,
        organisation_ids=[listing.owner_id], data={"revision": revision.public_id},
    )  # fmt: skip
    return revision


@transaction.atomic
def discard_revision(*, actor: Actor, listing_id: int) -> Listing:
    """Throw an open revision away (given its own id); returns the untouched original."""
    revision = locked_for_change(listing_id, actor)
    if revision.revision_of_id is None:
        raise Conflict("not_a_revision", _("This listing has no revision of its own."))
    if revision.state != states.DRAFT:
        raise Conflict("wrong_state", _("Take the revision back from review first."))
    original = locked(revision.revision_of_id)
    drop_revision_of(original)
    record(
        event_kinds.REVISION_DISCARDED, actor=actor, obj=original,
        organisation_ids=[original.owner_id],
    )  # fmt: skip
    return original


def drop_revision_of(original: Listing) -> None:
    """Delete the open revision, if any, with files that only it holds. In a transaction."""
    for revision in Listing.objects.filter(revision_of=original):
        files = [document.file.name for document in revision.documents.all()]
        revision.delete()
        forget_files(files)


def merge(revision: Listing) -> Listing:
    """Put the locked revision's content in place of its original's and delete it.

    Documents that stay keep their id and address; new ones move over; missing ones go.
    Returns the original, changed but not yet saved.
    """
    assert revision.revision_of_id is not None
    original = locked(revision.revision_of_id)
    for name in CARRIED:
        setattr(original, name, getattr(revision, name))
    original.valid_until = revision.valid_until or original.valid_until
    for parts in (original.specifications, original.ip_rights, original.co_owners):
        parts.all().delete()
    revision.specifications.update(listing=original)
    revision.ip_rights.update(listing=original)
    revision.co_owners.update(listing=original)
    gone = _merge_documents(original, revision)
    revision.delete()
    forget_files(gone)
    return original


def _merge_documents(original: Listing, revision: Listing) -> list[str | None]:
    wanted = {row.sha256: row for row in revision.documents.all()}
    gone = []
    for row in original.documents.all():
        new = wanted.pop(row.sha256, None)
        if new is None:
            gone.append(row.file.name)
            row.delete()
        elif (row.title, row.tier) != (new.title, new.tier):
            row.title, row.tier = new.title, new.tier
            row.save(update_fields=["title", "tier"])
    Document.objects.filter(pk__in=[row.pk for row in wanted.values()]).update(listing=original)
    return gone


def _copy_parts(source: Listing, target: Listing) -> None:
    """Specifications, rights, co-owners and documents (the files themselves are shared)."""
    for rows, names in (
        (
            list(source.specifications.all()),
            (*SPECIFICATION_FIELDS, "position", "dimension", "base_value", "base_upper"),
        ),
        (list(source.ip_rights.all()), (*RIGHT_FIELDS, "position")),
        (list(source.co_owners.all()), ("organisation_id", "name")),
    ):
        for row in rows:
            values = {name: getattr(row, name) for name in names}
            type(row).objects.create(listing=target, **values)
    for document in source.documents.all():
        document.pk = None
        document.public_id = new_public_id()
        document.listing = target
        document._state.adding = True
        document.save()


def forget_files(names: Sequence[str | None]) -> None:
    """After commit, delete stored files that no document row names any more."""

    def delete() -> None:
        storage = Document._meta.get_field("file").storage
        for name in names:
            if name and not Document.objects.filter(file=name).exists():
                storage.delete(name)

    if names:
        transaction.on_commit(delete)
