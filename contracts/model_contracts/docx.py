"""A model contract as a Word file, to be worked on."""

import datetime as dt
import io
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

from contracts.model_contracts import Paper, Said

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SOFT = RGBColor(0x55, 0x60, 0x5B)


def docx_of(paper: Paper) -> bytes:
    """The paper with headings of Word's own styles, so that its outline works."""
    document = Document()
    _style(document)
    document.core_properties.title = paper.title[0][1]
    document.core_properties.author = "Yizhan"
    document.core_properties.created = dt.datetime(2026, 1, 1)
    for text in paper.title:
        _paragraph(document, [text], "Title").alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text in paper.project:
        _paragraph(document, [text]).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text in paper.notice:
        _paragraph(document, [text], small=True)
    for side in paper.sides:
        _paragraph(document, side.label, "Heading 2")
        for party in side.parties:
            for line in party:
                _paragraph(document, line)
    for clause in paper.clauses:
        _paragraph(document, clause.heading, "Heading 2")
        for item in clause.items:
            for text in item:
                _paragraph(document, [text])
    for signature in paper.signatures:
        for text in signature:
            _paragraph(document, [text]).paragraph_format.space_before = Pt(14)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _style(document: Any) -> None:
    for name in ("Normal", "Title", "Heading 2"):
        style = document.styles[name]
        style.font.name = "Times New Roman"
        style.font.color.rgb = RGBColor(0x16, 0x20, 0x1C)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        # the theme's fonts would win over the names
        for attribute in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{attribute}"), None)
        fonts.set(qn("w:eastAsia"), "宋体" if name == "Normal" else "黑体")
    document.styles["Normal"].font.size = Pt(11)
    document.styles["Title"].font.size = Pt(20)
    document.styles["Heading 2"].font.size = Pt(12)


def _paragraph(document: Any, said: Said | list[tuple[str, str]], style: str = "Normal", *,
               small: bool = False) -> Any:  # fmt: skip
    paragraph = document.add_paragraph(style=style)
    for place, (lang, text) in enumerate(said):
        run = paragraph.add_run(text if place == 0 else f"  {text}")
        if small:
            run.font.size = Pt(9)
            run.font.color.rgb = _SOFT
        mark = run._element.get_or_add_rPr()
        code = mark.makeelement(qn("w:lang"), {})
        code.set(
            qn("w:eastAsia" if lang == "zh" else "w:val"), "zh-CN" if lang == "zh" else "en-GB"
        )
        mark.append(code)
    return paragraph
