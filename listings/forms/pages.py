"""What one step shows and saves: a form, rows, or both, as one thing for the view."""

from typing import Any

from listings.forms.rows import Rows, right_rows, specification_rows
from listings.forms.steps import DetailsForm, StepForm, TermsForm, WhatForm
from listings.models import Listing
from listings.models.listings import Kind
from marketplace.core.errors import DomainError


class StepPage:
    """form and rows of a step; either may be None."""

    def __init__(self, form: StepForm | None, rows: Rows | None) -> None:
        self.form, self.rows = form, rows

    def is_valid(self) -> bool:
        """Whether the forms could read everything; asks both, so that both show their errors."""
        readable = [part.is_valid() for part in (self.form, self.rows) if part is not None]
        return all(readable)

    def content(self) -> dict[str, Any]:
        """What save_draft takes: what the forms could read. Rows go as a whole or not at all."""
        data = self.form.content() if self.form is not None else {}
        if self.rows is not None and self.rows.is_valid():
            data[self.rows.field_name] = self.rows.content()
        return data

    def problems(self) -> list[str]:
        """Messages of what the forms could not read."""
        found = []
        if self.form is not None:
            found += [str(m) for texts in self.form.errors.values() for m in texts]
        if self.rows is not None:
            found += [str(m) for m in self.rows.non_form_errors()]
            found += [str(m) for form in self.rows for texts in form.errors.values() for m in texts]
        return found

    def place(self, error: DomainError) -> None:
        """Show an action's refusal where it belongs."""
        empty = not error.fields
        if self.rows is not None:
            self.rows.place(error)
        if self.form is not None:
            if empty:
                self.form.add_error(None, str(error.message))
            else:
                self.form.place(error)
        elif self.rows is not None and empty:
            self.rows.add_error(str(error.message))


def page_for(key: str, listing: Listing, data: Any = None, extra: int = 0) -> StepPage:
    """The page of a step; `data` as posted, `extra` blank rows to show."""
    if key == "specifications":
        return StepPage(None, specification_rows(listing, data, extra))
    if key == "terms":
        rows = right_rows(listing, data, extra) if listing.kind == Kind.TECHNOLOGY else None
        return StepPage(TermsForm(data, listing=listing), rows)
    if key == "details":
        return StepPage(DetailsForm(data, listing=listing), None)
    if key == "what":
        return StepPage(WhatForm(data, listing=listing), None)
    return StepPage(None, None)
