"""The filters of the directory of institutions, as they stand in its address."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.core import regions
from marketplace.core.codes import FIELDS, TTI_TYPES


class DirectoryFilters(forms.Form):
    """A filter that cannot be read is left out and named; the others still hold."""

    q = forms.CharField(label=_("Name"), max_length=100, required=False)
    type = forms.MultipleChoiceField(
        label=_("Type"), choices=[(c.code, c.code) for c in TTI_TYPES], required=False
    )
    field = forms.MultipleChoiceField(
        label=_("Technology field"), choices=[(c.code, c.code) for c in FIELDS], required=False
    )
    region = forms.CharField(label=_("Region"), max_length=6, required=False)

    def clean_region(self) -> str:
        code = str(self.cleaned_data["region"])
        if code and regions.get(code) is None:
            raise forms.ValidationError(_("This is not a region code."))
        return code

    def readable(self) -> dict[str, Any]:
        """The filters that could be read, as arguments of queries.organisations.narrow."""
        self.is_valid()
        cleaned = self.cleaned_data
        return {
            "text": cleaned.get("q", ""),
            "types": cleaned.get("type") or [],
            "fields": cleaned.get("field") or [],
            "region": cleaned.get("region", ""),
        }
