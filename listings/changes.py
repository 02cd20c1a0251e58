"""What changed between two versions, fit to show: words taken out, words put in."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from listings.models import Listing, ListingVersion
from listings.snapshots import FACT_FIELDS, LIST_FIELDS, TEXT_FIELDS, TIER_OF_FIELD
from marketplace.core.codes import ALL_LISTS

LABELS: dict[str, str | Promise] = {
    "title_en": _("Title (English)"), "title_zh": _("Title (Chinese)"),
    "summary_en": _("Summary (English)"), "summary_zh": _("Summary (Chinese)"),
    "body_en": _("Description (English)"), "body_zh": _("Description (Chinese)"),
    "tried_en": _("What was tried (English)"), "tried_zh": _("What was tried (Chinese)"),
    "judged_en": _("How answers are judged (English)"),
    "judged_zh": _("How answers are judged (Chinese)"),
    "members_text_en": _("For members (English)"), "members_text_zh": _("For members (Chinese)"),
    "confidential_text_en": _("Under NDA (English)"),
    "confidential_text_zh": _("Under NDA (Chinese)"),
    "keywords_en": _("Keywords (English)"), "keywords_zh": _("Keywords (Chinese)"),
    "more_fields": _("Other fields"), "modes": _("Transfer modes"), "field": _("Field"),
    "sub_field": _("Sub-field"), "trl": _("TRL"), "country": _("Country"),
    "region": _("Region"), "price_kind": _("Price kind"), "price_min": _("Price from"),
    "price_max": _("Price to"), "currency": _("Currency"),
    "project_source": _("Project source"), "deadline": _("Answers until"),
    "visibility": _("Who may know of it"), "is_anonymous": _("Anonymous"),
    "source_url": _("Source address"), "valid_until": _("Shown until"),
    "specifications": _("Specifications"), "ip_rights": _("IP rights"),
    "co_owners": _("Other owners"), "documents": _("Documents"),
}  # fmt: skip
_CODES = {
    "field": "fields", "more_fields": "fields", "sub_field": "sub_fields",
    "modes": "transfer_modes", "price_kind": "price_kinds", "project_source": "project_sources",
    "visibility": "tiers",
}  # fmt: skip
_WORDS = re.compile(r"[\u3400-\u9fff]|[^\s\u3400-\u9fff]+|\s+")
_MAX_WORDS = 6_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: kind is same, removed or added."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    name: str
    label: str | Promise
    pieces: list[Piece]


def changes(
    before: dict[str, Any] | None, after: dict[str, Any], *, hidden_tiers: Sequence[str] = ()
) -> list[Change]:
    """Field by field what differs; with no `before`, everything is new.

    hidden_tiers: texts and parts of these tiers are left out (the reader may not see them).
    """
    before = before or {}
    found = []
    for name in (*TEXT_FIELDS, *LIST_FIELDS, *FACT_FIELDS, "valid_until"):
        if TIER_OF_FIELD.get(name) in hidden_tiers:
            continue
        old, new = _text(name, before.get(name)), _text(name, after.get(name))
        if old != new:
            found.append(Change(name, LABELS[name], word_pieces(old, new)))
    for name in ("specifications", "ip_rights", "co_owners", "documents"):
        old_rows = _lines(before.get(name), hidden_tiers)
        new_rows = _lines(after.get(name), hidden_tiers)
        if old_rows != new_rows:
            found.append(Change(name, LABELS[name], line_pieces(old_rows, new_rows)))
    return found


def word_pieces(old: str, new: str) -> list[Piece]:
    """The difference by words (Chinese: by characters)."""
    first, second = _WORDS.findall(old), _WORDS.findall(new)
    if len(first) + len(second) > _MAX_WORDS:  # the comparison grows with the square
        return [Piece(kind, text) for kind, text in (("removed", old), ("added", new)) if text]
    pieces = []
    matcher = difflib.SequenceMatcher(None, first, second, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(first[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(Piece("removed", "".join(first[i1:i2])))
        if j2 > j1:
            pieces.append(Piece("added", "".join(second[j1:j2])))
    return pieces


def line_pieces(old: list[str], new: list[str]) -> list[Piece]:
    """The difference by whole rows."""
    removed = [Piece("removed", row) for row in old if row not in new]
    added = [Piece("added", row) for row in new if row not in old]
    return [*removed, *added]


def versions_with_changes(listing: Listing) -> list[dict[str, Any]]:
    """Published versions, newest first, each with its changes against the one before."""
    versions: list[ListingVersion] = list(listing.versions.order_by("number"))
    rows = []
    for place, version in enumerate(versions):
        before = versions[place - 1].data if place else None
        rows.append(
            {"version": version, "changes": changes(before, version.data) if before else []}
        )
    return rows[::-1]


def _text(name: str, value: Any) -> str:
    if value in (None, "", []):
        return ""
    codes = ALL_LISTS.get(_CODES.get(name, ""))
    if isinstance(value, list):
        return ", ".join(codes.label(item) if codes else str(item) for item in value)
    if isinstance(value, bool):
        return str(_("yes")) if value else str(_("no"))
    return codes.label(value) if codes else str(value)


def _lines(rows: Any, hidden_tiers: Sequence[str]) -> list[str]:
    return [
        " · ".join(
            str(value)
            for name, value in row.items()
            if value not in (None, "") and name not in ("sha256", "organisation")
        )
        for row in rows or []
        if row.get("tier") not in hidden_tiers
    ]
