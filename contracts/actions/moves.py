"""The one door of `Contract.state`: table, row, timeline and event in one step."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from accounts.models import Membership
from contracts import followers, states
from contracts.actions.certificates import ask_certificate
from contracts.models import Contract, ContractDecision
from contracts.queries.visibility import organisation_ids
from contracts.rules import EDIT_ROLES
from events.actions import notify, record
from marketplace.core.actor import Actor

Kind = ContractDecision.Kind


def move(
    contract: Contract,
    step: str,
    *fields: str,
    actor: Actor,
    event: str,
    kind: str,
    reason: str = "",
    words: str = "",
    remarks: Mapping[str, str] | None = None,
    is_internal: bool = False,
    open_questions: int = 0,
    data: Mapping[str, Any] | None = None,
) -> Contract:
    """Make a step of the table with a locked contract; `fields` are what the caller set besides.

    Raises Conflict when the table does not allow it; then nothing is written.
    """
    before = contract.state
    contract.state = states.TRANSITIONS.target(step, before)
    contract.version += 1
    contract.save(update_fields=["state", "version", "updated_at", *fields])
    ContractDecision.objects.create(
        contract=contract, kind=kind, decided_by_id=actor.user_id, reason=reason, words=words,
        remarks=dict(remarks or {}), is_internal=is_internal, open_questions=open_questions,
        point_id=contract.registration_point_id, at=timezone.now(),
    )  # fmt: skip
    record(
        event, actor=actor, obj=contract,
        organisation_ids=_concerned(contract, is_internal=is_internal),
        before={"state": before}, after={"state": contract.state},
        data={**(data or {}), **({"reason": reason} if reason else {})},
    )  # fmt: skip
    if contract.is_numbered:
        ask_certificate(contract)  # of this state
    if before == states.REGISTERED:
        followers.enqueue_all(contract)
    return contract


def _concerned(contract: Contract, *, is_internal: bool) -> list[int | None]:
    """Whose events these are: steps within the point are not the parties', and a draft that was
    never submitted is nothing to the point that it names."""
    parties = [] if is_internal else organisation_ids(contract)
    point = contract.registration_point_id if contract.submitted_at is not None else None
    return [*parties, point]


def people_of_parties(contract: Contract) -> list[int]:
    """People who look after the contract on the parties' side."""
    return people_of(organisation_ids(contract))


def people_of(ids: list[int]) -> list[int]:
    """People who look after contracts in some organisations."""
    return _people(ids, ["owner", *EDIT_ROLES])


def registrars_of(contract: Contract, *, without: int | None = None) -> list[int]:
    """Registrars of the contract's point, without one person."""
    if contract.registration_point_id is None:
        return []
    people = _people([contract.registration_point_id], ["registrar"])
    return [pk for pk in people if pk != without]


def _people(ids: list[int], roles: list[str]) -> list[int]:
    return list(
        Membership.objects.filter(
            organisation_id__in=ids, roles__overlap=roles, user__is_active=True
        )
        .order_by()
        .values_list("user_id", flat=True)
        .distinct()
    )


def tell_parties(contract: Contract, notice: str, **params: str) -> None:
    """Tell the parties' people, once per version of the contract."""
    _tell(people_of_parties(contract), contract, notice, page_of(contract), params)


def tell_registrars(
    contract: Contract, notice: str, *, without: int | None = None, **params: str
) -> None:
    people = registrars_of(contract, without=without)
    _tell(people, contract, notice, desk_page_of(contract), params)


def tell_examiner(contract: Contract, notice: str, **params: str) -> None:
    if contract.examiner_id is not None:
        _tell([contract.examiner_id], contract, notice, desk_page_of(contract), params)


def page_of(contract: Contract) -> str:
    return f"/contracts/{contract.public_id}/"


def desk_page_of(contract: Contract) -> str:
    return f"/registrar/contracts/{contract.public_id}/"


def _tell(
    people: list[int], contract: Contract, notice: str, url: str, params: Mapping[str, str]
) -> None:
    notify(
        people, notice, url=url,
        params={"title_en": contract.title_en, "title_zh": contract.title_zh, **params},
        key=f"{notice}-{contract.pk}-{contract.version}",
    )  # fmt: skip
