"""What people of the demo market said and did after some of the answers (talks.yaml)."""

from typing import Any

import structlog
from django.db import transaction

from accounts.models import User
from accounts.queries import actor_for
from deals.actions.brokers import ask_for_broker, claim
from deals.actions.closing import close
from deals.actions.nda import accept_nda
from deals.actions.talks import post_message
from deals.models import Introduction, Side
from deals.queries.nda import text_of
from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError
from marketplace.core.jobs import enqueue
from marketplace.demo.names import MAIL_DOMAIN, read, stable_id

log = structlog.get_logger(__name__)
JOB = "demo.play_talks"
WAIT = 5.0  # seconds between looks at whether the introductions are opened
TURNS = 60


def play(*, turn: int) -> None:
    """Play each talk once its introduction is open; until then look again later."""
    waiting = False
    for talk in read("talks.yaml"):
        introduction = Introduction.objects.filter(
            need__public_id=stable_id("listing", talk["need"])
        ).first()
        if introduction is None:
            waiting = True
        elif not introduction.messages.exists() and not introduction.wants_broker:
            _play(introduction, talk["steps"])
    if waiting and turn < TURNS:
        with transaction.atomic():
            enqueue(JOB, {"turn": turn + 1}, delay=WAIT)


@transaction.atomic
def _play(introduction: Introduction, steps: list[dict[str, Any]]) -> None:
    """All steps of a talk or, where the market refuses one, none."""
    try:
        with transaction.atomic():
            for step in steps:
                introduction.refresh_from_db()
                _do(introduction, step)
    except DomainError as refusal:
        log.info("demo_talk_refused", code=refusal.code, introduction=introduction.public_id)


def _do(introduction: Introduction, step: dict[str, Any]) -> None:
    side, one = step["by"], {"introduction_id": introduction.pk}
    if "claims" in step:
        claim(actor=_actor(User.objects.get(email=f"{step['claims']}@{MAIL_DOMAIN}")), **one)
        return
    actor = _actor(_member(introduction, side))
    if "says" in step:
        post_message(actor=actor, body=step["says"], side=side, **one)
    elif "agrees" in step:
        text = text_of(introduction.nda_version)
        accept_nda(actor=actor, text_hash=text.hash, name=step["agrees"], side=side, **one)
    elif "asks" in step:
        ask_for_broker(actor=actor, side=side, **one)
    elif "ends" in step:
        close(
            actor=actor, outcome=step["ends"], reason=step["reason"], words=step["words"],
            side=side, **one,
        )  # fmt: skip
    else:
        raise ValueError(f"talks.yaml: no known step in {step}")


def _member(introduction: Introduction, side: str) -> User:
    """Who speaks for a side: its broker, or the first person of the party who may write."""
    if side == Side.BROKER:
        assert isinstance(introduction.broker, User)
        return introduction.broker
    return User.objects.filter(
        memberships__organisation_id=introduction.organisation_id_of(side),
        memberships__roles__overlap=["owner", "editor"],
    ).order_by("memberships__pk")[0]


def _actor(user: User) -> Actor:
    return actor_for(user, user.language)
