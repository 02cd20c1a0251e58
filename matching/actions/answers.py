"""Answering a match."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Conflict, NotFound, Refused, Stale, field_error
from marketplace.core.gates import lock
from matching import event_kinds, followers
from matching.actions.on_behalf import mandated, tell_of_answer_for
from matching.actions.telling import tell_of_answer
from matching.models import Answer, Match, Reason, other_side
from matching.models.matches import MAX_TEXT
from matching.queries.sides import listing_of, may_know, owner_id_of, side_of
from matching.queries.visibility import visible_to


@dataclass(frozen=True)
class Given:
    """An answer that is in order."""

    answer: str
    reason: str
    text: str


@transaction.atomic
def answer(
    *, actor: Actor, match_id: int, answer: str, reason: str = "", text: str = "", side: str = "",
    expected_version: int | None = None, seen_answer: str | None = None, on_behalf: bool = False,
) -> Match:  # fmt: skip
    """Say for one's own side: interested, later, or declined with a reason code.

    on_behalf: as a broker, for a side whose owner lets the broker's institution answer; its people
    are told.
    side: which one, for a person who belongs to both. The same answer again changes nothing.
    expected_version, seen_answer: the version, or the side's answer, that the person saw.
    The other side is told that an answer came and its reason (never the text); when both are
    interested, the rooms that follow are told in the same transaction.
    Raises NotFound, Refused for who is of neither side, Invalid, Stale, and Conflict when both
    sides are interested already: from then on the introduction decides.
    """
    given = checked(answer, reason, text)
    if not visible_to(actor).filter(pk=match_id).exists():
        raise NotFound
    match = lock(Match.objects.select_related("need__owner", "technology__owner"), match_id)
    institution = None
    if on_behalf:
        own, institution = mandated(match, actor, side)
    else:
        own = side_of(match, actor, side)
    if not own or actor.is_system:
        raise Refused("not_your_match", _("Only the two sides of a match answer it."))
    # Under the lock: what was visible may have closed since.
    if not visible_to(actor).filter(pk=match_id).exists():
        raise NotFound
    before = match.answer_of(own)
    if expected_version not in (None, match.version) or seen_answer not in (None, before):
        raise Stale(
            "stale_version", _("The match has changed meanwhile. Look at it again, then answer.")
        )
    if (before, match.reason_of(own)) == (given.answer, given.reason):
        return match
    if match.both_interested:
        raise Conflict(
            "already_introduced",
            _("Both sides were interested, and an introduction is open. Close it there."),
        )
    _store(match, own, given, actor)
    _record(match, own, before, actor, institution)
    tell_of_answer(match, own)
    if institution is not None:
        tell_of_answer_for(match, own, institution)
    if (match.need_answer, match.technology_answer) == (Answer.INTERESTED, Answer.INTERESTED):
        record(
            event_kinds.BOTH_INTERESTED, actor=actor, obj=match,
            organisation_ids=[match.need_owner_id, match.technology_owner_id],
        )  # fmt: skip
        followers.enqueue_all(match.pk)
    return match


def mark_seen(*, actor: Actor, match: Match) -> None:
    """Note that the actor's side has looked at the pair; a broker between them leaves no trace."""
    if actor.is_system:
        return
    for side in ("need", "technology"):
        if side_of(match, actor, side) == side and getattr(match, f"{side}_seen_at") is None:
            Match.objects.filter(pk=match.pk).update(**{f"{side}_seen_at": timezone.now()})


def checked(answer: str, reason: str, text: str) -> Given:
    """An answer whose parts go together. Raises Invalid naming the field."""
    if answer not in Answer.values:
        raise field_error(
            "answer", _("Answer with interested, later or declined."), code="unknown_code"
        )
    try:
        text = clean_text(text)
    except ValidationError as error:
        raise field_error("text", error.messages[0], code="control_characters") from error
    if len(text) > MAX_TEXT:
        raise field_error("text", _("At most 500 characters."), code="too_long")
    if answer != Answer.DECLINED:
        if reason:
            raise field_error(
                "reason", _("Only “not for us” has a reason."), code="reason_not_wanted"
            )
        return Given(answer, "", text)
    if not reason:
        raise field_error("reason", _("Say why it is not for you."), code="reason_missing")
    if reason not in Reason.values:
        raise field_error("reason", _("Choose one of the reasons."), code="unknown_code")
    if reason == Reason.OTHER and not text:
        raise field_error("text", _("Say the other reason in a few words."), code="text_missing")
    return Given(answer, reason, text)


def _store(match: Match, side: str, given: Given, actor: Actor) -> None:
    now = timezone.now()
    values = {
        f"{side}_answer": given.answer,
        f"{side}_reason": given.reason,
        f"{side}_text": given.text,
        f"{side}_answered_by_id": actor.user_id,
        f"{side}_answered_at": now,
        f"{side}_seen_at": getattr(match, f"{side}_seen_at") or now,
    }
    for name, value in values.items():
        setattr(match, name, value)
    match.version += 1
    names = [name.removesuffix("_id") for name in values]
    match.save(update_fields=[*names, "version", "updated_at"])


def _record(
    match: Match, side: str, before: str, actor: Actor, institution: Organisation | None
) -> None:
    """The other side's history shows it only where that side may know of the pair.

    institution: whose broker answered for the side, None when the side itself did."""
    other = other_side(side)
    organisations = [owner_id_of(match, side)]
    if may_know(match, other):
        organisations.append(owner_id_of(match, other))
    data = {
        "side": side, "reason": match.reason_of(side),
        "listing": listing_of(match, side).public_id,
    }  # fmt: skip
    if institution is not None:
        organisations.append(institution.pk)
        client = listing_of(match, side).owner
        data |= {"institution": institution.public_id, "client": client.public_id}
    record(
        event_kinds.ANSWERED, actor=actor, obj=match, organisation_ids=organisations,
        before={"answer": before}, after={"answer": match.answer_of(side)}, data=data,
    )  # fmt: skip
