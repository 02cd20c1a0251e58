"""Creating or changing many listings of one source at once, by their ids there."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from accounts.models import Organisation
from listings import states
from listings.actions.drafts import create_draft, save_draft
from listings.actions.lifecycle import reopen, submit
from listings.models import Listing
from listings.sources import qualified
from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError, NotFound

# In place of the hash of a listing that left with its source, not by a person's wish.
LEFT = "left"


@dataclass
class Outcome:
    """What became of one item; errors: (field, message)."""

    external_id: str
    outcome: str
    listing: Listing | None = None
    errors: list[tuple[str, str]] = field(default_factory=list)


def upsert_listings(
    *, actor: Actor, owner: Organisation, kind: str, source: str,
    items: Sequence[tuple[str, Mapping[str, Any]]], submit_complete: bool = False,
) -> list[Outcome]:  # fmt: skip
    """Each (external id, content) in a transaction of its own, so that one that is wrong does not
    stop the others. A published listing gets a revision; an unchanged one is left alone.

    Sources are told apart by organisation (listings.sources). What an import had withdrawn because
    its source no longer had it comes back.
    """
    named = qualified(owner, source)
    return [
        _upsert(actor, owner, kind, named, external_id, content, submit_complete)
        for external_id, content in items
    ]


def _upsert(
    actor: Actor, owner: Organisation, kind: str, source: str, external_id: str,
    content: Mapping[str, Any], submit_complete: bool,
) -> Outcome:  # fmt: skip
    digest = _hash(content)
    try:
        with transaction.atomic():
            known = (
                Listing.objects.select_for_update(of=("self",))
                .filter(source=source, external_id=external_id, kind=kind, revision_of=None)
                .first()
            )
            if known is not None and known.owner_id != owner.pk:
                raise NotFound
            if known is None:
                made = create_draft(actor=actor, kind=kind, owner_id=owner.pk, data=content)
                Listing.objects.filter(pk=made.pk).update(
                    source=source, external_id=external_id, content_hash=digest
                )
                outcome = "created"
            elif known.content_hash == digest:
                made, outcome = known, "same"
            else:
                if known.state == states.WITHDRAWN and known.content_hash == LEFT:
                    reopen(actor=actor, listing_id=known.pk)
                made = save_draft(actor=actor, listing_id=known.pk, data=content)
                Listing.objects.filter(pk=known.pk).update(content_hash=digest)
                outcome = "changed"
    except DomainError as error:
        return Outcome(external_id, "refused", errors=_messages(error))
    errors: list[tuple[str, str]] = []
    if submit_complete and made.state == states.DRAFT:
        try:
            made = submit(actor=actor, listing_id=made.pk)
        except DomainError as error:  # saved all the same: the answer says what is missing
            errors = _messages(error)
    return Outcome(external_id, outcome, made, errors)


def _messages(error: DomainError) -> list[tuple[str, str]]:
    found = [(name, str(text)) for name, texts in error.fields.items() for text in texts]
    return found or [("", str(error.message))]


def _hash(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
