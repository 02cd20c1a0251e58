"""What one version of inputs changed of the one before."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from deals.queries.valuations import Version
from deals.valuing.showing import InputRow, input_rows

MOST = 12


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


def differences(version: Version) -> list[Change]:
    """Inputs that differ, at most MOST; nothing for a first version."""
    if version.before is None or version.before.inputs is None or version.row.inputs is None:
        return []
    old = {one.label: _said(one) for one in input_rows(version.approach, version.before.inputs)}
    new = {one.label: _said(one) for one in input_rows(version.approach, version.row.inputs)}
    found = [
        Change(label, old.get(label, "–"), new.get(label, "–"))
        for label in [*new, *(one for one in old if one not in new)]
        if old.get(label) != new.get(label)
    ]
    if len(found) > MOST:
        found = [*found[:MOST], Change(_("and others"), "…", "…")]
    return found


def _said(one: InputRow) -> str:
    return f"{one.low} – {one.base} – {one.high}" if one.low else one.base
