"""Messages of an introduction."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from deals import event_kinds, notices, states
from deals.actions.access import locked_for, organisation_ids, others, tell, touch
from deals.actions.naming import refuse_if_naming
from deals.models import Introduction, IntroductionMessage, Side
from deals.models.talks import MAX_MESSAGE
from events.actions import record
from events.queries import with_unread
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import field_error


@transaction.atomic
def post_message(
    *, actor: Actor, introduction_id: int, body: str, side: str = ""
) -> IntroductionMessage:
    """Write to everybody in the introduction. When both parties have written, they are in talks.

    Raises Invalid for an empty or over-long text, Conflict once it is closed.
    """
    introduction, side = locked_for(actor, introduction_id, side=side)
    text = cleaned(body)
    refuse_if_naming(introduction, side, text, actor=actor, field="body")
    message = IntroductionMessage.objects.create(
        introduction=introduction, side=side, sender_id=actor.user_id,
        organisation_id=introduction.organisation_id_of(side), body=text,
    )  # fmt: skip
    spoken = set(introduction.messages.values_list("side", flat=True).distinct())
    if {Side.NEED.value, Side.TECHNOLOGY.value} <= spoken:
        begin_talks(introduction, actor=actor)
    touch(introduction)
    record(
        event_kinds.MESSAGE_POSTED, actor=actor, obj=introduction,
        organisation_ids=organisation_ids(introduction),
        data={"message": message.public_id, "side": side},
    )  # fmt: skip
    # one notice until it is read, however many messages follow
    told = with_unread(notices.MESSAGE, introduction.get_absolute_url())
    tell(introduction, notices.MESSAGE, others(side), actor=actor, skip=told)
    return message


def begin_talks(introduction: Introduction, *, actor: Actor) -> None:
    """Move a locked introduction into talks, unless it is there."""
    if introduction.state == states.IN_TALKS:
        return
    before = introduction.state
    introduction.state = states.TRANSITIONS.target("talk", before)
    touch(introduction, "state")
    record(
        event_kinds.TALKS_BEGUN, actor=actor, obj=introduction,
        organisation_ids=organisation_ids(introduction),
        before={"state": before}, after={"state": introduction.state},
    )  # fmt: skip


def cleaned(body: str) -> str:
    """A message as it is stored. Raises Invalid for an empty or over-long one."""
    if not isinstance(body, str):
        raise field_error("body", _("Write a text."))
    try:
        text = clean_text(body)
    except ValidationError as error:
        raise field_error("body", error.messages[0]) from None
    if not text:
        raise field_error("body", _("Write something first."), code="empty")
    if len(text) > MAX_MESSAGE:
        raise field_error(
            "body",
            _("A message has at most %(limit)s characters; this one has %(length)s.")
            % {"limit": MAX_MESSAGE, "length": len(text)},
            code="too_long",
        )
    return text
