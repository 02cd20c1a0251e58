"""Everything that is wrong in the form of a draft, each with the part and the input it is in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.forms import BaseForm, BaseFormSet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.codes import ROLES
from contracts.labels import fact_label

if TYPE_CHECKING:
    from contracts.forms.drafting import FactsForm, FileForm
    from contracts.forms.terms import TermsForms

# The parts of the form in their order; the key is the anchor.
PARTS: dict[str, Promise] = {
    "what": gettext_lazy("What it is"),
    "parties": gettext_lazy("Parties"),
    "amounts": gettext_lazy("Amounts"),
    "payment": gettext_lazy("Payment"),
    "files": gettext_lazy("Files"),
    "where": gettext_lazy("Registration"),
}
_PART_OF = {
    **dict.fromkeys(("total_amount", "currency", "rate", "rate_on", "deductions"), "amounts"),
    **dict.fromkeys(("payment_mode", "payment_terms", "instalments", "royalty"), "payment"),
    **dict.fromkeys(("registration_point", "region", "public_facts"), "where"),
    "parties": "parties", "files": "files",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """part: key of PARTS, "" for none; anchor: id of the input, or of its part."""

    part: str
    anchor: str
    label: str
    text: str

    @property
    def part_label(self) -> str:
        return str(PARTS[self.part]) if self.part else ""


def faults_of(
    facts: FactsForm,
    rows: Mapping[str, BaseFormSet[Any]],
    terms: TermsForms,
    file_form: FileForm,
    rest: Iterable[tuple[str, str]],
) -> list[Fault]:
    """In the order of the form. rest: fact and text of what stands at no input."""
    found = list(_of_form(facts, lambda name: _PART_OF.get(name, "what")))
    for number, form in enumerate(rows["parties"].forms):
        side = ROLES.label(str(form["role"].value() or "")) or str(fact_label("parties"))
        found += _of_row(form, "parties", side, f"party-{number}")
    for number, form in enumerate(rows["deductions"].forms, 1):
        found += _of_row(form, "amounts", _row(fact_label("deductions"), number), "amounts")
    for name, rows_of_terms in terms.rows.items():
        place = fact_label("instalments") if name == "instalments" else _("Steps of the rate")
        anchor = "instalments" if name == "instalments" else "royalty"
        found += [Fault("payment", anchor, str(place), text) for text in terms.about.get(name, ())]
        for number, form in enumerate(rows_of_terms.forms, 1):
            found += _of_row(form, "payment", _row(place, number), anchor)
    found += _of_form(terms.royalty, lambda _name: "payment")
    found += _of_form(file_form, lambda _name: "files")
    for name, text in rest:
        part = _PART_OF.get(name.partition(".")[0], "what")
        label = str(fact_label(name)) if name else ""
        found.append(Fault(part if name else "", part, label, text))
    order = {part: number for number, part in enumerate(("", *PARTS))}
    return sorted(found, key=lambda fault: order[fault.part])


def _of_form(form: BaseForm, part_of: Any) -> Iterator[Fault]:
    for name, texts in form.errors.items():
        part = part_of(name)
        if name in form.fields:
            bound = form[name]
            anchor = bound.id_for_label or bound.auto_id
            label = str(bound.label)
        else:
            anchor, label = part, ""
        for text in _texts(texts):
            yield Fault(part, part if name == "public_facts" else anchor, label, text)


def _of_row(form: BaseForm, part: str, row: str, anchor: str) -> Iterator[Fault]:
    if "DELETE" in form.fields and form["DELETE"].value():
        return  # taken off: nothing of it is kept
    for name, texts in form.errors.items():
        bound = form[name] if name in form.fields else None
        is_seen = bound is not None and not bound.is_hidden
        for text in _texts(texts):
            yield Fault(
                part,
                bound.id_for_label if bound is not None and is_seen else anchor,
                _("%(row)s: %(input)s") % {"row": row, "input": bound.label}
                if bound is not None and is_seen
                else row,
                text,
            )


def _row(name: Any, number: int) -> str:
    return _("%(name)s, row %(number)s") % {"name": name, "number": number}


def _texts(texts: Sequence[Any]) -> list[str]:
    return [str(text) for text in texts]
