"""What a dashboard is made of: blocks of lines."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.core.actor import Actor
from marketplace.core.bilingual import Text, pick

LINES = 5
ALL = gettext_lazy("All of them")


@dataclass(frozen=True)
class Line:
    """One thing: title leads to where it is done; note: why; when, style: at the side."""

    title: Text
    url: str
    note: str | Promise = ""
    when: dt.date | None = None
    style: str = "relative"
    level: str = ""
    score: int | None = None


@dataclass(frozen=True)
class Block:
    """Lines of one kind; count: how many there are in all; calm: what is said when none is."""

    key: str
    title: str | Promise
    lines: list[Line] = field(default_factory=list)
    count: int = 0
    url: str = ""
    more: str | Promise = ALL
    calm: str | Promise = ""


def url(name: str, *args: str) -> str:
    """The address of a named page; "" where the room has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def title_of(row: Any, actor: Actor, untitled: str = "") -> Text:
    """The title in the person's language, else the other; what it is, for an untitled one."""
    title = pick(row, "title", actor.language)
    return title if title.value else Text(untitled or _("Untitled draft"), actor.language)
