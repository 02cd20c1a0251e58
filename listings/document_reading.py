"""The program that reads one uploaded file: `document_reading.py TYPE MEMORY SECONDS < file`.

A program of its own, within bounds of memory and time, since a small file may be made so that its
reader needs gigabytes or hours. Imports nothing of the market. Prints the text in UTF-8.
"""

import io
import resource
import sys
import zipfile

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
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    text = READERS[media_type](sys.stdin.buffer.read())
    sys.stdout.buffer.write(text[:MAX_CHARACTERS].encode("utf-8", "ignore"))
    return 0


def _pdf(content: bytes) -> str:
    import pypdfium2  # noqa: PLC0415 (only the reader that is needed is loaded)

    document = pypdfium2.PdfDocument(content)
    parts: list[str] = []
    for index in range(min(len(document), MAX_PAGES)):
        page = document[index]
        text_page = page.get_textpage()
        parts.append(text_page.get_text_bounded())
        text_page.close()
        page.close()
        if sum(map(len, parts)) > MAX_CHARACTERS:
            break
    return "\n".join(parts)


def _docx(content: bytes) -> str:
    import docx  # noqa: PLC0415

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sizes = {one.filename: one.file_size for one in archive.infolist()}
    # What is a picture by its name may be anything by its type: the bounds of the process hold.
    rest = [size for name, size in sizes.items() if not name.startswith(_PICTURES)]
    if sum(rest) > MAX_UNPACKED or max(rest, default=0) > MAX_BODY:
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


READERS = {PDF: _pdf, DOCX: _docx, "text/plain": _plain, "text/csv": _plain}

if __name__ == "__main__":
    sys.exit(main())
