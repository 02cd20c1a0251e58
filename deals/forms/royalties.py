"""What a licensee states of a period. The rules are the actions'."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.codes import ROYALTY_BASES
from contracts.forms.inputs import MoneyField, chosen, line
from deals.actions.royalties import STATEMENT_FACTS
from deals.models import RoyaltyPeriod, RoyaltyStatement
from deals.queries.royalties import Standing
from marketplace.core.codes import CURRENCIES


class StatementForm(forms.Form):
    sales = MoneyField(label=_("Amount of the period"), help_text=_("0 if nothing was sold."))
    currency = forms.ChoiceField(label=_("Currency"))
    deductions = MoneyField(
        label=_("Deductions that the contract allows"), required=False,
        help_text=_("Such as returns, taxes or freight."),
    )  # fmt: skip
    deductions_note = line(_("What is deducted, and by which clause"), 400)
    units = forms.DecimalField(
        label=_("Units sold"), required=False, max_digits=16, decimal_places=3,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip
    rate = forms.DecimalField(
        label=_("Rate"), required=False, max_digits=14, decimal_places=6,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text=_("For another currency than the contract's: how much of the contract's one unit "
                    "of it gave."),
    )  # fmt: skip
    rate_source = line(_("Source of the rate"), 120, _("The bank's note, or who publishes it."))
    note = line(_("Note"), 400)

    def __init__(
        self, *args: Any, period: RoyaltyPeriod, standing: Standing | None,
        replaced: RoyaltyStatement | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        initial: dict[str, Any] = {"currency": period.contract.currency}
        if replaced is not None:
            initial |= {name: getattr(replaced, name) for name in STATEMENT_FACTS}
            initial["note"] = ""
            for name in ("units", "rate"):
                if initial[name] is not None:
                    initial[name] = f"{initial[name].normalize():f}"
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        self.fields["currency"].choices = chosen(CURRENCIES, None)  # type: ignore[attr-defined]
        if standing is not None and standing.royalty.base:
            self.fields["sales"].label = ROYALTY_BASES.label(standing.royalty.base)
        if replaced is not None:
            self.fields["note"].label = _("Why it is corrected")
            self.fields["note"].required = True
