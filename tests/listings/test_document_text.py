"""The text inside uploaded files, of people who mean well and of others."""

import io
import zipfile

import docx
import pytest

from listings import document_reading, document_text
from listings.models import Document

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def word_file(text: str) -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def test_text_of_a_word_file_is_read():
    assert document_text.text_of(word_file("84% at −40 °C"), WORD) == (
        Document.TextState.READ, "84% at −40 °C",
    )  # fmt: skip


@pytest.mark.parametrize("member", ["word/document.xml", "word/document.bin", "x.rels"])
def test_a_word_file_that_unpacks_beyond_bounds_is_not_parsed(member):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(member, b" " * (document_reading.MAX_BODY + 1))
    assert len(held.getvalue()) < 100_000
    with pytest.raises(ValueError, match="too much"):
        document_reading.READERS[WORD](held.getvalue())
    assert document_text.text_of(held.getvalue(), WORD) == (Document.TextState.FAILED, "")


def test_a_reader_that_needs_too_much_memory_or_time_is_ended(monkeypatch):
    good = word_file("readable")
    monkeypatch.setattr(document_text, "MEMORY", 16_000_000)
    assert document_text.text_of(good, WORD) == (Document.TextState.FAILED, "")
    monkeypatch.undo()
    monkeypatch.setattr(document_text, "SECONDS", 0)
    assert document_text.text_of(good, WORD) == (Document.TextState.FAILED, "")


def test_a_broken_file_is_failed_and_a_picture_has_none():
    assert document_text.text_of(b"%PDF-1.4 broken", "application/pdf")[0] == "failed"
    assert document_text.text_of(b"\x89PNG", "image/png") == (Document.TextState.NONE, "")
