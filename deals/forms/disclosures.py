"""Forms of disclosures. The rules are in the actions; forms keep what was typed."""

from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from contracts.forms.inputs import chosen, day, line
from deals.actions.disclosures import INVENTOR_FACTS, MAX_INVENTORS
from deals.models import DisclosureReason, Route
from deals.models.cases import MAX_TITLE
from deals.models.disclosures import MAX_SHORT, MAX_TEXT
from marketplace.core.bilingual import pick
from marketplace.core.codes import TRL
from marketplace.core.forms import SeenVersionField


def _text(label: Any, limit: int, rows: int, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=limit, required=False, help_text=help_text, strip=False,
        widget=forms.Textarea(attrs={"rows": rows}),
    )  # fmt: skip


class WhatForm(forms.Form):
    """organisations: to choose from when the person is a member of several (new ones only)."""

    organisation = forms.ChoiceField(label=_("Your organisation"))
    title_zh = line(
        pgettext_lazy("disclosure", "Title in Chinese"), MAX_TITLE, _("One language is enough.")
    )
    title_en = line(pgettext_lazy("disclosure", "Title in English"), MAX_TITLE)
    description_zh = _text(
        _("Description in Chinese"), MAX_TEXT, 6,
        _("The problem, how it is solved, and what is new in it."),
    )  # fmt: skip
    description_en = _text(_("Description in English"), MAX_TEXT, 6)
    trl = forms.TypedChoiceField(
        label=_("How far it is"), required=False, coerce=int, empty_value=None
    )
    prior_art = _text(
        _("Prior art"),
        MAX_SHORT,
        3,
        _("What is known and comes nearest: patents, papers, products."),
    )
    version = SeenVersionField()

    def __init__(
        self, *args: Any, organisations: list[Organisation] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["trl"].choices = chosen(TRL, _("not said"))  # type: ignore[attr-defined]
        if organisations is None or len(organisations) < 2:
            del self.fields["organisation"]
            return
        self.fields["organisation"].choices = named(organisations)  # type: ignore[attr-defined]


class InventorRowForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=120, required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    affiliation = forms.CharField(label=_("Organisation"), max_length=160, required=False)
    share = forms.DecimalField(
        label=_("Part, %"), max_digits=5, decimal_places=2, required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip

    @property
    def is_filled(self) -> bool:
        return any(self.cleaned_data.get(name) not in (None, "") for name in INVENTOR_FACTS)

    def row(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in INVENTOR_FACTS}


InventorRows = formset_factory(
    InventorRowForm, extra=0, max_num=MAX_INVENTORS, absolute_max=MAX_INVENTORS + 5
)


class BackgroundForm(forms.Form):
    institution = forms.ChoiceField(
        label=_("To which institution"), required=False,
        help_text=_("It reads the disclosure once every inventor has signed, not before."),
    )  # fmt: skip
    conceived_on = day(_("First conceived on"))
    published_on = day(
        _("First publication"), _("Past or planned: paper, talk, poster, product. Empty: none.")
    )
    funder = line(_("Funder"), MAX_TITLE, _("Who paid for the work: a programme or a client."))
    grant_number = line(_("Number of the grant or contract"), 80)
    funder_may_claim = forms.BooleanField(label=_("The funder may claim ownership"), required=False)
    interested_firms = _text(_("Firms known to be interested"), MAX_SHORT, 2)
    version = SeenVersionField()

    def __init__(self, *args: Any, institutions: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["institution"].choices = [  # type: ignore[attr-defined]
            ("", _("choose an institution")), *named(institutions),
        ]  # fmt: skip


class SignForm(forms.Form):
    """seen: the hash of the content that stands on the page."""

    name = forms.CharField(
        label=_("Your name, as your signature"), max_length=200,
        help_text=_("As it stands in the list of inventors."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
    agreed = forms.BooleanField(
        label=_("I am an inventor of this, and what stands here is true and complete."),
        error_messages={"required": _("Tick this to sign.")},
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class AcceptForm(forms.Form):
    responsible = forms.ChoiceField(label=_("Responsible"))
    version = SeenVersionField()

    def __init__(self, *args: Any, people: list[Any], why: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["responsible"].help_text = why
        self.fields["responsible"].choices = [  # type: ignore[attr-defined]
            ("", _("choose a person")), *((one.public_id, str(one)) for one in people),
        ]  # fmt: skip


class ReturnForm(forms.Form):
    remarks = forms.CharField(
        label=_("What is to be changed?"), max_length=MAX_SHORT, strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The author reads this. After a change all inventors sign anew."),
    )  # fmt: skip
    version = SeenVersionField()


class DeclineForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Reason"), choices=[("", _("choose a reason")), *DisclosureReason.choices]
    )
    remarks = _text(_("Remarks"), MAX_SHORT, 3, _("The author reads this."))
    version = SeenVersionField()


class InformalForm(forms.Form):
    route = forms.ChoiceField(label=_("How"), choices=Route.choices)
    what = forms.CharField(label=_("What"), max_length=MAX_TITLE)
    partner = forms.CharField(label=_("With whom"), max_length=160)
    happened_on = forms.DateField(
        label=_("When"), input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    institution = forms.ChoiceField(label=_("To which institution"))

    def __init__(self, *args: Any, institutions: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["institution"].choices = [  # type: ignore[attr-defined]
            ("", _("choose an institution")), *named(institutions),
        ]  # fmt: skip


def named(organisations: list[Organisation]) -> list[tuple[str, str]]:
    language = get_language() or "en"
    return [(one.public_id, pick(one, "name", language).value) for one in organisations]
