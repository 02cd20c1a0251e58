"""Documents: the step that adds them, and the gate through which their bytes are reached."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from listings import steps
from listings.actions.documents import add_document, change_document, remove_document
from listings.coach import coach_stored
from listings.document_gate import content_of
from listings.forms.documents import DocumentForm
from listings.models import Document, Listing
from listings.views.gates import actor_of, own_listing
from marketplace.core.errors import DomainError
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible


@require_GET
def download(request: HttpRequest, public_id: str) -> FileResponse:
    """The bytes, for who may open the document: never inline, never guessed at by the browser."""
    return content_of(actor_of(request), public_id)


@require_POST
def add(request: HttpRequest, public_id: str) -> HttpResponse:
    """Attach one file to a draft."""
    actor, listing = own_listing(request, public_id)
    form = DocumentForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            document = add_document(
                actor=actor, listing_id=listing.pk, upload=form.cleaned_data["file"],
                title=form.cleaned_data["title"], tier=form.cleaned_data["tier"],
            )  # fmt: skip
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("The document is attached."))
            return redirect(steps.url_of(document.listing, "documents"))
    return documents_page(request, listing, form, status=422)


@require_POST
def change(request: HttpRequest, public_id: str, document_id: str) -> HttpResponse:
    """Move a document to another tier, or take it off."""
    actor, listing = own_listing(request, public_id)
    document = get_visible(Document.objects.filter(listing=listing), public_id=document_id)
    if "remove" in request.POST:
        listing = remove_document(actor=actor, document_id=document.pk)
        messages.success(request, _("The document is removed."))
    else:
        changed = change_document(
            actor=actor, document_id=document.pk, tier=request.POST.get("tier"),
            title=request.POST.get("title"),
        )  # fmt: skip
        listing = changed.listing
        messages.success(request, _("The document is changed."))
    return redirect(reverse("edit_listing", args=[listing.public_id, "documents"]))


def documents_page(
    request: HttpRequest, listing: Listing, form: DocumentForm | None = None, status: int = 200
) -> HttpResponse:
    """The step with its list and its form."""
    step = steps.step_of("documents")
    assert step is not None
    return render(
        request,
        "listings/post/documents.html",
        {
            "listing": listing,
            "step": step,
            "lede": step.lede_for(listing),
            "items": steps.for_display(listing),
            "previous": steps.url_of(listing, steps.previous_key("documents")),
            "next_url": steps.url_of(listing, "preview"),
            "documents": listing.documents.all(),
            "form": form or DocumentForm(),
            "coaching": coach_stored(listing),
        },
        status=status,
    )
