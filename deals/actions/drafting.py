"""From an introduction to a draft in the contract register."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contracts import states as contract_states
from contracts.actions.drafts import draft_contract as draft_in_register
from contracts.models import Contract
from contracts.rules import type_for_mode
from deals import event_kinds, notices
from deals.actions.access import locked_for, organisation_ids, others, tell, touch
from deals.models import Introduction
from deals.queries.pairs import Pair, pair_of, with_people
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.codes import TRANSFER_MODES
from marketplace.core.errors import Conflict, field_error

OVER = (contract_states.WITHDRAWN, contract_states.REFUSED)


@transaction.atomic
def draft_contract(
    *, actor: Actor, introduction_id: int, mode: str = "", side: str = ""
) -> Contract:
    """A contract draft with parties, title, field and the type that the transfer mode suggests.

    mode: a transfer mode; by default one that both listings name. Returns the present contract
    when there is one. Raises Conflict while a party's name is withheld from the actor's side.
    """
    introduction, side = locked_for(actor, introduction_id, side=side)
    if introduction.contract is not None and introduction.contract.state not in OVER:
        return introduction.contract
    if mode and mode not in TRANSFER_MODES:
        raise field_error("mode", _("Choose a transfer mode."), code="unknown_code")
    pair = pair_of(with_people(Introduction.objects.filter(pk=introduction.pk)).get(), actor)
    require_names(pair)
    contract = draft_in_register(
        actor=actor,
        filed_by_id=introduction.organisation_id_of(side),
        facts=facts_for(pair, mode),
        parties=_parties(introduction),
        origin=f"introduction:{introduction.public_id}",
    )
    introduction.contract = contract
    touch(introduction, "contract")
    record(
        event_kinds.CONTRACT_DRAFTED, actor=actor, obj=introduction,
        organisation_ids=organisation_ids(introduction),
        data={"contract": contract.public_id, "type": contract.type},
    )  # fmt: skip
    tell(introduction, notices.CONTRACT_DRAFTED, others(side), actor=actor)
    return contract


def suggested_mode(pair: Pair) -> str:
    """A mode that both name, else the technology's first, else the need's; "" when none is."""
    offered = list(pair.technology.modes) if pair.technology else []
    wanted = list(pair.need.modes) if pair.need else []
    both = [mode for mode in offered if mode in wanted]
    return next(iter([*both, *offered, *wanted]), "")


def facts_for(pair: Pair, mode: str = "") -> dict[str, Any]:
    """What the draft can take from what its writer may read of the pair."""
    kind, sub_type = type_for_mode(mode or suggested_mode(pair))
    facts: dict[str, Any] = {"type": kind}
    if sub_type:
        facts["sub_type"] = sub_type
    named = pair.technology or pair.need
    if named is not None:
        facts |= {
            "title_en": named.title_en, "title_zh": named.title_zh,
            "field": named.field, "sub_field": named.sub_field, "currency": named.currency,
        }  # fmt: skip
    return {name: value for name, value in facts.items() if value}


def require_names(pair: Pair) -> None:
    """A contract names its parties, so both must have let the other know who they are."""
    hidden = [step.side for step in pair.steps if step.code == "identity"] or [
        side for side, party in pair.parties.items() if not party.is_known
    ]
    if hidden:
        raise Conflict(
            "identity_withheld",
            _("A contract names both parties: whoever is still anonymous shows its name first."),
        )


def _parties(introduction: Introduction) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"role": "seller", "organisation_id": introduction.technology_party_id},
        {"role": "buyer", "organisation_id": introduction.need_party_id},
    ]
    if introduction.broker_organisation_id is not None:
        rows.append({"role": "broker", "organisation_id": introduction.broker_organisation_id})
    return rows
