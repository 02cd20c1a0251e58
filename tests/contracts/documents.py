"""Contract files made in tests: PDF with text, without, with a password; Word."""

import io

import docx
from django.core.files.uploadedfile import SimpleUploadedFile

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def pdf_of(pages: list[str], *, encrypted: bool = False) -> bytes:
    """A PDF with a line of text for each line of each page, in any script."""
    kids = " ".join(f"{5 + 2 * index} 0 R" for index in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H"
        " /DescendantFonts [4 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >>"
        " /FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /Ascent 880"
        " /Descent -120 /CapHeight 880 /ItalicAngle 0 /StemV 80 /FontBBox [-25 -254 1000 880] >>"
        " >>",
    ]
    for index, page in enumerate(pages):
        lines = [line.encode("utf-16-be").hex() for line in page.splitlines()]
        shown = " ".join(f"<{line}> Tj 0 -9 Td" for line in lines)
        stream = f"BT /F1 4 Tf 40 800 Td {shown} ET" if lines else "0 0 100 100 re f"
        objects += [
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]"
            f" /Resources << /Font << /F1 3 0 R >> >> /Contents {6 + 2 * index} 0 R >>",
            f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        ]
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n{body}\nendobj\n".encode())
    start = out.tell()
    rows = "".join(f"{place:010d} 00000 n \n" for place in places)
    key = "00" * 32
    lock = (
        f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{key}> /U <{key}> /P -4 >>"
        f" /ID [<{key[:32]}> <{key[:32]}>]"
    )
    out.write(
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}trailer\n<< /Size"
        f" {len(objects) + 1} /Root 1 0 R {lock if encrypted else ''} >>\nstartxref\n{start}\n"
        "%%EOF\n".encode()
    )
    return out.getvalue()


def word_of(lines: list[str], table: list[list[str]] | None = None) -> bytes:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    if table:
        made = document.add_table(rows=len(table), cols=len(table[0]))
        for row, cells in zip(made.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def upload(content: bytes, name: str) -> SimpleUploadedFile:
    kind = WORD if name.endswith(".docx") else "application/pdf"
    return SimpleUploadedFile(name, content, content_type=kind)
