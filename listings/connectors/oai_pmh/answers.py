"""Reading an answer to ListRecords. Document types, entities and outside references are refused:
no repository needs them, and with them a small answer can fill a machine."""

import re
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from listings.connectors.plain import one_line, plain, web_address
from listings.connectors.shapes import Item, Trouble

OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?")
_YEAR = re.compile(r"\d{4}(-\d\d-\d\d)?")


@dataclass
class Records:
    """answered: the repository's own time, "" when it said none. errors: (code, text)."""

    answered: str = ""
    errors: list[tuple[str, str]] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    token: str = ""
    broken: list[str] = field(default_factory=list)


def read_records(body: bytes) -> Records:
    """Raises Trouble for what is no answer of OAI-PMH."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        raise Trouble("xml_unsafe", type(error).__name__) from error
    except (ParseError, LookupError, ValueError) as error:  # LookupError: an unknown encoding
        raise Trouble("not_xml", str(error)[:200]) from error
    if root.tag != f"{OAI}OAI-PMH":
        raise Trouble("not_oai", str(root.tag)[:100])
    found = Records()
    answered = (root.findtext(f"{OAI}responseDate") or "").strip()
    found.answered = answered if _INSTANT.fullmatch(answered) else ""
    for fault in root.findall(f"{OAI}error"):
        found.errors.append((fault.get("code", "")[:60], one_line(fault.text)[:200]))
    records = root.find(f"{OAI}ListRecords")
    if records is None:
        if not found.errors:
            raise Trouble("not_oai", "no ListRecords")
        return found
    for record in records.findall(f"{OAI}record"):
        _read(record, found)
    found.token = (records.findtext(f"{OAI}resumptionToken") or "").strip()
    return found


def _read(record: Any, found: Records) -> None:
    header = record.find(f"{OAI}header")
    name = "" if header is None else (header.findtext(f"{OAI}identifier") or "").strip()
    if not name:
        found.broken.append("a record without an identifier")
        return
    if header.get("status") == "deleted":
        found.items.append(Item(name, is_deleted=True))
        return
    metadata = record.find(f"{OAI}metadata")
    if metadata is None:
        found.broken.append(f"{name[:120]}: a record without metadata")
        return
    found.items.append(
        Item(
            name,
            titles=_all(metadata, "title", one_line),
            texts=_all(metadata, "description", plain),
            subjects=_all(metadata, "subject", one_line),
            url=next(filter(None, _all(metadata, "identifier", web_address)), ""),
            published=_date(_all(metadata, "date", one_line)),
            holder=next(iter(_all(metadata, "publisher", one_line)), ""),
        )
    )


def _all(metadata: Any, name: str, clean: Any) -> list[str]:
    """Every filled element of that name: Dublin Core allows many of each."""
    values = (clean(element.text) for element in metadata.iter(f"{DC}{name}"))
    return [value for value in values if value]


def _date(values: list[str]) -> str:
    """The first day or year that is given, whatever else stands beside it."""
    found = (match.group() for value in values if (match := _YEAR.match(value)))
    return next(found, "")
