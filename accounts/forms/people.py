"""Forms about oneself: profile, certificates, tokens, closing the account."""

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import BrokerQualification
from marketplace.core.actor import Actor
from marketplace.core.api.permissions import SCOPES


class ProfileForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(label=_("Language of mails and pages"), choices=settings.LANGUAGES)
    agreed_to_be_found = forms.BooleanField(
        label=_("Show my name, roles and certificates on the pages of my organisations"),
        required=False,
    )


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class QualificationForm(forms.Form):
    number = forms.CharField(label=_("Number"), max_length=60)
    issuer = forms.CharField(label=_("Issued by"), max_length=160)
    issued_on = forms.DateField(label=_("Issued on"), widget=DateInput())
    expires_on = forms.DateField(
        label=_("Valid until"), required=False, widget=DateInput(),
        help_text=_("Leave empty if it does not expire."),
    )  # fmt: skip

    @staticmethod
    def facts_of(qualification: BrokerQualification) -> dict[str, Any]:
        return {
            "number": qualification.number,
            "issuer": qualification.issuer,
            "issued_on": qualification.issued_on,
            "expires_on": qualification.expires_on,
        }


def _scope_choices(actor: Actor) -> list[tuple[str, Any]]:
    """The scopes that are of use to the person: an operator's only to operators, and so on."""
    registers = any("registrar" in roles for roles in actor.roles.values())
    return [
        (scope, label)
        for scope, label in SCOPES.items()
        if (actor.is_operator or not scope.startswith("operations:"))
        and (registers or not scope.startswith("registrar:"))
    ]


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("What is it for?"), max_length=80,
        help_text=_("So that you recognise it later, for example the name of the program."),
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"), widget=forms.CheckboxSelectMultiple,
        help_text=_("It can never do more than you can yourself."),
    )  # fmt: skip
    days = forms.TypedChoiceField(
        label=_("Valid for"), coerce=int, initial=90,
        choices=[(30, _("30 days")), (90, _("90 days")), (180, _("half a year")),
                 (365, _("a year"))],
    )  # fmt: skip
    networks = forms.CharField(
        label=_("Only from these networks"), required=False, max_length=1100,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "203.0.113.0/24"}),
        help_text=_("One address or network on each line. Empty: from everywhere."),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = _scope_choices(actor)

    @property
    def expires_at(self) -> dt.datetime:
        return timezone.now() + dt.timedelta(days=self.cleaned_data["days"])

    @property
    def allowed_networks(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["networks"].split() if line.strip()]


class CloseForm(forms.Form):
    email = forms.CharField(
        label=_("Your e-mail address"), max_length=254,
        help_text=_("Type it, so that this does not happen by mistake."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email"}),
    )  # fmt: skip

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._email = email

    def clean_email(self) -> str:
        given = str(self.cleaned_data["email"]).strip()
        if given.lower() != self._email.lower():
            raise forms.ValidationError(_("This is not the address of your account."))
        return given
