"""Why a file or a row is refused, in words; the codes are those of listings.imports.unpacking."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from listings.imports.blank import example_parts
from listings.imports.targets import label_of, sub_field
from listings.imports.values import WORDED, is_amount, is_day, is_real_day, unlisted
from listings.wording.items import Unread
from marketplace.core.bilingual import is_chinese
from marketplace.core.codes import COMPARATORS, IP_KINDS, IP_STATUSES, CodeList

FILES: dict[str, str | Promise] = {
    "not_text": _("This is no text file. Save the table as CSV, or upload the Excel file itself."),
    "encoding": _(
        "The characters of this file cannot be read: it is neither UTF-8 nor GB18030. Save it as "
        "“CSV UTF-8”, or upload the Excel file itself."
    ),
    "row_too_long": _(
        "Row %(row)s is longer than a million characters. Perhaps a quotation mark is not closed."
    ),
    "not_csv": _("This is no CSV from row %(row)s on. Perhaps a quotation mark is not closed."),
    "json_array": _(
        "The file is one JSON list. Write one object a line instead, without brackets around them."
    ),
    "no_rows": _("The file holds no rows below its column names."),
    "no_header": _(
        "The first row does not look like column names. Put a row with a name for each column on "
        "top, for example with our template."
    ),
    "twice": _("Two columns have the same name: %(names)s. Give each a name of its own."),
    "column_name": _("A column’s name holds control characters. Type it anew."),
    "too_many_columns": _("The file has more than %(limit)s columns. Leave some out."),
    "too_many_rows": _("The file has more than %(limit)s rows. Split it."),
    "not_xlsx": _(
        "This is no Excel file that can be read (.xlsx). Save it anew in Excel or as CSV; the old "
        "format .xls is not read."
    ),
    "locked": _("This Excel file is locked by a password. Save it without one."),
    "xml_entities": _("This Excel file refers to things outside of itself and was not opened."),
    "too_much_to_unpack": _(
        "This Excel file unpacks to far more than its size and was not opened. Save the table as "
        "CSV."
    ),
    "too_large": _("Reading this file takes too much memory or time. Split it, or save it as CSV."),
}  # fmt: skip
ROWS: dict[str, str | Promise] = {
    "row_long": _("The row is longer than a million characters."),
    "not_json": _("The line is no JSON."),
    "not_object": _("The line is no JSON object."),
    "column_name": _("A column’s name holds control characters. Type it anew."),
    "formula": _("The cell holds a formula. Paste its value instead."),
    "cell_error": _("The cell holds an error of Excel."),
    "cell_date": _(
        "The cell is written as a date, but holds no day that Excel knows. Type it as 2027-01-05."
    ),
    "more_cells": _("The row has more cells than there are column names."),
}


RUNS: dict[str, str | Promise] = {
    "expired": _(
        "Nobody imported it within %(days)s days, so the file was deleted and nothing was changed. "
        "Upload it again."
    ),
    "none_known": _("The file holds none of the known ids, so nothing was withdrawn."),
    "import_space": _(
        "The files of your organisation that wait to be imported, with this one, take more than "
        "%(limit)s MB. Import or cancel some of them, then upload it again."
    ),
    "role_missing": _(
        "Who uploaded it is no longer an editor or a broker of the organisation. Somebody who is "
        "may upload it again; what is stored stays."
    ),
    "not_verified": _(
        "Your organisation is not verified yet. Import the rows as drafts, or ask for "
        "verification first."
    ),
    "too_many_to_review": _(
        "A moderator reads each listing of your organisation, so at most 500 rows can be handed in "
        "at once. Split the file, import it as drafts, or ask the operator to trust your "
        "organisation."
    ),
    "import_running": _("This source is being imported already. Wait for it, then upload again."),
    "unexpected": _(
        "Our program broke at this file several times, so it was given up; what is stored stays. "
        "The operator can see why. If it is an Excel file, try it as CSV."
    ),
    "stuck": _("The work on it stood still for a day. Upload it again; what is stored stays."),
}  # fmt: skip
EXPORTS: dict[str, str | Promise] = {
    "account_closed": _("The account is closed."),
    "not_written": _("The file could not be written. Ask for it again."),
}


def run_reason(code: str, about: Mapping[str, Any]) -> str:
    """Why an import failed, was given up or did less than asked, in the active language."""
    found = FILES.get(code) or RUNS.get(code)
    if not code:
        return ""
    if found is None:
        return gettext(
            "Something went wrong with it. Upload it again; if that does not help, tell the "
            "operator."
        )
    return str(found) % dict(about)


def export_reason(code: str) -> str:
    """Why an export was not written, in the active language."""
    return str(EXPORTS.get(code, EXPORTS["not_written"])) if code else ""


def file_reason(code: str, about: Mapping[str, Any]) -> str:
    """In the active language."""
    return str(FILES.get(code, FILES["too_large"])) % dict(about)


def cell_reason(field: str, value: Any) -> str:
    """What is wrong with a value that is on no list, no amount or no day, in the active language;
    "" where that is not what is wrong."""
    if lost := unlisted(field, value):
        return gettext(
            "“%(value)s” is not on the list of “%(field)s”. The Excel template has the lists, in "
            "both languages."
        ) % {"value": lost, "field": label_of(field)}
    if field in WORDED and isinstance(value, str):
        return _unread_reason(field, value)
    if field in ("price_min", "price_max") and value and not is_amount(value):
        return gettext("“%(value)s” is no amount. Write figures, such as 800000 or 80万元.") % {
            "value": str(value)[:60]
        }
    if field in ("deadline", "valid_until") and value and not is_real_day(value):
        said = (
            gettext("There is no day “%(value)s” in the calendar.")
            if is_day(value)
            else gettext("“%(value)s” is no day. Write year, month and day, such as 2027-01-05.")
        )
        return said % {"value": str(value)[:60]}
    return ""


def _unread_reason(field: str, value: str) -> str:
    """Which item of a cell cannot be read, why, and a right one."""
    read = WORDED[field](value)
    if not isinstance(read, Unread):  # it began as JSON and was none
        return f"{gettext('The cell begins with “[”, but is no list in JSON.')} {_example(field)}"
    said = {
        "figure": gettext("no figure with a unit was found in “%(part)s”."),
        "metric": gettext("“%(part)s” does not say which metric it is about."),
        "kind": gettext(
            "“%(part)s” does not say which kind of right it is; write one of: %(list)s."
        ),
        "rest": gettext("“%(part)s” was not understood."),
    }[read.why] % {"part": read.part[:60], "list": _names(IP_KINDS)}
    about = gettext("%(item)s: %(said)s") % {"item": _item(field, read.number), "said": said}
    return f"{about} {_example(field)}"


def part_reason(name: str, value: Any, said: str) -> str:
    """What is wrong with a field of an item, in the active language: which item, which field.

    name: such as specifications.0.unit; value: the list of items; said: what the form says.
    """
    part, _dot, rest = name.partition(".")
    index, _dot, field = rest.partition(".")
    if part not in WORDED or not index.isdigit():
        return said
    lists = {"kind": IP_KINDS, "status": IP_STATUSES, "comparator": COMPARATORS}
    if field in lists:
        rows = value if isinstance(value, list) else []
        given = rows[int(index)].get(field) if int(index) < len(rows) else None
        names = {"list": _names(lists[field]), "value": str(given or "")[:60]}
        said = (
            gettext("“%(value)s” is not known; write one of: %(list)s.")
            if given
            else gettext("it is missing; write one of: %(list)s.")
        ) % names
    return gettext("%(item)s, %(field)s: %(said)s") % {
        "item": _item(part, int(index) + 1), "field": sub_field(field), "said": said,
    }  # fmt: skip


def _item(field: str, number: int) -> str:
    said = (
        gettext("Specification %(number)s")
        if field == "specifications"
        else gettext("IP right %(number)s")
    )
    return said % {"number": number}


def _example(field: str) -> str:
    example = example_parts()[field]
    return gettext("Write it as in the template, for example: %(example)s") % {"example": example}


def _names(codes: CodeList) -> str:
    return ("、" if is_chinese(get_language()) else ", ").join(code.name() for code in codes)


def row_reason(code: str) -> str:
    return str(ROWS[code]) if code in ROWS else gettext("The row cannot be read.")
