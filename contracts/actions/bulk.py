"""Submit many drafts at once, each by the ordinary step."""

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.actions.filing import submit_contract
from contracts.models import Contract
from contracts.queries.visibility import visible_to
from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError, NotFound

MOST = 50  # at once; a page of the list has 20


@dataclass(frozen=True)
class Submitted:
    """contract: as stored now, None for an id that the actor knows nothing of; error: None when it
    was submitted."""

    public_id: str
    contract: Contract | None
    error: DomainError | None

    @property
    def is_done(self) -> bool:
        return self.error is None

    @property
    def texts(self) -> list[str]:
        """What is missing, or why not."""
        if self.error is None:
            return []
        found = [str(text) for texts in self.error.fields.values() for text in texts]
        return found or [str(self.error.message)]


def submit_many(*, actor: Actor, public_ids: Iterable[str]) -> list[Submitted]:
    """Each by itself, the first MOST, in the order given; what is not complete stays a draft."""
    wanted = list(dict.fromkeys(public_ids))[:MOST]
    known = {row.public_id: row for row in visible_to(actor).filter(public_id__in=wanted)}
    return [_submit(actor, public_id, known.get(public_id)) for public_id in wanted]


def _submit(actor: Actor, public_id: str, contract: Contract | None) -> Submitted:
    if contract is None:
        return Submitted(public_id, None, NotFound())
    try:
        done = submit_contract(actor=actor, contract_id=contract.pk)
    except DomainError as error:
        return Submitted(public_id, contract, error)
    return Submitted(public_id, done, None)
