"""What only the firm knows. Nothing of it is stored."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.forms.inputs import MoneyField
from contracts.relief import ZERO, Given


def _money(label: Any, help_text: Any = "") -> MoneyField:
    return MoneyField(
        label=label, help_text=help_text, required=False, min_value=0,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip


class ReliefForm(forms.Form):
    """Inputs for one contract; empty amounts count as 0."""

    revenue = _money(_("Revenue (yuan)"))
    cost = _money(_("Cost (yuan)"))
    taxes = _money(_("Related taxes (yuan)"))
    related = forms.BooleanField(label=_("The other side is 100 % related"), required=False)
    restricted = forms.BooleanField(label=_("A prohibited or restricted export"), required=False)
    confirmed = forms.BooleanField(label=_("We confirm that it qualifies"), required=False)

    def given(self) -> Given:
        """After is_valid."""
        facts = self.cleaned_data
        return Given(
            facts["revenue"] or ZERO, facts["cost"] or ZERO, facts["taxes"] or ZERO,
            related=facts["related"], restricted=facts["restricted"],
            confirmed=facts["confirmed"], one_invoice=facts.get("one_invoice", False),
        )  # fmt: skip


class ContractReliefForm(ReliefForm):
    one_invoice = forms.BooleanField(
        label=_("Belongs to a transfer or development, on the same invoice"), required=False
    )
