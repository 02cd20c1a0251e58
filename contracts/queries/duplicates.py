"""Contracts that might be the same one, for the registrar before a decision."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contracts import states
from contracts.models import Contract, ContractFile, ContractParty
from contracts.queries import desk
from marketplace.core.actor import Actor

LIMIT = 200
SIMILAR = 0.6


@dataclass(frozen=True)
class Suspect:
    """A contract that resembles the one examined; `contract` is None when it lies at another
    point, whose files are not ours to read: then only the reasons and the number are told."""

    contract: Contract | None
    number: str
    point_id: int | None
    reasons: tuple[str | Promise, ...]


def suspects(contract: Contract, actor: Actor) -> list[Suspect]:
    """Submitted contracts with the same file, or the same parties and a similar title, the same
    signing date or the same amount; most reasons first."""
    same_file = set(
        ContractFile.objects.filter(
            sha256__in=[file.sha256 for file in contract.files.all() if file.kind == "contract"]
        ).values_list("contract_id", flat=True)
    )
    both = set(_with_a_party(contract, "seller")) & set(_with_a_party(contract, "buyer"))
    candidates = (
        Contract.objects.filter(Q(pk__in=sorted(same_file)) | Q(pk__in=sorted(both)))
        .exclude(pk__in=_own_chain(contract))
        .exclude(state__in=[states.DRAFT, states.WITHDRAWN, states.AMENDED])
        .select_related("registration_point")
        .order_by("-id")[:LIMIT]
    )
    readable = set(
        desk.at_points(actor).filter(pk__in=[c.pk for c in candidates]).values_list("pk", flat=True)
    )
    found = []
    for other in candidates:
        reasons = _reasons(contract, other, other.pk in same_file, other.pk in both)
        if reasons:
            found.append(
                Suspect(
                    other if other.pk in readable else None,
                    other.number or "",
                    other.registration_point_id,
                    reasons,
                )
            )
    return sorted(found, key=lambda suspect: -len(suspect.reasons))


def _own_chain(contract: Contract) -> list[int]:
    """The contract and the editions before it, which resemble it by nature."""
    chain, now = [contract.pk], contract
    while now.amends_id is not None and now.amends is not None:
        now = now.amends
        chain.append(now.pk)
    return chain


def _with_a_party(contract: Contract, role: str) -> list[int]:
    """Ids of contracts that have one of this contract's parties of a role, whatever its role
    there."""
    same = Q(pk__in=[])
    for party in contract.parties.all():
        if party.role != role:
            continue
        if party.organisation_id:
            same |= Q(organisation_id=party.organisation_id)
        if party.code:
            same |= Q(code=party.code)
        same |= Q(name=party.name)
    return list(
        ContractParty.objects.filter(same)
        .exclude(contract_id=contract.pk)
        .order_by("-contract_id")
        .values_list("contract_id", flat=True)[: LIMIT * 5]
    )


def _reasons(
    contract: Contract, other: Contract, same_file: bool, same_parties: bool
) -> tuple[str | Promise, ...]:
    reasons: list[str | Promise] = []
    if same_file:
        reasons.append(_("the same contract file"))
    if same_parties:
        more: list[str | Promise] = []
        if _titles_alike(contract, other):
            more.append(_("a similar title"))
        if contract.signed_on and contract.signed_on == other.signed_on:
            more.append(_("the same signing date"))
        if contract.total_cny is not None and contract.total_cny == other.total_cny:
            more.append(_("the same amount"))
        if more:
            reasons += [_("the same parties"), *more]
    return tuple(reasons)


def _titles_alike(contract: Contract, other: Contract) -> bool:
    pairs = ((contract.title_en, other.title_en), (contract.title_zh, other.title_zh))
    return any(
        one and two and SequenceMatcher(None, one.casefold(), two.casefold()).ratio() >= SIMILAR
        for one, two in pairs
    )
