"""The one door for reading gatherings, who may do what with one, and what institutions held."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.db.models.functions import ExtractYear
from django.utils import timezone

from deals import gathering_states as states
from deals.models import Gathering


@dataclass(frozen=True, slots=True)
class Held:
    """Of one institution and year: gatherings held and people who attended, by code of
    GatheringKind, and the hours of its trainings. Kinds without any are left out."""

    gatherings: Mapping[str, int] = field(default_factory=dict)
    attended: Mapping[str, int] = field(default_factory=dict)
    hours: Decimal = Decimal(0)


def held_counts(
    institution_ids: Iterable[int], since: dt.date, until: dt.date
) -> dict[tuple[int, int], Held]:
    """(institution id, year) -> what it held, counted from rows in two queries.

    since, until: days of the platform's time zone, both inside; a gathering counts on the day on
    which it began, once the institution has closed it as held. Institutions and years without one
    are left out. Not for a reader: whoever shows it decides who may see it.
    """
    zone = timezone.get_default_timezone()
    begin = dt.datetime.combine(since, dt.time.min, zone)
    rows = Gathering.objects.filter(
        institution_id__in=sorted(set(institution_ids)), state=states.HELD, starts_at__gte=begin
    )
    if until < dt.date.max:
        end = dt.datetime.combine(until + dt.timedelta(days=1), dt.time.min, zone)
        rows = rows.filter(starts_at__lt=end)
    rows = rows.annotate(year=ExtractYear("starts_at", tzinfo=zone))
    found: dict[tuple[int, int], tuple[dict[str, int], dict[str, int]]] = {}
    grouped = rows.values("institution_id", "year", "kind").annotate(
        held=Count("pk", distinct=True), people=Count("places", filter=Q(places__attended=True))
    )
    for row in grouped.order_by("institution_id", "year", "kind"):
        held, people = found.setdefault((row["institution_id"], row["year"]), ({}, {}))
        held[row["kind"]], people[row["kind"]] = row["held"], row["people"]
    # apart: joined with the places, hours would be summed once for each of them
    hours = {
        (row["institution_id"], row["year"]): row["total"]
        for row in rows.values("institution_id", "year").annotate(total=Sum("hours"))
    }
    return {
        key: Held(held, people, hours.get(key) or Decimal(0))
        for key, (held, people) in found.items()
    }
