"""A new draft after an earlier contract."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contracts.actions.drafts import draft_contract
from contracts.actions.terms import told_terms
from contracts.models import Contract
from contracts.queries.visibility import (
    is_of_parties,
    organisation_ids,
    registration_points,
    visible_to,
)
from contracts.rules import EDIT_ROLES, FACTS, PARTY_FACTS
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound, Refused

# Of the earlier contract alone: what was agreed then, and when.
_LEFT_OUT = frozenset({"signed_on", "valid_from", "valid_to", "rate", "rate_on"})
_TERM_DAYS = ("entry_fee_on", "runs_from", "runs_to")


@transaction.atomic
def copy_contract(*, actor: Actor, contract_id: int) -> Contract:
    """Draft a contract with facts, parties, deductions and terms of payment of one of the actor's
    own, in whatever state, without number, days and files.

    An instalment that has a day and no event is left out: its day belongs to the earlier contract,
    and the form says what is missing to the total. Drafted for the organisation that drafted the
    earlier one, or for the actor's own party. Raises NotFound, Refused to who sees it at the
    registration point, and as draft_contract.
    """
    source = visible_to(actor).filter(pk=contract_id).first()
    if source is None:
        raise NotFound
    if not is_of_parties(source, actor):
        raise Refused(
            "not_your_contract", _("Only contracts of your own organisations can be copied.")
        )
    own = [pk for pk in organisation_ids(source) if actor.can(pk, *EDIT_ROLES)]
    filer = source.filed_by_id if source.filed_by_id in own else own[0]
    facts = {name: getattr(source, name) for name in FACTS if name not in _LEFT_OUT}
    point = source.registration_point
    still = point is not None and registration_points().filter(pk=point.pk).exists()
    facts["registration_point"] = point if still else None
    instalments, royalty = told_terms(source)
    return draft_contract(
        actor=actor,
        filed_by_id=filer,
        facts=facts,
        parties=[
            {**{name: getattr(row, name) for name in PARTY_FACTS if name != "organisation"},
             "organisation_id": row.organisation_id}
            for row in source.parties.all()
        ],
        deductions=[
            {"kind": row.kind, "amount": row.amount, "note": row.note}
            for row in source.deductions.all()
        ],
        instalments=[{**row, "due_on": None} for row in instalments if row["event"]],
        royalty=royalty | dict.fromkeys(_TERM_DAYS) if royalty else None,
        origin="copy",
    )  # fmt: skip
