"""Uploads: what a file really is, by its bytes; size cap; hash."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import puremagic
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from marketplace.core.cleaning import clean_text
from marketplace.core.errors import TooLarge, field_error

# extension -> (media type, how the bytes begin or what an office archive must hold)
ALLOWED = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".txt": "text/plain",
    ".csv": "text/csv",
}
_OFFICE = {".docx": "word/", ".xlsx": "xl/", ".pptx": "ppt/"}
_MAX_UNPACKED = 300 * 1024 * 1024


@dataclass(frozen=True)
class CheckedFile:
    """An upload that passed: its cleaned name, true media type, size and SHA-256."""

    name: str
    media_type: str
    size: int
    sha256: str


def check_upload(
    upload: UploadedFile[Any], *, allowed: frozenset[str] | None = None, field: str = "file"
) -> CheckedFile:
    """Check an upload against the allow-list, its own bytes and the size cap.

    allowed: extensions, default all of ALLOWED. Raises TooLarge or Invalid on `field`.
    """
    name = clean_text(PurePath(upload.name or "file").name.replace("\x00", ""))[-150:]
    extension = PurePath(name).suffix.lower()
    if (upload.size or 0) > settings.UPLOAD_MAX_BYTES:
        raise TooLarge(
            "file_too_large",
            _("The file is larger than %(cap)d MB.")
            % {"cap": settings.UPLOAD_MAX_BYTES // (1024 * 1024)},
            fields={field: [_("Choose a smaller file.")]},
        )
    known = allowed or frozenset(ALLOWED)
    if extension not in known:
        raise field_error(
            field,
            _("Files of this kind are not accepted. Accepted: %(kinds)s.")
            % {"kinds": ", ".join(sorted(known))},
            code="file_kind",
        )
    if not upload.size:
        raise field_error(field, _("The file is empty."), code="file_empty")
    upload.seek(0)
    content = upload.read()
    upload.seek(0)
    if not _is_really(extension, content):
        raise field_error(
            field,
            _("The file’s content is not what its name says (%(extension)s).")
            % {"extension": extension},
            code="file_type_mismatch",
        )
    return CheckedFile(name, ALLOWED[extension], len(content), hashlib.sha256(content).hexdigest())


def _is_really(extension: str, content: bytes) -> bool:
    if extension in {".txt", ".csv"}:
        return _is_text(content)
    if extension in _OFFICE:
        return _is_office(content, _OFFICE[extension])
    try:
        found = {match.mime_type for match in puremagic.magic_string(content[:8192])}
    except (puremagic.PureError, ValueError):
        return False
    return ALLOWED[extension] in found


def _is_text(content: bytes) -> bool:
    if b"\x00" in content[:65536]:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def _is_office(content: bytes, folder: str) -> bool:
    """An office file is a zip with its own folder inside, and does not unpack to a bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError):
        return False
    if len(entries) > 5000 or sum(entry.file_size for entry in entries) > _MAX_UNPACKED:
        return False
    names = [entry.filename for entry in entries]
    return "[Content_Types].xml" in names and any(name.startswith(folder) for name in names)
