"""The questions of the type assistant. Nothing is required: it says what follows so far."""

from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext_lazy as _

from contracts.classification import questions
from contracts.forms.inputs import line
from marketplace.core.cleaning import plain_text

MAX_SUBJECT = 2000


class ClassificationForm(forms.Form):
    title = line(
        _("Title of the contract"), 200, _("As it stands on the contract, if you have it.")
    )
    subject = forms.CharField(
        label=_("What it is about"), required=False, max_length=MAX_SUBJECT,
        validators=[plain_text],
        help_text=_("A sentence or two of the contract’s subject. It is not stored."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    signed_on = forms.DateField(
        label=_("Signed on"), required=False,
        help_text=_("Decides which rules hold. Empty: today’s."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language()
        self.fields["title"].validators.append(plain_text)
        unsure = pgettext("answer", "Not sure")
        for question in questions():
            own = [(one.code, one.said.text(language).value) for one in question.options]
            usual = [("yes", pgettext("answer", "Yes")), ("no", pgettext("answer", "No"))]
            self.fields[question.code] = forms.ChoiceField(
                label=question.said.text(language).value, required=False,
                help_text=question.help.text(language).value if question.help else "",
                choices=[*(own or usual), ("", unsure)],
                initial="",
                widget=forms.Select if own else forms.RadioSelect,
            )  # fmt: skip

    @property
    def asked(self) -> list[forms.BoundField]:
        return [self[question.code] for question in questions()]

    def answers(self) -> dict[str, str]:
        return {question.code: self.cleaned_data[question.code] for question in questions()}
