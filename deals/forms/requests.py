"""Inputs of requests for help. The rules are the actions'."""

import re
from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Alliance, Organisation
from contracts.forms.inputs import chosen, line
from deals.actions.requests import outcomes_for
from deals.models import LocatorOutcome
from deals.models.cases import MAX_NOTE, MAX_TITLE
from deals.models.requests import MAX_CONTACT
from listings.forms.choices import places
from marketplace.core.bilingual import pick
from marketplace.core.codes import FIELDS
from marketplace.core.forms import SeenVersionField

NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{10}(?![0-9A-Za-z])")


def _text(
    label: Any, limit: int, rows: int, help_text: Any = "", *, required: bool = False
) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=limit, required=required, help_text=help_text, strip=False,
        widget=forms.Textarea(attrs={"rows": rows}),
    )  # fmt: skip


def _named(rows: list[Any]) -> list[tuple[str, str]]:
    language = get_language() or "en"
    return [(one.public_id, pick(one, "name", language).value) for one in rows]


class AskForm(forms.Form):
    """organisations: for which the person may ask, asked only where there are several."""

    organisation = forms.ChoiceField(label=_("Your organisation"))
    title = forms.CharField(
        label=pgettext_lazy("locator", "What it is about"), max_length=MAX_TITLE,
        help_text=_("In one line."),
    )  # fmt: skip
    words = _text(
        _("In your own words"), MAX_NOTE, 7,
        _("What do you want to solve, what have you tried, what must it be able to do?"),
        required=True,
    )  # fmt: skip
    to = forms.ChoiceField(
        label=_("Whom do you ask?"),
        help_text=_("Of an alliance, the first institution to take it answers."),
    )  # fmt: skip
    field = forms.ChoiceField(label=_("Field"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)
    answer_by = forms.DateField(
        label=_("Answer wanted until"), input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    contact = line(
        _("How you would like to be contacted"), MAX_CONTACT,
        _("If at all: a name, a telephone number, a time of day."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, organisations: list[Organisation], institutions: list[Organisation],
        alliances: list[Alliance], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["field"].choices = chosen(FIELDS, _("not said"))  # type: ignore[attr-defined]
        self.fields["region"].choices = places(get_language() or "en")  # type: ignore[attr-defined]
        groups: list[Any] = [("", _("Choose"))]
        if alliances:
            groups.append((_("All institutions of an alliance"), _named(alliances)))
        groups.append((_("One institution"), _named(institutions)))
        self.fields["to"].choices = groups  # type: ignore[attr-defined]
        if len(organisations) < 2:
            del self.fields["organisation"]
        else:
            self.fields["organisation"].choices = _named(organisations)  # type: ignore[attr-defined]


class TakeForm(forms.Form):
    """institutions: for which the person may take it, asked only where there are several."""

    institution = forms.ChoiceField(label=_("Institution"))
    version = SeenVersionField()

    def __init__(self, *args: Any, institutions: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(institutions) < 2:
            del self.fields["institution"]
        else:
            self.fields["institution"].choices = _named(institutions)  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    body = _text(
        _("Your answer"), MAX_NOTE, 6, _("The asker reads it; it is never changed."),
        required=True,
    )  # fmt: skip
    listings = forms.CharField(
        label=_("Published technologies to look at"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Numbers or addresses of their pages, at most ten."),
    )  # fmt: skip
    version = SeenVersionField()

    def clean_listings(self) -> list[str]:
        """Public ids found in what was typed; a line without one stays, to be refused by name."""
        found: list[str] = []
        for part in re.split(r"[\s,，;；、]+", self.cleaned_data["listings"]):
            numbers = NUMBER.findall(part.split("?")[0])
            if part:
                found.append(numbers[-1].upper() if numbers else part[:12])
        return found


class PassForm(forms.Form):
    receiver = forms.ChoiceField(label=pgettext_lazy("locator", "To"))
    words = _text(_("For the colleagues there"), 1000, 3, _("The asker does not read it."))
    version = SeenVersionField()

    def __init__(self, *args: Any, institutions: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["receiver"].choices = _named(institutions)  # type: ignore[attr-defined]


class CloseForm(forms.Form):
    """state: of the request, which says what one may answer."""

    outcome = forms.ChoiceField(
        label=pgettext_lazy("locator", "How did it go?"), widget=forms.RadioSelect
    )
    words = _text(_("Anything to add?"), 1000, 2, _("The institution reads it."))
    version = SeenVersionField()

    def __init__(self, *args: Any, state: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [  # type: ignore[attr-defined]
            (code, LocatorOutcome(code).label) for code in outcomes_for(state)
        ]
