"""Certificates: the parties' page and file, the check for everybody, the public keys."""

import hashlib
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from contracts.actions.certificates import address_of
from contracts.certificates.pages import in_groups
from contracts.models import Certificate, Contract
from contracts.queries import certificates as queries
from contracts.queries.visibility import visible_to
from contracts.rates import count_check
from contracts.views.gates import signed_in
from marketplace.core.errors import NotFound
from marketplace.core.gates import get_visible

MAX_BYTES = 5 * 1024 * 1024  # ten times the largest certificate


def open_certificate(contract: Contract) -> FileResponse:
    """The PDF of the present state, as a download. Raises NotFound while there is none."""
    made = queries.current_certificate(contract)
    if made is None:
        raise NotFound(
            "no_certificate",
            _("There is no certificate yet: it is made within a minute of the registration."),
        )
    name = made.number if made.state == "registered" else f"{made.number}-{made.state}"
    response = FileResponse(
        made.file.open("rb"), as_attachment=True, filename=f"{name}.pdf",
        content_type="application/pdf",
    )  # fmt: skip
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
def certificate_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """The certificate of a registered contract, for who may see the contract."""
    contract = _registered_contract(request, public_id)
    made = queries.current_certificate(contract)
    return render(
        request, "contracts/certificate/page.html",
        {"contract": contract, "certificate": made, **(_shown(made) if made else {})},
    )  # fmt: skip


@require_GET
def certificate_pdf(request: HttpRequest, public_id: str) -> FileResponse:
    return open_certificate(_registered_contract(request, public_id))


@require_http_methods(["GET", "POST"])
def check_page(request: HttpRequest) -> HttpResponse:
    """Type number and code, or give the file."""
    if request.method == "POST":
        return _check_file(request)
    number = request.GET.get("number", "").replace(" ", "")[:40]
    code = request.GET.get("code", "")[:40]
    if not (number and code):
        return _answer(request, number=number, code=code, incomplete=bool(number or code))
    plain = queries.plain_code(code)
    if number.isascii() and number.isdigit() and len(number) == 16 and plain.isalnum():
        return redirect("check_certificate_code", number, plain)
    count_check(request)
    return _answer(request, number=number, code=code, outcome="unknown", status=404)


@require_GET
def check_code_page(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """Where the QR code leads. A wrong code is answered like a number that does not exist."""
    count_check(request)
    checked = queries.by_code(number, code)
    if checked is None:
        return _answer(request, number=number, code=code[:40], outcome="unknown", status=404)
    return _answer(request, number=number, code=code, outcome="known", checked=checked)


@require_GET
def keys_page(request: HttpRequest) -> HttpResponse:
    """The public keys by which seals are checked."""
    return render(request, "contracts/certificate/keys.html", {"keys": list(queries.seal_keys())})


@require_GET
def keys_file(request: HttpRequest) -> JsonResponse:
    """The same for programs, at an address that does not change."""
    return JsonResponse({"keys": [key_data(row) for row in queries.seal_keys()]})


def key_data(row: Any) -> dict[str, str]:
    """A public key as it is published."""
    return {
        "id": row.key_id,
        "algorithm": "Ed25519",
        "point": row.point_code,
        "point_id": row.point.public_id,
        "point_name_en": row.point.name_en,
        "point_name_zh": row.point.name_zh,
        "public_key": row.public_pem,
        "since": row.created_at.isoformat(),
    }


def _registered_contract(request: HttpRequest, public_id: str) -> Contract:
    actor = signed_in(request)
    queryset = visible_to(actor).filter(number__isnull=False)
    return get_visible(queryset, public_id=public_id)


def _shown(made: Certificate) -> dict[str, Any]:
    return {
        "code": in_groups(made.code),
        "address": address_of(made.number, made.code),
        "seal_replaced_on": queries.key_replaced_on(made),
    }


def _check_file(request: HttpRequest) -> HttpResponse:
    """The file is hashed and forgotten."""
    count_check(request)
    upload = request.FILES.get("file")
    if upload is None or not upload.size:
        return _answer(request, file_problem=_("Choose the PDF of the certificate."), status=400)
    if upload.size > MAX_BYTES:
        return _answer(
            request, file_problem=_("No certificate is larger than 5 MB: this is another file."),
            status=413,
        )  # fmt: skip
    content = upload.read()
    checked = queries.by_sha256(hashlib.sha256(content).hexdigest())
    if checked is not None:
        return _answer(request, outcome="genuine", checked=checked)
    outcome = "altered" if queries.bears_our_seal(content) else "foreign"
    return _answer(request, outcome=outcome)


def _answer(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    response = render(
        request, "contracts/certificate/check.html",
        {
            "today": timezone.localdate(),
            "is_valid": bool(context.get("checked") and context["checked"].is_valid),
            "market": settings.PUBLIC_URL,
            **context,
        },
        status=status,
    )  # fmt: skip
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
