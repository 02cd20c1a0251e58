"""Bringing many foreign projects in."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from marketplace.core.bilingual import pick


class ProjectImportForm(forms.Form):
    organisation = forms.ChoiceField(label=_("Institution"))
    file = forms.FileField(
        label=_("Table"), help_text=_("Excel (.xlsx) or CSV, at most 5,000 rows.")
    )

    def __init__(self, *args: Any, institutions: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.institutions = {row.public_id: row for row in institutions}
        if len(self.institutions) < 2:
            del self.fields["organisation"]
            return
        language = get_language()
        self.fields["organisation"].choices = [  # type: ignore[attr-defined]
            (public_id, pick(row, "name", language).value)
            for public_id, row in self.institutions.items()
        ]

    def chosen(self) -> int | None:
        """The institution's id; None when there is at most one."""
        row = self.institutions.get(self.cleaned_data.get("organisation", ""))
        return row.pk if row else None
