"""https://api.nasa.gov/techtransfer/patent/?engine answers {"results": [[...], ...]}.

A row is a list without names: its id, case number, title, description (with marks around the words
that were asked for), case number again, category, and further on the centre and addresses. The key
goes in a header, where api.nasa.gov takes it as well: an address ends up in logs.
"""

import json
from typing import Any
from urllib.parse import quote, urlsplit

from listings.connectors.plain import one_line, plain, web_address
from listings.connectors.shapes import Ask, Item, Page, Trouble

_ID, _CASE, _TITLE, _TEXT, _CATEGORY, _ADDRESS, _CENTRE = 0, 1, 2, 3, 5, 8, 9
# Cases that are offered as a package ("LAR-TOPS-213") have a page of their own.
_CASE_PAGE = "https://technology.nasa.gov/patent/"


class NasaT2:
    key_header = ("X-Api-Key", "%s")
    is_conditional = True

    def url(self, ask: Ask) -> str:
        given = quote(ask.selection)
        if page := ask.cursor.get("page"):
            given += f"&page={int(page)}"
        joint = "&" if urlsplit(ask.address).query else "?"
        return f"{ask.address.partition('#')[0]}{joint}{given}" if given else ask.address

    def read(self, body: bytes, ask: Ask) -> Page:
        data = _json(body)
        rows = data.get("results") if isinstance(data, dict) else None
        if not isinstance(rows, list):
            raise Trouble("not_nasa")
        items, broken = [], []
        for number, row in enumerate(rows, 1):
            item = _item(row)
            if item is None:
                broken.append(f"row {number}: no id or title")
            else:
                items.append(item)
        return Page(items, _next(data, len(rows), ask), broken=broken)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Trouble("not_json", str(error)[:200]) from error


def _item(row: Any) -> Item | None:
    def cell(place: int) -> Any:
        return row[place] if isinstance(row, list) and place < len(row) else ""

    name, case = one_line(cell(_ID)), one_line(cell(_CASE))
    title = one_line(cell(_TITLE))
    if not (case or name) or not title:
        return None
    category = one_line(cell(_CATEGORY))
    address = web_address(cell(_ADDRESS))
    if not address and "-TOPS-" in case:
        address = _CASE_PAGE + quote(case, safe="-")
    centre = one_line(cell(_CENTRE))
    return Item(
        case or name,  # the case number stays, the id is given anew when NASA builds its index
        titles=[title],
        texts=[text] if (text := plain(cell(_TEXT))) else [],
        subjects=[category] if category else [],
        url=address,
        holder=f"NASA {centre}" if centre else "NASA",
    )


def _next(data: dict[str, Any], rows: int, ask: Ask) -> dict[str, int] | None:
    """The next page, where the answer says that there are more rows than were seen so far."""
    page, total = int(ask.cursor.get("page", 0)), data.get("total")
    seen = int(ask.cursor.get("seen", 0)) + rows
    if not rows or not isinstance(total, int) or total <= seen:
        return None
    return {"page": page + 1, "seen": seen}
