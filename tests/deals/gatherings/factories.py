"""Gatherings of cast.tti, made by the actions."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from deals.actions import gathering_places as places
from deals.actions import gatherings as actions

if TYPE_CHECKING:
    from deals.models import Gathering, GatheringPlace
    from marketplace.core.actor import Actor
    from tests.cast import Cast

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def facts(**more: Any) -> dict[str, Any]:
    start = timezone.now().replace(microsecond=0) + 10 * DAY
    return {
        "kind": "training", "title_en": "Valuing a technology", "title_zh": "技术评估实务",
        "words_en": "Two worked cases.", "starts_at": start, "ends_at": start + 3 * HOUR,
        "place": "Harbour Road 1", "online": "https://meet.example/secret-door",
        "region": "440300", "capacity": 2, "hours": Decimal("6.5"), **more,
    }  # fmt: skip


def drafted(cast: Cast, **more: Any) -> Gathering:
    return actions.write_gathering(actor=cast.broker.actor, facts=facts(**more))


def published(cast: Cast, **more: Any) -> Gathering:
    row = drafted(cast, **more)
    return actions.publish_gathering(actor=cast.broker.actor, gathering_id=row.pk)


def registered(row: Gathering, actor: Actor, **more: Any) -> GatheringPlace:
    return places.take_place(actor=actor, gathering_id=row.pk, **more)


def moved(row: Gathering, by: dt.timedelta) -> Gathering:
    """As if its times lay so much earlier."""
    for name in ("starts_at", "ends_at", "register_until"):
        setattr(row, name, getattr(row, name) - by)
    row.save(update_fields=["starts_at", "ends_at", "register_until"])
    return row


def running(row: Gathering) -> Gathering:
    return moved(row, row.starts_at - timezone.now() + HOUR)


def over(row: Gathering) -> Gathering:
    return moved(row, row.ends_at - timezone.now() + HOUR)


def held(cast: Cast, *attended: Actor, **more: Any) -> Gathering:
    """Closed, with these people marked as having attended."""
    row = published(cast, **more)
    marks: dict[str, bool | None] = {registered(row, one).public_id: True for one in attended}
    over(row)
    places.mark_attendance(actor=cast.broker.actor, gathering_id=row.pk, marks=marks)
    return actions.hold_gathering(actor=cast.broker.actor, gathering_id=row.pk)
