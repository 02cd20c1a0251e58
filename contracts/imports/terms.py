"""Terms of payment in cells of a table: in words of one line, or as JSON in the API's shapes."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from contracts.codes import ROYALTY_BASES, ROYALTY_PERIODS
from contracts.imports.cells import day_of, money_of, text_of
from contracts.payment import FALLING, FIXED, RISING
from marketplace.core.errors import field_error

# Beside `royalty`, each in a column of its own.
ROYALTY_COLUMNS = (
    "entry_fee", "entry_fee_on", "minimum_per_year", "runs_from", "runs_to", "reporting",
)  # fmt: skip
_DAYS = frozenset({"entry_fee_on", "runs_from", "runs_to"})
_BASE = re.compile(r"([^\d第]*)(.*)", re.DOTALL)
_AMOUNT = r"(?P<amount>\d+(?:\.\d+)?\s*[万亿]?)元?"
_STEPS = (
    re.compile(r"(?P<rate>[\d.]+)\s*%(?:\s*from year (?P<year>\d{1,3}))?"
               rf"(?:\s*from {_AMOUNT})?", re.IGNORECASE),
    re.compile(rf"(?:第(?P<year>\d{{1,3}})年起)?(?:{_AMOUNT}起)?(?P<rate>[\d.]+)\s*%"),
)  # fmt: skip


def read_instalments(value: Any) -> list[dict[str, Any]]:
    """`2026-03-01: 50000; on acceptance: 70000`: a day or an event, a colon, a sum.

    Raises Invalid on `instalments`.
    """
    value = _from_json(value, "instalments")
    if isinstance(value, list):
        return [row for row in value if isinstance(row, dict)]
    found = []
    for piece in re.split(r"[;；\n]", text_of(value)):
        if not piece.strip():
            continue
        when, colon, amount = piece.replace("：", ":").rpartition(":")
        if not colon or not when.strip() or not isinstance(money_of(amount), Decimal):
            raise field_error(
                "instalments",
                _("“%(text)s” is not read. Write a day or an event, a colon and the sum, with "
                  "semicolons between: 2026-03-01: 50000; on acceptance: 70000")
                % {"text": piece.strip()[:60]},
            )  # fmt: skip
        day = day_of(when.strip())
        at = {"due_on": day} if day else {"event": when.strip()}
        found.append({**at, "amount": money_of(amount)})
    return found


def read_royalty(cells: Mapping[str, Any]) -> dict[str, Any]:
    """`Sales 3% from 0, 2% from 1000000`, or `Sales 3%, 2% from year 3`; what stands in
    ROYALTY_COLUMNS is added. Whether the rate is fixed, rises or falls follows from it.

    Raises Invalid on `royalty`.
    """
    value = _from_json(cells.get("royalty"), "royalty")
    found = dict(value) if isinstance(value, dict) else _in_words(text_of(value))
    for name in ROYALTY_COLUMNS:
        text = text_of(cells.get(name))
        if not text:
            continue
        if name in _DAYS:
            found[name] = day_of(text) or text
        elif name == "reporting":
            found[name] = ROYALTY_PERIODS.find(text) or text
        else:
            found[name] = money_of(text)
    return found


def _in_words(text: str) -> dict[str, Any]:
    if not text:
        return {}
    named = _BASE.fullmatch(text)
    base = ROYALTY_BASES.find(named[1].strip(" :：")) if named else None
    steps = [_step(piece) for piece in re.split(r"[,，;；、]", named[2] if named else "")]
    rates = [Decimal(step["rate"]) for step in steps if step]
    if base is None or len(rates) < len(steps):
        raise field_error(
            "royalty",
            _("“%(text)s” is not read. Write what it is a share of, then the rates: Sales 3%% "
              "from 0, 2%% from 1000000, or Sales 3%%, 2%% from year 3")
            % {"text": text[:60]},
        )  # fmt: skip
    kind = FIXED if len(rates) == 1 else RISING if rates[-1] > rates[0] else FALLING
    return {"base": base, "rate_kind": kind, "steps": steps}


def _step(piece: str) -> dict[str, Any] | None:
    for pattern in _STEPS:
        if (found := pattern.fullmatch(piece.strip())) and found["rate"].count(".") < 2:
            rate = found["rate"].strip(".") or "0"
            step: dict[str, Any] = {"rate": rate, "from_amount": money_of(found["amount"] or "0")}
            return {**step, "from_year": int(found["year"])} if found["year"] else step
    return None


def _from_json(value: Any, field: str) -> Any:
    if not isinstance(value, str) or value.lstrip()[:1] not in ("[", "{"):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise field_error(field, _("This is no JSON.")) from None
