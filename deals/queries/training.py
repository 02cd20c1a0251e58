"""Hours of continuing education that people attended, and certificates of an institution's
brokers."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import QuerySet, Sum
from django.db.models.functions import ExtractYear
from django.utils import timezone

from accounts.models import BrokerQualification, Membership, Organisation, User
from accounts.models.memberships import Role
from deals import gathering_states as states
from deals.models import Gathering, GatheringKind, GatheringPlace
from deals.queries.gatherings import listed
from marketplace.core.actor import Actor

YEARS = 3  # this one and the two before
MOST_BROKERS = 500  # of one institution on a page


@dataclass(frozen=True, slots=True)
class Year:
    """hours: attended; missing: to the wanted ones, nothing below zero."""

    year: int
    hours: Decimal
    missing: Decimal


@dataclass(frozen=True, slots=True)
class Broker:
    """until: the last day of its valid certificates, None for one without an end or for none."""

    person: User
    has_certificate: bool
    until: dt.date | None
    years: list[Year]


def wanted_hours() -> Decimal:
    """Of training in a year; 0 asks for none."""
    return Decimal(str(settings.BROKER_TRAINING_HOURS))


def hours_of(user_ids: Iterable[int], first: int, last: int) -> dict[tuple[int, int], Decimal]:
    """(person, year) -> hours of trainings attended, in one query; years both inside, by the day
    on which a training began. They count once the institution has closed it as held."""
    zone = timezone.get_default_timezone()
    begin = dt.datetime(first, 1, 1, tzinfo=zone)
    end = dt.datetime(last + 1, 1, 1, tzinfo=zone)
    rows = GatheringPlace.objects.filter(
        person_id__in=sorted(set(user_ids)), attended=True, gathering__state=states.HELD,
        gathering__kind=GatheringKind.TRAINING, gathering__starts_at__gte=begin,
        gathering__starts_at__lt=end, gathering__hours__isnull=False,
    )  # fmt: skip
    grouped = (
        rows.annotate(year=ExtractYear("gathering__starts_at", tzinfo=zone))
        .values("person_id", "year")
        .annotate(total=Sum("gathering__hours"))
    )
    return {(row["person_id"], row["year"]): row["total"] for row in grouped}


def years_of(user_id: int, today: dt.date) -> list[Year]:
    """This year and the two before, this one first."""
    found = hours_of([user_id], today.year - YEARS + 1, today.year)
    return _years(user_id, today, found)


def _years(user_id: int, today: dt.date, found: dict[tuple[int, int], Decimal]) -> list[Year]:
    wanted = wanted_hours()
    rows = []
    for year in range(today.year, today.year - YEARS, -1):
        hours = found.get((user_id, year), Decimal(0))
        rows.append(Year(year, hours, max(wanted - hours, Decimal(0))))
    return rows


def attended_by(user_id: int) -> QuerySet[GatheringPlace]:
    """Trainings that the person was marked as having attended, newest first, also such as the
    institution has not closed yet."""
    rows = GatheringPlace.objects.filter(
        person_id=user_id, attended=True, gathering__kind=GatheringKind.TRAINING
    )
    return rows.select_related("gathering__institution").order_by("-gathering__starts_at", "-id")


def coming_trainings(actor: Actor) -> QuerySet[Gathering]:
    """For which the actor may register, or is registered, soonest first."""
    rows = listed(actor, kind=GatheringKind.TRAINING)
    return rows.filter(register_until__gte=timezone.now())


def overseen_by(actor: Actor) -> QuerySet[Organisation]:
    """Verified institutions of which the actor is an owner: anybody can found one that is not."""
    ids = [pk for pk, roles in actor.roles.items() if Role.OWNER in roles]
    ids = [pk for pk in ids if pk in actor.verified_ids]
    return Organisation.objects.filter(pk__in=sorted(ids), kind="tti").order_by("id")


def brokers_of(institution: Organisation, today: dt.date) -> list[Broker]:
    """People with the role of a broker, by name, with certificates and hours, in three queries.
    For the institution's owners alone: the caller has asked."""
    rows = Membership.objects.filter(
        organisation=institution, roles__contains=[Role.BROKER], user__is_active=True
    ).select_related("user")
    people = [row.user for row in rows.order_by("user__name", "user_id")[:MOST_BROKERS]]
    ids = [person.pk for person in people]
    ends: dict[int, list[dt.date | None]] = {}
    valid = BrokerQualification.objects.filter(user_id__in=ids, issued_on__lte=today)
    for user_id, until in valid.exclude(expires_on__lt=today).values_list("user_id", "expires_on"):
        ends.setdefault(user_id, []).append(until)
    hours = hours_of(ids, today.year - YEARS + 1, today.year)
    return [
        Broker(
            person, person.pk in ends, _last(ends.get(person.pk, [])),
            _years(person.pk, today, hours),
        )
        for person in people
    ]  # fmt: skip


def _last(ends: list[dt.date | None]) -> dt.date | None:
    days = [one for one in ends if one is not None]
    return max(days) if days and len(days) == len(ends) else None


def all_brokers() -> QuerySet[Membership, int]:
    """Ids of active people who are brokers of a verified institution, each once."""
    rows = Membership.objects.filter(
        roles__contains=[Role.BROKER], user__is_active=True, organisation__kind="tti",
        organisation__verified_at__isnull=False,
    )  # fmt: skip
    return rows.order_by("user_id").values_list("user_id", flat=True).distinct()


def is_broker(user_id: int) -> bool:
    """Whether hours are asked of the person."""
    return all_brokers().filter(user_id=user_id).exists()
