"""Rule sets of operators: rows beside the shipped files, held by each process for a few seconds."""

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml
from django.db.models import Q

from contracts import states
from contracts.models import AddedRuleSet, Contract
from contracts.rule_sets import RuleSet, by_age, made_of, shipped

SECONDS = 5.0  # so long may a process not know of a rule set that was added


@dataclass(frozen=True, slots=True)
class _Held:
    stamp: tuple[Any, ...]
    sets: Mapping[str, RuleSet]
    looked_at: float


_held: list[_Held] = []  # one entry, replaced as a whole: threads may read it meanwhile


def all_of_them(anew: bool) -> Mapping[str, RuleSet]:
    """Shipped and added rule sets, by code, oldest first; at most SECONDS old unless anew."""
    now = time.monotonic()
    held = _held[0] if _held else None
    if held and not anew and now - held.looked_at < SECONDS:
        return held.sets
    rows = list(AddedRuleSet.objects.order_by("code"))
    stamp = tuple((row.code, row.changed_at, row.ends_on) for row in rows)
    if held and stamp == held.stamp:
        sets = held.sets
    else:
        sets = merged({row.code: (row.document, row.ends_on) for row in rows})
    _held[:] = [_Held(stamp, sets, now)]
    return sets


def forget() -> None:
    """Read anew at the next question."""
    _held.clear()


def merged(added: Mapping[str, tuple[str, dt.date | None]]) -> Mapping[str, RuleSet]:
    """The shipped sets and those added: code -> (document or "", end or None)."""
    documents: dict[str, Any] = dict(shipped())
    for code, (document, _end) in added.items():
        if document:
            documents[code] = yaml.safe_load(document)
    sets = [made_of(raw) for raw in documents.values()]
    ends = {code: end for code, (_document, end) in added.items() if end}
    return by_age(
        replace(rules, valid_to=ends[rules.code]) if rules.code in ends else rules for rules in sets
    )


def document_of(code: str) -> Mapping[str, Any] | None:
    """The document that a code has now; None where there is none."""
    row = AddedRuleSet.objects.filter(code=code).first()
    if row is not None and row.document:
        found: Mapping[str, Any] = yaml.safe_load(row.document)
        return found
    return shipped().get(code)


def last_signed(code: str) -> dt.date | None:
    """The last signing date of a contract in the register or at a registration point that is
    judged by a rule set; None when it judges none. Editions that were replaced count: they were
    judged by it."""
    return (
        Contract.objects.filter(
            Q(number__isnull=False) | Q(state__in=sorted(states.AT_THE_POINT)), rule_set=code
        )
        .order_by("-signed_on")
        .values_list("signed_on", flat=True)
        .first()
    )
