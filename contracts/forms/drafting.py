"""Drafting: the type chooser, the facts, the rows of parties and deductions, a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from contracts.codes import (
    CONTRACT_TYPES,
    DEDUCTION_KINDS,
    FILE_KINDS,
    IP_KINDS,
    PAYMENT_MODES,
    PLAN_SOURCES,
    PUBLIC_FACTS,
    ROLES,
    SUB_TYPES,
)
from contracts.forms.inputs import (
    MoneyField,
    chosen,
    countries,
    day,
    explained,
    line,
    own_name,
    party_kinds,
    put_errors,
)
from contracts.rules import FACTS, MAX_DEDUCTIONS, MAX_PARTIES, PARTY_FACTS, sub_types_of
from marketplace.core.cleaning import plain_text
from marketplace.core.codes import CURRENCIES, FIELDS, SUB_FIELDS
from marketplace.core.forms import SeenVersionField
from marketplace.core.words import language_of

if TYPE_CHECKING:
    from accounts.models import Organisation
    from contracts.models import Contract, ContractParty
    from contracts.rule_sets import RuleSet
    from marketplace.core.codes.lists import Code, CodeList
    from marketplace.core.errors import DomainError


# The part with the choice is drawn anew by the server; without script a button asks for that.
_NARROWS = {
    "hx-post": "", "hx-trigger": "change", "hx-vals": '{"narrow": "1"}',
    # only what follows is exchanged: the rest may have been typed while the answer was on its way
    "hx-swap": "none", "hx-select-oob": "#id_sub_type,#id_sub_field,#judged",
    "hx-encoding": "application/x-www-form-urlencoded",
}  # fmt: skip


class NewContractForm(forms.Form):
    """Which type, for which organisation, on which side."""

    type = forms.ChoiceField(label=_("What is it about?"), widget=forms.RadioSelect)
    organisation = forms.ChoiceField(label=_("Your organisation"))
    side = forms.ChoiceField(
        label=_("Your side"), widget=forms.RadioSelect,
        help_text=_(
            "The seller’s side submits the contract, or the buyer when every seller is abroad."
        ),
    )  # fmt: skip

    sub_type = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    title = forms.CharField(
        required=False, max_length=200, validators=[plain_text], widget=forms.HiddenInput
    )

    def __init__(
        self, *args: Any, organisations: Sequence[Organisation], rules: RuleSet, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.organisations = {row.public_id: row for row in organisations}
        self._choices("type", [(c.code, c.name()) for c in CONTRACT_TYPES if c.code in rules.types])
        self._choices(
            "organisation", [(pk, own_name(row)) for pk, row in self.organisations.items()]
        )
        self._choices("side", [(c.code, explained(c)) for c in ROLES])

    def facts(self, rules: RuleSet) -> dict[str, str]:
        """What the draft begins with: the type, and what the type assistant carried over."""
        given = self.cleaned_data
        found = {"type": given["type"]}
        if given["sub_type"] in rules.types[given["type"]].sub_types:
            found["sub_type"] = given["sub_type"]
        if given["title"]:
            found[f"title_{language_of(given['title'])}"] = given["title"]
        return found

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]


class DraftForm(forms.Form):
    """Shows as required what submission will ask for, and takes a draft without it."""

    wanted: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self._mark(True)

    def full_clean(self) -> None:
        self._mark(False)
        super().full_clean()
        self._mark(True)

    def _mark(self, required: bool) -> None:
        for name in self.wanted:
            self.fields[name].required = required


class FactsForm(DraftForm):
    """The facts of a contract."""

    wanted: tuple[str, ...] = (
        "sub_type", "signed_on", "field", "total_amount", "payment_mode", "registration_point",
        "currency", "plan_source",
    )  # fmt: skip
    version = SeenVersionField()
    type = forms.ChoiceField(label=_("Type"))
    sub_type = forms.ChoiceField(label=_("Sub-type"), required=False)
    title_zh = line(
        _("Title in Chinese"), 200, _("One language is enough, both are better."), lang="zh-Hans"
    )
    title_en = line(_("Title in English"), 200, lang="en")
    signed_on = day(_("Signed on"))
    valid_from = day(_("Valid from"))
    valid_to = day(_("Valid to"), _("Leave empty if it has no end."))
    field = forms.ChoiceField(label=_("Technology field"), required=False)
    sub_field = forms.ChoiceField(label=_("Sub-field"), required=False)
    ip_kind = forms.ChoiceField(label=_("Right it is about"), required=False)
    plan_source = forms.ChoiceField(label=_("Public programme"), required=False)
    total_amount = MoneyField(
        label=_("Total contract amount"), required=False,
        help_text=_("The whole value, with everything that is paid."),
    )  # fmt: skip
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    rate = forms.DecimalField(
        label=_("Rate to CNY"), required=False, max_digits=14, decimal_places=6,
        help_text=_("CNY for one unit. Only for other currencies."),
    )  # fmt: skip
    rate_on = day(_("Day of the rate"))
    payment_mode = forms.ChoiceField(label=_("How it is paid"), required=False)
    payment_terms = forms.CharField(
        label=_("Terms of payment"), required=False, max_length=4000,
        help_text=_("What else was agreed: bank, invoice, inspection of the books."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    registration_point = forms.ChoiceField(
        label=_("Registration point"), required=False,
        help_text=_("Usually where the seller is."),
    )  # fmt: skip
    region = line(
        _("Region of the contract"), 6,
        _("GB/T 2260 code; empty: the seller’s."), list="regions", inputmode="numeric",
    )  # fmt: skip
    public_facts = forms.MultipleChoiceField(
        label=_("What the public register may show"), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Number, type, field, dates, region and a range of the amount are always shown. Tick "
            "only what both parties agree to."
        ),
    )  # fmt: skip

    def __init__(self, *args: Any, rules: RuleSet, points: Sequence[Organisation], **kwargs: Any):
        super().__init__(*args, **kwargs)
        types = [entry for entry in CONTRACT_TYPES if entry.code in rules.types]
        known = sub_types_of(rules, str(self["type"].value() or ""))
        sub_types = [SUB_TYPES[code] for code in known]
        sub_fields = SUB_FIELDS.under(str(self["field"].value() or ""))
        for name, choices in {
            "type": chosen(types, None),
            "sub_type": self._narrowed("sub_type", sub_types, SUB_TYPES),
            "field": chosen(FIELDS),
            "sub_field": self._narrowed("sub_field", sub_fields, SUB_FIELDS),
            "ip_kind": chosen(IP_KINDS),
            "plan_source": chosen(PLAN_SOURCES, None),
            "currency": [(c.code, f"{c.code} {c.name()}") for c in CURRENCIES],
            "payment_mode": chosen(PAYMENT_MODES),
            "registration_point": [("", "—"), *((p.public_id, own_name(p)) for p in points)],
            "public_facts": [(c.code, explained(c)) for c in PUBLIC_FACTS],
        }.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        for name in ("type", "field"):  # the choices under them follow
            self.fields[name].widget.attrs |= _NARROWS
        kind = rules.types.get(str(self["type"].value() or ""))
        if kind and "ip_kind" in kind.required:
            self.wanted = (*self.wanted, "ip_kind")
            self._mark(True)

    def show_remarks(self, remarks: Mapping[str, str]) -> None:
        """What the registration point remarked at facts, beside their inputs."""
        for name in remarks.keys() & self.fields.keys():
            bound = self[name]  # kept by the form, with the help it had when it was first asked for
            bound.help_text = format_html(
                "<strong>{} {}</strong> {}",
                _("The registration point asks:"), remarks[name], bound.help_text,
            )  # fmt: skip

    def _narrowed(self, name: str, entries: Sequence[Code], codes: CodeList) -> list[Any]:
        """The choices of the type or field. What stands there of another one stays to be seen and
        is refused in words when it is saved."""
        own = chosen(entries)
        stray = codes.get(str(self[name].value() or ""))
        if stray is None or stray in entries:
            return own
        return [*own, (_("Of another choice above"), [(stray.code, stray.name())])]

    @staticmethod
    def initial_of(contract: Contract) -> dict[str, Any]:
        point = contract.registration_point
        return {
            **{name: getattr(contract, name) for name in FACTS},
            "version": contract.version,
            "registration_point": point.public_id if point else "",
        }

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FACTS}


class RowForm(DraftForm):
    """One row of several; a row that says nothing is left out."""

    told: tuple[str, ...] = ()

    @property
    def is_blank(self) -> bool:
        return not any(self[name].value() for name in self.told)

    @property
    def is_taken_off(self) -> bool:
        return bool(self["DELETE"].value())


class PartyForm(RowForm):
    told = ("organisation", "name", "code", "address", "contact")
    wanted = ("role", "name", "kind", "country")

    role = forms.ChoiceField(label=_("Side"))
    organisation = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)
    was = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)
    unlink = forms.BooleanField(label=_("Not this organisation"), required=False)
    find = line(
        _("Find on the platform"), 100, _("Part of the name, or the code. Then press Find.")
    )
    name = line(_("Name, as in the contract"), 160)
    kind = forms.ChoiceField(label=_("Kind of party"), required=False)
    code = line(_("Social credit or registration code"), 40)
    country = forms.ChoiceField(label=_("Country or area"), required=False)
    region = line(_("Region"), 6, _("GB/T 2260 code, in China."), list="regions")
    address = line(_("Address"), 200)
    contact = line(_("Contact"), 120, _("Name and telephone or e-mail."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in {
            "role": chosen(ROLES, None),
            "kind": party_kinds(),
            "country": countries(),
        }.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["country"].initial = "CN"

    def row(self) -> dict[str, Any]:
        """As draft_contract takes it. A newly chosen organisation fills the row itself."""
        data = {name: self.cleaned_data.get(name, "") for name in PARTY_FACTS}
        data["country"] = data["country"] or "CN"
        if self.cleaned_data.get("unlink"):
            data["organisation"] = ""
        elif data["organisation"] and data["organisation"] != self.cleaned_data.get("was"):
            return {name: data[name] for name in ("role", "organisation", "contact")}
        return data

    @staticmethod
    def initial_of(party: ContractParty) -> dict[str, Any]:
        public_id = party.organisation.public_id if party.organisation else ""
        return {
            **{name: getattr(party, name) for name in PARTY_FACTS},
            "organisation": public_id,
            "was": public_id,
        }


class DeductionForm(RowForm):
    told = ("amount", "note")
    wanted = ("kind", "amount")

    kind = forms.ChoiceField(label=_("Kind"))
    amount = MoneyField(label=_("Amount"), required=False)
    note = line(_("Note"), 200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = chosen(DEDUCTION_KINDS, None)  # type: ignore[attr-defined]

    def row(self) -> dict[str, Any]:
        return {
            "kind": self.cleaned_data["kind"],
            "amount": self.cleaned_data["amount"],
            "note": self.cleaned_data["note"],
        }


class FileForm(DraftForm):
    wanted = ("file_kind",)

    file = forms.FileField(
        label=_("Add a file"), required=False,
        help_text=_("PDF, Word or a picture. It is stored when you save."),
    )  # fmt: skip
    file_kind = forms.ChoiceField(label=_("Kind of file"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file_kind"].choices = chosen(FILE_KINDS, None)  # type: ignore[attr-defined]


PartyFormSet = formset_factory(
    PartyForm, extra=0, can_delete=True, max_num=MAX_PARTIES, absolute_max=MAX_PARTIES
)
DeductionFormSet = formset_factory(
    DeductionForm, extra=0, can_delete=True, max_num=MAX_DEDUCTIONS, absolute_max=MAX_DEDUCTIONS
)


def kept_rows(formset: BaseFormSet[Any]) -> list[RowForm]:
    """Rows that say something and are not taken off, in order."""
    return [form for form in formset.forms if not form.is_blank and not form.is_taken_off]


def place_errors(
    error: DomainError,
    facts: FactsForm,
    rows: Mapping[str, BaseFormSet[Any]],
    file_form: FileForm,
) -> list[tuple[str, str]]:
    """Put the messages of an action at the inputs they are about; returns what has no input, with
    the name that the action gave it.

    Rows are counted by the action as it was given them: without blank and taken-off ones.
    """
    rest: list[tuple[str, str]] = []
    for name, messages in error.fields.items():
        head, _dot, tail = name.partition(".")
        number, _dot, column = tail.partition(".")
        kept = kept_rows(rows[head]) if head in rows else []
        if number.isdigit() and int(number) < len(kept):
            row = kept[int(number)]
            put_errors(row, column if column in row.fields else row.told[0], messages)
        elif head in ("files", "file", "kind"):
            put_errors(file_form, "file", messages)
        elif name in facts.fields:
            put_errors(facts, name, messages)
        else:
            rest += [(name, str(message)) for message in messages]
    return rest
