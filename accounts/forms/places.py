"""Choosing a region without a list of three thousand: the city first, then its district."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from marketplace.core import regions

Choices = list[Any]


def city_choices() -> Choices:
    """Provinces as groups of their cities; a municipality is its own only city."""
    language = get_language()
    found: Choices = [("", "")]
    for province in regions.children():
        name = province.name(language)
        under = [(r.code, r.name(language)) for r in regions.children(province.code)]
        is_municipality = bool(under) and not under[0][0].endswith("00")
        if is_municipality or not under:
            found.append((province.code, name))
        else:
            found.append((name, [(province.code, _("%(name)s, no city") % {"name": name}), *under]))
    return found


def district_choices(city: str) -> Choices:
    """The districts of a city (or municipality); empty when it has none."""
    if not city or (city.endswith("0000") and not _is_municipality(city)):
        return []
    language = get_language()
    under = regions.children(city)
    return [("", _("All of it")), *((r.code, r.name(language)) for r in under)] if under else []


def _is_municipality(code: str) -> bool:
    under = regions.children(code)
    return bool(under) and not under[0].code.endswith("00")


def split(code: str) -> tuple[str, str]:
    """A stored region as (what the city select holds, what the district select holds)."""
    steps = regions.path(code)
    if len(steps) < 2:
        return code, ""
    if len(steps) == 2:
        if _is_municipality(steps[0].code):
            return steps[0].code, code
        return code, ""
    return steps[1].code, code


class RegionFields(forms.Form):
    """Mixin: `region` (city) and `district`; `clean` leaves the finest code in `region`."""

    region = forms.ChoiceField(
        label=_("City or region"), required=False, choices=city_choices,
        help_text=_("For organisations in China."),
    )  # fmt: skip
    district = forms.ChoiceField(label=_("District or county"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            city = str(self.data.get(self.add_prefix("region"), ""))
        else:
            city, district = split(str(self.initial.get("region", "") or ""))
            if district:
                self.initial["district"] = district
            self.initial["region"] = city
        # With JavaScript the districts come at once; without, a button asks for them.
        self.fields["region"].widget.attrs.update(
            {
                "hx-get": reverse("organisation_districts"),
                "hx-target": "#district-field",
                "hx-swap": "innerHTML",
            }
        )
        field = self.fields["district"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = district_choices(city) or [("", "")]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("district"):
            cleaned["region"] = cleaned["district"]
        cleaned.pop("district", None)
        return cleaned
