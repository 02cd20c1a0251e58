"""Consent to be found by what one has posted."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from marketplace.core.bilingual import pick


class ExpertForm(forms.Form):
    organisation = forms.ChoiceField(
        label=_("Under which organisation"),
        help_text=_("You are found by what you posted for it, and asked through it."),
    )
    title = forms.CharField(
        label=pgettext_lazy("person", "Title"), max_length=80, required=False,
        help_text=_("For example: professor of electrochemistry."),
    )  # fmt: skip
    about = forms.CharField(
        label=_("What you know about"), max_length=300, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: Any, memberships: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = [  # type: ignore[attr-defined]
            (row.organisation.public_id, pick(row.organisation, "name", get_language()).value)
            for row in memberships
        ]
