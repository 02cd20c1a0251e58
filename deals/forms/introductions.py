"""Forms of this room. The rules are in the actions; forms keep what was typed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from deals.models import CloseReason, Outcome
from deals.models.introductions import MAX_CLOSING_WORDS
from deals.models.talks import MAX_MESSAGE
from marketplace.core.forms import SeenVersionField


class MessageForm(forms.Form):
    body = forms.CharField(
        label=_("Message"),
        max_length=MAX_MESSAGE,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class NdaForm(forms.Form):
    name = forms.CharField(
        label=_("Your full name"),
        max_length=80,
        strip=False,
        help_text=_("It is kept with the time and with the hash of the text above."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    agreed = forms.BooleanField(
        label=_("I have read the agreement, may bind my organisation, and accept it.")
    )
    text_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)


class CloseForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("How did it end?"), choices=Outcome.choices, widget=forms.RadioSelect
    )
    reason = forms.ChoiceField(
        label=_("Why was there no agreement?"),
        choices=[("", _("choose a reason")), *CloseReason.choices],
        required=False,
        help_text=_("The other side reads it, and it counts in the figures without your name."),
    )
    words = forms.CharField(
        label=_("A word to the other side"),
        max_length=MAX_CLOSING_WORDS,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    version = SeenVersionField()


def posted(form_class: type[forms.Form], data: Any) -> forms.Form:
    """A bound form, or an untouched one when nothing was sent."""
    return form_class(data) if data else form_class()
