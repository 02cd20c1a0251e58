"""Inputs of income: receipts, costs, inventors, scheme, run. The rules are the actions'."""

from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from contracts.forms.inputs import MoneyField, chosen, line
from deals.actions.income import MAX_INVENTORS
from deals.models import IncomeAccount, LicenceCost, Purpose
from deals.queries.own_schemes import choosable
from marketplace.core.codes import CURRENCIES


def _today(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, initial=timezone.localdate,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip


class ReceiptForm(forms.Form):
    purpose = forms.ChoiceField(label=_("What for"), choices=Purpose.choices)
    instalment = forms.IntegerField(
        label=_("Number of the instalment"), required=False, min_value=1, max_value=999,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text=_("For an instalment: as the contract counts them."),
    )  # fmt: skip
    received_on = _today(_("Received on"))
    amount = MoneyField(label=_("Amount"))
    currency = forms.ChoiceField(label=_("Currency"))
    rate = forms.DecimalField(
        label=_("Rate"), required=False, max_digits=14, decimal_places=6,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text=_("For another currency than the contract's: how much of the contract's one unit "
                    "of it gave."),
    )  # fmt: skip
    rate_source = line(_("Source of the rate"), 120, _("The bank's note, or who publishes it."))
    reference = line(_("Reference"), 80, _("Of the bank or of your books."))
    note = line(_("Note"), 400)

    def __init__(self, *args: Any, account: IncomeAccount, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("currency", account.currency)
        super().__init__(*args, **kwargs)
        self.fields["currency"].choices = chosen(CURRENCIES, None)  # type: ignore[attr-defined]


class CostForm(forms.Form):
    kind = forms.ChoiceField(label=_("What for"), choices=LicenceCost.Kind.choices)
    spent_on = _today(_("Spent on"))
    amount = MoneyField(label=_("Amount"))
    note = line(_("Note"), 400)


class InventorForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=120, required=False)
    percent = forms.DecimalField(
        label=_("Percent"), max_digits=7, decimal_places=4, required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip
    email = forms.EmailField(
        label=_("E-mail"), required=False,
        help_text=_("Whoever has confirmed this address here reads their own statements."),
    )  # fmt: skip

    @property
    def is_filled(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("name", "percent", "email"))

    def row(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("name", "percent", "email")}


InventorFormSet = formset_factory(
    InventorForm, extra=0, max_num=MAX_INVENTORS, absolute_max=MAX_INVENTORS + 5
)


class SchemeForm(forms.Form):
    scheme = forms.ChoiceField(label=_("Scheme"))

    def __init__(self, *args: Any, account: IncomeAccount, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("scheme", account.scheme)
        super().__init__(*args, **kwargs)
        schemes = choosable(account, timezone.localdate())
        named = [(one.code, one.text(get_language()).value) for one in schemes]
        self.fields["scheme"].choices = named  # type: ignore[attr-defined]


class RunForm(forms.Form):
    up_to = _today(_("Receipts up to"))
