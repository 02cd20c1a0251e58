"""Bringing many contracts in."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from contracts.forms.inputs import own_name


class ImportForm(forms.Form):
    organisation = forms.ChoiceField(label=_("Your organisation"))
    source = forms.CharField(
        label=_("Where the table comes from"), max_length=60,
        help_text=_("A short name, the same each time: rows are known again by it and their ID."),
    )  # fmt: skip
    file = forms.FileField(label=_("Table"), help_text=_("Excel (.xlsx), CSV or JSONL."))
    dry_run = forms.BooleanField(
        label=_("Check the rows first"), required=False,
        help_text=_("Nothing is drafted. The report says what cannot be taken; then the import is "
                    "one press away."),
    )  # fmt: skip

    def __init__(self, *args: Any, organisations: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisations = {row.public_id: row for row in organisations}
        self.fields["organisation"].choices = [  # type: ignore[attr-defined]
            (public_id, own_name(row)) for public_id, row in self.organisations.items()
        ]
