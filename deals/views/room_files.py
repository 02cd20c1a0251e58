"""The gate of documents in deal rooms."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from deals.actions import room_documents as actions
from deals.forms.rooms import RoomDocumentForm
from deals.queries.rooms import RoomView
from deals.views.rooms import own_room, show
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.forms import add_domain_errors


def open_file(actor: Actor, view: RoomView, document_id: str, number: int) -> HttpResponse:
    """The bytes, always as a download, logged; a PDF with the reader's name on its pages."""
    user = User.objects.filter(pk=actor.user_id or 0).first()
    organisation = view.room.organisation_of(view.side)
    opened = actions.open_document(
        actor=actor, view=view, document_public_id=document_id, number=number,
        reader=str(user or ""),
        house=pick(organisation, "name", get_language()).value if organisation else "",
    )  # fmt: skip
    response = HttpResponse(opened.content, content_type=opened.row.media_type)
    response["Content-Disposition"] = content_disposition_header(True, opened.row.name) or ""
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["X-Watermark"] = "yes" if opened.is_marked else "no"
    return response


@require_GET
def document(
    request: HttpRequest, public_id: str, room_document_id: str, number: int
) -> HttpResponse:
    actor, view = own_room(request, public_id)
    return open_file(actor, view, room_document_id, number)


@require_POST
def put(request: HttpRequest, public_id: str) -> HttpResponse:
    """A new document, or a version of one of one's own side."""
    actor, view = own_room(request, public_id)
    form = RoomDocumentForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            actions.put_document(
                actor=actor, room_id=view.room.pk, upload=form.cleaned_data["file"],
                title=form.cleaned_data["title"], tier=form.cleaned_data["tier"], side=view.side,
                document_public_id=form.cleaned_data["document"],
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("It is in the room. The other sides were told."))
            return redirect(f"{view.room.get_absolute_url()}#documents")
    return show(request, actor, view, form=form)


@require_POST
def withdraw(request: HttpRequest, public_id: str, room_document_id: str) -> HttpResponse:
    actor, view = own_room(request, public_id)
    try:
        actions.withdraw_document(
            actor=actor, room_id=view.room.pk, document_public_id=room_document_id
        )
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Withdrawn: the other sides open it no more."))
    return redirect("room", public_id)
