"""The program that reads one uploaded file: `document_reading.py TYPE MEMORY SECONDS < file`.

A program of its own, within bounds of memory and time, since a small file may be made so that its
reader needs gigabytes or hours. Imports nothing of the market. Prints the text in UTF-8; with a
fourth argument `places`, JSON with the text of each page or paragraph.
"""

import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterable
from typing import Any

MAX_PAGES = 200
MAX_CHARACTERS = 200_000
MAX_UNPACKED = 20_000_000  # bytes of a Word file without its pictures
MAX_BODY = 4_000_000  # bytes of its text; the parser takes seconds for that
_PICTURES = ("word/media/", "word/embeddings/")
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def main() -> int:
    """Read standard input as the type says; 0 when its text stands on standard output."""
    media_type, memory, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))  # SIGXCPU, then SIGKILL
    content = sys.stdin.buffer.read()
    if sys.argv[4:] == ["places"]:
        sys.stdout.write(json.dumps(_with_places(content, media_type)))
        return 0
    text = READERS[media_type](content)
    sys.stdout.buffer.write(text[:MAX_CHARACTERS].encode("utf-8", "ignore"))
    return 0


def _with_places(content: bytes, media_type: str) -> dict[str, object]:
    """unit page or paragraph, its parts in order, how many of them stand there to their end, how
    many there are in all, and whether a password is asked for."""
    if media_type == PDF:
        try:
            parts, read, total = _pages(content)
        except Exception as error:
            if "password" in str(error).lower():  # all that the library tells
                return _told("page", [], 0, 0, encrypted=True)
            raise
        return _told("page", parts, read, total)
    blocks = _blocks(content)
    parts, read = _within_bounds(blocks)
    return _told("paragraph", parts, read, len(blocks))


def _told(
    unit: str, parts: list[str], read: int, total: int, *, encrypted: bool = False
) -> dict[str, object]:
    return {"unit": unit, "parts": parts, "read": read, "total": total, "encrypted": encrypted}


def _within_bounds(texts: Iterable[str]) -> tuple[list[str], int]:
    """The first MAX_CHARACTERS, the last part cut where they end, and how many parts are whole."""
    parts: list[str] = []
    room = MAX_CHARACTERS
    for text in texts:
        if len(text) > room:
            return [*parts, text[:room]] if room else parts, len(parts)
        parts.append(text)
        room -= len(text)
    return parts, len(parts)


def _pdf(content: bytes) -> str:
    return "\n".join(_pages(content)[0])


def _pages(content: bytes) -> tuple[list[str], int, int]:
    """The text of the first pages, how many of them are whole, and how many pages there are."""
    import pypdfium2  # noqa: PLC0415 (only the reader that is needed is loaded)

    document = pypdfium2.PdfDocument(content)
    parts, read = _within_bounds(
        _text_of(document[index]) for index in range(min(len(document), MAX_PAGES))
    )
    return parts, read, len(document)


def _text_of(page: Any) -> str:
    text_page = page.get_textpage()
    text: str = text_page.get_text_bounded()
    text_page.close()
    page.close()
    return text


def _blocks(content: bytes) -> list[str]:
    """Paragraphs and rows of tables of a Word file in their order."""
    document = _word(content)
    parts: list[str] = []
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            parts.extend(" ".join(cell.text for cell in row.cells) for row in block.rows)
        else:
            parts.append(block.text)
    return parts


def _word(content: bytes) -> Any:
    """Raises ValueError when it would unpack beyond bounds."""
    import docx  # noqa: PLC0415

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sizes = {one.filename: one.file_size for one in archive.infolist()}
    # What is a picture by its name may be anything by its type: the bounds of the process hold.
    rest = [size for name, size in sizes.items() if not name.startswith(_PICTURES)]
    if sum(rest) > MAX_UNPACKED or max(rest, default=0) > MAX_BODY:
        raise ValueError("too much to unpack")
    return docx.Document(io.BytesIO(content))


def _docx(content: bytes) -> str:
    document = _word(content)
    parts = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        for row in table.rows:
            parts.extend(cell.text for cell in row.cells)
    return "\n".join(parts)


def _plain(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""


READERS = {PDF: _pdf, DOCX: _docx, "text/plain": _plain, "text/csv": _plain}

if __name__ == "__main__":
    sys.exit(main())
