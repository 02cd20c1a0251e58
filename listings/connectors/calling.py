"""Calling a source politely: by name, one request at a time per host, after a pause.

Everything goes through marketplace.core.http_client, which refuses private addresses.
"""

import datetime as dt
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.utils import timezone

from listings.connectors.shapes import Trouble
from marketplace.core.http_client import Answer, OutboundRefused, call

MAX_WAIT = dt.timedelta(days=1).total_seconds()


def host_of(address: str) -> str:
    """The host of a valid address, in lower case."""
    return (urlsplit(address).hostname or "").lower()


@contextmanager
def only_caller(host: str) -> Iterator[bool]:
    """Whether no other worker talks with the host; none will while this lasts. The lock is the
    database connection's, so a worker that dies gives it back."""
    name = f"listings.harvest.{host}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name])
        row = cursor.fetchone()
    taken = bool(row and row[0])
    try:
        yield taken
    finally:
        if taken:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])


def ask(url: str, key: tuple[str, str] | None, known: Mapping[str, str]) -> Answer:
    """The answer to a GET: a 200, or a 304 where `known` (etag, modified) is still true.

    key: name and value of a header. Raises Trouble; its words never hold the key.
    """
    time.sleep(settings.HARVEST_PAUSE)
    headers = {
        "User-Agent": f"Yizhan-harvester/1 (+{settings.HARVEST_CONTACT or settings.PUBLIC_URL})",
        "Accept": "application/feed+json, application/json, application/xml, text/xml;q=0.9",
    }
    if "@" in settings.HARVEST_CONTACT:
        headers["From"] = settings.HARVEST_CONTACT
    if key is not None:
        headers[key[0]] = key[1]
    if etag := known.get("etag"):
        headers["If-None-Match"] = etag
    if modified := known.get("modified"):
        headers["If-Modified-Since"] = modified
    try:
        answer = call("GET", url, headers=headers)
    except OutboundRefused as error:
        raise Trouble(error.code) from None  # its cause may name the address
    if answer.status == 200 or (answer.status == 304 and known):
        return answer
    raise Trouble(
        _meaning(answer.status), _detail(answer), _retry_after(answer.headers.get("retry-after"))
    )


def marks_of(answer: Answer) -> dict[str, str]:
    """What to send along the next time, so that an unchanged page costs the source nothing."""
    return {
        name: value[:300]
        for name, header in (("etag", "etag"), ("modified", "last-modified"))
        if (value := answer.headers.get(header, ""))
    }


def _meaning(status: int) -> str:
    if status in (301, 302, 303, 307, 308):
        return "moved"
    if status in (401, 403, 407):
        return "key_refused"
    if status in (404, 410):
        return "not_found"
    if status in (429, 503):
        return "busy"
    return "server_error" if status >= 500 else "http_status"


def _detail(answer: Answer) -> str:
    """The status; of a move also where to, without what stands behind the path."""
    place = answer.headers.get("location", "")
    if not place or not 300 <= answer.status < 400 or not place.isprintable():
        return f"HTTP {answer.status}"
    return f"HTTP {answer.status}, {place.partition('?')[0][:200]}"


def _retry_after(value: str | None) -> float | None:
    """Seconds, from a number or a date; at least a minute, at most a day."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        seconds = float(text)
    else:
        try:
            when = parsedate_to_datetime(text)
        except (ValueError, TypeError):
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=dt.UTC)
        seconds = (when - timezone.now()).total_seconds()
    return min(max(seconds, 60.0), MAX_WAIT)
