"""The forms of the steps. They only shape what was typed; listings.actions.content judges it."""

import re
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from listings.forms import choices
from listings.models import Listing
from listings.models.listings import Kind
from marketplace.core import regions
from marketplace.core.bilingual import is_chinese
from marketplace.core.codes import (
    CURRENCIES,
    FIELDS,
    PRICE_KINDS,
    PROJECT_SOURCES,
    TIERS,
    TRANSFER_MODES,
)
from marketplace.core.errors import DomainError

_SEPARATORS = re.compile(r"[,;，；、\n]+")


def line(label: Any, limit: int, help_text: Any = "", **attrs: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=limit, required=False, help_text=help_text,
        widget=forms.TextInput(attrs=attrs),
    )  # fmt: skip


def text(label: Any, limit: int, rows: int, help_text: Any = "", **attrs: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=limit, required=False, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows, **attrs}),
    )  # fmt: skip


class StepForm(forms.Form):
    """A step's plain fields. `content` gives what save_draft takes; `targets` says which form
    field shows the error of which content field."""

    targets: dict[str, str] = {}

    def __init__(self, *args: Any, listing: Listing, **kwargs: Any) -> None:
        self.listing = listing
        kwargs.setdefault("initial", self.initial_of(listing))
        super().__init__(*args, **kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Set what depends on the listing or on the reader's language."""

    def initial_of(self, listing: Listing) -> dict[str, Any]:
        return {name: getattr(listing, name) for name in self.base_fields if hasattr(listing, name)}

    def content(self) -> dict[str, Any]:
        """What was understood, by content field; a field with an error of its own is left out."""
        return dict(self.cleaned_data)

    def place(self, error: DomainError) -> None:
        """Show an action's errors at the fields that they are about."""
        for name, messages in error.fields.items():
            target = self.targets.get(name, name)
            for message in messages:
                self.add_error(target if target in self.fields else None, str(message))

    @property
    def is_chinese(self) -> bool:
        return is_chinese(get_language())


def bilingual_order(form: forms.Form, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """The named fields in both languages, the reader's first, for a template that shows one
    language after the other. `has_text`: something stands there, or is wrong."""
    order = ("zh", "en") if is_chinese(get_language()) else ("en", "zh")
    sides = []
    for language in order:
        bound = [
            form[f"{name}_{language}"] for name in names if f"{name}_{language}" in form.fields
        ]
        sides.append(
            {
                "language": language,
                "lang": "zh-Hans" if language == "zh" else "en",
                "fields": bound,
                "has_text": any(field.value() or field.errors for field in bound),
            }
        )
    return sides


def split_words(value: str) -> list[str]:
    """Keywords as typed, with commas of either language."""
    return [word for part in _SEPARATORS.split(value) if (word := part.strip())]


class WhatForm(StepForm):
    title_en = line(_("Title"), 200, lang="en")
    title_zh = line(_("Title"), 200, lang="zh-Hans")
    summary_en = text(_("Summary"), 600, 3, lang="en")
    summary_zh = text(_("Summary"), 600, 3, lang="zh-Hans")
    body_en = text(_("Description"), 20_000, 9, lang="en")
    body_zh = text(_("Description"), 20_000, 9, lang="zh-Hans")
    tried_en = text(_("What was tried, and why it failed"), 4_000, 4, lang="en")
    tried_zh = text(_("What was tried, and why it failed"), 4_000, 4, lang="zh-Hans")
    keywords_en = line(_("Keywords"), 600, _("Up to 20, with commas between them."), lang="en")
    keywords_zh = line(_("Keywords"), 600, _("Up to 20, with commas between them."), lang="zh-Hans")
    subject = forms.ChoiceField(
        label=_("Technology field"), required=False,
        help_text=_("Needed before it can be posted: by it people browse and are told."),
    )  # fmt: skip
    more_fields = forms.MultipleChoiceField(
        label=_("Other fields it touches"), required=False, widget=forms.CheckboxSelectMultiple
    )
    trl = forms.TypedChoiceField(
        label=_("Readiness (TRL)"), required=False, coerce=int, empty_value=None
    )

    targets = {"field": "subject", "sub_field": "subject"}
    texts = ("title", "summary", "body", "tried", "keywords")

    def prepare(self) -> None:
        need = self.listing.kind == Kind.NEED
        self.fields["subject"].choices = choices.subjects()  # type: ignore[attr-defined]
        self.fields["more_fields"].choices = choices.codes(FIELDS)  # type: ignore[attr-defined]
        self.fields["trl"].choices = choices.readiness(  # type: ignore[attr-defined]
            gettext("Any") if need else gettext("Choose a level")
        )
        if need:
            self.fields["trl"].label = _("Least readiness you can use (TRL)")
        else:
            del self.fields["tried_en"], self.fields["tried_zh"]
        self._hints(need)

    def _hints(self, need: bool) -> None:
        examples = (
            {
                "title_en": "Quiet ventilation fan, 38 dB(A) at 300 m³/h",
                "title_zh": "低温动力电池电解液，−40 ℃ 容量保持率 ≥ 80%",
                "summary_en": "What is needed, where it goes wrong today, and what that costs.",
                "summary_zh": "需要解决什么问题、目前卡在哪里、造成多大损失。",
            }
            if need
            else {
                "title_en": "Solid-state separator that survives nail penetration at 4.5 V",
                "title_zh": "面向织物的在线瑕疵检测系统，60 m/min 检出率 98.7%",
                "summary_en": "Which problem it solves, and by how much compared with what.",
                "summary_zh": "解决什么问题，与现有方案相比好多少。",
            }
        )
        for name, example in examples.items():
            self.fields[name].widget.attrs["placeholder"] = example

    def initial_of(self, listing: Listing) -> dict[str, Any]:
        subject = f"{listing.field}/{listing.sub_field}" if listing.sub_field else listing.field
        return {
            **super().initial_of(listing),
            "subject": subject,
            "keywords_en": ", ".join(listing.keywords_en),
            "keywords_zh": "、".join(listing.keywords_zh),
        }

    def content(self) -> dict[str, Any]:
        data = super().content()
        if "subject" in data:
            field, _slash, sub = data.pop("subject").partition("/")
            data.update(field=field, sub_field=sub)
        for name in ("keywords_en", "keywords_zh"):
            if name in data:
                data[name] = split_words(data[name])
        return data

    def sides(self) -> list[dict[str, Any]]:
        return bilingual_order(self, self.texts)


class TermsForm(StepForm):
    modes = forms.MultipleChoiceField(
        label=_("Ways of transfer you are open to"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    price_kind = forms.ChoiceField(label=_("Price"), required=False, widget=forms.RadioSelect)
    price_min = forms.DecimalField(label=_("From"), required=False, max_digits=16, decimal_places=2)
    price_max = forms.DecimalField(label=_("To"), required=False, max_digits=16, decimal_places=2)
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    deadline = forms.DateField(
        label=_("Answers until"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    judged_en = text(_("How answers will be judged"), 4_000, 4, lang="en")
    judged_zh = text(_("How answers will be judged"), 4_000, 4, lang="zh-Hans")
    project_source = forms.ChoiceField(label=_("Where the project came from"), required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)
    co_owners = text(
        _("Other owners"), 3_500, 3, _("One on each line: whoever also has to agree to a deal.")
    )
    valid_until = forms.DateField(
        label=_("Shown until"), required=False,
        help_text=_("Empty: a full term from the day it is published."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip

    def prepare(self) -> None:
        need = self.listing.kind == Kind.NEED
        language = get_language() or "en"
        for name, offered in (
            ("modes", choices.codes(TRANSFER_MODES)),
            ("price_kind", choices.codes(PRICE_KINDS)),
            ("currency", choices.codes(CURRENCIES)),
            ("project_source", choices.codes(PROJECT_SOURCES, empty=gettext("Not stated"))),
            ("country", regions.countries(language)),
            ("region", choices.places(language)),
        ):
            self.fields[name].choices = offered  # type: ignore[attr-defined]
        if need:
            self.fields["price_kind"].label = _("Budget")
            del self.fields["project_source"], self.fields["co_owners"]
        else:
            del self.fields["deadline"], self.fields["judged_en"], self.fields["judged_zh"]

    def initial_of(self, listing: Listing) -> dict[str, Any]:
        return {
            **super().initial_of(listing),
            "co_owners": "\n".join(row.name for row in listing.co_owners.all())
            if listing.pk
            else "",
            # a finer region than the form offers is shown as its city
            "region": self._offered(listing.region),
        }

    @staticmethod
    def _offered(code: str) -> str:
        steps = regions.path(code)
        return steps[min(1, len(steps) - 1)].code if steps else ""

    def content(self) -> dict[str, Any]:
        data = super().content()
        if "co_owners" in data:
            data["co_owners"] = [
                name for row in data["co_owners"].splitlines() if (name := row.strip())
            ]
        if data.get("region") == self._offered(self.listing.region):
            data.pop("region", None)  # untouched: keep the finer one
        return data

    def place(self, error: DomainError) -> None:
        for name, messages in list(error.fields.items()):
            if name.startswith("co_owners."):
                for message in messages:
                    self.add_error("co_owners", str(message))
                error.fields.pop(name)
        super().place(error)

    def sides(self) -> list[dict[str, Any]]:
        return bilingual_order(self, ("judged",))


class DetailsForm(StepForm):
    visibility = forms.ChoiceField(
        label=_("Who may know of it"), required=False, widget=forms.RadioSelect
    )
    is_anonymous = forms.BooleanField(
        label=_("Stay anonymous"), required=False,
        help_text=_("Your name, co-owners and patent numbers are withheld until you release them "
                    "to somebody. The region is told by province only."),
    )  # fmt: skip
    members_text_en = text(_("For verified members only"), 20_000, 6, lang="en")
    members_text_zh = text(_("For verified members only"), 20_000, 6, lang="zh-Hans")
    confidential_text_en = text(_("Only under a non-disclosure agreement"), 20_000, 6, lang="en")
    confidential_text_zh = text(
        _("Only under a non-disclosure agreement"), 20_000, 6, lang="zh-Hans"
    )

    def prepare(self) -> None:
        self.fields["visibility"].choices = [  # type: ignore[attr-defined]
            (code.code, f"{code.name()}：{code.help()}" if self.is_chinese
             else f"{code.name()}: {code.help()}")
            for code in TIERS
        ]  # fmt: skip

    def sides(self) -> list[dict[str, Any]]:
        return bilingual_order(self, ("members_text", "confidential_text"))
