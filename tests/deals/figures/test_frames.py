"""What the lead of an alliance reads of its members: the accepted numbers and nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction

from accounts.actions.alliances import (
    answer_invitation,
    hand_over_lead,
    invite_organisation,
    leave_alliance,
)
from deals.actions.case_parts import add_client
from deals.actions.frames import accept_frame, end_frame, set_frame
from deals.models import AllianceFrame, FrameAcceptance
from deals.queries import frames
from events.models import Event, Notification
from marketplace.core.errors import Invalid, NotFound, Refused, Stale
from tests.deals.alliance.factories import Allied, allied
from tests.deals.cases.factories import opened
from tests.deals.figures.factories import last_year, submitted

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
CODES = ["deals", "income"]


@pytest.fixture
def group(cast: Cast) -> Allied:
    return allied(cast)


def asked(cast: Cast, group: Allied, codes: list[str] = CODES) -> AllianceFrame:
    return set_frame(actor=cast.broker.actor, alliance_id=group.alliance.pk, codes=codes)


def accepted(group: Allied, number: int = 1) -> FrameAcceptance:
    return accept_frame(
        actor=group.second_broker, alliance_id=group.alliance.pk,
        organisation=group.second.public_id, number=number,
    )  # fmt: skip


def reported(cast: Cast, group: Allied) -> None:
    for actor, institution, more in (
        (group.second_broker, group.second, {}),
        (group.third_broker, group.third, {"deals": 11, "income_technical": Decimal(77777)}),
    ):
        submitted(cast, actor=actor, institution=institution, **more)


def page(player: Any, group: Allied, rest: str = "") -> Any:
    return player.client.get(f"/service-figures/alliances/{group.alliance.public_id}/{rest}")


def told(player: Any, group: Allied, year: int | None = None) -> Any:
    at = f"/api/v1/alliance-figures/{group.alliance.public_id}/"
    return player.api.get(at if year is None else f"{at}?year={year}")


def test_only_what_was_accepted_and_of_whom(cast: Cast, group: Allied) -> None:
    """The second accepts: 3 deals and 1,600.00 revenue; the third has not answered."""
    reported(cast, group)
    asked(cast, group)
    assert "1,600" not in page(cast.broker, group).content.decode()
    assert all(one["figures"] == [] for one in told(cast.broker, group).json()["members"])
    accepted(group)
    found = told(cast.broker, group).json()
    second, third = found["members"]
    assert [(one["code"], one["total"]) for one in second["figures"]] == [
        ("deals", "3"), ("income", "1600.00"),
    ]  # fmt: skip
    assert third["figures"] == [] and third["accepted"] == 0 and not third["is_reported"]
    assert found["totals"] == [
        {"code": "deals", "total": "3", "members": 1},
        {"code": "income", "total": "1600.00", "members": 1},
    ]
    text = page(cast.broker, group).content.decode() + str(found)
    # neither other figures of the member, nor anything of who has not accepted
    for secret in ("1000.50", "1,000.5", "900000.25", "77777", "77,777", "1500.00"):
        assert secret not in text, secret


def test_nothing_of_a_members_cases_leaves(cast: Cast, group: Allied) -> None:
    from deals.actions.cases import open_case

    asked(cast, group, ["enterprises", "needs", "deals"])
    accepted(group)
    case, _new = open_case(
        actor=group.second_broker, organisation_id=group.second.pk,
        facts={"title": "A secret coating", "pipeline": "need_brokerage"},
    )  # fmt: skip
    add_client(actor=group.second_broker, case_id=case.pk, name="Kiln Works")
    year = last_year() + 1
    found = told(cast.broker, group, year).json()
    assert found["members"][0]["figures"][1]["counted"] == "1"
    text = str(found) + page(cast.broker, group, f"?year={year}").content.decode()
    for secret in ("Kiln", "secret coating", case.public_id):
        assert secret not in text
    rows = cast.broker.client.get(
        f"/service-figures/{group.second.public_id}/{year}/rows/enterprises/"
    )
    assert rows.status_code == 404


def test_a_member_sees_what_the_lead_sees_of_it_and_of_no_other(cast: Cast, group: Allied) -> None:
    from deals.queries.frames import shared

    reported(cast, group)
    frame = asked(cast, group)
    accepted(group)
    accept_frame(
        actor=group.third_broker, alliance_id=group.alliance.pk,
        organisation=group.third.public_id, number=1,
    )  # fmt: skip
    mine = [one.pk for one in frames.own_members(group.second_broker, group.alliance)]
    assert mine == [group.second.pk]
    found = shared(group.alliance, frame, last_year(), mine)
    assert [row.organisation for row in found.rows] == [group.second]
    whole = shared(group.alliance, frame, last_year())
    assert found.rows[0] == whole.rows[0]
    # 3 + 11 deals; 1,600.00 and 77,777 + 599.50
    assert whole.totals == {"deals": (14, 2), "income": (Decimal("79976.50"), 2)}


def test_strangers_find_nothing(cast: Cast, group: Allied) -> None:
    asked(cast, group)
    for name, player in cast.everybody.items():
        if name in ("broker", "visitor"):
            continue
        assert page(player, group).status_code == 404, name
        assert page(player, group, "frame/").status_code == 404
        assert told(player, group).status_code == 404
        with pytest.raises(NotFound):
            set_frame(actor=player.actor, alliance_id=group.alliance.pk, codes=CODES)
        with pytest.raises(NotFound):
            accept_frame(
                actor=player.actor, alliance_id=group.alliance.pk,
                organisation=group.second.public_id, number=1,
            )  # fmt: skip
    # a member neither asks, nor answers for another
    with pytest.raises(Refused):
        set_frame(actor=group.second_broker, alliance_id=group.alliance.pk, codes=CODES)
    with pytest.raises(NotFound):
        accept_frame(
            actor=group.second_broker, alliance_id=group.alliance.pk,
            organisation=group.third.public_id, number=1,
        )  # fmt: skip


def test_a_new_version_shows_no_more_until_it_is_accepted(cast: Cast, group: Allied) -> None:
    reported(cast, group)
    asked(cast, group)
    accepted(group)
    assert asked(cast, group).number == 1  # the same again is the same
    frame = asked(cast, group, ["income", "expenditure", "deals"])
    assert (frame.number, frame.codes) == (2, ["deals", "income", "expenditure"])
    row = frames.shared(group.alliance, frame, last_year()).rows[0]
    assert (row.number, [one.figure.code for one in row.lines]) == (1, CODES)
    with pytest.raises(Stale):
        accepted(group, 1)
    accepted(group, 2)
    assert accepted(group, 2).pk == accepted(group, 2).pk  # two clicks
    row = frames.shared(group.alliance, frame, last_year()).rows[0]
    assert (row.number, row.value("expenditure")) == (2, 1500)
    assert FrameAcceptance.objects.filter(ended_at__isnull=True).count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        AllianceFrame.objects.filter(pk=frame.pk).update(codes=["needs"])


def test_stopping_leaving_and_a_new_lead_end_it(cast: Cast, group: Allied) -> None:
    frame = asked(cast, group)

    def reads() -> bool:
        group.alliance.refresh_from_db()
        return bool(frames.acceptances(group.alliance))

    accepted(group)
    assert reads()
    one = {"actor": group.second_broker, "alliance_id": group.alliance.pk}
    for _twice in range(2):
        end_frame(**one, organisation=group.second.public_id)
    assert not reads()
    assert Event.objects.filter(kind="alliance.frame_ended").count() == 1
    accepted(group)
    assert reads()
    leave_alliance(**one, organisation_id=group.second.pk)
    assert not reads()
    assert group.alliance not in frames.alliances_of(group.second_broker)
    # back again, it is asked anew
    invite_organisation(
        actor=cast.broker.actor, alliance_id=group.alliance.pk, organisation_id=group.second.pk
    )
    answer_invitation(**one, organisation_id=group.second.pk, accept=True)
    assert not reads()
    accepted(group)
    assert reads()
    hand_over_lead(
        actor=cast.broker.actor, alliance_id=group.alliance.pk, organisation_id=group.third.pk
    )
    assert not reads() and frames.current_frame(group.alliance) is None
    group.fresh()
    newer = set_frame(actor=group.third_broker, alliance_id=group.alliance.pk, codes=CODES)
    assert newer.number == frame.number + 1 and not reads()


def test_an_acceptance_does_not_come_back_with_the_lead(cast: Cast, group: Allied) -> None:
    """The first asks and the second accepts; the lead goes to the third and comes back."""
    reported(cast, group)
    asked(cast, group)
    given = accepted(group)
    hand_over_lead(
        actor=cast.broker.actor, alliance_id=group.alliance.pk, organisation_id=group.third.pk
    )
    given.refresh_from_db()
    assert given.ended_at is not None and given.ended_by_id == cast.broker.actor.user_id
    assert Event.objects.get(kind="alliance.frame_ended").actor_id == cast.broker.actor.user_id
    group.fresh()
    hand_over_lead(
        actor=group.third_broker, alliance_id=group.alliance.pk, organisation_id=cast.tti.pk
    )
    group.alliance.refresh_from_db()
    assert frames.current_frame(group.alliance) is not None
    assert frames.acceptances(group.alliance) == {}
    assert "1,600" not in page(cast.broker, group).content.decode()
    accepted(group)  # asked anew
    assert list(frames.acceptances(group.alliance)) == [group.second.pk]


def test_a_year_that_is_none_is_refused_before_anything_is_done(cast: Cast, group: Allied) -> None:
    at = f"/api/v1/alliance-figures/{group.alliance.public_id}/"
    post = cast.broker.api.post
    for year in ("abc", "9999", "%00"):
        said = post(f"{at}frame/?year={year}", {"codes": ["needs"]}, format="json")
        assert said.status_code == 404 and not AllianceFrame.objects.exists(), year
    asked(cast, group)
    accepted(group)
    from tests.cast import Player

    client = Player("second", group.second_user, group.second, "").client

    def answer(path: str, given: dict[str, Any]) -> int:
        return client.post(f"{at}{path}", given, content_type="application/json").status_code

    whom = {"organisation": group.second.public_id}
    assert answer("end/?year=abc", whom) == 404
    assert FrameAcceptance.objects.filter(ended_at__isnull=True).exists()
    assert answer("end/", whom) == 200
    given = {**whom, "number": 1}
    assert answer("accept/?year=abc", given) == 404
    assert not FrameAcceptance.objects.filter(ended_at__isnull=True).exists()


def test_a_typo_takes_no_newer_version(cast: Cast, group: Allied) -> None:
    """Somebody else asks for something meanwhile: who typed wrong is told of it all the same."""
    at = f"/service-figures/alliances/{group.alliance.public_id}/frame/"
    asked(cast, group)
    said = cast.broker.client.post(at, {"codes": ["alchemy"], "number": "0"})
    assert said.status_code == 422 and 'name="number" value="0"' in said.content.decode()
    said = cast.broker.client.post(at, {"codes": ["needs"], "number": "0"})
    assert said.status_code == 422 and 'name="number" value="1"' in said.content.decode()
    assert AllianceFrame.objects.get().codes == CODES
    assert cast.broker.client.post(at, {"codes": ["needs"], "number": "1"}).status_code == 302


def test_what_may_be_asked(cast: Cast, group: Allied) -> None:
    for codes in ([], ["alchemy"], ["deals", "\x00"]):
        with pytest.raises(Invalid) as error:
            asked(cast, group, codes)
        assert set(error.value.fields) == {"codes"}
    at = f"/service-figures/alliances/{group.alliance.public_id}/"
    said = cast.broker.client.post(f"{at}frame/", {"codes": ["alchemy"], "number": "0"})
    assert said.status_code == 422
    said = cast.broker.client.post(f"{at}frame/", {"codes": ["deals"]})
    assert said.status_code == 422 and not AllianceFrame.objects.exists()
    said = cast.broker.client.post(f"{at}frame/", {"codes": ["deals"], "number": "0"})
    assert said.status_code == 302 and AllianceFrame.objects.get().codes == ["deals"]
    heard = Notification.objects.filter(kind="alliance.frame_set")
    assert set(heard.values_list("recipient_id", flat=True)) == {
        group.second_user.pk, group.third_user.pk
    }  # fmt: skip
    api = f"/api/v1/alliance-figures/{group.alliance.public_id}/"
    post = cast.broker.api.post
    assert post(f"{api}frame/", {"codes": ["x"], "number": 1}, format="json").status_code == 400
    said = post(f"{api}frame/", {"codes": ["needs"], "number": 0}, format="json")
    assert said.status_code == 412
    said = post(f"{api}frame/", {"codes": ["needs"], "number": 1}, format="json")
    assert said.json()["codes"] == ["needs"]
    assert cast.broker.api.get(f"{api}?year=9999").status_code == 404
    assert cast.broker.api.get(f"{api}?year=soon").status_code == 404
    assert page(cast.broker, group, "?year=soon").status_code == 200


@pytest.mark.parametrize("accepting", [0, 2])
def test_as_many_statements_for_however_many_members(
    cast: Cast, group: Allied, accepting: int, django_assert_num_queries: Any
) -> None:
    asked(cast, group)
    if accepting:
        accepted(group)
        accept_frame(
            actor=group.third_broker, alliance_id=group.alliance.pk,
            organisation=group.third.public_id, number=1,
        )  # fmt: skip
    frame = frames.current_frame(group.alliance)
    assert frame is not None
    opened(cast)
    # acceptances and members; with some that accepted also reports and what is counted
    with django_assert_num_queries(6 if accepting else 2):
        frames.shared(group.alliance, frame, last_year())
