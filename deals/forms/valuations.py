"""Forms of valuations. The rules are the actions'; forms keep what was typed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contracts.codes import CONTRACT_TYPES
from deals.models.valuations import MAX_CONCLUSION, MAX_NOTE, MAX_TITLE
from deals.valuation.monte_carlo import LEAST, MOST
from deals.valuing.approaches import MAX_ROWS, Approach, Field
from deals.valuing.showing import laws
from marketplace.core.codes import CURRENCIES, FIELDS
from marketplace.core.errors import DomainError
from marketplace.core.formatting import join_text
from marketplace.core.forms import SeenVersionField
from marketplace.core.posted import whole_number

FIRST_ROWS, MORE_ROWS = 3, 3
ENDS = ("low", "base", "high")
_END_LABELS = {"low": _("low"), "base": _("base"), "high": _("high")}


class BeginForm(forms.Form):
    title = forms.CharField(
        label=_("What is valued"), max_length=MAX_TITLE, strip=False,
        help_text=_("The technology and for what purpose, such as a licence for China."),
    )  # fmt: skip
    organisation = forms.ChoiceField(label=_("For your organisation"))
    currency = forms.ChoiceField(
        label=_("Currency"), initial="CNY",
        help_text=_("All amounts are in it. Convert others before you type them in."),
    )  # fmt: skip
    valued_on = forms.DateField(
        label=_("Value as of"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    listing = forms.CharField(
        label=_("Technology on the market"), max_length=10, required=False,
        help_text=_("Its ten letters and digits, where it has a page here."),
    )  # fmt: skip
    introduction = forms.CharField(
        label=_("Introduction"), max_length=10, required=False,
        help_text=_("Its ten letters and digits, where it is valued for one."),
    )  # fmt: skip

    def __init__(self, *args: Any, makers: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = makers  # type: ignore[attr-defined]
        self.fields["currency"].choices = [  # type: ignore[attr-defined]
            (entry.code, entry.name()) for entry in CURRENCIES
        ]


class FinaliseForm(forms.Form):
    low = forms.CharField(label=_("Low"), max_length=30, required=False)
    base = forms.CharField(label=pgettext_lazy("valuation", "Value"), max_length=30)
    high = forms.CharField(label=_("High"), max_length=30, required=False)
    conclusion = forms.CharField(
        label=_("How you come to it"), max_length=MAX_CONCLUSION, required=False, strip=False,
        help_text=_("Which approach weighs most and why; what the reader must know."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )  # fmt: skip
    version = SeenVersionField()


class SimulateForm(forms.Form):
    draws = forms.IntegerField(label=_("Draws"), min_value=LEAST, max_value=MOST, initial=10_000)
    seed = forms.IntegerField(
        label=_("Seed"), required=False,
        help_text=_("The same seed gives the same numbers. Empty: one is chosen and kept."),
    )  # fmt: skip


class ComparablesForm(forms.Form):
    """Which registered contracts to take as comparables."""

    type = forms.ChoiceField(label=_("Type of contract"), required=False)
    field = forms.ChoiceField(label=_("Technology field"), required=False)
    since = forms.IntegerField(
        label=_("Registered since"), required=False, min_value=2000,
        widget=forms.NumberInput(attrs={"placeholder": "2024"}),
    )  # fmt: skip

    def __init__(self, *args: Any, this_year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # a year to come would narrow to no year at all
        self.fields["since"].validators.append(MaxValueValidator(this_year))
        for name, codes in (("type", CONTRACT_TYPES), ("field", FIELDS)):
            self.fields[name].choices = [  # type: ignore[attr-defined]
                ("", _("all")), *((entry.code, entry.name()) for entry in codes)
            ]  # fmt: skip


@dataclass(frozen=True)
class Group:
    """One input with its bound fields. ends: low and high, where it has a range."""

    field: Field
    base: Any
    ends: list[Any]

    @property
    def all(self) -> list[Any]:
        return [self.ends[0], self.base, self.ends[1]] if self.ends else [self.base]

    @property
    def is_wrong(self) -> bool:
        return any(bound.errors for bound in self.all)


class FigureForm(forms.Form):
    """Inputs of an approach that stand alone, or one of its rows: texts, read by the action.

    A ranged input has three fields, `rate_low`, `rate_base`, `rate_high`. row: the name of the row,
    which shows the bases first and keeps ranges and adjustments behind a click.
    """

    def __init__(self, given: Sequence[Field], *args: Any, row: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.given, self.row = given, row
        for one in given:
            for name, label in _names(one):
                is_base = name.endswith("_base")
                self.fields[name] = _figure(
                    one, one.label if row and is_base and not one.is_folded else label,
                    is_end=one.ranged and not is_base,
                )  # fmt: skip

    @property
    def groups(self) -> list[Group]:
        found = []
        for one in self.given:
            bound = {name: self[name] for name, _label in _names(one)}
            if one.ranged:
                low, base, high = bound.values()
                found.append(Group(one, base, [low, high]))
            else:
                found.append(Group(one, bound[one.name], []))
        return found

    @property
    def shown(self) -> list[Group]:
        """What a row shows at once."""
        return [group for group in self.groups if not group.field.is_folded]

    @property
    def ranged(self) -> list[Group]:
        """Whose low and high end a row keeps behind a click."""
        return [group for group in self.shown if group.ends]

    @property
    def folded(self) -> list[Group]:
        """What a row keeps behind a click as a whole."""
        return [group for group in self.groups if group.field.is_folded]

    @property
    def is_range_wrong(self) -> bool:
        """Then the fold stands open."""
        return any(bound.errors for group in self.ranged for bound in group.ends)

    @property
    def is_folded_wrong(self) -> bool:
        return any(group.is_wrong for group in self.folded)

    @property
    def ranges_said(self) -> str:
        """What the closed fold holds: "Price (P) 8000 – 12000"."""
        return _said(self.ranged)

    @property
    def folded_said(self) -> str:
        return _said(self.folded)

    def title_of(self, name: str) -> str:
        """How a summary of errors names a field: "Cost 2, Price (P), low"."""
        one = next((one for one in self.given if name in dict(_names(one))), None)
        end = name.rsplit("_", 1)[-1]
        parts = [self.row, one.label if one else "", _END_LABELS[end] if end in ENDS else ""]
        return join_text([str(part) for part in parts if part])

    def raw(self) -> dict[str, Any]:
        """As deals.valuing.reading takes it."""
        typed = {name: self.data.get(self.add_prefix(name), "") for name in self.fields}
        return {
            one.name: {end: typed[f"{one.name}_{end}"] for end in ENDS}
            if one.ranged
            else typed[one.name]
            for one in self.given
        }


class ApproachForm:
    """The whole form of one approach: choices, inputs that stand alone, rows, laws, note."""

    def __init__(
        self, approach: Approach, data: Any = None, inputs: Mapping[str, Any] | None = None
    ) -> None:
        self.approach, self.data = approach, data
        self.top = _TopForm(approach, data, initial=_top_initial(approach, inputs))
        self.figures = FigureForm(
            approach.fields, data, initial=_initial(approach.fields, inputs or {})
        )
        self.about_rows: list[str] = []
        stored = list((inputs or {}).get("rows", []))
        self.rows = self._rows(stored)

    def _rows(self, stored: list[Mapping[str, Any]]) -> list[FigureForm]:
        if not self.approach.rows:
            return []
        if self.data is None:
            number = max(FIRST_ROWS, len(stored))
        else:
            number = self._told_number()
            if number > MAX_ROWS:
                self.about_rows.append(_too_many_rows())
                number = MAX_ROWS
        return [
            self._row(
                place, _initial(
                    self.approach.rows, stored[place] if place < len(stored) else {}, in_row=True
                ), self.data,
            )
            for place in range(number)
        ]  # fmt: skip

    def _row(self, place: int, initial: dict[str, str], data: Any = None) -> FigureForm:
        return FigureForm(
            self.approach.rows, data, prefix=f"row-{place}", initial=initial,
            row=f"{self.approach.row_label} {place + 1}",
        )  # fmt: skip

    def _told_number(self) -> int:
        """How many rows the form was sent with."""
        typed = whole_number(str(self.data.get("rows", "")))
        return FIRST_ROWS if typed is None else typed

    @property
    def may_grow(self) -> bool:
        return len(self.rows) < MAX_ROWS

    def with_rows(self, rows: Sequence[Mapping[str, Any]], more: int = 0) -> None:
        """Show these rows (as `raw` gives them) and some empty ones, keeping the rest as typed.
        Says so where they are more than a form may have; what was typed comes first."""
        shown = [*rows, *({} for _place in range(more))]
        if len(rows) > MAX_ROWS:
            self.about_rows.append(_too_many_rows())
        self.rows = [
            self._row(place, _initial(self.approach.rows, row, in_row=True))
            for place, row in enumerate(shown[:MAX_ROWS])
        ]

    @property
    def wrong(self) -> list[str]:
        """What is wrong, each said once, for the summary on top."""
        if self.data is None:
            return []
        found = [
            f"{self.top.fields[name].label}: {text}" if name in self.top.fields else str(text)
            for name, errors in self.top.errors.items()
            for text in errors
        ]
        found += [
            f"{form.title_of(name)}: {text}"
            for form in (self.figures, *self.rows)
            if form.is_bound
            for name, errors in form.errors.items()
            for text in errors
        ]
        return list(dict.fromkeys([*found, *self.about_rows]))

    def told_rows(self) -> list[dict[str, Any]]:
        """Rows that say something, as typed."""
        return [row for row in (form.raw() for form in self.rows) if _says(row)]

    def raw(self) -> dict[str, Any]:
        """What save_inputs takes as inputs."""
        found: dict[str, Any] = {
            choice.name: self.data.get(choice.name, "") for choice in self.approach.choices
        }
        figures = self.figures.raw()
        for one in self.approach.fields:
            if one.ranged:
                figures[one.name]["law"] = self.data.get(f"law_{one.name}", "")
        found |= figures
        if self.approach.rows:
            law, rows = self.data.get("law_rows", ""), []
            for form in self.rows:
                row = form.raw()
                for one in self.approach.rows:
                    if one.ranged:
                        row[one.name]["law"] = law
                rows.append(row)
            found["rows"] = rows
        return found

    def place(self, error: DomainError) -> None:
        """Show a refusal at the inputs it is about."""
        self.top.is_valid()
        self.figures.is_valid()
        for form in self.rows:
            form.is_valid()
        placed = False
        for path, messages in error.fields.items():
            for message in messages:
                self._place(path.removeprefix("inputs").strip("."), str(message))
                placed = True
        if not placed:
            self.top.add_error(None, str(error.message))

    def _place(self, path: str, message: str) -> None:
        parts = path.split(".")
        if parts[0] == "rows" and len(parts) > 2 and int(parts[1]) < len(self.rows):
            form, parts = self.rows[int(parts[1])], parts[2:]
        elif parts[0] == "rows":
            self.about_rows.append(message)
            return
        else:
            form = self.figures
        for name in ("_".join(parts), parts[0], f"{parts[0]}_base"):
            if name in form.fields:
                form.add_error(name, message)
                return
        if form is not self.figures:
            self.about_rows.append(message)
            return
        self.top.add_error(parts[0] if parts[0] in self.top.fields else None, message)


class _TopForm(forms.Form):
    """Choices, laws and the note."""

    def __init__(self, approach: Approach, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for choice in approach.choices:
            self.fields[choice.name] = forms.ChoiceField(
                label=str(choice.label), choices=choice.options, required=False
            )
        for one in approach.fields:
            if one.ranged:
                self.fields[f"law_{one.name}"] = _law(one.label)
        if any(one.ranged for one in approach.rows):
            self.fields["law_rows"] = _law(approach.rows_label)
        self.fields["note"] = forms.CharField(
            label=_("Why these figures"), max_length=MAX_NOTE, required=False, strip=False,
            help_text=_("Kept with this version, your name and the time."),
        )  # fmt: skip
        self.choices = [choice.name for choice in approach.choices]

    @property
    def choice_fields(self) -> list[Any]:
        return [self[name] for name in self.choices]

    @property
    def law_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("law_")]


def _law(label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=str(label), choices=laws, required=False)


def _names(one: Field) -> list[tuple[str, Any]]:
    if not one.ranged:
        return [(one.name, one.label)]
    return [(f"{one.name}_{end}", _END_LABELS[end]) for end in ENDS]


def _figure(one: Field, label: Any, *, is_end: bool = False) -> forms.CharField:
    attrs = {} if one.unit == "text" else {"inputmode": "decimal", "autocomplete": "off"}
    if one.default and not is_end:
        attrs["placeholder"] = one.default
    return forms.CharField(
        label=label, required=False, strip=False, widget=forms.TextInput(attrs=attrs)
    )


def _initial(
    given: Sequence[Field], stored: Mapping[str, Any], *, in_row: bool = False
) -> dict[str, str]:  # fmt: skip
    """What the fields show first. In a row a default goes without saying (it stands there as a
    pale hint): else an empty row would say something, and a tree be full of noughts."""
    found: dict[str, str] = {}
    for one in given:
        value = stored.get(one.name)
        if not one.ranged:
            found[one.name] = str(value or ("" if in_row else one.default))
            continue
        parts = value if isinstance(value, Mapping) else {"base": value or ""}
        base = parts.get("base") or ("" if in_row else one.default)
        for end in ("low", "high"):
            text = parts.get(end) or ""
            # an end that is the base goes without saying
            found[f"{one.name}_{end}"] = "" if text == base else text
        is_plain = not found[f"{one.name}_low"] and not found[f"{one.name}_high"]
        found[f"{one.name}_base"] = "" if in_row and is_plain and base == one.default else base
    return found


def _said(groups: Iterable[Group]) -> str:
    """What is filled in of these inputs, in one line; of those that a row shows, the ends alone."""
    said = []
    for group in groups:
        told = [str(bound.value() or "").strip() for bound in group.all]
        if not group.field.is_folded:
            told = [told[0] or "…", told[-1] or "…"] if told[0] or told[-1] else []
        if any(told):
            said.append(f"{group.field.label} {' – '.join(text for text in told if text)}")
    return join_text(said)


def _too_many_rows() -> str:
    return str(_("At most %(limit)s rows.") % {"limit": MAX_ROWS})


def _top_initial(approach: Approach, inputs: Mapping[str, Any] | None) -> dict[str, str]:
    found = {}
    for choice in approach.choices:
        found[choice.name] = (inputs or {}).get(choice.name, choice.options[0][0])
    for one in approach.fields:
        if one.ranged and inputs and inputs.get(one.name):
            found[f"law_{one.name}"] = inputs[one.name]["law"]
    for row in (inputs or {}).get("rows", []):
        for one in approach.rows:
            if one.ranged and isinstance(row.get(one.name), Mapping):
                found["law_rows"] = row[one.name]["law"]
    return found


def _says(row: Mapping[str, Any]) -> bool:
    return any(
        any(str(part).strip() for part in value.values())
        if isinstance(value, Mapping)
        else str(value).strip()
        for value in row.values()
    )
