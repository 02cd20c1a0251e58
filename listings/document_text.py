"""The text inside an uploaded document."""

import io
import zipfile

import structlog

from listings.models import Document

log = structlog.get_logger(__name__)
MAX_PAGES = 200
MAX_CHARACTERS = 200_000
MAX_XML = 20_000_000  # bytes of an unpacked Word file; the parser needs many times that
_PDF = "application/pdf"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def text_of(content: bytes, media_type: str) -> tuple[str, str]:
    """(text state, text) of a file; a broken file is `failed`, a picture has `none`.

    Never raises on the content: what people upload is not trusted to be well formed.
    """
    readers = {_PDF: _pdf, _DOCX: _docx, "text/plain": _plain, "text/csv": _plain}
    reader = readers.get(media_type)
    if reader is None:
        return Document.TextState.NONE, ""
    try:
        text = reader(content)
    except Exception as error:  # any parser fault: the file stays, its text is not searched
        log.warning("document_text_failed", media_type=media_type, error=type(error).__name__)
        return Document.TextState.FAILED, ""
    text = _clean(text)[:MAX_CHARACTERS]
    return (Document.TextState.READ, text) if text else (Document.TextState.NONE, "")


def _pdf(content: bytes) -> str:
    import pypdfium2  # noqa: PLC0415 (a native library: only workers that read files load it)

    document = pypdfium2.PdfDocument(content)
    try:
        parts = []
        for index in range(min(len(document), MAX_PAGES)):
            page = document[index]
            text_page = page.get_textpage()
            parts.append(text_page.get_text_bounded())
            text_page.close()
            page.close()
            if sum(map(len, parts)) > MAX_CHARACTERS:
                break
        return "\n".join(parts)
    finally:
        document.close()


def _docx(content: bytes) -> str:
    import docx  # noqa: PLC0415 (slow to load: only workers that read files need it)

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        unpacked = sum(one.file_size for one in archive.infolist() if one.filename.endswith("xml"))
    if unpacked > MAX_XML:
        raise ValueError("too much to unpack")
    document = docx.Document(io.BytesIO(content))
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


def _clean(text: str) -> str:
    """Without control characters, which PostgreSQL refuses or readers never see."""
    return "".join(c if c in "\n\t" or c.isprintable() else " " for c in text).strip()
