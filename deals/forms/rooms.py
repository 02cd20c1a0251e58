"""Forms of deal rooms. The rules are in the actions; forms keep what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.codes import CONTRACT_TYPES, ROYALTY_BASES
from contracts.forms.drafting import kept_rows
from contracts.forms.inputs import MoneyField, chosen, day, line
from contracts.forms.terms import InstalmentFormSet
from deals.models import Exclusivity, PriceKind, Right, RoomTier
from deals.models.rooms import MAX_MESSAGE
from marketplace.core.codes import CURRENCIES
from marketplace.core.forms import SeenVersionField, add_domain_errors
from marketplace.core.uploads import ALLOWED

if TYPE_CHECKING:
    from django.http import QueryDict

    from marketplace.core.errors import DomainError

SPARE_ROWS = 2
_FILES = {"accept": ",".join(sorted(ALLOWED))}


class RoomMessageForm(forms.Form):
    body = forms.CharField(
        label=_("Message"), max_length=MAX_MESSAGE, strip=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    file = forms.FileField(
        label=_("With a document"), required=False, widget=forms.FileInput(attrs=_FILES)
    )


class RoomDocumentForm(forms.Form):
    file = forms.FileField(label=_("File"), widget=forms.FileInput(attrs=_FILES))
    title = forms.CharField(
        label=_("Title"), max_length=200, required=False, strip=False,
        help_text=_("Empty: the file’s name."),
    )  # fmt: skip
    tier = forms.ChoiceField(
        label=_("Who may open it"), choices=RoomTier.choices, initial=RoomTier.NDA
    )
    document = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)


class SeatForm(forms.Form):
    user = forms.ChoiceField(label=_("Person of your organisation"))
    right = forms.ChoiceField(label=_("May"), choices=Right.choices, initial=Right.READ)

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].choices = people  # type: ignore[attr-defined]


class RoomForm(forms.Form):
    """For brokers: a room between two organisations."""

    title = forms.CharField(
        label=_("Title"), max_length=200, strip=False,
        help_text=_("It stands in mails, too: name nothing confidential."),
    )  # fmt: skip
    supplier = forms.CharField(
        label=_("Supplier"), max_length=160, help_text=_("Full name, or the id of its page.")
    )
    taker = forms.CharField(
        label=_("Taker"), max_length=160, help_text=_("Full name, or the id of its page.")
    )


def _share(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, max_digits=9, decimal_places=3, localize=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip


class OfferForm(forms.Form):
    """A term sheet; nothing is required while one drafts."""

    version = SeenVersionField()
    type = forms.ChoiceField(label=_("Contract type"))
    exclusivity = forms.ChoiceField(
        label=_("Exclusivity"), choices=[("", "—"), *Exclusivity.choices], required=False
    )
    field_of_use = line(_("Field of use"), 300)
    territory = line(_("Territory"), 200)
    term_months = forms.IntegerField(
        label=_("Term in months"), required=False, min_value=1, max_value=600,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    price_kind = forms.ChoiceField(
        label=_("Kind of price"), choices=PriceKind.choices,
        help_text=_("An indicative offer cannot be accepted, only answered."),
    )  # fmt: skip
    currency = forms.ChoiceField(label=_("Currency"))
    total = MoneyField(
        label=_("Fixed sum"), required=False,
        help_text=_("All that is paid but royalties: upfront and instalments come to it."),
    )  # fmt: skip
    upfront = MoneyField(label=_("of it upfront"), required=False)
    royalty_base = forms.ChoiceField(label=_("Royalty on"), required=False)
    royalty_rate = _share(_("Royalty rate in percent"))
    minimum_per_year = MoneyField(label=_("Minimum a year"), required=False)
    equity_share = _share(_("Equity share in percent"))
    sublicence_share = _share(_("Share of sublicence income in percent"))
    milestones = forms.CharField(
        label=_("Milestones"), required=False, strip=False, max_length=4500,
        help_text=_("One on each line, with its day."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    valid_until = day(
        _("Valid until"), _("Needed to make it. This day counts; afterwards nobody can accept it.")
    )
    words = forms.CharField(
        label=_("In words"), required=False, strip=False, max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        for name, choices in {
            "type": chosen(CONTRACT_TYPES, None),
            "currency": chosen(CURRENCIES, None),
            "royalty_base": chosen(ROYALTY_BASES),
        }.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]


class OfferForms:
    """The sheet and its rows of instalments as one."""

    def __init__(self, facts: Mapping[str, Any], data: QueryDict | None = None) -> None:
        first = {**facts, "milestones": "\n".join(facts.get("milestones", ()))}
        for name in ("royalty_rate", "equity_share", "sublicence_share"):
            if first.get(name) is not None:
                first[name] = f"{first[name].normalize():f}"
        rows: list[Any] = [*facts.get("instalments", ()), *({} for _spare in range(SPARE_ROWS))]
        self.form = OfferForm(data, initial=first)
        self.rows = InstalmentFormSet(data, prefix="instalment", initial=rows)
        self.about_rows: list[str] = []

    def is_valid(self) -> bool:
        kept = [row.is_valid() for row in kept_rows(self.rows)]
        return self.form.is_valid() and all(kept)

    def facts(self) -> dict[str, Any]:
        """As write_offer takes them."""
        facts = {name: value for name, value in self.form.cleaned_data.items() if name != "version"}
        facts["instalments"] = [form.row() for form in kept_rows(self.rows)]  # type: ignore[attr-defined]
        return facts

    def place(self, error: DomainError) -> None:
        """Put messages at their inputs, those about rows at their row."""
        kept = kept_rows(self.rows)
        for name in [name for name in error.fields if name.startswith("instalments")]:
            told = error.fields.pop(name)
            _rows, _dot, tail = name.partition(".")
            number, _dot, column = tail.partition(".")
            if number.isdigit() and int(number) < len(kept):
                for message in told:
                    kept[int(number)].add_error(column, str(message))
            else:
                self.about_rows += [str(message) for message in told]
        if error.fields or not self.about_rows:
            add_domain_errors(self.form, error)
