"""The gate of contract files."""

from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_GET

from contracts.models import Contract, ContractFile
from contracts.queries.reviews import require_open_files
from contracts.queries.visibility import visible_to
from contracts.views.gates import signed_in
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound
from marketplace.core.gates import get_visible


def open_file(actor: Actor, contract: Contract, file_public_id: str) -> FileResponse:
    """The bytes, always as a download. Raises NotFound; Refused to a registrar who is tied."""
    row = contract.files.filter(public_id=file_public_id).first()
    if row is None:
        raise NotFound
    require_open_files(contract, actor)
    return _download(row)


def _download(row: ContractFile) -> FileResponse:
    response = FileResponse(
        row.file.open("rb"), as_attachment=True, filename=row.name, content_type=row.media_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
def file_page(request: HttpRequest, public_id: str, file_id: str) -> FileResponse:
    actor = signed_in(request)
    contract = get_visible(visible_to(actor), public_id=public_id)
    return open_file(actor, contract, file_id)
