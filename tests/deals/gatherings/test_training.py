"""Hours of continuing education: one's own, an institution's brokers', the reminder in autumn."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from accounts.actions.qualifications import tell_expiring
from accounts.models import BrokerQualification
from accounts.queries import actor_for
from deals.actions import gathering_places as places
from deals.actions.training import plain, remind_of_training
from deals.models import Gathering
from deals.queries.training import brokers_of, years_of
from events.models import Notification
from tests.accounts.factories import person_in
from tests.deals.gatherings import factories
from tests.deals.gatherings.factories import HOUR

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 10, 1)


def in_year(row: Gathering, year: int) -> Gathering:
    start = dt.datetime(year, 3, 1, 9, tzinfo=timezone.get_default_timezone())
    Gathering.objects.filter(pk=row.pk).update(
        starts_at=start, ends_at=start + HOUR, register_until=start
    )
    return row


def certificate(user: Any, until: dt.date | None, number: str = "A1") -> None:
    BrokerQualification.objects.create(
        user=user, number=number, issuer="Guild", issued_on=dt.date(2020, 1, 1), expires_on=until
    )


def test_hours_by_year_and_what_is_missing(cast: Cast, settings: Any) -> None:
    settings.BROKER_TRAINING_HOURS = 8
    broker = cast.broker.actor
    in_year(factories.held(cast, broker), 2026)
    in_year(factories.held(cast, broker, hours=Decimal(3)), 2026)
    in_year(factories.held(cast, broker, hours=Decimal(1)), 2024)
    in_year(factories.held(cast, broker), 2023)
    in_year(factories.held(cast, broker, kind="fair", hours=None), 2026)
    in_year(factories.held(cast, cast.owner.actor), 2026)
    absent = factories.published(cast)
    place = factories.registered(absent, broker)
    factories.over(absent)
    marks = {"actor": broker, "gathering_id": absent.pk}
    places.mark_attendance(**marks, marks={place.public_id: True})
    in_year(absent, 2026)  # attended, but not closed as held yet
    found = years_of(broker.user_id or 0, TODAY)
    assert [(one.year, one.hours, one.missing) for one in found] == [
        (2026, Decimal("9.5"), Decimal(0)), (2025, Decimal(0), Decimal(8)),
        (2024, Decimal(1), Decimal(7)),
    ]  # fmt: skip
    Gathering.objects.filter(pk=absent.pk).update(state="held")
    assert years_of(broker.user_id or 0, TODAY)[0].hours == Decimal(16)
    places.mark_attendance(**marks, marks={place.public_id: False})
    assert years_of(broker.user_id or 0, TODAY)[0].hours == Decimal("9.5")
    assert [plain(Decimal(text)) for text in ("20.00", "6.50", "0", "100")] == [
        "20", "6.5", "0", "100"
    ]  # fmt: skip


def test_in_autumn_brokers_short_of_hours_are_told_once(cast: Cast, settings: Any) -> None:
    settings.BROKER_TRAINING_HOURS = 6
    enough = person_in(cast.tti, "broker")
    in_year(factories.held(cast, actor_for(enough, "en")), 2026)
    person_in(cast.tti, "editor")
    person_in(cast.home, "broker")  # of no institution
    for early in (dt.date(2026, 9, 30), dt.date(2026, 11, 1), dt.date(2026, 1, 1)):
        assert remind_of_training(early) == 0
    for day in (TODAY, TODAY, dt.date(2026, 10, 31)):
        assert remind_of_training(day) == 1
    told = Notification.objects.get(kind="training.short")
    assert told.recipient == cast.broker.user
    assert told.params == {"hours": "0", "wanted": "6", "year": 2026}
    assert told.url == "/gatherings/qualification/"
    assert remind_of_training(dt.date(2027, 10, 1)) == 2
    settings.BROKER_TRAINING_HOURS = 0
    assert remind_of_training(dt.date(2028, 10, 1)) == 0


def test_an_expiry_is_told_about_sixty_days_before(cast: Cast) -> None:
    certificate(cast.broker.user, TODAY + dt.timedelta(days=60))
    tell_expiring(TODAY - dt.timedelta(days=1))
    assert not Notification.objects.exists()
    tell_expiring(TODAY)
    tell_expiring(TODAY + dt.timedelta(days=1))
    assert [one.kind for one in Notification.objects.all()] == ["qualification.expiring"]


def test_my_qualification(cast: Cast) -> None:
    today = timezone.localdate()
    client = cast.broker.client
    page = client.get("/gatherings/qualification/").content.decode()
    assert "20 are missing" in page and "No certificate is entered" in page
    certificate(cast.broker.user, today + dt.timedelta(days=30), "SOON-1")
    certificate(cast.broker.user, today - dt.timedelta(days=1), "GONE-1")
    factories.published(cast, title_en="Autumn course")
    held = factories.held(cast, cast.broker.actor, hours=Decimal(20), title_en="Summer course")
    page = client.get("/gatherings/qualification/").content.decode()
    assert "SOON-1" in page and "expires soon" in page and "expired" in page
    assert "Autumn course" in page and "Summer course" in page
    if timezone.localtime(held.starts_at).year == today.year:
        assert "You have attended 20 hours this year; 20 are wanted." in page
    hours = cast.broker.api.get("/api/v1/gatherings/hours/").json()
    assert len(hours) == 3 and sum(Decimal(one["hours"]) for one in hours) == 20
    assert cast.visitor.client.get("/gatherings/qualification/").status_code == 302
    assert cast.visitor.api.get("/api/v1/gatherings/hours/").status_code == 401
    other = cast.outsider.client.get("/gatherings/qualification/").content.decode()
    assert "SOON-1" not in other and "Summer course" not in other
    assert "missing" not in other  # of who is no broker no hours are asked


def test_owners_see_their_brokers_and_nobody_else_does(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    today = timezone.localdate()
    second = person_in(cast.tti, "broker")
    certificate(second, None)
    certificate(cast.broker.user, today - dt.timedelta(days=1))
    factories.held(cast, actor_for(second, "en"), title_en="A secret course")
    address = f"/gatherings/brokers/{cast.tti.public_id}/"
    page = cast.broker.client.get(address).content.decode()  # an owner, too
    assert str(second) in page and "no end" in page and "none valid" in page and "6.5" in page
    assert "A secret course" not in page  # hours, not which
    with django_assert_num_queries(3):
        found = brokers_of(cast.tti, today)
    assert {one.person for one in found} == {cast.broker.user, second}
    for player in (cast.owner, cast.outsider, cast.operator, cast.registrar, cast.newcomer):
        assert player.client.get(address).status_code == 404
    # a broker without the role of an owner, and a firm that is no institution
    from django.test import Client

    colleague = Client()
    colleague.force_login(second, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert colleague.get(address).status_code == 404
    assert cast.owner.client.get(f"/gatherings/brokers/{cast.home.public_id}/").status_code == 404
