"""Reading answers as a spy would: bodies unpacked and unescaped, headers too."""

from __future__ import annotations

import html
import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.leaks.planted import Planted


def text_of(answer: Any) -> str:
    """All that an answer says, in plain characters."""
    raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return plain(raw) + "\n" + headers


def plain(raw: bytes) -> str:
    """Bytes of a page, of JSON or of an archive as text with nothing escaped."""
    if raw[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = [name.encode() + b"\n" + archive.read(name) for name in archive.namelist()]
        return "\n".join(plain(part) for part in parts)
    text = raw.decode("utf-8", errors="replace")
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    return re.sub(r"</?(mark|wbr|b|em|strong)[^>]*>", "", html.unescape(text))


def found_in(text: str, role: str, world: Planted, *, echoed: str = "") -> list[str]:
    """Names of what this role should not have read in a text.

    echoed: what was asked for; a page may repeat the question.
    """
    told = []
    for secret in world.secrets:
        if role not in secret.readers and secret.text != echoed and secret.text in text:
            told.append(secret.name)
    for tie in world.ties:
        # asked for the owner, the listing must not be among the answers
        if role not in tie.readers and tie.marker in text and tie.owner in text:
            told.append(tie.name)
    return told


def get(player: Any, address: str, **headers: str) -> Any:
    """GET as a person in pages, or with a token under /api/; a fault is answered, not raised."""
    client = player.api if address.startswith("/api/") else player.client
    client.raise_request_exception = False
    return client.get(address, headers={"Accept-Language": "en", **headers})
