"""What pages send along beside their forms: how far a list was read, the version that was seen."""

NO_VERSION = -1  # is none that is stored


def whole_number(text: str) -> int | None:
    """Of at most nine digits; None for anything else, or nothing."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def seen_version(text: str) -> int:
    """The version that a page was made from. One that is missing or cannot be read is none that is
    stored: the step is refused as stale, never taken unseen."""
    number = whole_number(text)
    return NO_VERSION if number is None else number
