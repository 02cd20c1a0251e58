"""A catalogue's document, YAML or CSV, looked through before it is stored: faults by their line."""

import csv
import datetime as dt
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.models import Catalogue, CatalogueEntry
from marketplace.core.cleaning import clean_text
from marketplace.core.codes import FIELDS, SUB_FIELDS

MAX_BYTES = 3_000_000
MAX_ENTRIES = 5_000
MAX_FAULTS = 50  # told at once
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{1,39}")
_LIST = re.compile(r"[;；、|]")  # between the items of a cell
_CELL = 65_536  # characters of a CSV cell
HEAD = ("code", "name_en", "name_zh", "source_en", "source_zh", "direction", "valid_from")
HEAD_TOO = ("valid_to", "is_sample")
ENTRY = ("code", "kind", "name_en", "name_zh")
ENTRY_TOO = ("points_en", "points_zh", "fields", "terms")
_LENGTHS = {"code": 40, "name_en": 200, "name_zh": 200, "source_en": 300, "source_zh": 300}
_ENTRY_LENGTHS = {"name_en": 300, "name_zh": 300, "points_en": 8000, "points_zh": 8000}
MAX_TERMS, TERM_LENGTH = 60, 100


class Faults(ValueError):
    """Everything that is wrong with one document, a line of text each, in the reader's language."""

    def __init__(self, found: Sequence[str]) -> None:
        super().__init__("\n".join(found))
        self.found = list(found)


@dataclass(frozen=True)
class Document:
    """What a checked document says: columns of a Catalogue and of its entries."""

    facts: Mapping[str, Any]
    entries: Sequence[Mapping[str, Any]]

    @property
    def sha256(self) -> str:
        return _hash({"facts": self.facts, "entries": self.entries})


@dataclass(frozen=True)
class _Value:
    """A value with the line that it stands in."""

    line: int
    value: Any


_Row = Mapping[str, _Value]


def read(content: bytes, *, is_csv: bool) -> Document:
    """The document of a file. Raises Faults with every fault that there is, each by its line."""
    if len(content) > MAX_BYTES:
        raise Faults([_("The file is larger than %(size)s MB.") % {"size": MAX_BYTES // 1_000_000}])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Faults([_at(line, _("this is no UTF-8 text. Save the file as UTF-8."))]) from None
    head, rows = _csv(text) if is_csv else _yaml(text)
    checker = _Checker()
    facts = checker.head(head)
    entries = checker.entries(rows)
    if checker.found:
        found = sorted(checker.found, key=lambda one: one[0])
        told = [_at(line, fault) for line, fault in found[:MAX_FAULTS]]
        if len(found) > MAX_FAULTS:
            told.append(_("And %(number)s more.") % {"number": len(found) - MAX_FAULTS})
        raise Faults(told)
    return Document(facts, [{**row, "sha256": _hash([facts["code"], row])} for row in entries])


def _hash(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _at(line: int, fault: str) -> str:
    return _("Line %(line)s: %(fault)s") % {"line": line, "fault": fault}


# --- The two forms -------------------------------------------------------------------------------


def _yaml(text: str) -> tuple[_Row, list[tuple[int, _Row]]]:
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise Faults([_at(line, _("anchors and aliases (&, *) are not allowed."))])
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if not isinstance(node, yaml.MappingNode):
            raise Faults([_at(1, _("a catalogue begins with its keys: %(keys)s.") % _keys(HEAD))])
        head = _mapping(node)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, Faults):
            raise
        mark = getattr(error, "problem_mark", None)
        problem = str(getattr(error, "problem", "") or error)[:200]
        fault = _("this is no valid YAML (%(problem)s).") % {"problem": problem}
        raise Faults([_at(mark.line + 1 if mark else 1, fault)]) from None
    listed = next((value for key, value in node.value if key.value == "entries"), None)
    head.pop("entries", None)
    if not isinstance(listed, yaml.SequenceNode):
        line = (listed or node).start_mark.line + 1
        raise Faults([_at(line, _("“entries” is missing, or is no list of entries."))])
    rows: list[tuple[int, _Row]] = []
    for item in listed.value:
        line = item.start_mark.line + 1
        if not isinstance(item, yaml.MappingNode):
            raise Faults([_at(line, _("an entry has the keys %(keys)s.") % _keys(ENTRY))])
        rows.append((line, _mapping(item)))
    return head, rows


def _mapping(node: yaml.MappingNode) -> dict[str, _Value]:
    found: dict[str, _Value] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise Faults([_at(line, _("a key is one word."))])
        if key.value in found:
            raise Faults([_at(line, _("“%(key)s” stands twice.") % {"key": key.value})])
        if key.value == "entries":
            found["entries"] = _Value(line, None)  # read by itself, with the lines of its rows
        else:
            found[str(key.value)] = _Value(line, _plain(value))
    return found


def _plain(node: yaml.Node) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _csv(text: str) -> tuple[_Row, list[tuple[int, _Row]]]:
    """Lines "#key,value" say what the catalogue is; then a head of columns and a row an entry."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    head: dict[str, _Value] = {}
    columns: list[str] = []
    rows: list[tuple[int, _Row]] = []
    csv.field_size_limit(max(csv.field_size_limit(), _CELL))
    try:
        before = 0
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if cells[0].startswith("#"):
                key = cells[0].lstrip("#").strip()
                if key in head:
                    raise Faults([_at(line, _("“%(key)s” stands twice.") % {"key": key})])
                head[key] = _Value(line, _typed(key, cells[1].strip() if len(cells) > 1 else ""))
            elif not columns:
                columns = [cell.strip() for cell in cells]
                if len(set(columns)) < len(columns):
                    raise Faults([_at(line, _("a column stands twice."))])
            elif len(cells) > len(columns):
                raise Faults([_at(line, _("there are more cells than columns."))])
            else:
                named = dict(zip(columns, cells, strict=False))
                rows.append(
                    (line, {k: _Value(line, _typed(k, v.strip())) for k, v in named.items()})
                )
    except csv.Error as error:
        fault = _("this is no valid CSV (%(problem)s).") % {"problem": str(error)[:200]}
        raise Faults([_at(reader.line_num or 1, fault)]) from None
    if not columns:
        raise Faults([_at(1, _("the columns are missing: %(keys)s.") % _keys(ENTRY + ENTRY_TOO))])
    return head, rows


def _typed(key: str, text: str) -> Any:
    """A cell as YAML would have read it."""
    if key in ("fields", "terms"):
        return [item.strip() for item in _LIST.split(text) if item.strip()]
    if key in ("valid_from", "valid_to"):
        try:
            return dt.date.fromisoformat(text) if text else None
        except ValueError:
            return text
    if key == "is_sample":
        return {"true": True, "false": False, "": False}.get(text.lower(), text)
    return text


def _keys(names: Sequence[str]) -> dict[str, str]:
    return {"keys": ", ".join(names)}


# --- What it must say ----------------------------------------------------------------------------


class _Checker:
    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []

    def say(self, line: int, fault: str) -> None:
        self.found.append((line, fault))

    def head(self, row: _Row) -> dict[str, Any]:
        self.names(row, HEAD, HEAD_TOO, 1)
        facts: dict[str, Any] = {
            key: self.text(row, key, limit) for key, limit in _LENGTHS.items() if key in row
        }
        self.code(row)
        self.one_of(row, "direction", Catalogue.Direction.values)
        facts["direction"] = row["direction"].value if "direction" in row else ""
        facts["is_sample"] = row["is_sample"].value if "is_sample" in row else False
        if not isinstance(facts["is_sample"], bool):
            self.say(row["is_sample"].line, _("“is_sample” is true or false."))
        facts["valid_from"] = self.day(row, "valid_from", needed=True)
        facts["valid_to"] = self.day(row, "valid_to", needed=False)
        first, last = facts["valid_from"], facts["valid_to"]
        if first and last and last < first:
            self.say(row["valid_to"].line, _("“valid_to” lies before “valid_from”."))
        return facts

    def entries(self, rows: Sequence[tuple[int, _Row]]) -> list[dict[str, Any]]:
        if not rows:
            self.say(1, _("there is no entry."))
        if len(rows) > MAX_ENTRIES:
            self.say(rows[MAX_ENTRIES][0], _("at most %(limit)s entries.") % {"limit": MAX_ENTRIES})
            rows = rows[:MAX_ENTRIES]
        seen: dict[Any, int] = {}
        found = []
        for line, row in rows:
            found.append(self.entry(line, row))
            code = row["code"].value if "code" in row else None
            if isinstance(code, str) and code:
                if code in seen:
                    self.say(row["code"].line, _("the code %(code)s stands already in line "
                             "%(line)s.") % {"code": code[:40], "line": seen[code]})  # fmt: skip
                seen.setdefault(code, row["code"].line)
        return found

    def entry(self, line: int, row: _Row) -> dict[str, Any]:
        self.names(row, ENTRY, ENTRY_TOO, line)
        self.code(row)
        self.one_of(row, "kind", CatalogueEntry.Kind.values)
        return {
            "code": row["code"].value if "code" in row else "",
            "kind": row["kind"].value if "kind" in row else "",
            **{
                key: self.text(row, key, limit, needed=key in ENTRY)
                for key, limit in _ENTRY_LENGTHS.items()
            },
            "fields": self.codes(row),
            "terms": self.terms(row),
        }

    def names(
        self, row: _Row, needed: Sequence[str], more: Sequence[str], line: int
    ) -> None:  # fmt: skip
        for key in needed:
            if key not in row:
                self.say(line, _("“%(key)s” is missing.") % {"key": key})
        for key, value in row.items():
            if key not in needed and key not in more:
                self.say(value.line, _("“%(key)s” is not known here. Known: %(keys)s.")
                         % {"key": key[:40], **_keys([*needed, *more])})  # fmt: skip

    def text(self, row: _Row, key: str, limit: int, *, needed: bool = True) -> str:
        if key not in row or (row[key].value in (None, "") and not needed):
            return ""
        line, value = row[key].line, row[key].value
        if not isinstance(value, str) or not value.strip():
            self.say(line, _("“%(key)s” must be a text that is not empty.") % {"key": key})
            return ""
        try:
            cleaned = clean_text(value)
        except ValidationError as error:
            self.say(line, f"{key}: {error.messages[0]}")
            return ""
        if len(cleaned) > limit:
            self.say(line, _("“%(key)s” has more than %(limit)s characters.")
                     % {"key": key, "limit": limit})  # fmt: skip
        return cleaned

    def code(self, row: _Row) -> None:
        if "code" in row:
            value = row["code"].value
            if not isinstance(value, str) or not _CODE.fullmatch(value):
                self.say(row["code"].line, _("“code” is made of 2 to 40 letters, digits, points, "
                         "strokes or hyphens; in YAML, quote one of digits alone."))  # fmt: skip

    def one_of(self, row: _Row, key: str, allowed: Sequence[str]) -> None:
        if key in row and row[key].value not in allowed:
            self.say(row[key].line, _("“%(key)s” is one of %(allowed)s.")
                     % {"key": key, "allowed": ", ".join(allowed)})  # fmt: skip

    def day(self, row: _Row, key: str, *, needed: bool) -> dt.date | None:
        value = row[key].value if key in row else None
        if type(value) is dt.date:
            return value
        if key in row and (value is not None or needed):
            self.say(row[key].line, _("“%(key)s” is a day written as 2026-01-31.") % {"key": key})
        return None

    def items(self, row: _Row, key: str) -> Iterator[str]:
        value = row[key].value if key in row else None
        if value is None:
            return
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.say(row[key].line, _("“%(key)s” must be a list of texts.") % {"key": key})
            return
        yield from value

    def codes(self, row: _Row) -> list[str]:
        found = []
        for one in self.items(row, "fields"):
            if one not in FIELDS and one not in SUB_FIELDS:
                self.say(row["fields"].line, _("“%(code)s” is no code of a field or a sub-field.")
                         % {"code": one[:40]})  # fmt: skip
            found.append(one)
        return list(dict.fromkeys(found))

    def terms(self, row: _Row) -> list[str]:
        found = []
        for one in self.items(row, "terms"):
            try:
                term = clean_text(one)
            except ValidationError as error:
                self.say(row["terms"].line, f"terms: {error.messages[0]}")
                continue
            if not 2 <= len(term) <= TERM_LENGTH:
                self.say(row["terms"].line, _("a term has 2 to %(limit)s characters: “%(term)s”.")
                         % {"limit": TERM_LENGTH, "term": term[:40]})  # fmt: skip
            found.append(term)
        if len(found) > MAX_TERMS:
            self.say(row["terms"].line, _("at most %(limit)s terms.") % {"limit": MAX_TERMS})
        return list(dict.fromkeys(found))
