"""The registrar's answers, and settings of a point."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from contracts.actions.examination import REMARK_FIELDS
from contracts.forms.drafting import DraftForm
from contracts.labels import fact_label
from contracts.models import PointSettings
from contracts.rule_sets import RuleSet
from marketplace.core.bilingual import is_chinese

_TWO_LINES = {"rows": 2}


class ReturnForm(forms.Form):
    """Words for the whole, a remark for each field that is wrong."""

    words = forms.CharField(
        label=_("What is to be corrected"), required=False, max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in REMARK_FIELDS:
            self.fields[f"remarks.{name}"] = forms.CharField(
                label=str(fact_label(name)), required=False, max_length=1000
            )

    def remark_fields(self) -> list[Any]:
        return [self[f"remarks.{name}"] for name in REMARK_FIELDS]

    def remarks(self) -> dict[str, str]:
        given = {name: self.cleaned_data.get(f"remarks.{name}", "") for name in REMARK_FIELDS}
        return {name: text for name, text in given.items() if text}


class RefuseForm(forms.Form):
    reason = forms.ChoiceField(label=_("Ground"))
    words = forms.CharField(
        label=_("In words"), required=False, max_length=4000, widget=forms.Textarea(_TWO_LINES)
    )
    without_answer = forms.BooleanField(label=_("Decide without the answer"), required=False)

    def __init__(self, *args: Any, rules: RuleSet, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chinese = is_chinese(language)
        self.fields["reason"].choices = [  # type: ignore[attr-defined]
            (ground.code, ground.zh if chinese else ground.en) for ground in rules.refusals.values()
        ]


class WordsForm(DraftForm):
    """A reason in words."""

    wanted = ("words",)

    words = forms.CharField(
        label=_("Reason"), required=False, max_length=4000, widget=forms.Textarea(_TWO_LINES)
    )


class DaysField(forms.CharField):
    """Dates, one a line or separated by commas or spaces."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        found = []
        for word in str(value or "").replace(",", " ").replace("，", " ").split():
            try:
                found.append(dt.date.fromisoformat(word))
            except ValueError:
                raise ValidationError(
                    now("“%(word)s” is no date. Write dates as 2026-10-01.") % {"word": word[:20]}
                ) from None
        return found

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return "\n".join(str(item) for item in value)
        return value


class PointForm(forms.Form):
    code = forms.CharField(
        label=_("Code in the numbers"), max_length=6,
        help_text=_("Six digits, the GB/T 2260 code of the region. Fixed by the first number."),
    )  # fmt: skip
    decision_days = forms.IntegerField(
        label=_("Working days to decide"), required=False, min_value=1, max_value=90,
        help_text=_("Empty: as the rule set says (15)."),
    )  # fmt: skip
    large_decision_days = forms.IntegerField(
        label=_("Working days for large contracts"), required=False, min_value=1, max_value=90,
        help_text=_("Empty: as the rule set says (30)."),
    )  # fmt: skip
    closed_days = DaysField(
        label=_("Closed on"), required=False, help_text=_("Holidays on weekdays, one date a line.")
    )
    opened_days = DaysField(
        label=_("Open on"), required=False, help_text=_("Weekend days that are worked.")
    )

    @staticmethod
    def initial_of(settings: PointSettings | None, region: str) -> dict[str, Any]:
        if settings is None:
            return {"code": region}
        return {
            "code": settings.code,
            "decision_days": settings.decision_days,
            "large_decision_days": settings.large_decision_days,
            "closed_days": list(settings.closed_days),
            "opened_days": list(settings.opened_days),
        }
