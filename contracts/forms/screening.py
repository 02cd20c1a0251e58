"""Forms of export and import screening: a text to try, a decision about a hit, a catalogue."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from contracts.forms.drafting import DraftForm
from contracts.forms.inputs import chosen, day, line
from contracts.models import Catalogue, CatalogueEntry, HitDecision
from listings.models import Listing
from marketplace.core.bilingual import pick
from marketplace.core.cleaning import plain_text
from marketplace.core.codes import FIELDS

MAX_TEXT = 20_000
MAX_LISTINGS = 200  # to choose from


class ScreeningForm(forms.Form):
    """A text or one of one's own listings, and which way it would go."""

    listing = forms.ChoiceField(
        label=_("One of your technologies"), required=False,
        help_text=_("With all of its texts, also those that are confidential. Only you see this."),
    )  # fmt: skip
    text = forms.CharField(
        label=_("Or a text"), required=False, max_length=MAX_TEXT, validators=[plain_text],
        help_text=_("What the technology is and does: a summary, a contract’s subject. It is not "
                    "stored."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )  # fmt: skip
    field = forms.ChoiceField(
        label=_("Technology field"), required=False,
        help_text=_("Makes the words of entries of this field count more."),
    )  # fmt: skip
    direction = forms.ChoiceField(
        label=_("It goes"), initial=Catalogue.Direction.EXPORT, widget=forms.RadioSelect,
        choices=[
            (
                Catalogue.Direction.EXPORT,
                _("out: to somebody abroad, in Hong Kong, Macao or Taiwan"),
            ),
            (Catalogue.Direction.IMPORT, _("in: from somebody there")),
        ],
    )  # fmt: skip

    def __init__(self, *args: Any, listings: list[Listing], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language()
        own = [(one.public_id, pick(one, "title", language).value or "—") for one in listings]
        self.fields["listing"].choices = [("", "—"), *own]  # type: ignore[attr-defined]
        self.fields["field"].choices = chosen(FIELDS)  # type: ignore[attr-defined]
        if not own:
            del self.fields["listing"]
            self.fields["text"].label = _("Text")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not self.errors and not given.get("text", "").strip() and not given.get("listing"):
            self.add_error("text", _("Paste a text, or choose one of your technologies."))
        return given


class HitForm(DraftForm):
    """A registrar's answer to a possible hit."""

    wanted = ("words",)

    outcome = forms.ChoiceField(label=_("Your decision"), widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("Why"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), required=False,
        help_text=_("The parties read this."),
    )  # fmt: skip
    licence_number = line(_("Number of the licence"), 80)
    licence_on = day(_("Given on"))
    licence_by = line(_("By which authority"), 160)
    note = forms.CharField(
        label=_("Note for the registration point"), max_length=4000, required=False,
        help_text=_("The parties do not see it."), widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args: Any, entry: CatalogueEntry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outcome = HitDecision.Outcome
        is_prohibited = entry.kind == CatalogueEntry.Kind.PROHIBITED
        self.fields["outcome"].choices = [  # type: ignore[attr-defined]
            (outcome.NOT_COVERED, _("Not covered: the contract is about something else")),
            *(
                []
                if is_prohibited
                else [(outcome.LICENSED, _("Covered: a licence was shown, named below"))]
            ),
            (outcome.BARRED, _("Barred: the registration is to be refused")),
        ]
        if is_prohibited:
            for name in ("licence_number", "licence_on", "licence_by"):
                del self.fields[name]


class CatalogueForm(forms.Form):
    """An edition as a file."""

    file = forms.FileField(
        label=_("File"), help_text=_("YAML or CSV in UTF-8; the form is in the how-to."),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.csv"}),
    )  # fmt: skip
    only_check = forms.BooleanField(
        label=_("Only check it, store nothing"), required=False, initial=True
    )
