"""Reminding brokers of the hours of continuing education that they are short of."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from deals import notices
from deals.queries.training import all_brokers, hours_of, wanted_hours
from deals.rules import AUTUMN, AUTUMN_ENDS
from events.actions import notify

AT_ONCE = 500


def remind_of_training(today: dt.date | None = None) -> int:
    """In the month from AUTUMN on, tell brokers once a year who are short of hours. Returns how
    many are; safe to run again, since a notice is known by its year."""
    today = today or timezone.localdate()
    wanted = wanted_hours()
    if not wanted or not AUTUMN <= (today.month, today.day) < AUTUMN_ENDS:
        return 0
    count = 0
    brokers = list(all_brokers())
    for start in range(0, len(brokers), AT_ONCE):
        ids = brokers[start : start + AT_ONCE]
        found = hours_of(ids, today.year, today.year)
        with transaction.atomic():
            for pk in ids:
                hours = found.get((pk, today.year), Decimal(0))
                if hours >= wanted:
                    continue
                notify(
                    [pk], notices.TRAINING_SHORT, url=reverse("my_qualification"),
                    params={"hours": plain(hours), "wanted": plain(wanted), "year": today.year},
                    key=f"training-{today.year}",
                )  # fmt: skip
                count += 1
    return count


def plain(hours: Decimal) -> str:
    """Without needless zeros: 20, 6.5."""
    text = f"{hours:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
