"""Inputs of referrals and of the fee of a case. The rules are the actions'."""

from decimal import Decimal
from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contracts.forms.inputs import MoneyField, chosen, line
from deals.actions.brokerage import MOST_TIERS
from deals.models import FeeDue, ReferralChoice, ReferralMode, ReferralSeeks
from deals.models.cases import MAX_NOTE, MAX_TITLE
from marketplace.core.codes import CURRENCIES
from marketplace.core.forms import SeenVersionField


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(
        label=label, help_text=help_text, widget=widget, input_formats=["%Y-%m-%d"]
    )


def _percent(label: Any, places: int = 2, **kwargs: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, max_digits=places + 3, decimal_places=places, min_value=Decimal(0),
        max_value=Decimal(100), widget=forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs,
    )  # fmt: skip


class ReferralForm(forms.Form):
    """alliances: (public id, name) of those that the institution may offer the case to."""

    alliance = forms.ChoiceField(label=_("Alliance"))
    title = forms.CharField(
        label=_("Title on the board"), max_length=MAX_TITLE,
        help_text=_("Every member reads it. Name no client who wants to stay unknown."),
    )  # fmt: skip
    words = forms.CharField(
        label=_("What members should know"), max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Written for the board. Clients, contacts and notes of the case are not shown "
                    "there."),
    )  # fmt: skip
    seeks = forms.ChoiceField(
        label=pgettext_lazy("referral", "Sought"), choices=ReferralSeeks.choices
    )
    listing = forms.CharField(
        label=_("Number of a published technology or need"), max_length=200, required=False,
        help_text=_("Shown to members with its link, as far as each may see it."),
    )  # fmt: skip
    mode = forms.ChoiceField(
        label=_("Way of working"), choices=ReferralMode.choices, widget=forms.RadioSelect,
        help_text=_("Handed over, the case is closed at your institution."),
    )  # fmt: skip
    choice = forms.ChoiceField(
        label=_("Who gets it?"), choices=ReferralChoice.choices, widget=forms.RadioSelect
    )
    referring_percent = _percent(_("Part of the fee for you, %"))
    closing_percent = _percent(_("Part for who closes the deal, %"))
    claim_by = _day(_("Claims until"))
    report_days = forms.IntegerField(
        label=_("Days from one report to the next"), min_value=1, max_value=180
    )

    def __init__(self, *args: Any, alliances: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["alliance"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = alliances


class ClaimForm(forms.Form):
    """institutions: (public id, name) of those that may claim; asked only where there are more."""

    organisation = forms.ChoiceField(label=_("Institution"))
    words = forms.CharField(
        label=_("Why your institution?"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only the institution that refers the case reads it."),
    )  # fmt: skip
    accepts_split = forms.BooleanField(
        label=_("We accept this split of the fee"), required=False,
        help_text=_("Kept with your name and the time once it is confirmed."),
    )  # fmt: skip
    version = SeenVersionField()

    def __init__(self, *args: Any, institutions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = institutions
        if len(institutions) < 2:
            del self.fields["organisation"]


class ReportForm(forms.Form):
    body = forms.CharField(
        label=_("Report"), max_length=MAX_NOTE, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Both institutions read it; it is never changed."),
    )  # fmt: skip
    version = SeenVersionField()


class SplitForm(forms.Form):
    referring_percent = _percent(_("Referring institution, %"))
    closing_percent = _percent(_("Closing institution, %"))
    version = SeenVersionField()


class AllianceTermsForm(forms.Form):
    referring_percent = _percent(_("Part of the referring institution, %"))
    claim_days = forms.IntegerField(label=_("Days to claim"), min_value=1, max_value=365)
    report_days = forms.IntegerField(
        label=_("Days from one report to the next"), min_value=1, max_value=180
    )
    version = SeenVersionField()


class PricesForm(forms.Form):
    """Of a fee; the tiers are rows of TierFormSet."""

    currency = forms.ChoiceField(label=_("Currency"))
    due = forms.ChoiceField(
        label=_("When is the fee due?"), choices=FeeDue.choices, widget=forms.RadioSelect,
        help_text=_("No deal, no fee: without a registered contract nothing but agreed costs."),
    )  # fmt: skip
    minimum = MoneyField(label=_("Least fee"), required=False)
    cap = MoneyField(label=_("Most fee"), required=False)
    costs_cap = MoneyField(
        label=_("Costs that are paid back, at most"), required=False,
        help_text=_("Also where no contract is signed. Empty: none."),
    )  # fmt: skip
    version = SeenVersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].choices = chosen(CURRENCIES, None)  # type: ignore[attr-defined]


class BrokerageForm(PricesForm):
    client = forms.CharField(label=pgettext_lazy("case", "Client"), max_length=160)
    signed_on = _day(_("Agreed on"))


class TierForm(forms.Form):
    above = MoneyField(label=_("From an amount of"), required=False)
    percent = _percent(_("Percent"), 4, required=False)

    @property
    def is_filled(self) -> bool:
        return any(self.cleaned_data.get(name) is not None for name in ("above", "percent"))


TierFormSet = formset_factory(TierForm, extra=0, max_num=MOST_TIERS, absolute_max=MOST_TIERS + 2)


class StatementForm(forms.Form):
    """follows: whether the fee follows payments; other: the contract's currency where it is
    another than the fee's, else empty."""

    received = MoneyField(
        label=_("Came in under the contract so far"),
        help_text=_("In the contract’s currency."), required=False,
    )  # fmt: skip
    rate = forms.DecimalField(
        label=_("Rate"), required=False, max_digits=14, decimal_places=6,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip
    rate_source = line(_("Source of the rate"), 120, _("The bank's note, or who publishes it."))
    costs = MoneyField(label=_("Costs to pay back"), required=False)
    costs_for = line(
        _("What the costs were for"), 400, _("Whoever has a part of the fee reads it.")
    )
    version = SeenVersionField()

    def __init__(self, *args: Any, follows: bool, other: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not follows:
            del self.fields["received"]
        if not other:
            del self.fields["rate"], self.fields["rate_source"]
