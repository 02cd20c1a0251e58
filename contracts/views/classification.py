"""The type assistant: a few questions, the type that follows, a draft of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import Organisation
from contracts.classification import propose
from contracts.forms.classification import ClassificationForm
from contracts.forms.drafting import NewContractForm
from contracts.rules import EDIT_ROLES, rules_for
from contracts.views.gates import signed_in
from marketplace.core.errors import Invalid
from marketplace.core.forms import add_domain_errors


@require_http_methods(["GET", "POST"])
def contract_type(request: HttpRequest) -> HttpResponse:
    """Asked by POST, since a title is nobody's business and addresses are logged. Stores nothing;
    ends in a draft of the proposed type that begins with the title."""
    actor = signed_in(request)
    form = ClassificationForm(request.POST if request.method == "POST" else None)
    today = timezone.localdate()
    rules = rules_for(None, today)
    proposal = start = None
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            rules = rules_for(given["signed_on"], today)
        except Invalid as error:
            add_domain_errors(form, error)
        else:
            proposal = propose(
                form.answers(), rules, title=given["title"], subject=given["subject"]
            )
    # a draft without a date is judged by today's rules: another type is chosen there
    if proposal and proposal.type in rules_for(None, today).types:
        own = list(
            Organisation.objects.filter(pk__in=sorted(actor.ids_with(*EDIT_ROLES))).order_by("id")
        )
        start = own and NewContractForm(
            organisations=own, rules=rules,
            initial={
                "type": proposal.type, "sub_type": proposal.sub_type, "side": "seller",
                "title": form.cleaned_data["title"],
            },
        )  # fmt: skip
    return render(
        request,
        "contracts/choose/type.html",
        {"form": form, "proposal": proposal, "rules": rules, "start": start},
        status=422 if form.is_bound and not form.is_valid() else 200,
    )
