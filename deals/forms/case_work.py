"""Forms of assessment, protection and marketing of a case. The rules are in the actions."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contracts.forms.inputs import MoneyField, chosen, day, line
from deals.assessing import Template
from deals.models import (
    ApproachChannel,
    ApproachOutcome,
    CloseReason,
    IncomeAccount,
    IpKind,
    Verdict,
)
from deals.models.assessments import MAX_EVIDENCE, VERDICT_REASONS
from deals.models.cases import MAX_TITLE
from marketplace.core.codes import CURRENCIES, TRL
from marketplace.core.forms import SeenVersionField

SCORES = [("", _("unknown")), *((str(one), str(one)) for one in range(1, 6))]


def _words(label: Any, help_text: Any = "", *, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=MAX_EVIDENCE, required=required, help_text=help_text, strip=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


# known organisations stand in a list of the page, deals/parts/whom_list.html
WHOM = {"list": "whom", "autocomplete": "off"}


class ScorecardForm(forms.Form):
    """Two fields for each criterion: `<code>_score` and `<code>_evidence`."""

    version = SeenVersionField()

    def __init__(self, *args: Any, template: Template, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.template = template
        for one in template.criteria:
            self.fields[f"{one.code}_score"] = forms.TypedChoiceField(
                label=_("Score"), choices=SCORES, required=False, coerce=int, empty_value=None
            )
            self.fields[f"{one.code}_evidence"] = _words(pgettext_lazy("assessment", "Evidence"))

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """(criterion, its score field, its evidence field)."""
        return [
            (one, self[f"{one.code}_score"], self[f"{one.code}_evidence"])
            for one in self.template.criteria
        ]

    def scores(self) -> dict[str, dict[str, Any]]:
        return {
            one.code: {
                name: self.cleaned_data[f"{one.code}_{name}"] for name in ("score", "evidence")
            }
            for one in self.template.criteria
        }


class ReadinessForm(forms.Form):
    level = forms.TypedChoiceField(label=_("Readiness level"), coerce=int)
    evidence = _words(_("What shows it?"), required=True)
    version = SeenVersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = [  # type: ignore[attr-defined]
            ("", _("choose a level")), *((one.code, f"{one.code} · {one.name()}") for one in TRL),
        ]  # fmt: skip


class DecisionForm(forms.Form):
    verdict = forms.ChoiceField(
        label=_("Decision"), choices=Verdict.choices, widget=forms.RadioSelect
    )
    reason = forms.ChoiceField(label=_("Reason"))
    until = day(_("Until"), _("When it is decided later: a task for that day is made."))
    words = _words(_("Words"))
    version = SeenVersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [  # type: ignore[attr-defined]
            ("", _("choose a reason")),
            *(
                (one.label, [(reason.value, reason.label) for reason in VERDICT_REASONS[one.value]])
                for one in Verdict
            ),
        ]


class IpEventForm(forms.Form):
    kind = forms.ChoiceField(label=pgettext_lazy("patent", "What"), choices=IpKind.choices)
    office = line(pgettext_lazy("patent", "Office"), 40, _("CNIPA, EPO, WIPO …"))
    number = line(_("Number"), 40)
    happened_on = day(_("Date"))
    deadline = day(
        pgettext_lazy("patent", "Deadline"), _("You are reminded 30, 7 and 1 days before.")
    )
    done_on = day(_("Done on"))
    cost = MoneyField(label=pgettext_lazy("patent", "Cost"), required=False)
    currency = forms.ChoiceField(label=_("Currency"))
    note = line(_("Note"), 400)
    version = SeenVersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].choices = chosen(CURRENCIES, None)  # type: ignore[attr-defined]


class BookForm(forms.Form):
    account = forms.ChoiceField(label=_("Income of which contract"))
    version = SeenVersionField()

    def __init__(self, *args: Any, accounts: list[IncomeAccount], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].choices = [  # type: ignore[attr-defined]
            (one.public_id, one.number) for one in accounts
        ]


class ApproachForm(forms.Form):
    """Editing asks no more to whom it was."""

    name = forms.CharField(
        label=_("Whom"), max_length=160, widget=forms.TextInput(attrs=WHOM),
        help_text=_("A name, or the number of an organisation of the market."),
    )  # fmt: skip
    made_on = forms.DateField(
        label=_("When"), initial=timezone.localdate, input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    channel = forms.ChoiceField(
        label=pgettext_lazy("approach", "How"), choices=ApproachChannel.choices
    )
    outcome = forms.ChoiceField(label=_("What came of it"), choices=ApproachOutcome.choices)
    reason = forms.ChoiceField(
        label=_("Why not"), required=False, help_text=_("When they are not interested."),
        choices=[("", _("choose a reason")), *CloseReason.choices],
    )  # fmt: skip
    next_step = line(_("Next step"), MAX_TITLE)
    next_on = day(_("Until"))
    version = SeenVersionField()

    def __init__(self, *args: Any, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["name"]
