"""A registrar's question, a party's answer, and a yes in spite of an open question."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.forms.drafting import DraftForm


class AskForm(DraftForm):
    wanted = ("words",)

    words = forms.CharField(
        label=_("Question"), required=False, max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    both = forms.BooleanField(
        label=_("Ask the other side, too"), required=False,
        help_text=_("Each side reads the question and its own answers only."),
    )  # fmt: skip
    answer_by = forms.DateField(
        label=_("Answer by"), required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip


class AnswerForm(DraftForm):
    wanted = ("words",)

    words = forms.CharField(
        label=_("Answer"), required=False, max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    file = forms.FileField(
        label=_("File"), required=False, help_text=_("PDF, Word file or picture.")
    )


class YesForm(forms.Form):
    """Beside the button that registers, while a question is open."""

    without_answer = forms.BooleanField(
        label=_("Decide without the answer"), required=False,
        help_text=_("That a question was open is kept in the history."),
    )  # fmt: skip

    def chosen(self) -> bool:
        return bool(self.is_valid() and self.cleaned_data["without_answer"])


def yes_form(data: Any = None) -> YesForm:
    return YesForm(data, prefix="yes")
