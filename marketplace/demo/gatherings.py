"""Gatherings of the demo institution: three that come, and a training that was held."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.queries import actor_for
from deals.actions.gathering_places import mark_attendance, take_place
from deals.actions.gatherings import hold_gathering, publish_gathering, write_gathering
from deals.models import Gathering
from marketplace.core.actor import Actor
from marketplace.demo.names import MAIL_DOMAIN, read
from marketplace.demo.parties import Parties

INSTITUTION = "bay-area-ttc"


@transaction.atomic
def load_gatherings(parties: Parties) -> None:
    """All of gatherings.yaml, once."""
    institution = parties.organisations[INSTITUTION]
    if Gathering.objects.filter(institution=institution).exists():
        return
    broker = _actor("broker")
    for told in read("gatherings.yaml"):
        _load(broker, institution.public_id, told)


def _load(broker: Actor, institution: str, told: dict[str, Any]) -> None:
    """What was held is announced and registered for as if it came, then moved and closed."""
    lasts = dt.timedelta(hours=told["lasts"])
    start = _at(abs(told["days"]), told["hour"])
    facts = {**told["facts"], "starts_at": start, "ends_at": start + lasts}
    if "hours" in facts:
        facts["hours"] = Decimal(facts["hours"])
    row = write_gathering(actor=broker, institution=institution, facts=facts)
    publish_gathering(actor=broker, gathering_id=row.pk)
    marks: dict[str, bool | None] = {
        take_place(actor=_actor(role), gathering_id=row.pk).public_id: came
        for role, came in told["guests"].items()
    }
    if told["days"] > 0:
        return
    start = _at(told["days"], told["hour"])
    Gathering.objects.filter(pk=row.pk).update(
        starts_at=start, ends_at=start + lasts, register_until=start
    )
    mark_attendance(actor=broker, gathering_id=row.pk, marks=marks)
    hold_gathering(actor=broker, gathering_id=row.pk)


def _at(days: int, hour: int) -> dt.datetime:
    day = timezone.localdate() + dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time(hour), timezone.get_default_timezone())


def _actor(role: str) -> Actor:
    return actor_for(User.objects.get(email=f"{role}@{MAIL_DOMAIN}"), "zh-hans")
