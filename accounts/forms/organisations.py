"""Forms about organisations: facts, evidence, members."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import rules
from accounts.actions.verification import EVIDENCE_KINDS
from accounts.forms.places import RegionFields
from accounts.models import Organisation
from marketplace.core import regions
from marketplace.core.codes import FIELDS, ORGANISATION_KINDS, TTI_TYPES


def _kinds() -> list[tuple[str, str]]:
    return [("", ""), *ORGANISATION_KINDS.choices()]


def _explained(name: str, meaning: str) -> str:
    return _("%(role)s: %(meaning)s") % {"role": name, "meaning": meaning}


def _tti_types() -> list[tuple[str, str]]:
    return [("", ""), *((code.code, _explained(code.name(), code.help())) for code in TTI_TYPES)]


def _countries() -> list[tuple[str, str]]:
    return regions.countries(get_language())


class OrganisationForm(RegionFields):
    kind = forms.ChoiceField(label=_("What kind of organisation is it?"), choices=_kinds)
    tti_type = forms.ChoiceField(
        label=_("Type of the institution"), choices=_tti_types, required=False,
        help_text=_("Only for technology transfer institutions."),
    )  # fmt: skip
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=160, required=False)
    name_en = forms.CharField(
        label=_("Name in English"), max_length=160, required=False,
        help_text=_("One of the two names is enough; with both you are found by more people."),
    )  # fmt: skip
    country = forms.ChoiceField(label=_("Country or area"), choices=_countries, initial="CN")
    registration_code = forms.CharField(
        label=_("Registration code"), max_length=40, required=False,
        help_text=_(
            "The unified social credit code, or the registration number abroad. Strangers do not "
            "see it; it is needed for verification."
        ),
    )  # fmt: skip
    website = forms.URLField(
        label=_("Website"), max_length=200, required=False, assume_scheme="https"
    )
    field_codes = forms.MultipleChoiceField(
        label=_("Technology fields"), choices=FIELDS.choices, required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("Where you are at home."),
    )  # fmt: skip
    about_zh = forms.CharField(
        label=_("About it, in Chinese"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    about_en = forms.CharField(
        label=_("About it, in English"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What you do, for whom, and what you are known for: three sentences."),
    )  # fmt: skip
    agreed_to_be_found = forms.BooleanField(
        label=_("Others may be shown this organisation as a possible partner"), required=False
    )

    def __init__(self, *args: Any, locked: bool = False, **kwargs: Any) -> None:
        """locked: facts that were verified are shown and cannot be changed."""
        super().__init__(*args, **kwargs)
        if locked:
            for name in rules.IDENTITY:
                self.fields[name].disabled = True

    @staticmethod
    def facts_of(organisation: Organisation) -> dict[str, Any]:
        """Initial values of an organisation that exists."""
        return {name: getattr(organisation, name) for name in rules.WRITABLE}


class VerificationForm(forms.Form):
    evidence = forms.FileField(
        label=_("Copy of the certificate"),
        help_text=_("Business licence or founding document as PDF, PNG or JPEG. Only operators and "
                    "your owners can open it."),
        widget=forms.FileInput(attrs={"accept": ",".join(sorted(EVIDENCE_KINDS))}),
    )  # fmt: skip
    note = forms.CharField(
        label=_("Note to the operator"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class DecisionForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed when you refuse; the owners read it."),
    )  # fmt: skip


class StandingForm(forms.Form):
    is_trusted = forms.BooleanField(
        label=_("Trusted: its listings are published without review"), required=False
    )
    is_registration_point = forms.BooleanField(
        label=_("Registration point: its registrars examine contracts"), required=False
    )


def _role_choices(is_registration_point: bool) -> list[tuple[str, str]]:
    return [
        (role.value, _explained(capfirst(str(role.label)), str(rules.ROLE_HELP[role])))
        for role in rules.offered_roles(is_registration_point=is_registration_point)
    ]


class RolesForm(forms.Form):
    roles = forms.MultipleChoiceField(label=_("Roles"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, is_registration_point: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["roles"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = _role_choices(is_registration_point)


class InviteForm(RolesForm):
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    field_order = ["email", "roles"]
