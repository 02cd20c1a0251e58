"""The form of a source. What is typed about its key is never shown again."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from listings.models import HarvestSource
from listings.models.listings import Kind
from listings.models.sources import SourceKind
from marketplace.core.codes import FIELDS


class SourceForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=60,
        help_text=_("Readers see it on each listing, and entries are known again by it: it stays."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("Format"), choices=SourceKind.choices)
    address = forms.CharField(
        label=_("Address"), max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=_(
            "OAI-PMH: the base address of the repository. NASA: "
            "https://api.nasa.gov/techtransfer/patent/ or …/software/. JSON Feed: the feed."
        ),
    )  # fmt: skip
    selection = forms.CharField(
        label=_("Set or words"), max_length=200, required=False,
        help_text=_("OAI-PMH: one set. NASA: the words to ask for. Empty: everything."),
    )  # fmt: skip
    key = forms.CharField(
        label=_("API key"), max_length=300, required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    no_key = forms.BooleanField(label=_("Remove the stored key"), required=False)
    owner = forms.CharField(
        label=_("Posted for"), max_length=160,
        help_text=_("Id or whole name of a verified organisation: the owner of the listings."),
    )  # fmt: skip
    listing_kind = forms.ChoiceField(label=_("Entries become"), choices=Kind.choices)
    default_field = forms.ChoiceField(
        label=_("Field when the words say none"), choices=FIELDS.choices,
        help_text=_("Otherwise the field is guessed from title and text."),
    )  # fmt: skip
    field_codes = forms.CharField(
        label=_("Subjects that name a field"), required=False, max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "Materials = new_materials"}),
        help_text=_("One on each line: a subject of the source, =, the code of a field."),
    )  # fmt: skip
    every_hours = forms.IntegerField(
        label=_("Read every … hours"), min_value=1, max_value=1440, initial=24
    )
    withdraws_deleted = forms.BooleanField(
        label=_("Withdraw listings whose entry is deleted at the source"), required=False,
        help_text=_("OAI-PMH only: the other formats do not say what was deleted."),
    )  # fmt: skip

    def __init__(self, *args: Any, source: HarvestSource | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source = source
        if source is not None:
            for name in ("name", "kind", "listing_kind"):
                self.fields[name].disabled = True
        if source is None or not source.has_key:
            del self.fields["no_key"]
        else:
            self.fields["key"].help_text = _("A key is stored. Leave empty to keep it.")

    def clean_owner(self) -> Organisation:
        given = str(self.cleaned_data["owner"]).strip()
        named = Q(public_id=given.upper()) | Q(name_en__iexact=given) | Q(name_zh__iexact=given)
        found = list(Organisation.objects.filter(named)[:2])
        if len(found) != 1:
            raise forms.ValidationError(
                _("There are several organisations of this name. Enter the id of one.")
                if found
                else _("There is no organisation of this name or id.")
            )
        return found[0]

    def clean_field_codes(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for number, line in enumerate(str(self.cleaned_data["field_codes"]).splitlines(), 1):
            if not line.strip():
                continue
            word, equals, code = line.rpartition("=")
            if not equals or not word.strip() or not code.strip():
                raise forms.ValidationError(
                    _("Line %(number)s is not of the form subject = field."),
                    params={"number": number},
                )
            found[word.strip()] = code.strip()
        return found

    @property
    def facts(self) -> dict[str, Any]:
        """For listings.actions.sources: the key is None where the stored one stays."""
        facts = dict(self.cleaned_data)
        remove = facts.pop("no_key", False)
        facts["key"] = facts["key"] or ("" if remove else None)
        return facts

    @staticmethod
    def initial_of(source: HarvestSource) -> dict[str, Any]:
        names = ("name", "kind", "address", "selection", "listing_kind", "default_field",
                 "every_hours", "withdraws_deleted")  # fmt: skip
        return {
            **{name: getattr(source, name) for name in names},
            "owner": source.owner.public_id,
            "field_codes": "\n".join(
                f"{word} = {code}" for word, code in source.field_codes.items()
            ),
        }
