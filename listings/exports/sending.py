"""Files as answers: downloads that no cache keeps and no browser guesses at."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.http import FileResponse

from listings.exports.writing import CONTENT_TYPES


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
