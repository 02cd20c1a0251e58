"""Forms of what a reader keeps."""

from django import forms
from django.utils.translation import gettext_lazy as _

from listings.models import SavedSearch
from listings.models.saved import MAX_NAME, MAX_NOTE


class SearchForm(forms.Form):
    """name may be empty: then the search is named by what it asks for."""

    name = forms.CharField(label=_("Name"), max_length=MAX_NAME, required=False)
    frequency = forms.ChoiceField(
        label=_("Tell me of new ones"), choices=SavedSearch.Frequency.choices,
        widget=forms.RadioSelect,
        help_text=_("Here and by mail. Only what came to the market since the last notice."),
    )  # fmt: skip


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("Your note"), max_length=MAX_NOTE, required=False,
        widget=forms.Textarea(attrs={"rows": 2}), help_text=_("Nobody else reads it."),
    )  # fmt: skip
