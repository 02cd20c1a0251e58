"""Uploading a file, and saying what its columns mean."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from listings.forms.choices import codes, readiness
from listings.imports.guessing import guess
from listings.imports.targets import label_of, targets_of
from listings.models import ImportRun
from listings.models.listings import Kind
from listings.sources import MAX_NAME
from marketplace.core.bilingual import pick
from marketplace.core.codes import FIELDS

GUESS = "guess"  # the technology field from the words


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.jsonl,.ndjson"}),
        help_text=_("Excel (.xlsx), CSV or JSONL, up to 200,000 rows."),
    )
    kind = forms.ChoiceField(label=_("What is in it?"), widget=forms.RadioSelect)
    source = forms.CharField(
        label=_("Name of the source"), max_length=MAX_NAME,
        help_text=_(
            "Where the rows come from, for example “Achievement register”. Give the same name next "
            "time: rows are known again by it and by their id, and the columns are remembered."
        ),
    )  # fmt: skip
    owner = forms.ChoiceField(label=_("For which organisation?"))

    def __init__(
        self, *args: Any, owners: Sequence[Organisation], sources: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.owners = {owner.public_id: owner for owner in owners}
        self.sources = list(sources)
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (Kind.TECHNOLOGY.value, gettext("Technologies")), (Kind.NEED.value, gettext("Needs")),
        ]  # fmt: skip
        self.fields["owner"].choices = [  # type: ignore[attr-defined]
            (owner.public_id, pick(owner, "name", get_language()).value) for owner in owners
        ]
        self.fields["source"].widget.attrs["list"] = "known-sources"

    def clean_owner(self) -> Organisation:
        return self.owners[self.cleaned_data["owner"]]


class Columns:
    """The mapping page: one select a column, the column of ids, and what holds for every row.

    Not a Django form, since its fields are the columns of a file.
    """

    def __init__(self, run: ImportRun, known: Mapping[str, Any], data: QueryDict | None) -> None:
        self.run = run
        self.data = data
        self.names = [str(column["name"]) for column in run.columns]
        mapping = run.mapping or known
        self.targets = self._from(mapping) if mapping else guess(run.columns, run.kind)
        self.external_id = (
            str(mapping.get("external_id", ""))
            if mapping
            else next((name for name, t in self.targets.items() if t == "external_id"), "")
        )
        constants = mapping.get("constants", {})
        guessed = mapping.get("guess_field", "")
        self.field = GUESS if guessed else str(constants.get("field", ""))
        self.trl = str(constants.get("trl", ""))
        self.rest = {
            name: value for name, value in mapping.items()
            if name not in ("fields", "external_id", "guess_field", "constants")
        }  # fmt: skip
        self.constants = {k: v for k, v in constants.items() if k not in ("field", "trl")}
        if data is not None:
            self._read(data)

    def _from(self, mapping: Mapping[str, Any]) -> dict[str, str]:
        """Targets by column of a known mapping; columns that are new since are guessed."""
        known = {
            name: target
            for target, names in dict(mapping.get("fields", {})).items()
            for name in ([names] if isinstance(names, str) else names)
        }
        guessed = guess(self.run.columns, self.run.kind)
        taken = set(known.values())
        return {
            name: known.get(name) or ("" if guessed[name] in taken else guessed[name])
            for name in self.names
        }

    def _read(self, data: QueryDict) -> None:
        allowed = {"", *targets_of(self.run.kind)}
        for place, name in enumerate(self.names):
            target = data.get(f"column-{place}", "")
            self.targets[name] = target if target in allowed else ""
        chosen = data.get("external_id", "")
        is_known = chosen in {str(place) for place in range(len(self.names))}
        self.external_id = self.names[int(chosen)] if is_known else ""
        self.field = data.get("field", "") if data.get("field", "") in {GUESS, *_codes()} else ""
        self.trl = data.get("trl", "") if data.get("trl", "") in set("123456789") else ""

    def mapping(self) -> dict[str, Any]:
        """As listings.imports.mapping.mapping_from_data takes it."""
        fields: dict[str, list[str]] = {}
        for name, target in self.targets.items():
            if target and target != "external_id":
                fields.setdefault(target, []).append(name)
        constants = dict(self.constants)
        if self.field and self.field != GUESS:
            constants["field"] = self.field
        if self.trl:
            constants["trl"] = self.trl
        made: dict[str, Any] = {
            **self.rest, "external_id": self.external_id, "fields": fields, "constants": constants,
        }  # fmt: skip
        if self.field == GUESS:
            made["guess_field"] = next(iter(FIELDS)).code
        return made

    def rows(self) -> list[dict[str, Any]]:
        """For the template."""
        return [
            {
                "place": place, "name": column["name"], "samples": column["samples"],
                "target": self.targets[str(column["name"])],
            }
            for place, column in enumerate(self.run.columns)
        ]  # fmt: skip

    def left_out(self) -> list[str]:
        """Names of columns that hold something and mean nothing so far."""
        return [
            row["name"] for row in self.rows()
            if row["samples"] and not row["target"] and row["name"] != self.external_id
        ]  # fmt: skip

    def choices(self) -> list[tuple[str, str]]:
        return [(name, str(label_of(name))) for name in targets_of(self.run.kind)]

    def field_choices(self) -> list[tuple[str, str]]:
        guessed = gettext("Guess it from the words, else: %(field)s") % {
            "field": next(iter(FIELDS)).name()
        }
        return [*codes(FIELDS, empty=gettext("Refuse the row")), (GUESS, guessed)]

    def trl_choices(self) -> list[tuple[str, str]]:
        return readiness(gettext("Refuse the row"))


def _codes() -> set[str]:
    return {code.code for code in FIELDS}
