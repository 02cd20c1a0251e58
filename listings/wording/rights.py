"""IP rights in words: `Invention patent, ZL202310123456.7, CN, Granted, until 2042-07-19, “Title”`.

The kind stands first; the others may stand in any order, and only kind and status are needed.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import get_language

from listings.wording.items import Unread, items_of
from marketplace.core.bilingual import is_chinese
from marketplace.core.codes import IP_KINDS, IP_STATUSES, CodeList

# What offices write beside the names on our lists.
_KINDS = {
    "发明": "invention", "patent": "invention", "invention": "invention",
    "实用新型": "utility_model", "外观设计": "design", "外观专利": "design", "软著": "software",
    "计算机软件著作权": "software", "软件著作权登记": "software", "copyright": "software",
    "布图设计": "ic_layout", "新品种": "plant_variety", "专有技术": "know_how",
    "know how": "know_how", "trade secret": "know_how", "utility model patent": "utility_model",
    "design patent": "design",
}  # fmt: skip
_STATUSES = {
    "授权": "granted", "有效": "granted", "in force": "granted", "申请中": "filed",
    "实审": "filed", "实质审查": "filed", "受理": "filed", "公开": "filed", "pending": "filed",
    "applied": "filed", "application": "filed", "登记": "registered", "保密": "secret",
    "secret": "secret", "失效": "lapsed", "expired": "lapsed",
}  # fmt: skip
# Where a kind or a number says the status itself.
_ITSELF = {"know_how": "secret", "software": "registered"}
_TITLE = re.compile(r"“([^”]*)”|《([^》]*)》|「([^」]*)」|\"([^\"]*)\"")
_DAY = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
_UNTIL = re.compile(
    r"(?:in force until|valid until|until|expires(?: on)?|有效期至|有效期到|保护期至|截至|至)"
    rf"\s*[:：]?\s*{_DAY}"
    rf"|{_DAY}\s*到期",
    re.IGNORECASE,
)
_PIECES = re.compile(r"[，()（）]|,(?!\d)|\s·\s")
_OFFICE = re.compile(r"[A-Z]{2,6}")
# What turns a status into its opposite is never left in a title.
_DENIED = re.compile(
    r"未|尚|无效|驳回|撤回|视为"
    r"|\b(?:not|no longer|never|rejected|refused|withdrawn|invalid|revoked)\b",
    re.IGNORECASE,
)
_MOST = 1_000  # characters of one right


def read_rights(text: str) -> list[dict[str, Any]] | Unread:
    """The rows that listings.actions.content takes, or the first item that is none."""
    rows = []
    for number, item in enumerate(items_of(text), 1):
        row = _row(item, number) if len(item) <= _MOST else Unread(number, "rest", item)
        if isinstance(row, Unread):
            return row
        rows.append(row)
    return rows


def rights_text(rows: Iterable[Any]) -> str | None:
    """The rows as a cell in the active language, None where that would not be read back."""
    rows = list(rows)
    text = "; ".join(_written(row) for row in rows)
    read = read_rights(text)
    same = not isinstance(read, Unread) and read == [
        {
            "kind": row.kind, "status": row.status, "title": row.title, "number": row.number,
            "office": row.office,
            "expires_on": row.expires_on.isoformat() if row.expires_on else None,
        }
        for row in rows
    ]  # fmt: skip
    return text if same else None


def _row(item: str, number: int) -> dict[str, Any] | Unread:
    title, rest = "", item
    if quoted := _TITLE.search(rest):
        title = next(filter(None, quoted.groups()), "").strip()
        rest = f"{rest[: quoted.start()]}，{rest[quoted.end() :]}"
    expires = None
    if until := _UNTIL.search(rest):
        year, month, day = (one for one in until.groups() if one)
        expires = f"{year}-{int(month):02}-{int(day):02}"
        rest = f"{rest[: until.start()]}，{rest[until.end() :]}"
    kind, rest = _taken(rest, IP_KINDS, _KINDS)
    if not kind:
        return Unread(number, "kind", item)
    if denied := next((piece for piece in _PIECES.split(rest) if _DENIED.search(piece)), ""):
        return Unread(number, "rest", denied.strip())
    status, rest = _taken(rest, IP_STATUSES, _STATUSES)
    pieces = [piece for one in _PIECES.split(rest) if (piece := one.strip(" :：,·-"))]
    office = next((piece for piece in pieces if _OFFICE.fullmatch(piece)), "")
    if office:
        pieces.remove(office)
    named = next((piece for piece in pieces if re.search(r"\d", piece)), "")
    if named:
        pieces.remove(named)
    if pieces and not title:
        title = pieces.pop(0)
    if pieces:
        return Unread(number, "rest", pieces[0])
    if not status:
        status = _ITSELF.get(kind, "granted" if named.upper().startswith("ZL") else "")
    return {"kind": kind, "status": status, "title": title, "number": named, "office": office,
            "expires_on": expires}  # fmt: skip


def _taken(text: str, codes: CodeList, also: Mapping[str, str]) -> tuple[str, str]:
    """(code of the first of its names in the text, the text without the name)."""
    names = {
        **also,
        **{name.lower(): code.code for code in codes for name in (code.code, code.en, code.zh)},
    }
    lower = text.lower()
    best: tuple[int, int, str] | None = None
    for name, code in names.items():
        ends = r"\b" if name.isascii() else ""
        found = re.search(f"{ends}{re.escape(name)}{ends}", lower)
        if found and (best is None or (found.start(), -len(name)) < (best[0], -best[1])):
            best = (found.start(), len(name), code)
    if best is None:
        return "", text
    return best[2], f"{text[: best[0]]}，{text[best[0] + best[1] :]}"


def _written(row: Any) -> str:
    chinese = is_chinese(get_language())
    until = ""
    if row.expires_on:
        until = f"{'有效期至' if chinese else 'until'} {row.expires_on.isoformat()}"
    parts = [IP_KINDS.label(row.kind), row.number, row.office, IP_STATUSES.label(row.status), until,
             f"“{row.title}”" if row.title else ""]  # fmt: skip
    return ("，" if chinese else ", ").join(filter(None, parts))
