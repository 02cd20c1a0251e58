"""What people are told. Each room declares its notices in `<room>/notices.py`, read at start.

A notice is a kind, a sentence with named parameters, and when it is mailed by default.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marketplace.core.bilingual import pick

Text = str | Promise


@dataclass(frozen=True)
class Group:
    """A part of the market, as the list of notifications and the mail preferences name it."""

    label: Text
    icon: str
    prefixes: tuple[str, ...]


GROUPS: dict[str, Group] = {
    "matches": Group(_("Matches"), "match", ("match",)),
    "introductions": Group(_("Introductions"), "handshake", ("introduction", "room")),
    "cases": Group(_("Cases"), "folder", ("case", "disclosure")),
    "contracts": Group(_("Contracts"), "contract", ("contract", "income", "distribution")),
    "listings": Group(_("Technologies and needs"), "technology", ("listing",)),
    "organisations": Group(
        _("Organisation and account"),
        "building",
        ("organisation", "member", "alliance", "qualification", "account", "token", "webhook"),
    ),
    "other": Group(_("Other"), "bell", ()),
}


CHOICES = ("now", "daily", "never")


@dataclass(frozen=True)
class Notice:
    """text and detail are %-templates over the parameters; label names the kind on the
    preferences page; mail: when it is mailed unless the person chose otherwise, one of choices.
    has_own_mail: its room writes a mail of its own, which is no part of the daily digest."""

    kind: str
    label: Text
    text: Text
    detail: Text = ""
    mail: str = "daily"
    choices: tuple[str, ...] = CHOICES
    has_own_mail: bool = False

    @property
    def group(self) -> str:
        """The code of its group, by the first part of the kind."""
        prefix = self.kind.split(".")[0]
        return next((code for code, one in GROUPS.items() if prefix in one.prefixes), "other")

    @property
    def icon(self) -> str:
        return GROUPS[self.group].icon

    def render(self, params: Mapping[str, Any], language: str) -> str:
        return _fill(self.text, params, language)

    def render_detail(self, params: Mapping[str, Any], language: str) -> str:
        return _fill(self.detail, params, language) if self.detail else ""


NOTICES: dict[str, Notice] = {}
GONE = Notice("", _("Earlier notice"), _("A notice of a kind that no longer exists."), mail="never")


def declare(kind: str, *, label: Text, text: Text, detail: Text = "", mail: str = "daily") -> str:
    """Declare a notice and return its kind.

    Parameters named `<name>_en` and `<name>_zh` fill %(name)s in the reader's language.
    """
    NOTICES[kind] = Notice(kind, label, text, detail, mail)
    return kind


def declare_mail(kind: str, *, label: Text, text: Text, mail: str, choices: tuple[str, ...]) -> str:
    """Declare a mail that a room writes itself and that nobody finds among the notifications;
    text is its subject, choices how often one may have it. Returns its kind."""
    NOTICES[kind] = Notice(kind, label, text, "", mail, choices, has_own_mail=True)
    return kind


def notice(kind: str) -> Notice:
    return NOTICES.get(kind, GONE)


def _fill(template: Text, params: Mapping[str, Any], language: str) -> str:
    values = dict(params)
    for name in {key[:-3] for key in params if key.endswith(("_en", "_zh"))}:
        values.setdefault(name, pick(dict(params), name, language).value)
    try:
        return str(template) % values
    except KeyError:  # a parameter that an older row does not have
        return str(template).split("%(")[0]
