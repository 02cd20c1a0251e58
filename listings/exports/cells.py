"""Cells that no table program takes for a formula."""

from marketplace.core.cleaning import without_xml_faults

# Excel and its like begin a formula with these; the full-width ones count in East Asian settings.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MAX_CELL = 32_000  # characters; Excel opens no more than 32,767


def harmless(text: str) -> str:
    """The text of a CSV cell: with an apostrophe in front where it could start a formula. An import
    takes the apostrophe off again (listings.imports.unpacking)."""
    return f"'{text}" if text.startswith(_STARTS) else text


def fitting(text: str) -> str:
    """The text of an Excel cell: no control characters, which XML cannot hold, and not too long."""
    text = without_xml_faults(text)
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…"
