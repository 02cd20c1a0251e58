"""The messages of an introduction as one reader sees them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from deals.models import Introduction, IntroductionMessage, Side
from deals.queries.pairs import Pair
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick

THREAD_SIZE = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One message. who and role name the side only where the reader may not know more."""

    message: IntroductionMessage
    who: str
    role: str
    is_own: bool
    is_known: bool


def thread_of(introduction: Introduction) -> QuerySet[IntroductionMessage]:
    """Messages with their senders, oldest first. The caller has gated the introduction."""
    return introduction.messages.select_related("sender", "organisation").order_by("id")


def lines_of(
    pair: Pair, actor: Actor, messages: Sequence[IntroductionMessage] | None = None
) -> list[Line]:
    """The given messages of the pair, or the newest ones, oldest first."""
    if messages is None:
        messages = list(thread_of(pair.introduction).reverse()[:THREAD_SIZE])[::-1]
    language = get_language() or "en"
    lines = []
    for message in messages:
        party = pair.parties.get(message.side)
        own = message.organisation_id in actor.organisation_ids
        # a broker who has stepped back was known to everybody here
        known = own or message.side == Side.BROKER or (party is not None and party.is_known)
        label = str(message.get_side_display())
        name = str(message.sender) if message.sender else _("former member")
        house = pick(message.organisation, "name", language).value
        lines.append(
            Line(
                message,
                who=name if known else label,
                role=f"{house} · {label}" if known else _("name withheld"),
                is_own=message.sender_id is not None and message.sender_id == actor.user_id,
                is_known=known,
            )
        )
    return lines
