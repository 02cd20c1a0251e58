"""Terms of payment in the form: rows of instalments, a royalty and its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from contracts.codes import ROYALTY_BASES, ROYALTY_PERIODS, ROYALTY_RATES
from contracts.forms.drafting import DraftForm, RowForm, kept_rows
from contracts.forms.inputs import MoneyField, chosen, day, line, put_errors
from contracts.models import ContractInstalment, ContractRoyalty, RoyaltyStep
from contracts.payment import (
    INSTALMENT_FACTS,
    MAX_INSTALMENTS,
    MAX_STEPS,
    ROYALTY_FACTS,
    STEP_FACTS,
    Terms,
    terms_of,
)

if TYPE_CHECKING:
    from django.http import QueryDict

    from contracts.models import Contract
    from marketplace.core.errors import DomainError


class InstalmentForm(RowForm):
    told = ("amount", "due_on", "event", "note")
    wanted = ("amount",)

    due_on = day(_("Due on"))
    event = line(_("Or at this event"), 200, placeholder=_("acceptance"))
    amount = MoneyField(label=_("Amount"), required=False)
    note = line(_("Note"), 200)

    def row(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in INSTALMENT_FACTS}


class StepForm(RowForm):
    told = ("from_year", "from_amount", "rate")
    wanted = ("rate",)

    from_year = forms.IntegerField(
        label=_("From year"), required=False, min_value=1, max_value=100,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "1"}),
    )  # fmt: skip
    from_amount = MoneyField(label=_("From an amount of"), required=False, help_text="")
    rate = forms.DecimalField(
        label=_("Rate in percent"), required=False, max_digits=6, decimal_places=3, localize=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip

    def row(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in STEP_FACTS}


class RoyaltyForm(DraftForm):
    wanted = ("base", "rate_kind", "reporting")

    base = forms.ChoiceField(label=_("A share of"), required=False)
    rate_kind = forms.ChoiceField(label=_("The rate is"), required=False, initial="fixed")
    entry_fee = MoneyField(label=_("Upfront fee"), required=False)
    entry_fee_on = day(_("Upfront fee due on"))
    minimum_per_year = MoneyField(label=_("Minimum a year"), required=False)
    runs_from = day(_("Royalty from"))
    runs_to = day(_("Royalty until"))
    reporting = forms.ChoiceField(label=_("Reported and paid"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in {
            "base": chosen(ROYALTY_BASES),
            "rate_kind": chosen(ROYALTY_RATES, None),
            "reporting": chosen(ROYALTY_PERIODS),
        }.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def row(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ROYALTY_FACTS}


InstalmentFormSet = formset_factory(
    InstalmentForm, extra=0, can_delete=True, max_num=MAX_INSTALMENTS, absolute_max=MAX_INSTALMENTS
)
StepFormSet = formset_factory(
    StepForm, extra=0, can_delete=True, max_num=MAX_STEPS, absolute_max=MAX_STEPS
)


class TermsForms:
    """The forms of the terms of one draft.

    A form that was opened before there were terms posts none of them: they then stay as stored
    (`is_given` is False).
    """

    def __init__(self, contract: Contract, data: QueryDict | None = None) -> None:
        self.is_given = data is not None and "instalment-TOTAL_FORMS" in data
        given = data if self.is_given else None
        terms = terms_of(contract)
        self.rows: dict[str, BaseFormSet[Any]] = {
            "instalments": InstalmentFormSet(
                given, prefix="instalment",
                initial=[_initial(row, INSTALMENT_FACTS) for row in terms.instalments] or [{}],
            ),
            "steps": StepFormSet(
                given, prefix="step",
                initial=[_initial(row, STEP_FACTS) for row in terms.steps] or [{}],
            ),
        }  # fmt: skip
        royalty = _initial(terms.royalty, ROYALTY_FACTS) if terms.royalty else None
        self.royalty = RoyaltyForm(given, prefix="royalty", initial=royalty)
        # what a refusal says of all rows together, by the name of the rows
        self.about: dict[str, list[str]] = {}

    @property
    def counts(self) -> list[forms.Form]:
        return [formset.management_form for formset in self.rows.values()] if self.is_given else []

    @property
    def judged(self) -> list[forms.Form]:
        """Forms whose inputs must be readable."""
        if not self.is_given:
            return []
        rows = [row for formset in self.rows.values() for row in kept_rows(formset)]
        return [self.royalty, *rows]

    def values(self) -> dict[str, Any]:
        """`instalments` and `royalty` as change_contract takes them."""
        if not self.is_given:
            return {}
        royalty: dict[str, Any] = self.royalty.row()
        royalty["steps"] = [form.row() for form in kept_rows(self.rows["steps"])]  # type: ignore[attr-defined]
        return {
            "instalments": [form.row() for form in kept_rows(self.rows["instalments"])],  # type: ignore[attr-defined]
            "royalty": royalty,
        }

    def has_instalments(self) -> bool:
        """Whether something stands there, so that a mode without them must not hide it."""
        return bool(kept_rows(self.rows["instalments"]) or self.about.get("instalments"))

    def has_royalty(self) -> bool:
        said = any(self.royalty[name].value() for name in ROYALTY_FACTS if name != "rate_kind")
        return bool(said or kept_rows(self.rows["steps"]) or self.royalty.errors)

    def typed(self) -> Terms:
        """Unsaved rows of what can be read, for a preview; what is wrong yet is left out."""
        instalments = [
            ContractInstalment(**form.row())  # type: ignore[attr-defined]
            for form in kept_rows(self.rows["instalments"])
            if form.is_valid() and form.cleaned_data["amount"]
        ]
        steps = [
            RoyaltyStep(
                from_year=row["from_year"] or 1,
                from_amount=row["from_amount"] or 0,
                rate=row["rate"],
            )
            for row in (
                form.row()  # type: ignore[attr-defined]
                for form in kept_rows(self.rows["steps"])
                if form.is_valid()
            )
            if row["rate"] is not None
        ]
        royalty = ContractRoyalty(**self.royalty.row()) if self.royalty.is_valid() else None
        return Terms(instalments, royalty, steps)

    def place(self, error: DomainError) -> None:
        """Take the messages about the terms out of the error and put them at their inputs."""
        for name in [name for name in error.fields if name.startswith(("instalments", "royalty"))]:
            self._place(name, error.fields.pop(name))

    def _place(self, name: str, messages: Sequence[Any]) -> None:
        rows, _dot, tail = name.removeprefix("royalty.").partition(".")
        if rows in self.rows:
            number, _dot, column = tail.partition(".")
            kept = kept_rows(self.rows[rows])
            if number.isdigit() and int(number) < len(kept):
                put_errors(kept[int(number)], column, messages)
            else:
                self.about.setdefault(rows, []).extend(str(text) for text in messages)
        else:
            put_errors(self.royalty, rows, messages)


def _initial(row: Any, names: Sequence[str]) -> Mapping[str, Any]:
    found = {name: getattr(row, name) for name in names}
    if "rate" in found:
        found["rate"] = f"{found['rate'].normalize():f}"
    return found
