"""Inputs of gatherings. The rules are the actions'."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Alliance, Organisation
from contracts.forms.inputs import line
from deals.models import Gathering, GatheringKind
from deals.models.cases import MAX_TITLE
from deals.models.gatherings import MAX_PLACE, MAX_REASON, MAX_WORDS
from listings.forms.choices import places
from marketplace.core.bilingual import pick
from marketplace.core.forms import SeenVersionField

TIMES = ("starts_at", "ends_at", "register_until")


def _moment(label: Any, help_text: Any = "", *, required: bool = True) -> forms.DateTimeField:
    """In the time of the market."""
    return forms.DateTimeField(
        label=label, required=required, help_text=help_text,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )  # fmt: skip


def _words(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=MAX_WORDS, strip=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )  # fmt: skip


def _named(rows: list[Any]) -> list[tuple[str, str]]:
    language = get_language() or "en"
    return [(one.public_id, pick(one, "name", language).value) for one in rows]


class GatheringForm(forms.Form):
    """institutions: of a new one, asked only where there are several; row: one that is changed."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    institution = forms.ChoiceField(label=_("Institution"))
    kind = forms.ChoiceField(
        label=pgettext_lazy("gathering", "Kind"), choices=GatheringKind.choices
    )
    title_zh = line(
        pgettext_lazy("gathering", "Title in Chinese"), MAX_TITLE, _("One language is enough.")
    )
    title_en = line(pgettext_lazy("gathering", "Title in English"), MAX_TITLE)
    words_zh = _words(_("What it is about, in Chinese"))
    words_en = _words(_("What it is about, in English"))
    starts_at = _moment(pgettext_lazy("gathering", "Start"), _("In the time of the market."))
    ends_at = _moment(pgettext_lazy("gathering", "End"), _("In the time of the market."))
    register_until = _moment(_("Registration until"), _("Empty: until the start."), required=False)
    place = line(
        pgettext_lazy("gathering", "Place"), MAX_PLACE, _("The address; everybody reads it.")
    )
    online = line(
        _("How to join online"), MAX_PLACE,
        _("A link or the number of the meeting; only registered people read it."),
    )  # fmt: skip
    region = forms.ChoiceField(label=_("Region"), required=False)
    capacity = forms.IntegerField(
        label=_("Places"), required=False, min_value=1, help_text=_("Empty: no bound."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    hours = forms.DecimalField(
        label=_("Hours of continuing education"), required=False, min_value=0, max_digits=5,
        decimal_places=2, help_text=_("Of a training: what who attends is credited with."),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip
    alliance = forms.ChoiceField(label=_("For whom"), required=False)

    def __init__(
        self, *args: Any, institutions: list[Organisation], alliances: list[Alliance],
        row: Gathering | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = places(get_language() or "en")  # type: ignore[attr-defined]
        if row is not None or len(institutions) < 2:
            del self.fields["institution"]
        else:
            self.fields["institution"].choices = _named(institutions)  # type: ignore[attr-defined]
        known = {one.pk: one for one in alliances}
        if row is not None and row.alliance is not None:
            known.setdefault(row.alliance.pk, row.alliance)
        if known:
            self.fields["alliance"].choices = [  # type: ignore[attr-defined]
                ("", _("Everybody")),
                *((key, _("Members of %(name)s") % {"name": name})
                  for key, name in _named(list(known.values()))),
            ]  # fmt: skip
        else:
            del self.fields["alliance"]


def facts_of(row: Gathering) -> dict[str, Any]:
    """What the form begins with."""
    names = [name for name in GatheringForm.base_fields if name not in ("institution", "alliance")]
    facts = {name: getattr(row, name) for name in names}
    facts |= {name: timezone.localtime(facts[name]) for name in TIMES}
    return {**facts, "alliance": row.alliance.public_id if row.alliance else ""}


class RegisterForm(forms.Form):
    """organisations: the person's own; the field goes when there is none."""

    organisation = forms.ChoiceField(label=_("You come for"), required=False)

    def __init__(self, *args: Any, organisations: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not organisations:
            del self.fields["organisation"]
            return
        self.fields["organisation"].choices = [  # type: ignore[attr-defined]
            *_named(organisations), ("", _("myself alone")),
        ]  # fmt: skip


class CallOffForm(forms.Form):
    version = SeenVersionField()
    reason = forms.CharField(
        label=_("Reason"), max_length=MAX_REASON, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Everybody who is registered or waits is told, with these words."),
    )  # fmt: skip
