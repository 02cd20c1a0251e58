"""Why a table of foreign projects was not taken, in the active language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from deals.foreign.columns import column_name
from listings.imports.refusals import run_reason as general_reason

MOST_ROWS = 5_000  # of one table; each becomes a case that somebody has to look at
_RUNS = {
    "expired": _("Nobody opened the cases within %(days)s days, so the table was deleted and "
                 "nothing was changed. Upload it again."),
    "role_missing": _("Who uploaded it no longer works with cases of the institution. Somebody who "
                      "does may upload it again; cases that were opened stay."),
    "no_pipeline": _("The cross-border pipeline has been taken away. Ask the operator."),
}  # fmt: skip


def run_reason(code: str, about: Mapping[str, Any]) -> str:
    """ "" without a code."""
    if code in _RUNS:
        return str(_RUNS[code]) % dict(about)
    if code in ("column_missing", "column_repeated"):
        names = pgettext("list", "; ").join(column_name(one) for one in about.get("columns", []))
        if code == "column_missing":
            return gettext(
                "The table has no column for: %(names)s. The first row must hold the names of the "
                "columns, as the empty table has them."
            ) % {"names": names}
        return gettext("Several columns mean the same: %(names)s. Leave one of each.") % {
            "names": names
        }
    return general_reason(code, about)
