"""Introductions for tests, made through the actions themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from deals.actions import nda
from deals.actions.opening import open_by_hand, open_for_match
from deals.queries.nda import text_of
from matching.models import Answer, Level, Match
from tests.listings.factories import published

if TYPE_CHECKING:
    from accounts.models import Organisation
    from deals.models import Introduction
    from marketplace.core.actor import Actor
    from tests.cast import Cast


def match(
    need_owner: Organisation, technology_owner: Organisation, *, answered: bool = True,
    need: dict[str, Any] | None = None, technology: dict[str, Any] | None = None,
) -> Match:  # fmt: skip
    """A strong match of two new published listings; by default both sides are interested."""
    now = timezone.now()
    first = published(need_owner, kind="need", **(need or {}))
    second = published(technology_owner, **(technology or {}))
    answers = (
        {
            "need_answer": Answer.INTERESTED, "technology_answer": Answer.INTERESTED,
            "need_answered_at": now, "technology_answered_at": now,
        }
        if answered
        else {}
    )  # fmt: skip
    return Match.objects.create(
        need=first, technology=second, need_owner=need_owner, technology_owner=technology_owner,
        score=90, need_score=90, technology_score=90, level=Level.STRONG, model_version="test",
        scored_at=now, **answers,
    )  # fmt: skip


def introduced(cast: Cast, **listings: Any) -> Introduction:
    """`home` (cast.owner, colleague) has the need, `outside` (cast.outsider) the technology."""
    made = open_for_match(match(cast.home, cast.outside, **listings).pk)
    assert made is not None
    return made


def with_broker(cast: Cast, **listings: Any) -> Introduction:
    """The same, asked for and taken up by cast.broker."""
    from deals.actions.brokers import ask_for_broker, claim

    made = introduced(cast, **listings)
    ask_for_broker(actor=cast.owner.actor, introduction_id=made.pk)
    return claim(actor=cast.broker.actor, introduction_id=made.pk)


def asked(cast: Cast) -> Introduction:
    """Opened by hand by cast.owner for a need of `home`."""
    need = published(cast.home, kind="need")
    technology = published(cast.outside)
    made, _new = open_by_hand(actor=cast.owner.actor, need_id=need.pk, technology_id=technology.pk)
    return made


def accept(introduction: Introduction, actor: Actor, name: str = "Somebody") -> None:
    """The non-disclosure agreement, for the actor's side."""
    nda.accept_nda(
        actor=actor, introduction_id=introduction.pk, name=name,
        text_hash=text_of(introduction.nda_version).hash,
    )  # fmt: skip


def under_nda(cast: Cast, **listings: Any) -> Introduction:
    """Introduced, with the agreement in force."""
    made = introduced(cast, **listings)
    accept(made, cast.owner.actor)
    accept(made, cast.outsider.actor)
    made.refresh_from_db()
    return made
