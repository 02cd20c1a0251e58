"""Files as answers: downloads that no cache keeps and no browser guesses at."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.lockout import caller
from listings.exports.writing import CONTENT_TYPES
from marketplace.core.actor import Actor
from marketplace.core.errors import Throttled

# Files in an hour, of a visitor's address and of a person.
VISITOR_RATE, PERSON_RATE = 10, 120


def download(form: str, name: str, write: Callable[[Path], None]) -> FileResponse:
    """A file written now, as a download that no cache keeps."""
    with tempfile.TemporaryDirectory(prefix="yizhan-") as folder:
        path = Path(folder, "out")
        write(path)
        stream = path.open("rb")  # open files outlive their names
    return attached(stream, form, f"{name}.{form}")


def attached(stream: Any, form: str, name: str) -> FileResponse:
    """The bytes of a stream as a download."""
    response = FileResponse(
        stream, as_attachment=True, filename=name, content_type=CONTENT_TYPES[form]
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


def slow_down(request: HttpRequest, actor: Actor) -> None:
    """Raises Throttled for who takes too many files in an hour."""
    who = f"user:{actor.user_id}" if actor.user_id else f"address:{caller(request)}"
    key = f"export:{who}"
    cache.add(key, 0, 3600)
    try:
        number = cache.incr(key)
    except ValueError:  # it ended in this very moment
        return
    if number > (PERSON_RATE if actor.user_id else VISITOR_RATE):
        raise Throttled(
            "too_many_exports",
            _("These were many exports in one hour. Wait a little, or narrow the search."),
        )
