"""What we ask at sign-up beside e-mail and password."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from marketplace.core.cleaning import clean_text


class SignupFields(forms.Form):
    """Mixed into allauth's form (ACCOUNT_SIGNUP_FORM_CLASS)."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=80,
        help_text=_("As your partners know you."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language of mails and pages"), choices=settings.LANGUAGES, initial="en"
    )
    agree = forms.BooleanField(
        label=_("I agree to the rules of the market: true statements, and secrets kept."),
        error_messages={"required": _("You need to agree to the rules to take part.")},
    )
    field_order = ["name", "email", "password1", "language", "agree"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = get_language()

    def clean_name(self) -> str:
        return clean_text(self.cleaned_data["name"])

    def signup(self, request: Any, user: User) -> None:
        """Called by allauth with the new, already stored person."""
        user.name = self.cleaned_data["name"]
        user.language = self.cleaned_data["language"]
        user.agreed_at = timezone.now()
        user.save(update_fields=["name", "language", "agreed_at"])
