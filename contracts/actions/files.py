"""Files of a draft or a returned contract: add and remove."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contracts import event_kinds
from contracts.actions import reviews
from contracts.actions.access import locked_for_change
from contracts.codes import FILE_KINDS
from contracts.models import Contract, ContractFile
from contracts.queries.visibility import organisation_ids
from contracts.rules import MAX_FILES
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, field_error
from marketplace.core.uploads import check_upload

ALLOWED = frozenset({".pdf", ".docx", ".png", ".jpg", ".jpeg"})


def add_file(
    *,
    actor: Actor,
    contract_id: int,
    upload: "UploadedFile[Any]",
    kind: str = "contract",
    expected_version: int | None = None,
) -> ContractFile:
    """Attach a checked file. kind: a code of contract_file_kinds.

    Raises Invalid on `file` or `kind`, TooLarge, Conflict for the same bytes twice.
    """
    try:
        checked = check_upload(upload, allowed=ALLOWED)
    except ValidationError as error:  # control characters in the name
        raise field_error("file", error.messages[0]) from None
    if kind not in FILE_KINDS:
        raise field_error("kind", _("Choose what kind of file it is."), code="unknown_code")
    with transaction.atomic():
        contract = locked_for_change(contract_id, actor, expected_version=expected_version)
        if contract.files.count() >= MAX_FILES:
            raise field_error(
                "file", _("At most %(limit)s files.") % {"limit": MAX_FILES}, code="too_many"
            )
        if contract.files.filter(sha256=checked.sha256).exists():
            raise Conflict("already_attached", _("This file is already attached."))
        row = ContractFile(
            contract=contract, kind=kind, name=checked.name, media_type=checked.media_type,
            size=checked.size, sha256=checked.sha256, uploaded_by_id=actor.user_id,
        )  # fmt: skip
        # the stored name tells nothing of the parties
        extension = "." + checked.name.rsplit(".", 1)[-1].lower()
        row.file.save(f"{row.public_id}{extension}", upload, save=False)
        row.save()
        reviews.ask_review(contract)
        _note(contract, event_kinds.FILE_ADDED, actor, row)
    return row


@transaction.atomic
def remove_file(*, actor: Actor, contract_id: int, file_public_id: str) -> Contract:
    """Take a file off a draft or a returned contract. Raises NotFound."""
    contract = locked_for_change(contract_id, actor)
    row = contract.files.filter(public_id=file_public_id).first()
    if row is None:
        raise NotFound
    name = row.file.name or ""
    row.delete()
    reviews.forget_reviews(row.sha256)
    _note(contract, event_kinds.FILE_REMOVED, actor, row)

    def forget() -> None:
        # an amendment shares the stored file with the edition before it
        if name and not ContractFile.objects.filter(file=name).exists():
            default_storage.delete(name)

    transaction.on_commit(forget)
    return contract


def _note(contract: Contract, event: str, actor: Actor, row: ContractFile) -> None:
    contract.version += 1
    contract.save(update_fields=["version", "updated_at"])
    record(
        event, actor=actor, obj=contract, organisation_ids=organisation_ids(contract),
        data={"file": row.public_id, "kind": row.kind, "sha256": row.sha256},
    )  # fmt: skip
