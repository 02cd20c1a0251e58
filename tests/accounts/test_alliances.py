"""Alliances: every legal and illegal move, and who may make it."""

import pytest
from django.urls import reverse

from accounts.actions import alliances as actions
from accounts.models import Alliance, AllianceMember
from accounts.queries.alliances import allied_ids
from accounts.states import ALLIANCE_MEMBER
from events.models import Notification
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused
from tests.accounts.factories import AllianceFactory
from tests.cast import Cast

STATES = list(AllianceMember.State.values)


@pytest.fixture
def alliance(cast: Cast) -> Alliance:
    return AllianceFactory(lead=cast.tti, referral_rules="A tenth.")


def member(alliance: Alliance, organisation, state: str | None = None) -> AllianceMember:
    if state:
        return AllianceMember.objects.create(
            alliance=alliance, organisation=organisation, state=state
        )
    return AllianceMember.objects.get(alliance=alliance, organisation=organisation)


def moves(cast: Cast, alliance: Alliance) -> dict[str, object]:
    home = {"alliance_id": alliance.pk, "organisation_id": cast.home.pk}
    return {
        "invite": lambda: actions.invite_organisation(actor=cast.broker.actor, **home),
        "accept": lambda: actions.answer_invitation(actor=cast.owner.actor, accept=True, **home),
        "decline": lambda: actions.answer_invitation(actor=cast.owner.actor, accept=False, **home),
        "leave": lambda: actions.leave_alliance(actor=cast.owner.actor, **home),
        "remove": lambda: actions.remove_organisation(actor=cast.broker.actor, **home),
    }


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", list(ALLIANCE_MEMBER.moves))
def test_every_move_from_every_state(cast: Cast, alliance: Alliance, move: str, state: str):
    row = member(alliance, cast.home, state)
    start, end = ALLIANCE_MEMBER.moves[move]
    do = moves(cast, alliance)[move]
    if state in start:
        do()
        row.refresh_from_db()
        assert row.state == end
    else:
        with pytest.raises(Conflict):
            do()
        row.refresh_from_db()
        assert row.state == state


def test_founding_makes_the_lead_a_member(cast: Cast):
    made = actions.create_alliance(
        actor=cast.broker.actor, lead_id=cast.tti.pk, facts={"name_zh": "渡口联盟"}
    )
    assert member(made, cast.tti).state == "member"


@pytest.mark.parametrize(
    "facts", [{}, {"name_en": ""}, {"name_en": "x" * 161}, {"name_en": "a\x00"}, {"lead": 1}]
)
def test_an_alliance_with_wrong_facts_is_not_founded(cast: Cast, facts):
    with pytest.raises(Invalid):
        actions.create_alliance(actor=cast.broker.actor, lead_id=cast.tti.pk, facts=facts)
    assert not Alliance.objects.exists()


def test_only_owners_of_verified_organisations_found_one(cast: Cast):
    facts = {"name_en": "Alliance"}
    with pytest.raises(Conflict):
        actions.create_alliance(actor=cast.claimant.actor, lead_id=cast.claim.pk, facts=facts)
    with pytest.raises(Refused):
        actions.create_alliance(actor=cast.colleague.actor, lead_id=cast.home.pk, facts=facts)
    with pytest.raises(NotFound):
        actions.create_alliance(actor=cast.owner.actor, lead_id=cast.claim.pk, facts=facts)
    assert not Alliance.objects.exists()


@pytest.mark.parametrize("who", ["owner", "moderator", "visitor"])
def test_strangers_to_the_lead_change_nothing(cast: Cast, alliance: Alliance, who: str):
    actor = cast.everybody[who].actor
    for attempt in (
        lambda: actions.change_alliance(
            actor=actor, alliance_id=alliance.pk, facts={"name_en": "Mine"}
        ),
        lambda: actions.invite_organisation(
            actor=actor, alliance_id=alliance.pk, organisation_id=cast.home.pk
        ),
    ):
        with pytest.raises(Refused):
            attempt()
    alliance.refresh_from_db()
    assert alliance.name_en != "Mine"


def test_the_invited_owner_is_told_and_nobody_else_answers(cast: Cast, alliance: Alliance):
    actions.invite_organisation(
        actor=cast.broker.actor, alliance_id=alliance.pk, organisation_id=cast.home.pk
    )
    assert Notification.objects.get(kind="alliance.invited").recipient == cast.owner.user
    for who in ("colleague", "rival", "broker"):
        with pytest.raises(Refused):
            actions.answer_invitation(
                actor=cast.everybody[who].actor, alliance_id=alliance.pk,
                organisation_id=cast.home.pk, accept=True,
            )  # fmt: skip
    with pytest.raises(NotFound):
        actions.answer_invitation(
            actor=cast.outsider.actor, alliance_id=alliance.pk,
            organisation_id=cast.outside.pk, accept=True,
        )  # fmt: skip
    assert member(alliance, cast.home).state == "invited"


def test_an_unverified_organisation_is_not_invited(cast: Cast, alliance: Alliance):
    with pytest.raises(NotFound):
        actions.invite_organisation(
            actor=cast.broker.actor, alliance_id=alliance.pk, organisation_id=cast.claim.pk
        )


def test_the_lead_hands_over_before_it_leaves(cast: Cast, alliance: Alliance):
    lead = {"alliance_id": alliance.pk, "organisation_id": cast.tti.pk}
    with pytest.raises(Conflict) as refusal:
        actions.leave_alliance(actor=cast.broker.actor, **lead)
    assert refusal.value.code == "is_lead"
    with pytest.raises(NotFound):
        actions.hand_over_lead(
            actor=cast.broker.actor, alliance_id=alliance.pk, organisation_id=cast.home.pk
        )
    member(alliance, cast.home, "member")
    actions.hand_over_lead(
        actor=cast.broker.actor, alliance_id=alliance.pk, organisation_id=cast.home.pk
    )
    actions.leave_alliance(actor=cast.broker.actor, **lead)
    alliance.refresh_from_db()
    assert alliance.lead == cast.home
    assert allied_ids(frozenset({cast.home.pk})) == {cast.home.pk}


def test_allies_are_those_who_share_an_alliance(cast: Cast, alliance: Alliance):
    member(alliance, cast.home, "member")
    member(alliance, cast.outside, "invited")
    assert allied_ids(frozenset({cast.home.pk})) == {cast.home.pk, cast.tti.pk}
    assert allied_ids(frozenset()) == frozenset()


def test_referral_rules_are_for_members_in_the_api_too(cast: Cast, alliance: Alliance):
    member(alliance, cast.home, "member")
    member(alliance, cast.outside, "invited")
    address = f"/api/v1/alliances/{alliance.public_id}/"
    for name, player in cast.everybody.items():
        rules = player.api.get(address).json()["referral_rules"]
        assert (rules == "A tenth.") is (name in {"broker", "owner", "colleague", "operator"}), name


def test_the_pages_invite_by_name_answer_and_leave(cast: Cast, alliance: Alliance):
    page = reverse("alliance", args=[alliance.public_id])
    wrong = cast.broker.client.post(page + "invite/", {"organisation": "Works"})
    assert wrong.status_code == 422
    assert "More than one" in wrong.content.decode()
    unknown = cast.broker.client.post(page + "invite/", {"organisation": "Candle Works"})
    assert unknown.status_code == 422  # not verified: not there for others
    assert cast.broker.client.post(page + "invite/", {"organisation": "lantern"}).status_code == 302
    assert "invited" in cast.owner.client.get(page).content.decode()
    assert "invites you" in cast.owner.client.get(reverse("my_organisations")).content.decode()
    answer = f"{page}{cast.home.public_id}/answer/"
    assert cast.rival.client.post(answer, {"answer": "accept"}).status_code == 404
    assert cast.owner.client.post(answer, {"answer": "accept"}).status_code == 302
    assert cast.owner.client.post(answer, {"answer": "accept"}).status_code == 409
    assert cast.owner.client.post(f"{page}{cast.home.public_id}/leave/").status_code == 302
    link = f"see http://127.0.0.1/organisations/{cast.home.public_id}/"
    assert cast.broker.client.post(page + "invite/", {"organisation": link}).status_code == 302
    assert cast.broker.client.post(f"{page}{cast.home.public_id}/remove/").status_code == 302
    assert member(alliance, cast.home).state == "left"


def test_the_api_founds_invites_answers_and_leaves(cast: Cast):
    made = cast.broker.api.post(
        "/api/v1/alliances/", {"lead": cast.tti.public_id, "name_en": "By API"}, format="json"
    )
    assert made.status_code == 201, made.json()
    one = f"/api/v1/alliances/{made.json()['id']}/"
    home = {"organisation": cast.home.public_id}
    assert cast.rival.api.post(one + "invite/", home, format="json").status_code == 403
    unknown = cast.broker.api.post(one + "invite/", {"organisation": "0" * 10}, format="json")
    assert unknown.json()["errors"][0]["field"] == "organisation"
    assert cast.broker.api.post(one + "invite/", home, format="json").status_code == 200
    joined = cast.owner.api.post(one + "answer/", {**home, "accept": True}, format="json")
    assert joined.json()["member_count"] == 2
    handed = cast.broker.api.post(one + "hand-over/", home, format="json")
    assert handed.json()["lead"]["id"] == cast.home.public_id
    tti = {"organisation": cast.tti.public_id}
    assert cast.owner.api.post(one + "remove/", tti, format="json").json()["member_count"] == 1
    assert cast.owner.api.post(one + "leave/", home, format="json").status_code == 409
    assert cast.owner.api.patch(one, {"name_zh": "联盟"}, format="json").json()["name_zh"] == "联盟"
    listed = cast.visitor.api.get("/api/v1/alliances/?q=联盟").json()["results"]
    assert [row["id"] for row in listed] == [made.json()["id"]]
