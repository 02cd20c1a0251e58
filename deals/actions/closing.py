"""Closing an introduction with its outcome."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from deals import event_kinds, notices, states
from deals.actions.access import locked_for, organisation_ids, others, tell, touch
from deals.actions.naming import refuse_if_naming
from deals.actions.releases import end_releases
from deals.models import CloseReason, Introduction, Outcome, Side
from deals.models.introductions import MAX_CLOSING_WORDS
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import field_error


@transaction.atomic
def close(
    *, actor: Actor, introduction_id: int, outcome: str, reason: str = "", words: str = "",
    side: str = "", expected_version: int | None = None,
) -> Introduction:  # fmt: skip
    """End an introduction; the other sides read outcome, reason and words.

    Without agreement a reason is needed, and everything that was released for it is closed again.
    """
    introduction, side = locked_for(
        actor, introduction_id, side=side, expected_version=expected_version
    )
    introduction.closing_words = _checked(outcome, reason, words)
    refuse_if_naming(introduction, side, introduction.closing_words, actor=actor, field="words")
    before = introduction.state
    introduction.state = states.TRANSITIONS.target("close", before)
    introduction.outcome = outcome
    introduction.reason = reason if outcome != Outcome.AGREED else ""
    introduction.closed_at = timezone.now()
    introduction.closed_by_id = actor.user_id
    touch(introduction, "state", "outcome", "reason", "closing_words", "closed_at", "closed_by")
    record(
        event_kinds.CLOSED, actor=actor, obj=introduction,
        organisation_ids=organisation_ids(introduction),
        before={"state": before}, after={"state": introduction.state},
        data={"outcome": outcome, "reason": introduction.reason, "side": side},
    )  # fmt: skip
    if outcome != Outcome.AGREED:
        for party in (Side.NEED.value, Side.TECHNOLOGY.value):
            end_releases(introduction, party, actor=Actor.system(), unless_needed=True)
    tell(introduction, notices.CLOSED, others(side), actor=actor, params=_named(introduction))
    return introduction


def _checked(outcome: str, reason: str, words: str) -> str:
    if outcome not in Outcome.values:
        raise field_error("outcome", _("Choose how it ended."), code="unknown_code")
    if reason and reason not in CloseReason.values:
        raise field_error("reason", _("Choose one of the reasons."), code="unknown_code")
    if outcome == Outcome.NOT_AGREED and not reason:
        raise field_error(
            "reason", _("Say why there was no agreement: the other side learns from it."),
            code="required",
        )  # fmt: skip
    try:
        text = clean_text(words) if isinstance(words, str) else ""
    except ValidationError as error:
        raise field_error("words", error.messages[0]) from None
    if len(text) > MAX_CLOSING_WORDS:
        raise field_error(
            "words", _("At most %(limit)s characters.") % {"limit": MAX_CLOSING_WORDS},
            code="too_long",
        )  # fmt: skip
    return text


def _named(introduction: Introduction) -> dict[str, str]:
    """Outcome and reason in both languages, since a notice is worded when it is read."""
    found = {}
    for code, language in (("en", "en"), ("zh", "zh-hans")):
        with override(language):
            found[f"outcome_{code}"] = str(introduction.get_outcome_display())
            found[f"reason_{code}"] = str(introduction.get_reason_display()) or "–"
    return found
