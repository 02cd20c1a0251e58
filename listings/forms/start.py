"""The first question of posting: what, and for whom."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from marketplace.core.bilingual import pick


class StartForm(forms.Form):
    kind = forms.ChoiceField(label=_("What do you want to post?"), widget=forms.RadioSelect)
    owner = forms.ChoiceField(label=_("For which organisation?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, owners: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owners = {owner.public_id: owner for owner in owners}
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            ("technology", gettext("A technology: something we have and others could use")),
            ("need", gettext("A need: a problem that we want solved")),
        ]
        self.fields["owner"].choices = [  # type: ignore[attr-defined]
            (owner.public_id, pick(owner, "name", get_language()).value) for owner in owners
        ]
        if len(owners) == 1:
            self.fields["owner"].initial = owners[0].public_id

    def clean_owner(self) -> Organisation:
        return self.owners[self.cleaned_data["owner"]]
