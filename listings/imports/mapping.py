"""From a row of somebody's file to the content of a listing."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from listings.actions.content import PARTS, SCALARS
from listings.imports.field_guess import guess_field
from listings.imports.values import read_value
from listings.models import Listing
from listings.models.listings import Kind
from listings.snapshots import LIST_FIELDS
from marketplace.core.codes import FIELDS

Row = Mapping[str, Any]
TARGETS = frozenset((*SCALARS, *PARTS))
_LIMITS = {
    name: getattr(Listing._meta.get_field(name), "max_length", None)
    for name in SCALARS
    if name not in LIST_FIELDS
}


class BadMapping(ValueError):
    """The mapping itself is wrong; the message says what."""


@dataclass(frozen=True)
class ImportMapping:
    """How columns become a listing; see docs/how-to/import.md for the file's shape.

    fields: target -> column, or several (with | or as a list) of which the first filled one counts.
    constants: target -> value for every row. codes: target -> {value of the column: code}.
    cut: targets that are shortened to what fits instead of being refused.
    guess_field: guess the technology field from the words; the value is the default.
    """

    external_id: str
    fields: Mapping[str, str | Sequence[str]]
    kind: str = ""
    constants: Mapping[str, Any] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    cut: tuple[str, ...] = ()
    guess_field: str = ""
    co_owner: str = ""
    published_at: str = ""

    def __post_init__(self) -> None:
        for name in (*self.fields, *self.constants, *self.codes, *self.cut):
            if name not in TARGETS:
                raise BadMapping(f"“{name}” is no field of a listing; known: {known_targets()}")
        if self.kind and self.kind not in Kind.values:
            raise BadMapping("kind is technology or need")
        if self.guess_field and self.guess_field not in FIELDS:
            raise BadMapping(f"guess_field: “{self.guess_field}” is no technology field")

    def identity(self, row: Row) -> str:
        """The row's id at its source, "" when it has none."""
        value = row.get(self.external_id)
        return "" if value is None else str(value).strip()

    def columns_of(self, target: str) -> list[str]:
        """The columns that a target is taken from."""
        found = self.fields.get(target, [])
        return found.split("|") if isinstance(found, str) else list(found)

    @staticmethod
    def knows(target: str) -> bool:
        """Whether it is a field of a listing."""
        return target in TARGETS

    def content(self, row: Row) -> dict[str, Any]:
        """What listings.actions.content takes."""
        data: dict[str, Any] = dict(self.constants)
        for target, columns in self.fields.items():
            value = self._value(row, columns)
            if value in (None, ""):
                continue
            if target in self.codes:
                value = self.codes[target].get(str(value), self.codes[target].get("*", value))
            data[target] = self._shaped(target, value)
        if self.guess_field and not data.get("field"):
            title = f"{data.get('title_en', '')} {data.get('title_zh', '')}"
            text = f"{data.get('body_en', '')} {data.get('body_zh', '')}"
            data["field"] = guess_field(title, text, self.guess_field)
        if self.co_owner and (name := self._value(row, self.co_owner)):
            data["co_owners"] = [str(name)[:160]]
        return data

    def when(self, row: Row) -> dt.date | None:
        """When the source published it: a date, or a year."""
        if not self.published_at:
            return None
        text = str(row.get(self.published_at) or "").strip()
        if re.fullmatch(r"\d{4}", text):
            return dt.date(int(text), 1, 1) if int(text) >= 1900 else None
        try:
            return dt.date.fromisoformat(text[:10])
        except ValueError:
            return None

    @staticmethod
    def _value(row: Row, columns: str | Sequence[str]) -> Any:
        if isinstance(columns, str):
            columns = [column.strip() for column in columns.split("|")]
        for column in columns:
            value = row.get(column)
            if value not in (None, "", []) and str(value).strip():
                return value
        return None

    def _shaped(self, target: str, value: Any) -> Any:
        value = read_value(target, value)
        limit = _LIMITS.get(target)
        if isinstance(value, str) and target in self.cut and limit:
            return shortened(value, limit)
        return value


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words where there are any."""
    text = text.strip()
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    space = head.rfind(" ")
    return (head[:space] if space > limit // 2 else head).rstrip() + "…"


def known_targets() -> str:
    return ", ".join(sorted(TARGETS))


def mapping_from_file(path: Path) -> ImportMapping:
    """Read a mapping file. Raises BadMapping with what is wrong."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadMapping(f"{path.name} cannot be read: {error}") from error
    if not isinstance(raw, dict):
        raise BadMapping(f"{path.name} must hold keys and values")
    unknown = set(raw) - set(ImportMapping.__dataclass_fields__)
    if unknown:
        raise BadMapping(f"{path.name}: unknown key {', '.join(sorted(unknown))}")
    if not isinstance(raw.get("fields"), dict) or not raw.get("external_id"):
        raise BadMapping(f"{path.name} needs external_id and fields")
    raw["cut"] = tuple(raw.get("cut", ()))
    return ImportMapping(**raw)


def mapping_from_data(raw: Any) -> ImportMapping:
    """From JSON of the API or of a remembered source: external_id, fields, and constants, codes,
    cut, guess_field, co_owner, published_at where wanted. Raises BadMapping."""
    if not isinstance(raw, dict):
        raise BadMapping(_("The mapping is an object with external_id and fields."))
    known = set(ImportMapping.__dataclass_fields__) - {"kind"}
    if unknown := set(raw) - known:
        raise BadMapping(_("Unknown: %(names)s.") % {"names": ", ".join(sorted(unknown))[:200]})
    fields, constants = raw.get("fields"), raw.get("constants", {})
    codes, cut = raw.get("codes", {}), raw.get("cut", [])
    texts = [
        raw.get(name, "") for name in ("external_id", "guess_field", "co_owner", "published_at")
    ]
    if (
        not isinstance(fields, dict) or not raw.get("external_id")
        or not all(isinstance(text, str) for text in texts)
        or not all(_is_columns(value) for value in fields.values())
        or not isinstance(constants, dict) or not isinstance(cut, list)
        or not isinstance(codes, dict) or not all(isinstance(one, dict) for one in codes.values())
    ):  # fmt: skip
        raise BadMapping(_("The mapping is an object with external_id and fields."))
    return ImportMapping(**{**raw, "cut": tuple(str(name) for name in cut)})


def _is_columns(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)
    )


def mapping_from_pairs(pairs: str, constants: Mapping[str, Any], **others: Any) -> ImportMapping:
    """From the command line: `column=target,column=target,id=external_id`."""
    fields: dict[str, str | Sequence[str]] = {}
    external_id = ""
    for pair in filter(None, (part.strip() for part in pairs.split(","))):
        column, equals, target = (piece.strip() for piece in pair.partition("="))
        if not equals or not column or not target:
            raise BadMapping(f"“{pair}” is not of the form column=field")
        if target == "external_id":
            external_id = column
        elif target in fields:
            fields[target] = f"{fields[target]}|{column}"
        else:
            fields[target] = column
    return ImportMapping(external_id or "id", fields, constants=constants, **others)
