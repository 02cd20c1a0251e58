"""What a registration point knows of the parties of a contract from before."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from contracts import states
from contracts.models import Contract, ContractDecision, ContractParty
from contracts.queries import desk
from contracts.queries.visibility import with_parties
from marketplace.core.actor import Actor

NEWEST = 300  # contracts looked at, of each party by each way of knowing it
ROWS = 25
Kind = ContractDecision.Kind
_TOLD = (Kind.RETURNED, Kind.REFUSED, Kind.CANCELLED, Kind.REVOKED)


@dataclass(frozen=True)
class Past:
    """An earlier contract. parties: its parties that are parties here, too; returned: how often it
    was returned; ground: the code of its refusal, "" for none; ended: what was said when it was
    refused, cancelled or revoked."""

    contract: Contract
    parties: Sequence[ContractParty]
    returned: int
    ground: str
    ended: str


@dataclass(frozen=True)
class History:
    """rows: the newest ROWS; counts: state -> number, of all that the actor may read and no
    others, so that a sum tells nothing of another point's files."""

    rows: Sequence[Past]
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def is_cut(self) -> bool:
        return self.total > len(self.rows)


def history_of_parties(contract: Contract, actor: Actor) -> History:
    """Contracts of the same parties at the actor's points, newest first, without replaced editions;
    five queries at most, whatever there is.

    A party is the same by its organisation, by its code, or, when it has neither, by its name.
    """
    ids = _candidates(contract, actor)
    if not ids:
        return History([], {})
    readable = list(
        desk.at_points(actor)
        .filter(pk__in=ids)
        .exclude(pk=contract.pk)
        .exclude(state=states.AMENDED)
        .order_by("-id")
        .values_list("pk", "state")
    )
    counts = Counter(state for _pk, state in readable)
    newest = [pk for pk, _state in readable[:ROWS]]
    if not newest:
        return History([], {})
    rows = with_parties(Contract.objects.filter(pk__in=newest)).order_by("-id")
    told: dict[int, list[ContractDecision]] = {}
    for row in ContractDecision.objects.filter(contract_id__in=newest, kind__in=_TOLD):
        told.setdefault(row.contract_id, []).append(row)
    return History([_past(row, contract, told.get(row.pk, [])) for row in rows], dict(counts))


def _candidates(contract: Contract, actor: Actor) -> list[int]:
    """Ids of contracts at the actor's points with one of the parties: each way of knowing one reads
    its own index from the newest on, all in one statement. Files of other points are passed over
    there, so they take no place among the NEWEST."""
    here: dict[str, object] = {}
    if not actor.is_system:
        here["contract__registration_point_id__in"] = sorted(actor.ids_with("registrar"))
    ways: list[QuerySet[ContractParty, int]] = []
    for party in contract.parties.all():
        keys: dict[str, object] = {}
        if party.organisation_id:
            keys["organisation_id"] = party.organisation_id
        if party.code:
            keys["code"] = party.code
        for name, value in (keys or {"name": party.name}).items():
            ways.append(
                ContractParty.objects.filter(
                    **{name: value}, **here, contract__submitted_at__isnull=False
                )
                .order_by("-contract_id")
                .values_list("contract_id", flat=True)[: NEWEST + 1]
            )
    if not ways:
        return []
    found = ways[0].union(*ways[1:]) if len(ways) > 1 else ways[0]
    return list(found)


def _past(row: Contract, contract: Contract, told: Sequence[ContractDecision]) -> Past:
    last = next((one for one in reversed(told) if one.kind != Kind.RETURNED), None)
    return Past(
        row,
        [party for party in row.parties.all() if _is_one_of(party, contract)],
        sum(one.kind == Kind.RETURNED for one in told),
        last.reason if last else "",
        last.words if last else "",
    )


def _is_one_of(party: ContractParty, contract: Contract) -> bool:
    for own in contract.parties.all():
        if own.organisation_id and own.organisation_id == party.organisation_id:
            return True
        if own.code and own.code == party.code:
            return True
        if not (own.organisation_id or own.code) and own.name == party.name:
            return True
    return False
