"""The form of a webhook: where to, and which kinds of events."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from events.notices import GROUPS
from events.webhooks.queries import PROPOSED, kinds_to_choose


class WebhookForm(forms.Form):
    """Kinds are one field for each group, `kinds_<group>`."""

    url = forms.CharField(
        label=_("Address"), max_length=500,
        help_text=_("Begins with https:// and is reached from the internet. We send a POST with a "
                    "small JSON text."),
        widget=forms.URLInput(
            attrs={"placeholder": "https://example.org/hooks/yizhan", "autocomplete": "off"}
        ),
    )  # fmt: skip
    note = forms.CharField(
        label=_("What is it for?"), max_length=120, required=False,
        help_text=_("So that your colleagues recognise it."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, chosen: Iterable[str] = PROPOSED, url: str = "", note: str = ""
    ) -> None:
        super().__init__(*args)
        self.initial = {"url": url, "note": note}
        self._chosen = set(chosen)
        for group, kinds in kinds_to_choose().items():
            codes = [kind.code for kind in kinds]
            self.fields[f"kinds_{group}"] = forms.MultipleChoiceField(
                label=str(GROUPS[group].label), required=False, widget=forms.CheckboxSelectMultiple,
                choices=[(kind.code, kind.label) for kind in kinds],
                initial=[code for code in codes if code in self._chosen],
            )  # fmt: skip

    def groups(self) -> list[tuple[forms.BoundField, int]]:
        """Each group's field and how many of its kinds are chosen."""
        names = [name for name in self.fields if name.startswith("kinds_")]
        return [(self[name], len(self[name].value() or ())) for name in names]

    @property
    def facts(self) -> dict[str, Any]:
        """url, note and kinds."""
        data = self.cleaned_data
        kinds = [code for name in data if name.startswith("kinds_") for code in data[name]]
        return {"url": data["url"], "note": data["note"], "kinds": kinds}
