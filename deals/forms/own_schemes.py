"""Inputs of a scheme of distribution. The rules are the action's."""

from decimal import Decimal
from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from contracts.forms.inputs import MoneyField
from deals.actions.scheme_document import MOST_DEDUCTIONS, MOST_TIERS
from deals.distribution.parties import PARTIES
from marketplace.core.codes import CURRENCIES

KINDS = (
    ("", _("nothing")),
    ("gross", _("a percentage of what came in")),
    ("rest", _("a percentage of what is left")),
    ("costs", _("costs not yet reimbursed")),
)


def _percent(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, max_digits=7, decimal_places=4, min_value=Decimal(0),
        max_value=Decimal(100), widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip


def named_parties() -> list[tuple[str, str]]:
    """Codes and names in the reader's language."""
    return [(one.code, one.text(get_language()).value) for one in PARTIES]


class SchemeTextForm(forms.Form):
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    valid_from = forms.DateField(
        label=_("Holds from"), input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    currency = forms.ChoiceField(
        label=_("Currency of the tiers"), required=False,
        help_text=_("Only where there is more than one tier."),
    )  # fmt: skip
    rounding_to = forms.ChoiceField(
        label=_("Who gets what rounding leaves over?"),
        help_text=_("Shares are cut down to the cent; a few cents may be left."),
    )  # fmt: skip
    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currencies = [("", _("none: one tier")), *((one.code, one.code) for one in CURRENCIES)]
        self.fields["currency"].choices = currencies  # type: ignore[attr-defined]
        parties = [("", pgettext_lazy("scheme", "choose")), *named_parties()]
        self.fields["rounding_to"].choices = parties  # type: ignore[attr-defined]


class DeductionForm(forms.Form):
    kind = forms.ChoiceField(label=_("Deducted"), choices=KINDS, required=False)
    percent = _percent(_("Percent"))
    name = forms.CharField(
        label=pgettext_lazy("deduction", "Name on statements"), max_length=120, required=False
    )

    @property
    def is_filled(self) -> bool:
        given = self.cleaned_data
        return bool(given.get("kind") or given.get("name")) or given.get("percent") is not None


class TierSharesForm(forms.Form):
    """above, and a field for each kind of beneficiary under its code."""

    above = MoneyField(label=_("Net income of the licence from"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, name in named_parties():
            self.fields[code] = _percent(name)

    @property
    def is_filled(self) -> bool:
        return any(value is not None for value in self.cleaned_data.values())

    @property
    def share_fields(self) -> list[forms.BoundField]:
        return [self[one.code] for one in PARTIES]

    def row(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        return {"above": given.pop("above", None), "shares": given}


DeductionFormSet = formset_factory(
    DeductionForm, extra=0, max_num=MOST_DEDUCTIONS, absolute_max=MOST_DEDUCTIONS + 2
)
TierSharesFormSet = formset_factory(
    TierSharesForm, extra=0, max_num=MOST_TIERS, absolute_max=MOST_TIERS + 2
)
