"""Looks a rule set's document through and names every fault by its place, before it is stored."""

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

from contracts.codes import CONTRACT_TYPES, IP_KINDS, PARTY_KIND_GROUPS, SUB_TYPES
from contracts.rule_sets import clause_rules, reliefs

CODE = re.compile(r"[A-Z]{2}-[A-Za-z0-9-]{1,16}")
REFUSAL = re.compile(r"[a-z][a-z0-9_]{1,29}")  # a decision keeps it
REQUIRABLE = ("ip_kind",)  # what contracts.completeness can ask for beside what it always asks
MAX_LENGTH = 200_000
KEYS = (
    "code", "name_en", "name_zh", "enabled", "is_draft", "valid_from", "valid_to", "sources",
    "caveats", "second_review_from", "decision_days", "large_decision_days", "clauses", "reliefs",
    "types", "refusal_codes",
)  # fmt: skip
TYPE_KEYS = ("statistical_type", "sub_types", "required", "must_hold", "not_qualifying")
CLAUSE_KEYS = ("contents", "silence", "lint", "contents_source", "lint_source")
KINDS_HELD = ("prohibited", "restricted")  # of entries of catalogues; nothing else can hold
SHARES = ("excess_share", "tax_rate", "extra_share", "counted_share", "share")
# kind of relief -> what its row needs beside what every row has
RELIEF_KEYS: Mapping[str, tuple[str, ...]] = {
    "income_tax": ("exempt_up_to", "excess_share", "tax_rate", "licence_years", "licences", "asks",
                   "ip_kinds", "seller_kinds"),
    "vat": ("types", "related_types"),
    "deduction": ("extra_share", "counted_share", "tax_rate", "sub_types", "buyer_kinds"),
    "reward": ("share", "types", "seller_kinds"),
}  # fmt: skip
_RELIEF_CODES: Mapping[str, Callable[[], Collection[str]]] = {
    "licences": lambda: _codes(SUB_TYPES), "asks": lambda: _codes(SUB_TYPES),
    "sub_types": lambda: _codes(SUB_TYPES), "types": lambda: _codes(CONTRACT_TYPES),
    "related_types": lambda: _codes(CONTRACT_TYPES), "ip_kinds": lambda: _codes(IP_KINDS),
    "seller_kinds": lambda: _codes(PARTY_KIND_GROUPS),
    "buyer_kinds": lambda: _codes(PARTY_KIND_GROUPS),
}  # fmt: skip


class Faults(ValueError):
    """Everything that is wrong with one document: "place: what is wrong and what is allowed"."""

    def __init__(self, found: list[str]) -> None:
        super().__init__("\n".join(found))
        self.found = found


def checked(text: str) -> dict[str, Any]:
    """The document of a rule set. Raises Faults with every fault that there is."""
    if len(text) > MAX_LENGTH:
        raise Faults([f"the file: longer than {MAX_LENGTH} characters"])
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
            raise Faults(["the file: anchors and aliases (&, *) are not allowed; write it out"])
        raw: Any = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, Faults):
            raise
        raise Faults([f"the file: no valid YAML: {error}"]) from None
    checker = _Checker()
    checker.twice(node, "")
    if isinstance(raw, dict):
        checker.rule_set(raw)
    else:
        checker.say("", f"must be a mapping with the keys {', '.join(KEYS)}")
    if checker.found:
        raise Faults(checker.found)
    found: dict[str, Any] = raw
    return found


def _codes(listed: Any) -> list[str]:
    return [entry.code for entry in listed]


class _Checker:
    def __init__(self) -> None:
        self.found: list[str] = []

    def say(self, place: str, fault: str) -> None:
        self.found.append(f"{place or 'the file'}: {fault}")

    def twice(self, node: Any, place: str) -> None:
        """A key written twice: YAML would silently keep the last."""
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                here = f"{place}.{key.value}".lstrip(".")
                if key.value in seen:
                    self.say(here, f"stands twice (line {key.start_mark.line + 1})")
                seen.add(key.value)
                self.twice(value, here)
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                self.twice(value, f"{place}[{index}]")

    # --- pieces ---------------------------------------------------------------------------------

    def mapping(
        self, raw: Any, place: str, keys: Collection[str], optional: Collection[str] = ()
    ) -> Mapping[str, Any]:
        """The mapping with what it has of keys; what is missing or unknown is said."""
        if not isinstance(raw, dict):
            self.say(place, f"must be a mapping with the keys {', '.join(keys)}")
            return {}
        for key in raw:
            if key not in keys and key not in optional:
                allowed = ", ".join([*keys, *optional])
                self.say(f"{place}.{key}".lstrip("."), f"unknown key; allowed: {allowed}")
        for key in keys:
            if key not in raw:
                self.say(f"{place}.{key}".lstrip("."), "missing")
        return {key: raw[key] for key in raw if key in keys or key in optional}

    def rows(self, raw: Any, place: str, *, least: int = 0) -> Iterator[tuple[str, Any]]:
        if not isinstance(raw, list):
            self.say(place, "must be a list")
            return
        if len(raw) < least:
            self.say(place, f"must have {least} entry or more")
        for index, row in enumerate(raw):
            yield f"{place}[{index}]", row

    def text(self, raw: Any, place: str) -> None:
        if not isinstance(raw, str) or not raw.strip():
            self.say(place, "must be a text that is not empty")

    def both(self, raw: Any, place: str, *, optional: Collection[str] = ()) -> Mapping[str, Any]:
        """A sentence in both languages."""
        row = self.mapping(raw, place, ("en", "zh"), optional)
        for key in ("en", "zh"):
            if key in row:
                self.text(row[key], f"{place}.{key}")
        return row

    def known(self, raw: Any, place: str, allowed: Collection[str], *, least: int = 0) -> None:
        seen = set()
        for here, one in self.rows(raw, place, least=least):
            if not isinstance(one, str) or one not in allowed:
                self.say(here, f"unknown code {one!r}; allowed: {', '.join(allowed)}")
            elif one in seen:
                self.say(here, f"{one!r} stands twice")
            else:
                seen.add(one)

    def one_of(self, raw: Any, place: str, allowed: Collection[str]) -> None:
        if not isinstance(raw, str) or raw not in allowed:
            self.say(place, f"unknown {raw!r}; allowed: {', '.join(allowed)}")

    def whole(self, raw: Any, place: str, low: int, high: int) -> None:
        if isinstance(raw, bool) or not isinstance(raw, int) or not low <= raw <= high:
            self.say(place, f"must be a whole number from {low} to {high}")

    def amount(self, raw: Any, place: str, high: Decimal) -> None:
        try:
            value = Decimal(str(raw))
            wrong = isinstance(raw, bool) or not value.is_finite() or not 0 <= value <= high
        except InvalidOperation:
            wrong = True
        if wrong:
            self.say(place, f"must be a number from 0 to {high}")

    def day(self, raw: Any, place: str, *, optional: bool = False) -> dt.date | None:
        if type(raw) is dt.date:
            return raw
        if raw is not None or not optional:
            self.say(place, f"must be a day as 2026-01-23{' or null' if optional else ''}")
        return None

    def span(self, row: Mapping[str, Any], place: str, first: str, last: str) -> None:
        """From a day to a day or without an end."""
        start = self.day(row[first], f"{place}{first}") if first in row else None
        end = self.day(row[last], f"{place}{last}", optional=True) if last in row else None
        if start and end and end < start:
            self.say(f"{place}{last}", f"{end} lies before {first}, {start}")

    # --- the whole ------------------------------------------------------------------------------

    def rule_set(self, given: dict[Any, Any]) -> None:
        raw = self.mapping(given, "", KEYS, ("screening",))
        if "code" in raw and not (isinstance(raw["code"], str) and CODE.fullmatch(raw["code"])):
            self.say("code", "must be two capital letters, a hyphen and up to 16 letters or digits")
        for key in ("name_en", "name_zh"):
            if key in raw:
                self.text(raw[key], key)
        for key in ("enabled", "is_draft"):
            if key in raw and not isinstance(raw[key], bool):
                self.say(key, "must be true or false")
        if raw.get("enabled") is True and raw.get("is_draft") is True:
            self.say("enabled", "a draft cannot be enabled; set one of the two to false")
        self.span(raw, "", "valid_from", "valid_to")
        if "second_review_from" in raw:
            self.amount(raw["second_review_from"], "second_review_from", Decimal("1e15"))
        for key in ("decision_days", "large_decision_days"):
            if key in raw:
                self.whole(raw[key], key, 1, 365)
        parts: dict[str, Callable[[Any], None]] = {
            "sources": self.sources, "caveats": self.caveats, "clauses": self.clauses,
            "reliefs": self.reliefs, "types": self.types, "refusal_codes": self.refusals,
        }  # fmt: skip
        for key, part in parts.items():
            if key in raw:
                part(raw[key])
        if "screening" in raw:
            self.screening(raw["screening"], raw.get("refusal_codes"))

    def screening(self, raw: Any, refusals: Any) -> None:
        row = self.mapping(raw, "screening", ("holds", "refusal"))
        if "holds" in row:
            self.known(row["holds"], "screening.holds", KINDS_HELD)
        if "refusal" in row and isinstance(refusals, list):
            codes = [
                str(one["code"]) for one in refusals if isinstance(one, dict) and "code" in one
            ]
            self.one_of(row["refusal"], "screening.refusal", codes)

    def sources(self, raw: Any) -> None:
        for place, one in self.rows(raw, "sources", least=1):
            self.text(one, place)

    def caveats(self, raw: Any) -> None:
        for place, one in self.rows(raw, "caveats"):
            row = self.both(one, place, optional=("from",))
            self.day(row.get("from"), f"{place}.from")

    def clauses(self, raw: Any) -> None:
        row = self.mapping(raw, "clauses", CLAUSE_KEYS)
        for key in ("contents", "silence", "lint"):
            if key in row:
                self.one_of(row[key], f"clauses.{key}", clause_rules.names(key))
        for key in ("contents_source", "lint_source"):
            if key in row:
                self.both(row[key], f"clauses.{key}")

    def types(self, raw: Any) -> None:
        if not isinstance(raw, dict) or not raw:
            self.say("types", "must be a mapping of at least one type")
            return
        known = _codes(CONTRACT_TYPES)
        for code, rules in raw.items():
            place = f"types.{code}"
            if code not in known:
                self.say(place, f"unknown type; allowed: {', '.join(known)}")
                continue
            row = self.mapping(rules, place, TYPE_KEYS)
            if "statistical_type" in row:
                self.one_of(
                    row["statistical_type"], f"{place}.statistical_type",
                    [one for one in known if one in raw],
                )  # fmt: skip
            if "sub_types" in row:
                own = [entry.code for entry in SUB_TYPES.under(code)]
                self.known(row["sub_types"], f"{place}.sub_types", own, least=1)
            if "required" in row:
                self.known(row["required"], f"{place}.required", REQUIRABLE)
            for key in ("must_hold", "not_qualifying"):
                if key in row:
                    for here, one in self.rows(row[key], f"{place}.{key}", least=1):
                        said = self.both(one, here, optional=("only",))
                        if "only" in said:
                            own = [entry.code for entry in SUB_TYPES.under(code)]
                            about = [*own, *_codes(IP_KINDS)]
                            self.known(said["only"], f"{here}.only", about, least=1)

    def refusals(self, raw: Any) -> None:
        seen: dict[str, Any] = {}
        for place, one in self.rows(raw, "refusal_codes", least=1):
            row = self.mapping(one, place, ("code", "en", "zh"), ("needs_words",))
            for key in ("en", "zh"):
                if key in row:
                    self.text(row[key], f"{place}.{key}")
            code, needs = row.get("code"), row.get("needs_words", False)
            if not isinstance(needs, bool):
                self.say(f"{place}.needs_words", "must be true or false")
            if not isinstance(code, str) or not REFUSAL.fullmatch(code):
                self.say(f"{place}.code", "must be 2 to 30 small letters, digits or underscores")
            elif code in seen:
                self.say(f"{place}.code", f"{code!r} stands twice")
            else:
                seen[code] = needs
        if isinstance(raw, list) and seen.get("other") is not True:
            self.say("refusal_codes", "must have the code 'other' with needs_words: true")

    def reliefs(self, raw: Any) -> None:
        if isinstance(raw, str):
            self.one_of(raw, "reliefs", reliefs.names())
            return
        given = self.mapping(raw, "reliefs", ("caveat", "reliefs"))
        if "caveat" in given:
            self.both(given["caveat"], "reliefs.caveat")
        seen: list[tuple[str, Any, Any, str]] = []
        for place, one in self.rows(given.get("reliefs", []), "reliefs.reliefs"):
            row = self.relief(one, place)
            days = (row.get("from"), row.get("to"))
            for kind, start, end, other in seen:
                if kind == row.get("kind") and _meet((start, end), days):
                    self.say(place, f"holds on days on which {other} of the same kind holds")
            seen.append((str(row.get("kind")), *days, place))

    def relief(self, raw: Any, place: str) -> Mapping[str, Any]:
        kind = raw.get("kind") if isinstance(raw, dict) else None
        own = RELIEF_KEYS.get(kind, ()) if isinstance(kind, str) else ()
        row = self.mapping(
            raw, place, ("code", "kind", "from", "to", "name", "said", "source", *own),
            ("unconfirmed_from",),
        )  # fmt: skip
        if "kind" in row:
            self.one_of(kind, f"{place}.kind", reliefs.KINDS)
        if "code" in row:
            self.text(row["code"], f"{place}.code")
        self.span(row, f"{place}.", "from", "to")
        if "unconfirmed_from" in row:
            self.day(row["unconfirmed_from"], f"{place}.unconfirmed_from", optional=True)
        for key in ("name", "said", "source"):
            if key in row:
                self.both(row[key], f"{place}.{key}")
        for key in own:
            here = f"{place}.{key}"
            if key not in row:
                continue
            if key in SHARES:
                self.amount(row[key], here, Decimal(10))
            elif key == "exempt_up_to":
                self.amount(row[key], here, Decimal("1e15"))
            elif key == "licence_years":
                self.whole(row[key], here, 0, 100)
            else:
                self.known(row[key], here, _RELIEF_CODES[key]())
        return row


def _meet(one: tuple[Any, Any], other: tuple[Any, Any]) -> bool:
    """Whether two spans of days share one; an open end never ends."""
    (start, end), (start_too, end_too) = one, other
    if type(start) is not dt.date or type(start_too) is not dt.date:
        return False
    return (end_too is None or start <= end_too) and (end is None or start_too <= end)
