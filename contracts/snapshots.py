"""All facts of a contract as plain data, kept at every submission, and what changed between two."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from contracts.models import Contract, ContractRoyalty, ContractVersion
from contracts.payment import INSTALMENT_FACTS, ROYALTY_FACTS, STEP_FACTS
from contracts.rules import FACTS, PARTY_FACTS
from marketplace.core.actor import Actor

Facts = dict[str, Any]
# What follows from what was stated: nobody types it, so nobody is asked to correct it.
WORKED_OUT = ("rule_set", "technology_amount", "total_cny", "technology_cny")
# Facts that are rows beside the contract.
PARTS = ("parties", "deductions", "instalments", "royalty", "files")


def facts_of(contract: Contract) -> Facts:
    """Facts, parties, deductions, terms of payment and file hashes; numbers and dates as text,
    ids as public ids."""
    facts: Facts = {}
    for name in (*FACTS, *WORKED_OUT):
        value = getattr(contract, name)
        if name == "registration_point":
            value = value.public_id if value else ""
        facts[name] = _plain(value)
    facts["parties"] = [
        {
            name: (party.organisation.public_id if party.organisation else "")
            if name == "organisation"
            else _plain(getattr(party, name))
            for name in PARTY_FACTS
        }
        for party in contract.parties.select_related("organisation")
    ]
    facts["deductions"] = [
        {"kind": row.kind, "amount": str(row.amount), "note": row.note}
        for row in contract.deductions.all()
    ]
    facts |= _terms(contract)
    facts["files"] = [
        {"name": row.name, "kind": row.kind, "sha256": row.sha256} for row in contract.files.all()
    ]
    return facts


def fingerprint(facts: Mapping[str, Any]) -> str:
    """SHA-256 of the facts as canonical JSON: the same facts give the same hash anywhere."""
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def keep_version(contract: Contract, actor: Actor, *, is_registered: bool = False) -> None:
    """Write the next version of the contract, in the caller's transaction and under its lock."""
    facts = facts_of(contract)
    last = contract.versions.values_list("number", flat=True).first() or 0
    ContractVersion.objects.create(
        contract=contract,
        number=last + 1,
        is_registered=is_registered,
        facts=facts,
        sha256=fingerprint(facts),
        created_by_id=actor.user_id,
    )


def changed_names(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Names of the facts that differ, in the order of the form."""
    # older versions do not know every name: nothing is then the same as an empty list
    return [name for name in after if (before.get(name) or None) != (after[name] or None)]


def _terms(contract: Contract) -> Facts:
    """Instalments as rows, the royalty with its steps (empty without one)."""
    # from the table: one that was just made still holds its numbers as they were typed
    stored = ContractRoyalty.objects.filter(contract=contract).first()
    royalty: Facts = {}
    if stored is not None:
        royalty = {name: _plain(getattr(stored, name)) for name in ROYALTY_FACTS}
        royalty["steps"] = [
            {name: _plain(getattr(row, name)) for name in STEP_FACTS}
            for row in contract.royalty_steps.all()
        ]
    return {
        "instalments": [
            {name: _plain(getattr(row, name)) for name in INSTALMENT_FACTS}
            for row in contract.instalments.all()
        ],
        "royalty": royalty,
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value)
