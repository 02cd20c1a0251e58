"""Taking an answer back."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, Refused, Stale
from marketplace.core.gates import lock
from matching import event_kinds
from matching.models import Match, other_side
from matching.queries.sides import listing_of, may_know, owner_id_of, side_of
from matching.queries.visibility import visible_to


@transaction.atomic
def take_back(
    *, actor: Actor, match_id: int, side: str = "", expected_version: int | None = None
) -> Match:
    """One's own side has not answered again; nothing happens when it had not.

    What the other side was told stays told; its page says what is so now.
    Raises NotFound, Refused for who is of neither side, Stale, and Conflict when both sides are
    interested: from then on the introduction decides.
    """
    if not visible_to(actor).filter(pk=match_id).exists():
        raise NotFound
    match = lock(Match.objects.select_related("need__owner", "technology__owner"), match_id)
    own = side_of(match, actor, side)
    if not own or actor.is_system:
        raise Refused("not_your_match", _("Only the two sides of a match answer it."))
    if expected_version not in (None, match.version):
        raise Stale(
            "stale_version", _("The match has changed meanwhile. Look at it again, then answer.")
        )
    if match.both_interested:
        raise Conflict(
            "already_introduced",
            _("Both sides were interested, and an introduction is open. Close it there."),
        )
    before = match.answer_of(own)
    if not before:
        return match
    told = [owner_id_of(match, own)]
    if may_know(match, other_side(own)):  # as the answer was seen, before it is gone
        told.append(owner_id_of(match, other_side(own)))
    names = [f"{own}_{name}" for name in ("answer", "reason", "text")]
    for name in names:
        setattr(match, name, "")
    setattr(match, f"{own}_answered_by", None)
    setattr(match, f"{own}_answered_at", None)
    match.version += 1
    match.save(
        update_fields=[
            *names, f"{own}_answered_by", f"{own}_answered_at", "version", "updated_at",
        ]
    )  # fmt: skip
    record(
        event_kinds.TAKEN_BACK, actor=actor, obj=match, organisation_ids=told,
        before={"answer": before}, after={"answer": ""},
        data={"side": own, "listing": listing_of(match, own).public_id},
    )  # fmt: skip
    return match
