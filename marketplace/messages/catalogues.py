"""Reading, renewing, checking and compiling catalogues."""

from __future__ import annotations

import io
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from marketplace.messages import rooms
from marketplace.messages.extraction import extract_room

# Written by hand, since the usual header carries dates and tools that change with every run.
HEADER = """\
# Yizhan, {room}. One entry a text; English is the source.
msgid ""
msgstr ""
"Project-Id-Version: Yizhan\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""

_NAMED = re.compile(r"%\((\w+)\)")
_BRACES = re.compile(r"(?<!\{)\{(\w*)(?:[:!][^{}]*)?\}(?!\})")
_TAGS = re.compile(r"</?([a-z][a-z0-9]*)\b")


@dataclass(frozen=True)
class Finding:
    """Something wrong with a catalogue."""

    room: str
    language: str
    problem: str
    text: str = ""

    def __str__(self) -> str:
        where = f"locale/{self.room}/{self.language}: {self.problem}"
        return f"{where}: {self.text!r}" if self.text else where


def read(path: Path, language: str) -> Catalog:
    """The catalogue kept at `path`, or an empty one."""
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, ignore_obsolete=True)


def renewed(room: str, language: str) -> Catalog:
    """The room's catalogue with the texts of today: translations kept, dead texts dropped."""
    catalogue = read(rooms.catalogue_path(room, language), language)
    catalogue.update(extract_room(room), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def as_text(catalogue: Catalog, room: str, language: str) -> str:
    """The file text of a catalogue: sorted, no places, no dates; it changes with texts only."""
    buffer = io.BytesIO()
    write_po(
        buffer,
        catalogue,
        no_location=True,
        omit_header=True,
        sort_output=True,
        ignore_obsolete=True,
        width=96,
    )
    body = buffer.getvalue().decode().strip()
    header = HEADER.format(room=room, language=language)
    return header + body + "\n" if body else header.rstrip("\n") + "\n"


def entries(catalogue: Catalog) -> Iterator[Entry]:
    """Entries of a catalogue without its header."""
    return (entry for entry in catalogue if entry.id)


def update(room: str, language: str) -> tuple[int, int]:
    """Renew a catalogue on disk. Returns how many texts it has and how many lack a translation."""
    catalogue = renewed(room, language)
    path = rooms.catalogue_path(room, language)
    text = as_text(catalogue, room, language)
    if len(catalogue) == 0 and not path.exists():
        return 0, 0
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text.encode())
    missing = sum(1 for entry in entries(catalogue) if not _translated(entry))
    return len(catalogue), missing


def check(room: str, language: str) -> list[Finding]:
    """What is wrong with a room's catalogue: out of date, missing, fuzzy, placeholders, markup."""

    def found(problem: str, text: str = "") -> None:
        findings.append(Finding(room, language, problem, text))

    findings: list[Finding] = []
    catalogue = renewed(room, language)
    path = rooms.catalogue_path(room, language)
    if len(catalogue) == 0 and not path.exists():
        return findings
    if not path.exists():
        found(f"no catalogue; run `manage.py messages update {room}` and translate")
        return findings
    for entry in entries(catalogue):
        source = _source(entry)
        if not _translated(entry):
            found("missing", source)
        elif entry.fuzzy:
            found("fuzzy", source)
        else:
            for problem in _mismatches(entry):
                found(problem, source)
    if path.read_text(encoding="utf-8") != as_text(catalogue, room, language):
        found(f"not up to date; run `manage.py messages update {room}`")
    return findings


def disagreements(language: str, chosen: Iterable[str] = rooms.ROOMS) -> list[Finding]:
    """Texts that a chosen room translates otherwise than another room, in the same context or none.

    Django merges the catalogues of all rooms, so one of the translations would show everywhere.
    """
    said: dict[tuple[str, bool, str], dict[str, list[str]]] = {}
    for room in rooms.ROOMS:
        for entry in entries(read(rooms.catalogue_path(room, language), language)):
            if _translated(entry):
                plural = isinstance(entry.id, tuple | list)
                # As in a compiled catalogue: a plural is known by its singular, apart from a
                # text without plural.
                key = entry.context or "", plural, str(entry.id[0] if plural else entry.id)
                said.setdefault(key, {}).setdefault(" / ".join(_translations(entry)), []).append(
                    room
                )
    findings = []
    for (context, _plural, text), ways in said.items():
        speakers = [room for found in ways.values() for room in found]
        if len(ways) > 1 and not set(speakers).isdisjoint(chosen):
            each = "; ".join(f"{', '.join(found)}: {way}" for way, found in ways.items())
            under = f" in context {context!r}" if context else ""
            problem = f"translated differently{under} ({each}); agree on one or give one a context"
            findings.append(Finding(f"{{{','.join(speakers)}}}", language, problem, text))
    return findings


def compile_catalogues(force: bool = False) -> int:
    """Write the .mo beside every .po that changed since. Returns how many were written."""
    written = 0
    for source in sorted((rooms.ROOT / "locale").glob("*/*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        if not force and target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        catalogue = read(source, source.parent.parent.name)
        buffer = io.BytesIO()
        write_mo(buffer, catalogue)
        _replace(target, buffer.getvalue())
        written += 1
    return written


def _source(entry: Entry) -> str:
    # A Chinese translation stands for the plural form, so that one's placeholders count.
    return str(entry.id[-1] if isinstance(entry.id, tuple | list) else entry.id)


def _translations(entry: Entry) -> Iterable[str]:
    texts = entry.string if isinstance(entry.string, tuple | list) else (entry.string,)
    return [text or "" for text in texts]


def _translated(entry: Entry) -> bool:
    return all(text.strip() for text in _translations(entry))


def _mismatches(entry: Entry) -> Iterator[str]:
    source = _source(entry)
    for text in _translations(entry):
        if set(_NAMED.findall(source)) != set(_NAMED.findall(text)):
            yield "placeholders %(…)s differ"
        if "%(" not in source and Counter(_BRACES.findall(source)) != Counter(
            _BRACES.findall(text)
        ):
            yield "placeholders {…} differ"
        if Counter(_TAGS.findall(source)) != Counter(_TAGS.findall(text)):
            yield "markup differs"
        if (source[:1] == "\n", source[-1:] == "\n") != (text[:1] == "\n", text[-1:] == "\n"):
            yield "line break at the start or end differs"


def _replace(path: Path, content: bytes) -> None:
    # Another process may compile or read at the same moment: it sees the old file or the new one.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).chmod(0o644)
    Path(name).replace(path)
