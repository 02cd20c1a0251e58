"""Mandates, and answering on behalf of a client."""

from __future__ import annotations

import pytest

from events.models import Event, Notification
from marketplace.core.errors import Invalid, NotFound, Refused
from matching.actions.answers import answer
from matching.actions.mandates import give_mandate, withdraw_mandate
from matching.models import Mandate
from matching.queries.mandates import visible_to
from tests.listings.factories import member_of, organisation
from tests.matching.factories import match_of, pair

pytestmark = pytest.mark.django_db

API = "/api/v1/mandates/"


def give(cast, player=None) -> Mandate:
    return give_mandate(
        actor=(player or cast.owner).actor,
        organisation_id=cast.home.pk,
        institution_id=cast.tti.pk,
    )


def told(player, kind: str):
    return Notification.objects.filter(recipient=player.user, kind=kind)


def test_owner_gives_and_withdraws(cast):
    mandate = give(cast)
    assert give(cast) == mandate  # again changes nothing
    assert told(cast.broker, "match.mandate_given").get().params["client_en"] == "Lantern Works"
    event = Event.objects.get(kind="match.mandate_given")
    assert event.data == {"client": cast.home.public_id, "institution": cast.tti.public_id}
    assert sorted(event.organisation_ids) == sorted([cast.home.pk, cast.tti.pk])
    withdraw_mandate(actor=cast.owner.actor, mandate_id=mandate.pk)
    withdraw_mandate(actor=cast.owner.actor, mandate_id=mandate.pk)
    mandate.refresh_from_db()
    assert not mandate.is_in_force and mandate.withdrawn_by == cast.owner.user
    assert Event.objects.filter(kind="match.mandate_withdrawn").count() == 1
    assert give(cast).pk != mandate.pk  # a new row: the old one is history


@pytest.mark.parametrize("name", ["colleague", "rival", "broker", "newcomer", "operator"])
def test_only_owners_give(cast, name):
    with pytest.raises(Refused):
        give(cast, cast.everybody[name])
    assert not Mandate.objects.exists()


def test_only_a_verified_institution_is_given_one(cast):
    for wrong in (cast.outside, cast.home, organisation(kind="tti", tti_type="I", verified=False)):
        with pytest.raises(Invalid):
            give_mandate(
                actor=cast.owner.actor, organisation_id=cast.home.pk, institution_id=wrong.pk
            )


def test_institution_does_not_withdraw_what_it_was_given(cast):
    mandate = give(cast)
    with pytest.raises(Refused):
        withdraw_mandate(actor=cast.broker.actor, mandate_id=mandate.pk)
    with pytest.raises(NotFound):
        withdraw_mandate(actor=cast.rival.actor, mandate_id=mandate.pk)


@pytest.mark.parametrize(
    ("name", "sees"),
    [("owner", True), ("colleague", True), ("broker", True), ("rival", False),
     ("outsider", False), ("operator", False), ("visitor", False)],
)  # fmt: skip
def test_who_reads_mandates(cast, name, sees):
    give(cast)
    assert visible_to(cast.everybody[name].actor).exists() is sees


# --- Answering -----------------------------------------------------------------------------------


def test_broker_answers_for_its_client(cast):
    give(cast)
    match = match_of(*pair(cast.home, cast.outside))
    done = answer(
        actor=cast.broker.actor, match_id=match.pk, answer="declined", reason="immature",
        text="Ask again in a year", on_behalf=True,
    )  # fmt: skip
    assert (done.need_answer, done.technology_answer) == ("declined", "")
    assert done.need_answered_by == cast.broker.user
    event = Event.objects.get(kind="match.answered")
    assert event.data["institution"] == cast.tti.public_id
    assert event.data["client"] == cast.home.public_id
    assert cast.tti.pk in event.organisation_ids
    notice = told(cast.owner, "match.answered_for_you").get()
    assert notice.params["institution_en"] == "Ferry Transfer Centre"
    assert notice.params["answer_en"] == "not for us" and notice.params["answer_zh"]
    assert "year" not in str(notice.params)
    assert told(cast.outsider, "match.declined").get().params["reason_en"] == "not mature enough"
    assert not told(cast.broker, "match.answered_for_you").exists()


def test_without_a_mandate_a_broker_only_looks(cast):
    match = match_of(*pair(cast.home, cast.outside))
    for player in (cast.broker, cast.rival, cast.newcomer):
        with pytest.raises((Refused, NotFound)):
            answer(
                actor=player.actor, match_id=match.pk, answer="interested", on_behalf=True,
                side="need",
            )  # fmt: skip
    with pytest.raises(Refused) as refused:
        answer(actor=cast.broker.actor, match_id=match.pk, answer="interested")
    assert refused.value.code == "not_your_match"
    match.refresh_from_db()
    assert match.need_answer == ""


def test_mandate_is_for_its_side_only_and_ends_when_withdrawn(cast):
    mandate = give(cast)
    match = match_of(*pair(cast.home, cast.outside))
    with pytest.raises(Refused) as refused:
        answer(
            actor=cast.broker.actor, match_id=match.pk, answer="later", on_behalf=True,
            side="technology",
        )  # fmt: skip
    assert refused.value.code == "no_mandate"
    withdraw_mandate(actor=cast.owner.actor, mandate_id=mandate.pk)
    with pytest.raises(Refused):
        answer(actor=cast.broker.actor, match_id=match.pk, answer="later", on_behalf=True)


def test_only_brokers_of_the_institution_use_it(cast):
    give(cast)
    match = match_of(*pair(cast.home, cast.outside))
    analyst = member_of(cast.tti, "analyst")
    with pytest.raises((Refused, NotFound)):
        answer(actor=analyst, match_id=match.pk, answer="later", on_behalf=True)
    cast.tti.verified_at = None
    cast.tti.save()
    with pytest.raises((Refused, NotFound)):
        answer(actor=cast.broker.fresh(), match_id=match.pk, answer="later", on_behalf=True)


def test_both_sides_clients_wants_a_side(cast):
    give(cast)
    give_mandate(
        actor=cast.outsider.actor, organisation_id=cast.outside.pk, institution_id=cast.tti.pk
    )
    match = match_of(*pair(cast.home, cast.outside))
    with pytest.raises(Invalid):
        answer(actor=cast.broker.actor, match_id=match.pk, answer="interested", on_behalf=True)
    for side in ("need", "technology"):
        match = answer(
            actor=cast.broker.actor, match_id=match.pk, answer="interested", on_behalf=True,
            side=side,
        )  # fmt: skip
    assert match.both_interested


@pytest.mark.parametrize(
    "need", [{"is_anonymous": True}, {"visibility": "confidential"}], ids=["anonymous", "closed"]
)
def test_mandate_opens_no_anonymous_and_no_confidential_listing(cast, need):
    """The refusal is that of a listing of anybody else."""
    give(cast)
    match = match_of(*pair(cast.home, cast.outside, need=need))
    with pytest.raises((Refused, NotFound)) as refused:
        answer(
            actor=cast.broker.actor, match_id=match.pk, answer="later", on_behalf=True, side="need"
        )
    assert refused.value.code in ("no_mandate", "not_found")


def test_members_only_pair_of_a_client_is_seen_but_not_for_an_anonymous_client(cast):
    from matching.queries.visibility import for_triage

    open_ = match_of(*pair(cast.home, cast.outside, technology={"visibility": "members"}))
    hidden = match_of(
        *pair(
            cast.home, cast.outside,
            need={"is_anonymous": True, "title_en": "Another"},
            technology={"visibility": "members"},
        )
    )  # fmt: skip
    assert not for_triage(cast.broker.actor).exists()
    give(cast)
    assert list(for_triage(cast.broker.actor)) == [open_]
    assert hidden not in for_triage(cast.broker.actor)


# --- Pages and API -------------------------------------------------------------------------------


def address(cast) -> str:
    return f"/organisations/{cast.home.public_id}/mandates/"


def test_page_gives_by_name_and_withdraws(cast):
    client = cast.owner.client
    assert "Nobody answers for you" in client.get(address(cast)).content.decode()
    response = client.post(address(cast), {"institution": "渡口转移中心"})
    assert response.status_code == 302
    mandate = Mandate.objects.get()
    assert mandate.institution == cast.tti
    page = client.get(address(cast)).content.decode()
    assert "Ferry Transfer Centre" in page
    response = client.post(f"{address(cast)}{mandate.public_id}/withdraw/")
    assert response.status_code == 302
    mandate.refresh_from_db()
    assert not mandate.is_in_force


@pytest.mark.parametrize("text", ["", "Nobody", "Lakeside University", "0000000000", "x" * 301])
def test_page_says_what_is_wrong_and_keeps_it(cast, text):
    response = cast.owner.client.post(address(cast), {"institution": text})
    assert response.status_code == 422
    assert text[:300] in response.content.decode()
    assert not Mandate.objects.exists()


def test_page_is_its_members_and_its_forms_are_its_owners(cast):
    for name in ("rival", "newcomer", "operator", "broker"):
        assert cast.everybody[name].client.get(address(cast)).status_code == 404
    assert 'name="institution"' not in cast.colleague.client.get(address(cast)).content.decode()
    response = cast.colleague.client.post(address(cast), {"institution": cast.tti.public_id})
    assert response.status_code in (403, 422) and not Mandate.objects.exists()


def test_institution_s_page_lists_its_clients(cast):
    give(cast)
    page = cast.broker.client.get(f"/organisations/{cast.tti.public_id}/mandates/")
    assert "Lantern Works" in page.content.decode()


def test_api_gives_lists_and_withdraws(cast):
    given = {"organisation": cast.home.public_id, "institution": cast.tti.public_id}
    made = cast.owner.api.post(API, given, format="json")
    assert made.status_code == 201, made.content
    rows = cast.broker.api.get(API, {"in_force": "true"}).json()["results"]
    assert [row["id"] for row in rows] == [made.json()["id"]]
    assert cast.rival.api.get(API).json()["results"] == []
    done = cast.owner.api.post(f"{API}{made.json()['id']}/withdraw/")
    assert done.status_code == 200 and done.json()["withdrawn_at"]
    assert cast.owner.api.get(API, {"in_force": "true"}).json()["results"] == []
    assert cast.rival.api.post(f"{API}{made.json()['id']}/withdraw/").status_code == 404
    refused = cast.colleague.api.post(API, given, format="json")
    assert refused.status_code == 403
    assert cast.owner.api.post(API, {}, format="json").status_code == 400


def test_api_list_asks_as_much_for_one_as_for_three(cast, django_assert_num_queries):
    give(cast)
    cast.owner.api.get(API)
    with django_assert_num_queries(LIST_QUERIES):
        cast.owner.api.get(API)
    for _number in range(2):
        tti = organisation(kind="tti", tti_type="I")
        give_mandate(actor=cast.owner.actor, organisation_id=cast.home.pk, institution_id=tti.pk)
    with django_assert_num_queries(LIST_QUERIES):
        assert len(cast.owner.api.get(API).json()["results"]) == 3


LIST_QUERIES = 3
