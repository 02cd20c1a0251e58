"""Registrations that were made before: entered by the system, with their own dates."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from contracts import event_kinds, states
from contracts.actions.certificates import ask_certificate
from contracts.actions.drafts import draft_contract
from contracts.actions.numbering import next_number
from contracts.models import Contract, ContractDecision
from contracts.queries.visibility import organisation_ids, registration_points
from contracts.snapshots import keep_version
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound, Refused

Rows = Sequence[Mapping[str, Any]]


@transaction.atomic
def import_registered(
    *,
    actor: Actor,
    filed_by_id: int,
    point_id: int,
    facts: Mapping[str, Any],
    parties: Rows,
    deductions: Rows = (),
    instalments: Rows = (),
    royalty: Mapping[str, Any] | None = None,
    origin: str = "",
    submitted_at: dt.datetime,
    registered_at: dt.datetime,
    drafted_by_id: int | None = None,
    examiner_id: int | None = None,
    second_approver_id: int | None = None,
) -> Contract:
    """Enter a registration of the past; only for the system (imports, the demo market).

    The number is the next one of the point in the year of `registered_at`: enter them in the order
    of their dates. Parties are not told. Raises as draft_contract.
    """
    if not actor.is_system:
        raise Refused("system_only", "Only the system enters registrations of the past.")
    point = registration_points().filter(pk=point_id).first()
    if point is None:
        raise NotFound
    contract = draft_contract(
        actor=actor, filed_by_id=filed_by_id, origin=origin, parties=parties,
        deductions=deductions, instalments=instalments, royalty=royalty,
        facts={**facts, "registration_point": point.public_id},
    )  # fmt: skip
    contract.drafted_by_id = drafted_by_id
    contract.submitted_at = submitted_at
    contract.examiner_id = examiner_id
    contract.second_approver_id = second_approver_id
    contract.numbered_at = contract.registered_at = registered_at
    contract.state = states.REGISTERED
    contract.number = next_number(point, timezone.localdate(registered_at).year)
    contract.save()
    Kind = ContractDecision.Kind
    decisions = [
        (Kind.SUBMITTED, submitted_at, drafted_by_id),
        (Kind.REGISTERED, registered_at, second_approver_id or examiner_id),
    ]
    ContractDecision.objects.bulk_create(
        [
            ContractDecision(
                contract=contract, kind=kind, at=at, decided_by_id=person, point_id=point.pk
            )
            for kind, at, person in decisions
        ]
    )
    keep_version(contract, actor, is_registered=True)
    ask_certificate(contract)
    record(
        event_kinds.REGISTERED, actor=actor, obj=contract,
        organisation_ids=[*organisation_ids(contract), point.pk],
        before={"state": states.DRAFT}, after={"state": contract.state},
        data={"number": contract.number, "edition": 1, "imported": True},
    )  # fmt: skip
    return contract
