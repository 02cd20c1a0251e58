"""Whole-day entries as an iCalendar file (RFC 5545), nothing more: three properties are escaped,
lines are folded at 75 octets, never within a character."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

LINE = 75  # octets, without the line end


@dataclass(frozen=True, slots=True)
class Entry:
    """uid: the same for the same thing, for ever; stamp: when it was last changed, in UTC."""

    uid: str
    day: dt.date
    summary: str
    url: str
    stamp: dt.datetime
    sequence: int = 0


def calendar(name: str, entries: Iterable[Entry]) -> bytes:
    """The file."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Yizhan//Cases//EN", "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH", f"X-WR-CALNAME:{escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ]  # fmt: skip
    for one in entries:
        lines += [
            "BEGIN:VEVENT", f"UID:{one.uid}", f"DTSTAMP:{one.stamp:%Y%m%dT%H%M%SZ}",
            f"SEQUENCE:{one.sequence}", f"DTSTART;VALUE=DATE:{one.day:%Y%m%d}",
            *_end(one.day),
            f"SUMMARY:{escaped(one.summary)}", f"URL:{one.url}", "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]  # fmt: skip
    lines.append("END:VCALENDAR")
    return b"".join(folded(line) for line in lines)


def _end(day: dt.date) -> list[str]:
    """The day after, which the entry no longer covers; the last day there is has none."""
    if day == dt.date.max:
        return []
    return [f"DTEND;VALUE=DATE:{day + dt.timedelta(days=1):%Y%m%d}"]


def escaped(text: str) -> str:
    """A TEXT value."""
    for mark, safe in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n")):
        text = text.replace(mark, safe)
    return text.replace("\r", "\\n")


def folded(line: str) -> bytes:
    """One content line with its end; a continuation begins with a space, which counts."""
    parts: list[bytes] = [b""]
    for letter in line:
        octets = letter.encode()
        if len(parts[-1]) + len(octets) > LINE:
            parts.append(b" ")
        parts[-1] += octets
    return b"\r\n".join(parts) + b"\r\n"
