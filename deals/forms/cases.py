"""Forms of cases. The rules are in the actions; forms keep what was typed."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contracts.forms.inputs import MoneyField
from deals.models import CaseOutcome, DeferReason
from deals.models.cases import MAX_NOTE, MAX_TITLE, REASONS
from deals.pipelines import Pipeline, all_pipelines
from marketplace.core.codes import CURRENCIES
from marketplace.core.forms import SeenVersionField


def _date(**kwargs: Any) -> forms.DateField:
    # browsers read a date in this shape alone, whatever the language of the page
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(widget=widget, input_formats=["%Y-%m-%d"], **kwargs)


class CaseForm(forms.Form):
    """people: those who may be responsible; why: sentences on who may not; institutions: to choose
    from when there are several (opening only)."""

    title = forms.CharField(
        label=pgettext_lazy("case", "What is it about?"), max_length=MAX_TITLE,
        help_text=_("One line that you and your colleagues recognise."),
    )  # fmt: skip
    organisation = forms.ChoiceField(label=_("Institution"))
    pipeline = forms.ChoiceField(label=pgettext_lazy("case", "Pipeline"))
    responsible = forms.ChoiceField(label=_("Responsible"))
    value = MoneyField(label=_("Value of the deal"), required=False)
    currency = forms.ChoiceField(label=_("Currency"))
    probability = forms.IntegerField(
        label=_("Probability, %"), min_value=0, max_value=100, required=False,
        help_text=_("Empty: as the stage says."),
    )  # fmt: skip
    next_action = forms.CharField(label=_("Next action"), max_length=MAX_TITLE, required=False)
    next_action_on = _date(label=_("Until"), required=False)
    version = SeenVersionField()

    def __init__(
        self, *args: Any, people: list[Any], institutions: list[tuple[str, str]] | None = None,
        why: Sequence[Any] = (), **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["responsible"].help_text = " ".join(str(text) for text in why if text)
        named = [(one.public_id, str(one)) for one in people]
        if not self.initial.get("responsible"):  # nobody becomes responsible by standing first
            named.insert(0, ("", str(_("choose a person"))))
        self._choices("responsible", named)
        self._choices("currency", [(one.code, one.code) for one in CURRENCIES])
        if institutions is None:
            del self.fields["organisation"], self.fields["pipeline"]
            return
        self._choices("pipeline", [(one.code, one.name) for one in all_pipelines().values()])
        self._choices("organisation", institutions)
        if len(institutions) < 2:
            del self.fields["organisation"]

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class DeferForm(forms.Form):
    until = _date(label=_("Until"), help_text=_("It is taken up again by itself on this day."))
    reason = forms.ChoiceField(label=_("Reason"), choices=DeferReason.choices)
    version = SeenVersionField()


def reason_choices() -> list[tuple[Any, Any]]:
    """Reasons under the outcomes that they go with."""
    return [
        ("", _("choose a reason")),
        *(
            (outcome.label, [(one.value, one.label) for one in REASONS[outcome.value]])
            for outcome in CaseOutcome
        ),
    ]


class CloseCaseForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("How did it end?"), choices=CaseOutcome.choices, widget=forms.RadioSelect
    )
    reason = forms.ChoiceField(
        label=_("Reason"), help_text=_("It counts under “Barriers”, without a name.")
    )
    version = SeenVersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason = self.fields["reason"]
        assert isinstance(reason, forms.ChoiceField)
        reason.choices = reason_choices()


class NoteForm(forms.Form):
    body = forms.CharField(
        label=_("Note"), max_length=MAX_NOTE, strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Internal: no client ever reads it."),
    )  # fmt: skip


class TaskForm(forms.Form):
    title = forms.CharField(label=_("What is to be done?"), max_length=MAX_TITLE)
    assignee = forms.ChoiceField(label=_("By whom"), required=False)
    due_on = _date(label=_("Until"), required=False)
    version = SeenVersionField()

    def __init__(self, *args: Any, people: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assignee = self.fields["assignee"]
        assert isinstance(assignee, forms.ChoiceField)
        assignee.choices = [
            ("", pgettext_lazy("person", "nobody yet")),
            *((one.public_id, str(one)) for one in people),
        ]


class ClientForm(forms.Form):
    name = forms.CharField(
        label=pgettext_lazy("case", "Client"), max_length=160,
        help_text=_("A name, or the number of an organisation of the market."),
    )  # fmt: skip


class ListingForm(forms.Form):
    listing = forms.CharField(
        label=_("Number of a technology or need"),
        max_length=200,
        help_text=_("Ten characters, or the address of its page."),
    )


class TieForm(forms.Form):
    """An introduction or a contract, by its number. label: of the field."""

    number = forms.CharField(
        max_length=200, required=False,
        help_text=_("Ten characters, or the address of its page. Empty: it belongs to none."),
    )  # fmt: skip

    def __init__(self, *args: Any, label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].label = label
        self.fields["number"].widget.attrs |= {
            "list": str(self.auto_id) % "near", "autocomplete": "off",
        }  # fmt: skip


class ContactForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=80)
    role = forms.CharField(label=_("Role"), max_length=80, required=False)
    mail = forms.EmailField(label=_("Mail"), max_length=254, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)


class BulkForm(forms.Form):
    """What to do with the marked cases."""

    step = forms.ChoiceField(label=_("With the marked ones"))
    responsible = forms.ChoiceField(label=_("Responsible"), required=False)
    next_action_on = _date(label=_("Next action until"), required=False)
    stage = forms.ChoiceField(label=_("Stage"), required=False)
    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=[("", _("choose an outcome")), *CaseOutcome.choices],
        required=False,
    )  # fmt: skip
    reason = forms.ChoiceField(label=_("Reason"), required=False)

    def __init__(self, *args: Any, people: list[Any], line: Pipeline | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps = [
            ("responsible", _("give to a person")),
            ("next_action_on", _("set the date of the next action")),
            ("close", _("close with a reason")),
        ]
        if line is not None:
            steps.insert(0, ("stage", _("move to a stage")))
        self._choices("step", steps)
        self._choices(
            "responsible",
            [("", _("choose a person")), *((one.public_id, str(one)) for one in people)],
        )
        stages = [(one.code, one.name) for one in line.stages] if line else []
        self._choices("stage", [("", _("choose a stage")), *stages])
        self._choices("reason", reason_choices())
        if line is None:
            del self.fields["stage"]

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
