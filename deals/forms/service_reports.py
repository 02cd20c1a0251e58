"""Inputs of service figures, section by section, and of a frame. The rules are the actions'."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from contracts.forms.inputs import MoneyField
from deals.models import ServiceReport
from deals.models.service_reports import MAX_REASON
from deals.service_figures import FIGURES, SECTIONS, Value, declared_of
from marketplace.core.formatting import number_text
from marketplace.core.forms import SeenVersionField

NAMING = "naming"  # the last section: whether to be named, and why figures are corrected


class CountField(MoneyField):
    """A whole number as people write it: grouped, or in ten thousands (1.2万)."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": gettext_lazy("Write a whole number, such as 1200, 1,200 or 1.2万."),
        "whole": gettext_lazy("Write a whole number, such as 1200, 1,200 or 1.2万."),
    }

    def clean(self, value: Any) -> Any:
        number = super().clean(value)
        if number is None:
            return None
        if number != number.to_integral_value():
            raise forms.ValidationError(self.error_messages["whole"], code="whole")
        return int(number)


class SectionForm(forms.Form):
    """The fields of one section, with what the platform counted itself beside them."""

    version = SeenVersionField()

    def __init__(
        self, *args: Any, section: str, counted: Mapping[str, Value], is_correction: bool,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.section = section
        for code in SECTIONS.get(section, ()):
            figure = FIGURES[code]
            field = MoneyField if figure.is_money else CountField
            self.fields[code] = field(
                label=figure.name, required=False,
                help_text=_("Counted on the platform: %(number)s. Enter only what is not in it.")
                % {"number": number_text(counted.get(code, 0))}
                if figure.is_counted else "",
            )  # fmt: skip
        if section == NAMING:
            self.fields["is_named"] = forms.BooleanField(
                label=_("Name our institution with its figures in the public tables"),
                required=False,
                help_text=_("Without it your figures count in sums of at least three institutions "
                            "that are not named either."),
            )  # fmt: skip
            if is_correction:
                self.fields["reason"] = forms.CharField(
                    label=_("Why the figures are corrected"), max_length=MAX_REASON,
                    required=False, widget=forms.Textarea(attrs={"rows": 2}),
                    help_text=_("Only your institution reads it."),
                )  # fmt: skip

    def facts(self) -> dict[str, Any]:
        """What was typed, but for the version."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


def filled(report: ServiceReport | None, section: str, version: int) -> dict[str, Any]:
    """Initial values of a section."""
    initial: dict[str, Any] = {"version": version}
    if report is None:
        return initial
    declared = declared_of(report)
    for code in SECTIONS.get(section, ()):
        value = declared[code]
        initial[code] = Decimal(value) if value is not None else None
    if section == NAMING:
        initial |= {"is_named": report.is_named, "reason": report.reason if report.is_draft else ""}
    return initial


class FrameForm(forms.Form):
    """Which figures the lead asks for. number: of the version that was seen."""

    codes = forms.MultipleChoiceField(
        label=pgettext_lazy("frame", "Figures"), widget=forms.CheckboxSelectMultiple,
        required=False,
    )  # fmt: skip
    number = SeenVersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["codes"].choices = [  # type: ignore[attr-defined]
            (one.code, one.name) for one in FIGURES.values()
        ]
