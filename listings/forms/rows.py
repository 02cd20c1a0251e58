"""Rows of a step: specifications and IP rights, as many as one adds."""

from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from listings.forms import choices
from listings.forms.steps import line
from listings.models import Listing, Specification
from listings.models.listings import Kind, Tier
from listings.rules import MAX_RIGHTS, MAX_SPECIFICATIONS
from listings.snapshots import RIGHT_FIELDS, SPECIFICATION_FIELDS
from marketplace.core.bilingual import is_chinese
from marketplace.core.codes import COMPARATORS, IP_KINDS, IP_STATUSES
from marketplace.core.errors import DomainError


class RowForm(forms.Form):
    """One row. `told`: the fields that make a row more than a blank one."""

    names: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    def __init__(self, *args: Any, listing_kind: str = Kind.TECHNOLOGY, **kwargs: Any) -> None:
        self.listing_kind = listing_kind
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.prepare()

    def prepare(self) -> None:
        """Set what depends on the kind of listing or on the reader's language."""

    @property
    def is_blank(self) -> bool:
        return not any(self[name].value() for name in self.told if name in self.fields)

    def row(self) -> dict[str, Any]:
        """The row as save_draft takes it; a value the form could not read is left out."""
        return {name: self.cleaned_data.get(name) for name in self.names}


class SpecificationForm(RowForm):
    names = SPECIFICATION_FIELDS
    told = ("metric_en", "metric_zh", "value", "upper", "unit", "condition_en", "condition_zh",
            "compared_with_en", "compared_with_zh")  # fmt: skip

    metric_en = line(_("Metric in English"), 120, lang="en", list="metrics-en")
    metric_zh = line(_("Metric in Chinese"), 120, lang="zh-Hans", list="metrics-zh")
    comparator = forms.ChoiceField(label=_("Comparison"), required=False)
    value = forms.DecimalField(
        label=_("Value"), required=False, max_digits=24, decimal_places=8,
    )  # fmt: skip
    upper = forms.DecimalField(
        label=_("Upper value"), required=False, max_digits=24, decimal_places=8
    )
    unit = line(_("Unit"), 40, list="units")
    condition_en = line(_("Condition in English"), 200, lang="en")
    condition_zh = line(_("Condition in Chinese"), 200, lang="zh-Hans")
    compared_with_en = line(_("Compared with, in English"), 200, lang="en")
    compared_with_zh = line(_("Compared with, in Chinese"), 200, lang="zh-Hans")
    strength = forms.ChoiceField(label=_("Weight"), required=False)
    tier = forms.ChoiceField(label=_("Who sees it"), required=False)

    def prepare(self) -> None:
        self.fields["comparator"].choices = [  # type: ignore[attr-defined]
            (code.code, f"{code.help()} {code.name()}") for code in COMPARATORS
        ]
        self.fields["strength"].choices = Specification.Strength.choices  # type: ignore[attr-defined]
        self.fields["tier"].choices = Tier.choices  # type: ignore[attr-defined]
        if self.listing_kind == Kind.NEED:
            del self.fields["compared_with_en"], self.fields["compared_with_zh"]
        else:
            del self.fields["strength"]

    def row(self) -> dict[str, Any]:
        data = super().row()
        data["strength"] = data["strength"] or Specification.Strength.MUST
        data["tier"] = data["tier"] or Tier.PUBLIC
        data["comparator"] = data["comparator"] or "ge"
        return data

    @property
    def _languages(self) -> tuple[str, str]:
        return ("zh", "en") if is_chinese(get_language()) else ("en", "zh")

    @property
    def metric(self) -> forms.BoundField:
        """The metric in the reader's language."""
        return self[f"metric_{self._languages[0]}"]

    @property
    def others(self) -> list[forms.BoundField]:
        """What folds away under the row: conditions, comparison, the other language, the tier."""
        first, second = self._languages
        names = [f"condition_{first}", f"compared_with_{first}", f"metric_{second}",
                 f"condition_{second}", f"compared_with_{second}", "tier"]  # fmt: skip
        return [self[name] for name in names if name in self.fields]

    @property
    def has_others(self) -> bool:
        return any(
            field.errors or (field.value() and field.name not in ("tier",))
            or (field.name == "tier" and field.value() not in (None, "", Tier.PUBLIC))
            for field in self.others
            if not field.name.startswith("metric")
        )  # fmt: skip


class RightForm(RowForm):
    names = RIGHT_FIELDS
    told = ("title", "number", "office", "expires_on", "kind")

    kind = forms.ChoiceField(label=_("Right"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)
    title = line(_("Title of the right"), 200)
    number = line(_("Number"), 60)
    office = line(_("Office"), 20, placeholder="CN")
    expires_on = forms.DateField(
        label=_("In force until"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip

    def prepare(self) -> None:
        self.fields["kind"].choices = choices.codes(IP_KINDS, empty="—")  # type: ignore[attr-defined]
        self.fields["status"].choices = choices.codes(IP_STATUSES, empty="—")  # type: ignore[attr-defined]


class Rows(BaseFormSet):  # type: ignore[type-arg]
    """All rows of a step. Adding and removing a row are buttons that post."""

    field_name = ""
    blank_rows = 1

    def content(self) -> list[dict[str, Any]]:
        """The rows in order, blank ones too, so that errors keep their place."""
        return [form.row() if hasattr(form, "cleaned_data") else {} for form in self.forms]

    def place(self, error: DomainError) -> None:
        """Show errors `<field_name>.<row>.<field>` at their rows; what was placed is taken out
        of the error, so that the rest can be shown elsewhere."""
        for name, messages in list(error.fields.items()):
            part, _dot, rest = name.partition(".")
            if part != self.field_name:
                continue
            index, _dot, field = rest.partition(".")
            if index.isdigit() and int(index) < len(self.forms):
                form = self.forms[int(index)]
                for message in messages:
                    form.add_error(field if field in form.fields else None, str(message))
            else:
                for message in messages:
                    self.add_error(str(message))
            error.fields.pop(name)

    @property
    def has_errors(self) -> bool:
        return any(form.errors for form in self.forms)

    def add_error(self, message: str) -> None:
        """Show a message about the rows as a whole."""
        self.non_form_errors().append(message)


class SpecificationRows(Rows):
    field_name = "specifications"
    blank_rows = 3


class RightRows(Rows):
    field_name = "ip_rights"


_SpecificationFormSet = formset_factory(
    SpecificationForm, formset=SpecificationRows, extra=0,
    max_num=MAX_SPECIFICATIONS, absolute_max=MAX_SPECIFICATIONS + 1,
)  # fmt: skip
_RightFormSet = formset_factory(
    RightForm, formset=RightRows, extra=0, max_num=MAX_RIGHTS, absolute_max=MAX_RIGHTS + 1,
)  # fmt: skip


def specification_rows(listing: Listing, data: Any = None, extra: int = 0) -> SpecificationRows:
    """The stored rows (or what was typed) and `extra` blank ones."""
    made: SpecificationRows = _rows(
        _SpecificationFormSet, listing, "specifications", SPECIFICATION_FIELDS, data, extra
    )
    return made


def right_rows(listing: Listing, data: Any = None, extra: int = 0) -> RightRows:
    made: RightRows = _rows(_RightFormSet, listing, "ip_rights", RIGHT_FIELDS, data, extra)
    return made


def _rows(
    factory: Any, listing: Listing, name: str, fields: tuple[str, ...], data: Any, extra: int
) -> Any:
    initial = [
        {field: _shown(getattr(row, field)) for field in fields}
        for row in getattr(listing, name).all()
    ]
    keywords = {"prefix": name, "form_kwargs": {"listing_kind": listing.kind}}
    if data is not None:
        return factory(data, **keywords)
    blank = extra if initial else max(extra, factory.blank_rows)
    return factory(initial=[*initial, *({} for _ in range(blank))], **keywords)


def _shown(value: Any) -> Any:
    """Decimals without the zeros that the column pads."""
    return f"{value.normalize():f}" if hasattr(value, "normalize") else value
