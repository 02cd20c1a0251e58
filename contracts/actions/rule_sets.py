"""Add rule sets, and end those that go before. For operators, by `manage.py add_rule_set`."""

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from contracts import event_kinds
from contracts.models import AddedRuleSet, Contract
from contracts.queries import rule_sets as queries
from contracts.rule_sets import RuleSet
from contracts.rule_sets.checking import Faults, checked
from events.actions import record
from marketplace.core.actor import Actor

Added = dict[str, tuple[str, dt.date | None]]


def add_rule_sets(
    *, actor: Actor, texts: Sequence[str], ends: Mapping[str, dt.date], only_check: bool = False
) -> list[RuleSet]:
    """Store documents (YAML) and ends (code -> last day) together, or not at all; returns all rule
    sets as they then are, oldest first. only_check: looks and stores nothing.

    Raises Faults with everything that is wrong: in a document, between rule sets whose days
    overlap, or against registered contracts, whose rules never change.
    """
    documents = _read(texts)
    with transaction.atomic():
        with connection.cursor() as cursor:
            # no contract is registered, and no other rule set added, between look and write
            table = connection.ops.quote_name(Contract._meta.db_table)
            own = connection.ops.quote_name(AddedRuleSet._meta.db_table)
            cursor.execute(f"LOCK TABLE {own}, {table} IN SHARE ROW EXCLUSIVE MODE")
        added: Added = {row.code: (row.document, row.ends_on) for row in AddedRuleSet.objects.all()}
        faults = [
            *_against_contracts(documents, ends), *_unknown_ends(documents, ends, added),
        ]  # fmt: skip
        for code, (text, _raw) in documents.items():
            added[code] = (text, None)
        for code, day in ends.items():
            added[code] = (added[code][0] if code in added else "", day)
        sets = _merged(added, faults)
        if faults:
            raise Faults(faults)
        if not only_check:
            for code in sorted({*documents, *ends}):
                text, end = added[code]
                AddedRuleSet.objects.update_or_create(
                    code=code, defaults={"document": text, "ends_on": end}
                )
                record(
                    event_kinds.RULES_CHANGED, actor=actor, object_type="rule_set",
                    object_id=code, data={"document": code in documents, "ends_on": str(end or "")},
                )  # fmt: skip
            transaction.on_commit(queries.forget)
    return sets


def gaps(sets: Sequence[RuleSet]) -> list[tuple[dt.date, dt.date]]:
    """Days between enabled rule sets on which none holds (first and last of each gap)."""
    enabled = [rules for rules in sets if rules.enabled]
    day = dt.timedelta(days=1)
    return [
        (one.valid_to + day, other.valid_from - day)
        for one, other in itertools.pairwise(enabled)
        if one.valid_to is not None and one.valid_to + day < other.valid_from
    ]


def _read(texts: Sequence[str]) -> dict[str, tuple[str, dict[str, Any]]]:
    """code -> (text, document)."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    faults: list[str] = []
    for place, text in enumerate(texts, 1):
        try:
            raw = checked(text)
        except Faults as error:
            faults += [f"file {place}, {fault}" if len(texts) > 1 else fault
                       for fault in error.found]  # fmt: skip
            continue
        if raw["code"] in found:
            faults.append(f"file {place}, code: {raw['code']} is in another of these files, too")
        found[raw["code"]] = (text, raw)
    if faults:
        raise Faults(faults)
    return found


def _against_contracts(
    documents: Mapping[str, tuple[str, dict[str, Any]]], ends: Mapping[str, dt.date]
) -> list[str]:
    faults = []
    for code, (_text, raw) in documents.items():
        last, old = queries.last_signed(code), queries.document_of(code)
        if last is None or old is None:
            continue
        changed = sorted(key for key in {*raw, *old} - {"valid_to"} if raw.get(key) != old.get(key))
        faults += [
            f"{key}: contracts at a registration point or in the register are judged by {code}, so "
            "only valid_to may change; end "
            "it and add a rule set with another code that follows"
            for key in changed
        ]
    for code in {*documents, *ends}:
        last = queries.last_signed(code)
        end = ends.get(code) or (documents[code][1]["valid_to"] if code in documents else None)
        if last and end and end < last:
            faults.append(
                f"valid_to: {end} lies before {last}, when a contract at a registration point "
                f"or in the register that {code} judges was signed"
            )
    return faults


def _unknown_ends(
    documents: Mapping[str, Any], ends: Mapping[str, dt.date], added: Added
) -> list[str]:
    known = {*documents, *added, *queries.merged({})}
    return [
        f"--end: no rule set has the code {code}; there are {', '.join(sorted(known))}"
        for code in ends
        if code not in known
    ]


def _merged(added: Added, faults: list[str]) -> list[RuleSet]:
    """All sets as they would be, oldest first; says which enabled ones overlap, and reversed
    ends."""
    known = {code: row for code, row in added.items() if row[0] or code in queries.merged({})}
    sets = list(queries.merged(known).values())
    for rules in sets:
        if rules.valid_to and rules.valid_to < rules.valid_from:
            faults.append(f"--end: {rules.code} would end on {rules.valid_to}, before it begins")
    enabled = [rules for rules in sets if rules.enabled]
    for one, other in itertools.combinations(enabled, 2):
        if one.valid_to is None or one.valid_to >= other.valid_from:
            last = other.valid_from - dt.timedelta(days=1)
            faults.append(
                f"valid_from: {other.code} begins on {other.valid_from}, while {one.code} still "
                f"holds; end that one first: --end {one.code}={last}"
            )
    return sets
