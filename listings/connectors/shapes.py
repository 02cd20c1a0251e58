"""What every connector takes and gives. Pure: no network, no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Marks = Mapping[str, Any]  # small JSON: kept in the source's row between pages and runs


@dataclass(frozen=True, slots=True)
class Ask:
    """Where a run stands.

    address, selection: as the operator set them. kept: what the last whole run left for this one.
    cursor: what the page before left for the next one; empty at the first page.
    """

    address: str
    selection: str
    kept: Marks
    cursor: Marks


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a source, its texts without markup.

    texts may be in either language: whether they are Chinese is judged from the words. subjects:
    what the source says it is about; the first ones become keywords, and fields are found by them.
    published: a date, or a year, as text.
    """

    external_id: str
    is_deleted: bool = False
    titles: Sequence[str] = ()
    summary: str = ""
    texts: Sequence[str] = ()
    subjects: Sequence[str] = ()
    url: str = ""
    published: str = ""
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """cursor: for the next page, None when this was the last. kept: for the next run, taken from
    the first page of this one. broken: why entries could not be read, one sentence each."""

    items: list[Item]
    cursor: Marks | None = None
    kept: Marks = field(default_factory=dict)
    broken: Sequence[str] = ()


class Trouble(Exception):
    """The source did not answer as it should; code is one of listings.connectors.words.

    detail: what the other side said, short. retry_after: seconds, where it said so.
    """

    def __init__(self, code: str, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code, self.detail, self.retry_after = code, detail, retry_after


class StartAgain(Exception):
    """The position in the list is not known to the source any more: begin the run anew."""


class Connector(Protocol):
    """A format. key_header: how an API key is sent, "%s" being the key."""

    key_header: tuple[str, str]
    is_conditional: bool  # asks at the first page whether anything has changed

    def url(self, ask: Ask) -> str:
        """The address of the next page."""

    def read(self, body: bytes, ask: Ask) -> Page:
        """What the answer says. Raises Trouble and StartAgain."""
