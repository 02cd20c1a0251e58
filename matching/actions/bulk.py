"""One answer to many pairs: each is answered on its own, and what was not is reported."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError, Message, NotFound, Refused, field_error
from matching.actions.answers import answer, checked
from matching.desk_rows import speaks_for
from matching.models import Match
from matching.queries.desk import desk_of
from matching.queries.inbox import with_listings
from matching.queries.visibility import visible_to

MOST = 100


@dataclass(frozen=True)
class Marked:
    """A pair to answer. side: for whom, "" for the one the actor speaks for. version: the one
    that was seen, None for any."""

    public_id: str
    side: str = ""
    version: int | None = None


@dataclass(frozen=True)
class NotAnswered:
    """match: None where the actor may not know of it."""

    public_id: str
    match: Match | None
    code: str
    message: Message


@dataclass(frozen=True)
class Report:
    """both_interested: those among the answered in which now both sides are."""

    answered: list[Match]
    refused: list[NotAnswered]

    @property
    def both_interested(self) -> list[Match]:
        return [match for match in self.answered if match.both_interested]


def answer_many(
    *, actor: Actor, marked: Sequence[Marked], answer_: str, reason: str = "", text: str = ""
) -> Report:
    """Give one answer to up to MOST pairs, for clients and for one's own organisation.

    Every pair is a transaction of its own, so one refusal undoes nothing else; again with the same
    answer changes nothing. Raises Refused for who is no broker, and Invalid when the answer itself
    is not in order, nothing or too much is marked.
    """
    desk = desk_of(actor)
    if not desk.institutions:
        raise Refused(
            "brokers_only",
            _("Only technology brokers of a verified transfer institution work at this desk."),
        )
    checked(answer_, reason, text)
    if not marked:
        raise field_error("matches", _("Mark at least one pair."), code="nothing_marked")
    if len(marked) > MOST:
        raise field_error("matches", _("Mark at most 100 pairs at a time."), code="too_many")
    found = {
        match.public_id: match
        for match in with_listings(visible_to(actor)).filter(
            public_id__in=[one.public_id for one in marked]
        )
    }
    answered: list[Match] = []
    refused: list[NotAnswered] = []
    for one in dict.fromkeys(marked):
        match = found.get(one.public_id)
        try:
            if match is None:
                raise NotFound
            side, on_behalf = speaks_for(match, desk, one.side)
            answered.append(
                answer(
                    actor=actor, match_id=match.pk, answer=answer_, reason=reason, text=text,
                    side=side, on_behalf=on_behalf, expected_version=one.version,
                )
            )  # fmt: skip
        except DomainError as error:
            refused.append(NotAnswered(one.public_id, match, error.code, error.message))
    return Report(answered, refused)
