"""The parties' side of questions: answer one, open the file of an answer."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from contracts.actions.questions import answer
from contracts.forms.questions import AnswerForm
from contracts.models import Contract, ContractAnswer
from contracts.queries import questions as queries
from contracts.queries.reviews import require_open_files
from contracts.queries.visibility import visible_to
from contracts.views.gates import contract_of, signed_in
from contracts.views.mine import page_context
from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible


@require_POST
def answer_page(request: HttpRequest, public_id: str, question_id: str) -> HttpResponse:
    """Answer in words and with a file; what is wrong is shown in place and what was typed stays."""
    actor, contract = contract_of(request, public_id)
    form = AnswerForm(request.POST, request.FILES, prefix=question_id)
    if form.is_valid():
        try:
            answer(
                actor=actor, contract_id=contract.pk, question_public_id=question_id,
                words=form.cleaned_data["words"], upload=form.cleaned_data["file"],
            )  # fmt: skip
        except DomainError as error:
            if error.status in (403, 404):
                raise
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Answered. The registration point is told."))
            return redirect(f"/contracts/{contract.public_id}/#questions")
    context = page_context(contract, actor)
    for row in context["questions"]:
        if row["seen"].question.public_id == question_id:
            row["form"] = form
    return render(request, "contracts/contract.html", context, status=422)


@require_GET
def answer_file_page(request: HttpRequest, public_id: str, answer_id: str) -> FileResponse:
    actor = signed_in(request)
    contract = get_visible(visible_to(actor), public_id=public_id)
    return open_answer_file(actor, contract, answer_id)


def open_answer_file(actor: Actor, contract: Contract, answer_id: str) -> FileResponse:
    """The bytes, always as a download. Raises NotFound also to who may not read the answer;
    Refused to a registrar who is tied."""
    require_open_files(contract, actor)
    row = readable_answer(actor, contract, answer_id)
    if row is None or not row.file:
        raise NotFound
    response = FileResponse(
        row.file.open("rb"), as_attachment=True, filename=row.name, content_type=row.media_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def readable_answer(actor: Actor, contract: Contract, answer_id: str) -> ContractAnswer | None:
    """An answer that the actor may read, by its public id."""
    whole = queries.reads_all(contract, actor)
    return next(
        (
            row
            for seen in queries.readable(contract, actor, whole=whole)
            for row in seen.answers
            if row.public_id == answer_id
        ),
        None,
    )
