"""New contract, its form, its live amounts."""

from typing import Any

from django.contrib import messages
from django.forms import BaseFormSet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Organisation
from accounts.queries import organisations
from contracts import completeness, states
from contracts.actions import (
    add_file,
    change_contract,
    draft_contract,
    remove_file,
    submit_contract,
)
from contracts.codes import CONTRACT_TYPES
from contracts.forms.drafting import (
    DeductionFormSet,
    FactsForm,
    FileForm,
    NewContractForm,
    PartyForm,
    PartyFormSet,
    kept_rows,
    place_errors,
)
from contracts.forms.faults import PARTS, Fault, faults_of
from contracts.forms.inputs import region_options
from contracts.forms.terms import InstalmentFormSet, StepFormSet, TermsForms
from contracts.models import Contract
from contracts.queries.visibility import may_edit, may_submit, registration_points
from contracts.rule_sets import rule_set
from contracts.rules import EDIT_ROLES, rules_for
from contracts.views.amounts import amounts_of
from contracts.views.gates import contract_of, signed_in
from contracts.views.terms import schedule_context
from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError, Invalid, Refused

_ROWS: dict[str, Any] = {
    "parties": PartyFormSet, "deductions": DeductionFormSet, "instalments": InstalmentFormSet,
    "steps": StepFormSet,
}  # fmt: skip
FOUND = 8  # organisations offered for a party


@require_http_methods(["GET", "POST"])
def new_contract(request: HttpRequest) -> HttpResponse:
    """Choose the type, in plain words, and whose contract it is; then the form opens."""
    actor = signed_in(request)
    own = list(
        Organisation.objects.filter(pk__in=sorted(actor.ids_with(*EDIT_ROLES))).order_by("id")
    )
    rules = rules_for(None, timezone.localdate())
    kind = request.GET.get("type", "")
    form = NewContractForm(
        request.POST if request.method == "POST" else None,
        organisations=own, rules=rules,
        initial={"type": kind if kind in rules.types else None, "side": "seller"},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        filer = form.organisations[form.cleaned_data["organisation"]]
        contract = draft_contract(
            actor=actor,
            filed_by_id=filer.pk,
            facts=form.facts(rules),
            parties=[{"role": form.cleaned_data["side"], "organisation_id": filer.pk}],
        )
        return redirect("edit_contract", contract.public_id)
    return render(
        request,
        "contracts/draft/new.html",
        {
            "form": form,
            "types": [entry for entry in CONTRACT_TYPES if entry.code in rules.types],
            "rules": rules,
            "chosen": form["type"].value(),
            "has_organisation": bool(own),
        },
        status=422 if form.is_bound else 200,
    )


class Draft:
    """The forms of one draft, from the stored contract or from what was posted (`data`)."""

    def __init__(
        self, contract: Contract, actor: Actor, data: QueryDict | None = None, files: Any = None
    ) -> None:
        self.contract = contract
        self.actor = actor
        self.rules = rule_set(contract.rule_set)
        self.problem: Any = ""
        self.rest: list[tuple[str, str]] = []
        self.is_saved = False
        points = list(registration_points().order_by("id"))
        self.facts = FactsForm(
            data, rules=self.rules, points=points, initial=FactsForm.initial_of(contract)
        )
        parties = [PartyForm.initial_of(row) for row in contract.parties.all()]
        held = {row["role"] for row in parties}
        parties += [{"role": role} for role in ("seller", "buyer") if role not in held]
        deductions: list[dict[str, Any]] = [
            {"kind": row.kind, "amount": row.amount, "note": row.note}
            for row in contract.deductions.all()
        ]
        self.rows: dict[str, BaseFormSet[Any]] = {
            "parties": PartyFormSet(data, prefix="party", initial=parties),
            "deductions": DeductionFormSet(data, prefix="deduction", initial=deductions),
        }
        self.file = FileForm(data, files)
        self.terms = TermsForms(contract, data)
        self.matches: dict[int, list[Organisation]] = {}
        self.linked = {
            row.organisation.public_id: row.organisation
            for row in contract.parties.all()
            if row.organisation
        }

    def is_valid(self) -> bool:
        """Whether every input could be read; taken-off and blank rows do not matter."""
        counts = [formset.management_form for formset in self.rows.values()] + self.terms.counts
        if not all(count.is_valid() for count in counts):
            self.problem = _("The form arrived incomplete. Nothing was saved; send it again.")
            return False
        rows = [row for formset in self.rows.values() for row in kept_rows(formset)]
        judged = [
            form.is_valid() for form in (self.facts, self.file, *rows, *self.terms.judged)
        ]  # all are asked
        return all(judged)

    def more(self, name: str) -> None:
        """One more empty row at the end, with everything that was typed kept."""
        sets = self.rows if name in self.rows else self.terms.rows
        formset = sets[name]
        assert formset.data is not None
        data: Any = QueryDict(mutable=True)
        data.update(formset.data)
        count = min(formset.total_form_count() + 1, formset.max_num or 0)
        data[f"{formset.prefix}-TOTAL_FORMS"] = str(count)
        if name == "parties":
            data[f"{formset.prefix}-{count - 1}-role"] = "broker"
        sets[name] = _ROWS[name](data, prefix=formset.prefix)

    def find(self, index: int) -> None:
        """Organisations for a party row, by part of the name or by code."""
        forms = self.rows["parties"].forms
        if not 0 <= index < len(forms):
            return
        text = str(forms[index]["find"].value() or "").replace("\x00", "").strip()[:100]
        if not text:
            forms[index].add_error("find", _("Write part of the name, or the code."))
            return
        visible = organisations.visible_to(self.actor)
        found = organisations.narrow(visible, text=text) | visible.filter(registration_code=text)
        self.matches[index] = list(found.order_by("id")[:FOUND])
        if not self.matches[index]:
            forms[index].add_error(
                "find", _("Nobody of that name is on the platform. Type the party in below.")
            )

    def name_chosen(self) -> None:
        """Organisations that were chosen but are not saved yet, for the page to name them."""
        chosen = {str(form["organisation"].value() or "") for form in self.rows["parties"].forms}
        unknown = {public_id for public_id in chosen if public_id} - set(self.linked)
        if unknown:
            found = organisations.visible_to(self.actor).filter(public_id__in=unknown)
            self.linked |= {row.public_id: row for row in found}

    def save(self) -> None:
        """Raises what change_contract raises; the contract is then as it was."""
        change_contract(
            actor=self.actor,
            contract_id=self.contract.pk,
            facts=self.facts.facts(),
            parties=[form.row() for form in kept_rows(self.rows["parties"])],  # type: ignore[attr-defined]
            deductions=[form.row() for form in kept_rows(self.rows["deductions"])],  # type: ignore[attr-defined]
            expected_version=self.facts.cleaned_data["version"],
            **self.terms.values(),
        )
        self.is_saved = True

    def place(self, error: DomainError) -> None:
        """Messages at their inputs; what has none stands over the form."""
        self.terms.place(error)
        self.rest = place_errors(error, self.facts, self.rows, self.file)
        self.problem = error.message

    def faults(self) -> list[Fault]:
        """Everything that is wrong, with its part and input."""
        return faults_of(self.facts, self.rows, self.terms, self.file, self.rest)

    def narrow(self) -> None:
        """Sub-type and sub-field of another type or field are taken off: there is a new choice."""
        assert self.facts.data is not None
        data: Any = QueryDict(mutable=True)
        data.update(self.facts.data)
        for name in ("sub_type", "sub_field"):
            own = [code for code, _label in self.facts.fields[name].choices if code]  # type: ignore[attr-defined]
            if data.get(name) not in own:
                data[name] = ""
        points = list(registration_points().order_by("id"))
        self.facts = FactsForm(data, rules=self.rules, points=points)


@require_http_methods(["GET", "POST"])
def edit_contract(request: HttpRequest, public_id: str) -> HttpResponse:
    """The whole contract on one calm page. Every button keeps what was typed."""
    actor, contract = contract_of(request, public_id)
    if not may_edit(contract, actor):
        raise Refused("not_your_contract", _("You can read this contract, but not change it."))
    if not contract.is_open_to_parties:
        messages.info(request, _("It cannot be changed in its present state."))
        return redirect("contract", contract.public_id)
    if request.method == "GET":
        draft = Draft(contract, actor)
        if "check" in request.GET:
            missing = completeness.missing(contract, timezone.localdate())
            if missing:
                draft.place(Invalid("incomplete", _("Some things are missing."), fields=missing))
        return _form_page(request, draft, 200)
    draft = Draft(contract, actor, request.POST, request.FILES)
    if "add" in request.POST and request.POST["add"] in _ROWS:
        draft.more(request.POST["add"])
        return _form_page(request, draft, 200)
    if "narrow" in request.POST:
        draft.narrow()
        if request.headers.get("HX-Request"):
            return _form_page(request, draft, 200, template="contracts/draft/_narrowed.html")
        return _form_page(request, draft, 200)
    if request.POST.get("find", "").isdecimal():
        draft.find(int(request.POST["find"][:3]))
        return _form_page(request, draft, 200)
    return _save(request, draft)


def _save(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Save the text, then the file, then submit if that was asked: each keeps the one before."""
    contract, actor = draft.contract, draft.actor
    if not draft.is_valid():
        return _form_page(request, draft, 422)
    try:
        draft.save()
        if request.POST.get("remove_file"):
            remove_file(
                actor=actor, contract_id=contract.pk,
                file_public_id=request.POST["remove_file"][:10],
            )  # fmt: skip
        upload = draft.file.cleaned_data.get("file")
        if upload:
            add_file(
                actor=actor, contract_id=contract.pk, upload=upload,
                kind=draft.file.cleaned_data.get("file_kind") or "contract",
            )  # fmt: skip
        if "submit" in request.POST:
            submitted = submit_contract(actor=actor, contract_id=contract.pk)
            messages.success(
                request,
                _("Submitted. It is to be decided by %(due)s.") % {"due": submitted.due_on},
            )
            return redirect("contract", contract.public_id)
    except DomainError as error:
        return _answer(request, draft, error)
    messages.success(request, _("Saved."))
    return redirect("edit_contract", contract.public_id)


def _answer(request: HttpRequest, draft: Draft, error: DomainError) -> HttpResponse:
    """A refusal at its place: over what was typed when nothing was saved, else over the stored
    contract."""
    if error.status == 404:
        raise error
    _actor, stored = contract_of(request, draft.contract.public_id)
    if draft.is_saved:
        draft = Draft(stored, draft.actor)
    draft.place(error)
    return _form_page(request, draft, 422 if error.status == 400 else error.status)


def _form_page(
    request: HttpRequest, draft: Draft, status: int, template: str = "contracts/draft/edit.html"
) -> HttpResponse:
    contract = draft.contract
    draft.name_chosen()
    returned = contract.state == states.RETURNED
    remarks = contract.decisions.filter(kind="returned").last() if returned else None
    if remarks:
        draft.facts.show_remarks(remarks.remarks)
    faults = draft.faults()
    typed = {name: str(draft.facts[name].value() or "") for name in ("type", "sub_type", "ip_kind")}
    kind = draft.rules.types.get(typed["type"])
    of_kind = (typed["sub_type"], typed["ip_kind"])
    parties = [
        {
            "form": form,
            "matches": draft.matches.get(index, []),
            "number": index,
            "organisation": draft.linked.get(str(form["organisation"].value() or "")),
        }
        for index, form in enumerate(draft.rows["parties"].forms)
    ]
    return render(
        request,
        template,
        {
            "contract": contract,
            "rules": draft.rules,
            "caveats": draft.rules.caveats_on(contract.signed_on or timezone.localdate()),
            "form": draft.facts,
            "parties": parties,
            "party_set": draft.rows["parties"],
            "deduction_set": draft.rows["deductions"],
            "file_form": draft.file,
            "terms": draft.terms,
            **schedule_context(contract, draft.terms, draft.facts.data),
            "problem": draft.problem,
            "faults": faults,
            "steps": [
                {"key": key, "label": label, "faults": sum(one.part == key for one in faults)}
                for key, label in PARTS.items()
            ],
            "judged": {
                "must_hold": [one for one in kind.must_hold if one.is_about(*of_kind)],
                "not_qualifying": [one for one in kind.not_qualifying if one.is_about(*of_kind)],
            }
            if kind
            else None,
            "amounts": amounts_of(contract, draft.rules, draft.facts.data),
            "region_options": region_options(),
            "remarks": remarks,
            "may_submit": may_submit(contract, draft.actor),
            "type_help": CONTRACT_TYPES.get(typed["type"]) or CONTRACT_TYPES[contract.type],
        },
        status=status,
    )
