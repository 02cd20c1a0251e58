"""The moderator's form."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label=_("What should be changed?"), max_length=2000, required=False,
        help_text=_("The owner reads this. Name the passage and what to do."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )  # fmt: skip
