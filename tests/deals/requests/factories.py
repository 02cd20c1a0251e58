"""Requests of cast.home to cast.tti or to an alliance, made by the actions."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from deals.actions.request_work import answer_request, take_request
from deals.actions.requests import ask_for_help, close_request
from deals.models import LocatorRequest

if TYPE_CHECKING:
    from accounts.models import Alliance
    from tests.cast import Cast


def facts(**more: Any) -> dict[str, Any]:
    return {
        "title": "A seal for 300 °C", "words": "Our seals fail after a week at 300 °C.",
        "field": "new_materials", "region": "440300", "contact": "Mei, mornings",
        "answer_by": timezone.localdate() + dt.timedelta(days=20), **more,
    }  # fmt: skip


def asked(cast: Cast, alliance: Alliance | None = None, **more: Any) -> LocatorRequest:
    to = (alliance or cast.tti).public_id
    return ask_for_help(actor=cast.owner.actor, facts=facts(**{"to": to, **more}))


def taken(cast: Cast, alliance: Alliance | None = None, **more: Any) -> LocatorRequest:
    row = asked(cast, alliance, **more)
    return take_request(actor=cast.broker.actor, request_id=row.pk)


def answered(cast: Cast, alliance: Alliance | None = None, **more: Any) -> LocatorRequest:
    row = taken(cast, alliance)
    answer_request(
        actor=cast.broker.actor, request_id=row.pk, **{"body": "Look at graphite.", **more}
    )
    return LocatorRequest.objects.get(pk=row.pk)


def closed(cast: Cast, alliance: Alliance | None = None) -> LocatorRequest:
    row = answered(cast, alliance)
    return close_request(actor=cast.owner.actor, request_id=row.pk, outcome="helped")
