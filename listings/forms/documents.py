"""Adding a document."""

from django import forms
from django.utils.translation import gettext_lazy as _

from listings.models.listings import Tier
from marketplace.core.uploads import ALLOWED


class DocumentForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ",".join(sorted(ALLOWED))}),
    )
    title = forms.CharField(
        label=_("Title"), max_length=200, required=False, help_text=_("Empty: the file’s name.")
    )
    tier = forms.ChoiceField(label=_("Who may open it"), choices=Tier.choices, initial=Tier.MEMBERS)
