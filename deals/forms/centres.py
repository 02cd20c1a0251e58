"""Inputs of an institution's settings, one short form for each section. The rules are the
actions'."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from deals.models import Binding, CaseReading, Takers
from deals.models.centres import MAX_NDA
from deals.pipelines import all_pipelines
from marketplace.core.forms import SeenVersionField


class SplitForm(forms.Form):
    referring_percent = forms.DecimalField(
        label=_("Part of the fee for you when you refer a case, %"), required=False,
        max_digits=5, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text=_("Used where the alliance has no usual terms. Empty: the platform proposes 40."),
    )  # fmt: skip
    version = SeenVersionField()


class PeopleForm(forms.Form):
    """people: those who may be named, owners and brokers."""

    takers = forms.ChoiceField(
        label=_("Who may take cases?"), choices=Takers.choices, widget=forms.RadioSelect,
        help_text=_("Owners may open cases for others whatever is chosen here."),
    )  # fmt: skip
    people = forms.MultipleChoiceField(
        label=pgettext_lazy("takers", "People named"), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only where people are named."),
    )  # fmt: skip
    pipeline = forms.ChoiceField(label=_("New cases begin with"), required=False)
    reading = forms.ChoiceField(
        label=_("What do brokers and editors read?"), choices=CaseReading.choices,
        widget=forms.RadioSelect,
        help_text=_("Their own: cases they are responsible for, have opened or have a task in."),
    )  # fmt: skip
    version = SeenVersionField()

    def __init__(self, *args: Any, people: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].choices = [(one.public_id, str(one)) for one in people]  # type: ignore[attr-defined]
        self.fields["pipeline"].choices = [  # type: ignore[attr-defined]
            ("", _("as the platform proposes")),
            *((one.code, one.name) for one in all_pipelines().values()),
        ]


class NdaTextForm(forms.Form):
    title_zh = forms.CharField(
        label=pgettext_lazy("agreement", "Title in Chinese"), max_length=160, required=False
    )
    text_zh = forms.CharField(
        label=_("Text in Chinese"), max_length=MAX_NDA, required=False,
        widget=forms.Textarea(attrs={"rows": 12, "lang": "zh-Hans"}),
    )  # fmt: skip
    title_en = forms.CharField(
        label=pgettext_lazy("agreement", "Title in English"), max_length=160, required=False
    )
    text_en = forms.CharField(
        label=_("Text in English"), max_length=MAX_NDA, required=False,
        widget=forms.Textarea(attrs={"rows": 12, "lang": "en"}),
    )  # fmt: skip
    binding = forms.ChoiceField(
        label=_("Which text is binding?"), choices=Binding.choices, widget=forms.RadioSelect,
        help_text=_("A text in one language alone is the binding one."),
    )  # fmt: skip
    version = SeenVersionField()
