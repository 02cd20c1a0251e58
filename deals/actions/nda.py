"""Accepting the non-disclosure agreement, by name and time, for the exact text that was read."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from deals import event_kinds, notices
from deals.actions.access import locked_for, organisation_ids, tell, touch
from deals.actions.releases import nda_in_force
from deals.actions.talks import begin_talks
from deals.models import Introduction, NdaAcceptance, Side, other_party
from deals.nda import NdaText
from deals.queries.nda import text_of
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Conflict, Refused, Stale, field_error

PARTIES = (Side.NEED.value, Side.TECHNOLOGY.value)


@transaction.atomic
def accept_nda(
    *, actor: Actor, introduction_id: int, text_hash: str, name: str, side: str = ""
) -> Introduction:
    """Accept for one's organisation. text_hash: of the text that the person was shown; name: as
    the person signs. When both have accepted, the agreement is in force and talks have begun.

    Raises Stale when the text is another one now, Conflict when one's side has accepted it,
    Invalid without a name, Refused for a token of a person without a role there.
    """
    introduction, side = locked_for(actor, introduction_id, side=side, among=PARTIES)
    text = require_text(introduction.nda_version, text_hash)
    if actor.user_id is None:
        raise Refused("nobody", _("Only a person can accept an agreement."))
    if introduction.nda_acceptances.filter(side=side, text_hash=text.hash).exists():
        raise Conflict("nda_accepted", _("Your side has already accepted this agreement."))
    NdaAcceptance.objects.create(
        introduction=introduction, side=side, organisation_id=introduction.organisation_id_of(side),
        nda_version=text.version, text_hash=text.hash, accepted_by_id=actor.user_id,
        name=signature(name),
    )  # fmt: skip
    touch(introduction)
    record(
        event_kinds.NDA_ACCEPTED, actor=actor, obj=introduction,
        organisation_ids=organisation_ids(introduction),
        data={"side": side, "version": text.version, "hash": text.hash},
    )  # fmt: skip
    if nda_in_force(introduction):
        begin_talks(introduction, actor=actor)
        tell(introduction, notices.NDA_IN_FORCE, PARTIES, actor=actor)
    else:
        tell(introduction, notices.NDA_ACCEPTED, [other_party(side)], actor=actor)
    return introduction


def require_text(version: str, text_hash: str) -> NdaText:
    """The text of a version. Raises Stale when it is not the one that was read."""
    text = text_of(version)
    if text_hash != text.hash:
        raise Stale(
            "nda_changed",
            _("The agreement is not the one you read. Read the present text, then accept it."),
        )
    return text


def signature(name: str) -> str:
    """A name as it is kept. Raises Invalid on `name`."""
    try:
        text = clean_text(name) if isinstance(name, str) else ""
    except ValidationError as error:
        raise field_error("name", error.messages[0]) from None
    if not text:
        raise field_error("name", _("Sign with your full name."), code="empty")
    if len(text) > 80:
        raise field_error("name", _("A name has at most 80 characters."), code="too_long")
    return " ".join(text.split())
