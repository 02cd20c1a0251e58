"""Forms about alliances."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from marketplace.core.bilingual import pick


class OrganisationChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A select of organisations by the name that the reader sees."""

    def label_from_instance(self, obj: Organisation) -> str:
        return pick(obj, "name", get_language()).value


class AllianceForm(forms.Form):
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=160, required=False)
    name_en = forms.CharField(
        label=_("Name in English"), max_length=160, required=False,
        help_text=_("One of the two names is enough."),
    )  # fmt: skip
    about_zh = forms.CharField(
        label=_("About it, in Chinese"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    about_en = forms.CharField(
        label=_("About it, in English"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    referral_rules = forms.CharField(
        label=_("Referral rules"), max_length=4000, required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("How a case passes between members and how the commission is shared. Only "
                    "members read this."),
    )  # fmt: skip


class FoundAllianceForm(AllianceForm):
    lead = OrganisationChoice(
        label=_("Leading organisation"), queryset=Organisation.objects.none(), empty_label=None,
        to_field_name="public_id", help_text=_("A verified organisation that you own."),
    )  # fmt: skip
    field_order = ["lead", "name_zh", "name_en"]

    def __init__(self, *args: Any, leads: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["lead"]
        assert isinstance(field, OrganisationChoice)
        field.queryset = leads


class AllianceInviteForm(forms.Form):
    organisation = forms.CharField(
        label=_("Organisation"), max_length=200,
        help_text=_("Its name, or the address of its page."),
    )  # fmt: skip
