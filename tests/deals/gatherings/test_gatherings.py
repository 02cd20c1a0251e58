"""Writing, publishing, calling off and closing gatherings; what was held is counted."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from accounts.models import AllianceMember, Organisation
from deals.actions import gathering_places as places
from deals.actions import gatherings as actions
from deals.forms.gatherings import facts_of
from deals.models import Gathering
from deals.queries.gatherings import Held, held_counts, listed, visible_to
from events.models import Event, Notification
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Stale
from tests.deals.alliance.factories import allied
from tests.deals.gatherings import factories
from tests.deals.gatherings.factories import DAY, HOUR

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_only_verified_institutions_hold_gatherings(cast: Cast) -> None:
    for player in (cast.owner, cast.registrar, cast.operator, cast.newcomer):
        with pytest.raises(Refused):
            actions.write_gathering(actor=player.actor, facts=factories.facts())
    row = factories.drafted(cast)
    Organisation.objects.filter(pk=cast.tti.pk).update(verified_at=None)
    broker = cast.broker.fresh()
    with pytest.raises(Refused) as refused:
        actions.publish_gathering(actor=broker, gathering_id=row.pk)
    assert refused.value.code == "not_verified"
    with pytest.raises(Refused):
        actions.write_gathering(actor=broker, facts=factories.facts())


def test_what_was_published_is_hidden_while_unverified(cast: Cast) -> None:
    row = factories.published(cast)
    factories.registered(row, cast.owner.actor)
    assert visible_to(cast.visitor.actor).filter(pk=row.pk).exists()
    Organisation.objects.filter(pk=cast.tti.pk).update(verified_at=None)
    assert not visible_to(cast.visitor.actor).exists()
    # whoever has a place can still give it back
    places.give_back(actor=cast.owner.actor, gathering_id=row.pk)


def _odd() -> list[tuple[dict[str, Any], str]]:
    start = timezone.now() + 10 * DAY
    far = dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.UTC)
    return [
        ({"ends_at": start - HOUR, "starts_at": start}, "ends_at"),
        ({"ends_at": start, "starts_at": start}, "ends_at"),
        ({"ends_at": start + 61 * DAY}, "ends_at"),
        ({"starts_at": timezone.now() - HOUR}, "starts_at"),
        ({"starts_at": timezone.now() + 731 * DAY}, "starts_at"),
        ({"starts_at": far, "ends_at": far}, "starts_at"),
        ({"starts_at": dt.datetime(1, 1, 1, tzinfo=dt.UTC)}, "starts_at"),
        ({"starts_at": None}, "starts_at"),
        ({"starts_at": "soon"}, "starts_at"),
        ({"register_until": start + 30 * DAY}, "register_until"),
        ({"register_until": timezone.now() - HOUR}, "register_until"),
        ({"register_until": dt.datetime(1, 1, 1, tzinfo=dt.UTC)}, "register_until"),
        ({"title_en": "", "title_zh": " "}, "title_zh"),
        ({"title_en": "x" * 201}, "title_en"),
        ({"words_en": "a\x00b"}, "words_en"),
        ({"place": "", "online": ""}, "place"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 10**30}, "capacity"),
        ({"hours": Decimal("-1")}, "hours"),
        ({"hours": Decimal("201")}, "hours"),
        ({"hours": Decimal("1.234")}, "hours"),
        ({"kind": "fair"}, "hours"),
        ({"kind": "party", "hours": None}, "kind"),
        ({"kind": None, "hours": None}, "kind"),
        ({"region": "99"}, "region"),
        ({"alliance": "NOSUCHONE0"}, "alliance"),
        ({"alliance": "a\x00b"}, "alliance"),
    ]


def test_odd_input_is_refused_at_its_field(cast: Cast) -> None:
    for facts, name in _odd():
        with pytest.raises(Invalid) as refused:
            factories.drafted(cast, **facts)
        assert name in refused.value.fields, (facts, refused.value.fields)
    assert not Gathering.objects.exists()
    plain = factories.drafted(cast, capacity=None, register_until=None)
    assert plain.register_until == plain.starts_at


def test_a_start_that_moves_takes_the_end_of_registration_along(cast: Cast) -> None:
    row = factories.published(cast)
    start = row.starts_at - DAY
    facts = {"starts_at": start, "ends_at": start + HOUR}
    one = {"actor": cast.broker.actor, "gathering_id": row.pk}
    row = actions.change_gathering(**one, facts=facts)
    assert row.register_until == start
    row = actions.change_gathering(**one, facts={"register_until": start - DAY})
    row = actions.change_gathering(**one, facts={"starts_at": start + HOUR / 2})
    assert row.register_until == start - DAY


def test_of_a_published_one_kind_and_readers_stay(cast: Cast) -> None:
    group = allied(cast)
    row = factories.published(cast)
    one = {"actor": cast.broker.actor, "gathering_id": row.pk}
    with pytest.raises(Invalid) as refused:
        actions.change_gathering(**one, facts={"kind": "fair", "hours": None})
    assert "kind" in refused.value.fields
    with pytest.raises(Invalid) as refused:
        actions.change_gathering(**one, facts={"alliance": group.alliance.public_id})
    assert "alliance" in refused.value.fields
    with pytest.raises(Stale):
        actions.change_gathering(**one, facts={"place": "Quay"}, expected_version=1)


def test_the_page_moves_the_end_of_registration_along_when_it_was_left_empty(cast: Cast) -> None:
    row = factories.published(cast)
    assert facts_of(row)["register_until"] is None
    one = {"actor": cast.broker.actor, "gathering_id": row.pk}
    row = actions.change_gathering(**one, facts={"register_until": row.starts_at - DAY})
    assert facts_of(row)["register_until"] is not None


def test_what_has_begun_does_not_begin_again(cast: Cast) -> None:
    """Whoever was marked as there could not give the place back."""
    row = factories.running(factories.published(cast))
    start = timezone.now() + DAY
    with pytest.raises(Invalid) as refused:
        actions.change_gathering(
            actor=cast.broker.actor, gathering_id=row.pk,
            facts={"starts_at": start, "ends_at": start + HOUR},
        )  # fmt: skip
    assert set(refused.value.fields) == {"starts_at"}


def test_a_draft_whose_day_went_by_gets_another(cast: Cast) -> None:
    row = factories.over(factories.drafted(cast))
    start = timezone.now() + DAY
    changed = actions.change_gathering(
        actor=cast.broker.actor, gathering_id=row.pk,
        facts={"starts_at": start, "ends_at": start + HOUR},
    )  # fmt: skip
    assert changed.starts_at == start


def test_a_name_that_is_no_fact_is_a_fault_of_the_caller(cast: Cast) -> None:
    with pytest.raises(TypeError, match="langauge"):
        factories.drafted(cast, langauge="zh")


def test_an_institution_that_left_the_alliance_can_still_correct_its_gathering(cast: Cast) -> None:
    group = allied(cast)
    row = factories.published(cast, alliance=group.alliance.public_id)
    AllianceMember.objects.filter(organisation=cast.tti).update(state="left")
    changed = actions.change_gathering(
        actor=cast.broker.actor, gathering_id=row.pk,
        facts={"alliance": group.alliance.public_id, "place": "Quay 2"},
    )  # fmt: skip
    assert (changed.place, changed.alliance_id) == ("Quay 2", group.alliance.pk)


def test_capacity_is_never_below_who_is_registered(cast: Cast) -> None:
    row = factories.published(cast, capacity=2)
    for player in (cast.owner, cast.colleague, cast.outsider):
        factories.registered(row, player.actor)
    one = {"actor": cast.broker.actor, "gathering_id": row.pk}
    with pytest.raises(Invalid) as refused:
        actions.change_gathering(**one, facts={"capacity": 1})
    assert "2 people are registered" in str(refused.value.fields["capacity"][0])
    assert row.places.get(person=cast.outsider.user).state == "waiting"
    actions.change_gathering(**one, facts={"capacity": 3})
    assert row.places.get(person=cast.outsider.user).state == "registered"
    told = Notification.objects.get(kind="gathering.moved_up")
    assert told.recipient == cast.outsider.user
    actions.change_gathering(**one, facts={"capacity": None})


def test_whoever_has_a_place_is_told_of_another_time(cast: Cast) -> None:
    row = factories.published(cast, capacity=1)
    factories.registered(row, cast.owner.actor)
    factories.registered(row, cast.outsider.actor)
    one = {"actor": cast.broker.actor, "gathering_id": row.pk}
    actions.change_gathering(**one, facts={"words_en": "Three cases."})
    assert not Notification.objects.exists()
    actions.change_gathering(**one, facts={"online": "https://meet.example/other-door"})
    told = Notification.objects.filter(kind="gathering.changed")
    assert {one.recipient for one in told} == {cast.owner.user, cast.outsider.user}
    assert "door" not in str([one.params for one in told])


def test_calling_off_tells_everybody_with_the_reason(cast: Cast) -> None:
    row = factories.published(cast, capacity=1)
    factories.registered(row, cast.owner.actor)
    factories.registered(row, cast.outsider.actor)
    factories.registered(row, cast.colleague.actor)
    places.give_back(actor=cast.colleague.actor, gathering_id=row.pk)
    one = {"actor": cast.broker.actor, "gathering_id": row.pk}
    for reason in ("", "  ", "x" * 401):
        with pytest.raises(Invalid) as refused:
            actions.cancel_gathering(**one, reason=reason)
        assert "reason" in refused.value.fields
    actions.cancel_gathering(**one, reason="The hall is flooded")
    told = Notification.objects.filter(kind="gathering.cancelled")
    assert {one.recipient for one in told} == {cast.owner.user, cast.outsider.user}
    assert {one.params["reason"] for one in told} == {"The hall is flooded"}
    with pytest.raises(Conflict):  # two clicks
        actions.cancel_gathering(**one, reason="Again")
    assert not listed(cast.visitor.actor).exists()
    with pytest.raises(Conflict) as closed:
        factories.registered(row, cast.newcomer.actor)
    assert "cancelled" in str(closed.value.message)
    # ids and states, no words
    assert "flooded" not in str(list(Event.objects.values("data", "after", "before")))


def test_what_was_attended_is_not_called_off(cast: Cast) -> None:
    row = factories.published(cast)
    place = factories.registered(row, cast.owner.actor)
    factories.running(row)
    one = {"actor": cast.broker.actor, "gathering_id": row.pk}
    places.mark_attendance(**one, marks={place.public_id: True})
    with pytest.raises(Conflict) as refused:
        actions.cancel_gathering(**one, reason="Never mind")
    assert refused.value.code == "attended"


def test_a_draft_waits_and_its_times_pass(cast: Cast) -> None:
    row = factories.over(factories.drafted(cast))
    one = {"actor": cast.broker.actor, "gathering_id": row.pk}
    with pytest.raises(Invalid) as refused:
        actions.publish_gathering(**one)
    assert "starts_at" in refused.value.fields
    actions.change_gathering(**one, facts={"place": "Quay"})  # its times may still lie behind
    actions.discard_gathering(**one)
    assert not Gathering.objects.exists()
    assert Event.objects.filter(kind="gathering.discarded").exists()


def test_for_an_alliance_others_find_nothing(cast: Cast) -> None:
    group = allied(cast)
    row = factories.published(cast, alliance=group.alliance.public_id)
    for player in (cast.owner, cast.operator, cast.visitor, cast.newcomer):
        assert not visible_to(player.actor).exists()
        assert not listed(player.actor).exists()
        if player is not cast.visitor:
            with pytest.raises(NotFound):
                factories.registered(row, player.actor)
        assert player.client.get(row.get_absolute_url()).status_code == 404
        assert player.client.get(f"{row.get_absolute_url()}calendar.ics").status_code == 404
        assert player.api.get(f"/api/v1/gatherings/{row.public_id}/").status_code == 404
    factories.registered(row, group.second_broker)
    member = AllianceMember.objects.filter(organisation=group.second)
    member.update(state="left")
    assert visible_to(group.second_broker).exists()  # it has a place, which it may give back
    places.give_back(actor=group.second_broker, gathering_id=row.pk)
    assert not visible_to(group.second_broker).exists()


def test_an_institution_outside_cannot_invite_an_alliance(cast: Cast) -> None:
    group = allied(cast)
    row = factories.drafted(cast, alliance=group.alliance.public_id)
    AllianceMember.objects.filter(organisation=cast.tti).update(state="left")
    with pytest.raises(Invalid) as refused:
        actions.publish_gathering(actor=cast.broker.actor, gathering_id=row.pk)
    assert "alliance" in refused.value.fields
    with pytest.raises(Invalid):
        factories.drafted(cast, alliance=group.alliance.public_id)


def _at(row: Gathering, start: dt.datetime) -> None:
    Gathering.objects.filter(pk=row.pk).update(
        register_until=start, starts_at=start, ends_at=start + HOUR
    )


def test_held_counts_are_what_the_rows_say(cast: Cast, django_assert_num_queries: Any) -> None:
    """Two trainings of 6.5 and 2 hours with 2 and 1 people and a fair with nobody, in 2026; one at
    the first minute of 2027 in the market's zone; drafts and open ones do not count."""
    owner, outsider = cast.owner.actor, cast.outsider.actor
    first = factories.held(cast, owner, outsider)
    second = factories.held(cast, owner, hours=Decimal(2))
    fair = factories.held(cast, kind="fair", hours=None)
    late = factories.held(cast, owner, hours=None)
    factories.registered(factories.published(cast), owner)
    factories.drafted(cast)
    zone = timezone.get_default_timezone()
    for row, start in (
        (first, dt.datetime(2026, 1, 1, tzinfo=zone)),
        (second, dt.datetime(2026, 6, 1, tzinfo=zone)),
        (fair, dt.datetime(2026, 12, 31, 23, 59, tzinfo=zone)),
        (late, dt.datetime(2027, 1, 1, tzinfo=zone)),
    ):  # fmt: skip
        _at(row, start)
    of_2026 = Held({"fair": 1, "training": 2}, {"fair": 0, "training": 3}, Decimal("8.5"))
    of_2027 = Held({"training": 1}, {"training": 1}, Decimal(0))
    ids = [cast.tti.pk, cast.home.pk]
    with django_assert_num_queries(2):
        found = held_counts(ids, dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    assert found == {(cast.tti.pk, 2026): of_2026}
    found = held_counts(ids, dt.date(2000, 1, 1), dt.date.max)
    assert found == {(cast.tti.pk, 2026): of_2026, (cast.tti.pk, 2027): of_2027}
    assert held_counts([cast.home.pk], dt.date(2000, 1, 1), dt.date.max) == {}
    assert held_counts([], dt.date(2000, 1, 1), dt.date.max) == {}
    assert held_counts(ids, dt.date(2026, 12, 31), dt.date(2026, 12, 31)) == {
        (cast.tti.pk, 2026): Held({"fair": 1}, {"fair": 0}, Decimal(0))
    }
