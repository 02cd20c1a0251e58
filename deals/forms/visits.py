"""Inputs of visits. The rules are the actions'."""

from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from contracts.forms.inputs import chosen, line
from deals.actions.visits import MOST_ROWS
from deals.forms.case_work import WHOM
from deals.models.visits import MAX_FINDING, MAX_PEOPLE
from marketplace.core.bilingual import pick
from marketplace.core.codes import FIELDS


class VisitForm(forms.Form):
    """institutions: for which the person may record it, asked only where there are several."""

    institution = forms.ChoiceField(label=_("Institution"))
    name = forms.CharField(
        label=_("Whom did you visit?"), max_length=160, widget=forms.TextInput(attrs=WHOM),
        help_text=_("A name, or the number of an organisation of the market."),
    )  # fmt: skip
    visited_on = forms.DateField(
        label=_("Day of the visit"), input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    people = line(_("Who took part"), MAX_PEOPLE)

    def __init__(self, *args: Any, institutions: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(institutions) < 2:
            del self.fields["institution"]
            return
        language = get_language() or "en"
        self.fields["institution"].choices = [  # type: ignore[attr-defined]
            (one.public_id, pick(one, "name", language).value) for one in institutions
        ]


class FindingForm(forms.Form):
    words = forms.CharField(
        label=pgettext_lazy("visit", "Finding"), max_length=MAX_FINDING, strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    field = forms.ChoiceField(label=_("Field"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["field"].choices = chosen(FIELDS, _("not said"))  # type: ignore[attr-defined]

    @property
    def is_filled(self) -> bool:
        return bool(self.cleaned_data.get("words") or self.cleaned_data.get("field"))


FindingFormSet = formset_factory(
    FindingForm, extra=3, max_num=MOST_ROWS, absolute_max=MOST_ROWS + 2
)
