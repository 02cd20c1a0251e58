"""What pages send: filters of the inbox, and an answer."""

import re
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from marketplace.core.codes import FIELDS
from matching.models import Answer, Level, Reason, Side
from matching.models.matches import MAX_TEXT
from matching.queries.inbox import SHOWN, WAITING, Wanted


class AnswerForm(forms.Form):
    """An answer; the rules between its fields are the action's."""

    answer = forms.ChoiceField(choices=Answer.choices)
    reason = forms.ChoiceField(label=_("Reason"), choices=Reason.choices, required=False)
    text = forms.CharField(
        label=_("In a few words"), required=False, max_length=MAX_TEXT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Only your side reads this; the other side reads the reason."),
    )  # fmt: skip
    side = forms.ChoiceField(choices=Side.choices, required=False)
    seen = forms.ChoiceField(choices=[("", ""), *Answer.choices], required=False)


def wanted_from(query: QueryDict, sides: dict[str, int]) -> Wanted:
    """The filters of an inbox address; what is unknown is as if it were not there.

    sides: those the reader has, with how many wait; the first with something waiting is the start.
    """

    def one_of(name: str, known: Any, default: str = "") -> str:
        value = query.get(name, "")
        return value if value in known else default

    start = max(sides, key=lambda side: (sides[side] > 0, side == Side.NEED), default="need")
    return Wanted(
        side=one_of("side", Side.values, start),
        listing=_public_id(query.get("listing", "")),
        level=one_of("level", Level.values),
        show=one_of("show", SHOWN, WAITING),
        only_new=query.get("new") == "1",
        field=one_of("field", FIELDS),
    )


def _public_id(text: str) -> str:
    return text if re.fullmatch(r"[0-9A-Z]{10}", text) else ""
