"""Download the model contract of a contract's type, filled with its facts."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from contracts.model_contracts import LANGUAGES, paper_of
from contracts.model_contracts.docx import MEDIA_TYPE, docx_of
from contracts.model_contracts.pdf import pdf_of_paper
from contracts.models import Contract
from contracts.views.gates import contract_of
from marketplace.core.errors import field_error


def model_file(contract: Contract, form: str, language: str) -> HttpResponse:
    """form: docx or pdf; language: both, zh or en. Raises Invalid on `language` or `form`."""
    if language not in LANGUAGES:
        raise field_error("language", _("Choose both, zh or en."), code="unknown_code")
    if form == "docx":
        content, media_type = docx_of(paper_of(contract, language)), MEDIA_TYPE
    elif form == "pdf":
        content, media_type = pdf_of_paper(paper_of(contract, language)), "application/pdf"
    else:
        raise field_error("form", _("Choose docx or pdf."), code="unknown_code")
    response = HttpResponse(content, content_type=media_type)
    name = f"{contract.type}-{contract.public_id}-{language}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
def model_contract(request: HttpRequest, public_id: str, form: str) -> HttpResponse:
    _actor, contract = contract_of(request, public_id)
    return model_file(contract, form, request.GET.get("language", "both"))
