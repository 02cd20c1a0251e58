"""Entries of whole days or hours as an iCalendar file (RFC 5545), nothing more: texts are escaped,
lines are folded at 75 octets, never within a character."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

LINE = 75  # octets, without the line end


@dataclass(frozen=True, slots=True)
class Entry:
    """uid: the same for the same thing, for ever; stamp: when it was last changed, in UTC.

    hours: start and end of what does not take whole days; `day` is then not read.
    """

    uid: str
    day: dt.date
    summary: str
    url: str
    stamp: dt.datetime
    sequence: int = 0
    hours: tuple[dt.datetime, dt.datetime] | None = None
    place: str = ""
    is_cancelled: bool = False


def calendar(name: str, entries: Iterable[Entry]) -> bytes:
    """The file."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Yizhan//Cases//EN", "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH", f"X-WR-CALNAME:{escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ]  # fmt: skip
    for one in entries:
        lines += [
            "BEGIN:VEVENT", f"UID:{one.uid}", f"DTSTAMP:{one.stamp:%Y%m%dT%H%M%SZ}",
            f"SEQUENCE:{one.sequence}", *_times(one), f"SUMMARY:{escaped(one.summary)}",
            *([f"LOCATION:{escaped(one.place)}"] if one.place else []), f"URL:{one.url}",
            *(["STATUS:CANCELLED"] if one.is_cancelled else []),
            f"TRANSP:{'OPAQUE' if one.hours else 'TRANSPARENT'}", "END:VEVENT",
        ]  # fmt: skip
    lines.append("END:VCALENDAR")
    return b"".join(folded(line) for line in lines)


def _times(one: Entry) -> list[str]:
    if one.hours is None:
        return [f"DTSTART;VALUE=DATE:{one.day:%Y%m%d}", *_end(one.day)]
    start, end = (moment.astimezone(dt.UTC) for moment in one.hours)
    return [f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{end:%Y%m%dT%H%M%SZ}"]


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
