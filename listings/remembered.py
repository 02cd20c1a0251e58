"""What a reader's browser remembers without an account: the last listings seen, and those chosen
to be compared. Ids only; what may be shown of them is decided each time.
"""

import re
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from listings.models.listings import Kind

SEEN = "seen"
SEEN_SALT = "listings.seen"
LAST = 12
SEEN_DAYS = 30
COMPARED = 4
_ID = re.compile(r"[0-9A-Z]{10}")


def seen_ids(request: HttpRequest | None) -> list[str]:
    """Public ids, the last one first; empty for a cookie that is not ours."""
    if request is None or SEEN not in request.COOKIES:
        return []
    value = request.get_signed_cookie(
        SEEN, default="", salt=SEEN_SALT, max_age=SEEN_DAYS * 24 * 3600
    )
    return _ids(value or "", LAST)


def remember(request: HttpRequest, response: HttpResponse, public_id: str) -> None:
    """Put a listing before those seen earlier."""
    ids = [public_id, *(one for one in seen_ids(request) if one != public_id)][:LAST]
    response.set_signed_cookie(
        SEEN, ".".join(ids), salt=SEEN_SALT, max_age=SEEN_DAYS * 24 * 3600, httponly=True,
        secure=settings.SESSION_COOKIE_SECURE, samesite="Lax",
    )  # fmt: skip


def forget_seen(response: HttpResponse) -> None:
    """The list is gone from the browser; nothing of it was kept here."""
    response.delete_cookie(SEEN, samesite="Lax")


def compared_ids(request: HttpRequest | None, kind: str) -> list[str]:
    """Public ids chosen for comparing, in the order of choosing."""
    if request is None or kind not in Kind.values:
        return []
    return _ids(request.COOKIES.get(_cookie(kind), ""), COMPARED)


def store_compared(response: HttpResponse, kind: str, ids: list[str]) -> None:
    """Keep the choice until the browser is closed."""
    if not ids:
        response.delete_cookie(_cookie(kind), samesite="Lax")
        return
    response.set_cookie(
        _cookie(kind), ".".join(ids[:COMPARED]), httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip


def read_ids(values: list[str], limit: int = COMPARED) -> list[str]:
    """Ids of an address, each once, at most `limit`."""
    return list(dict.fromkeys(value for value in values if _ID.fullmatch(value)))[:limit]


def _ids(text: str, limit: int) -> list[str]:
    return read_ids(text.split("."), limit)


def _cookie(kind: str) -> str:
    return f"compare_{kind}"


def tray_of(kind: str, ids: list[str]) -> dict[str, Any]:
    """What the tray says of so many chosen listings."""
    return {
        "kind": kind,
        "number": len(ids),
        "most": COMPARED,
        "url": f"{reverse('compare')}?{urlencode({'id': ids}, doseq=True)}",
    }
