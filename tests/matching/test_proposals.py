"""Pairs that a broker proposes, and why a pair is not on the list."""

from __future__ import annotations

import pytest
from django.db.models import F

from events.models import Event, Notification
from listings.actions import grants
from listings.models import Listing
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Throttled
from matching.actions import proposals
from matching.actions.mandates import give_mandate
from matching.actions.matching import match_listing
from matching.models import Match
from matching.readings import read
from matching.why import Stage, why
from tests.listings.factories import draft, published
from tests.matching.factories import match_of, pair

pytestmark = pytest.mark.django_db

PAGE = "/matches/triage/propose/"
WHY = "/matches/triage/why/"
API = "/api/v1/triage/"
FAR: dict = {
    "title_en": "Apple sorting by colour", "summary_en": "A camera sorts fruit in orchards.",
    "body_en": "Fruit rolls by a camera.", "field": "agriculture", "trl": 3,
}  # fmt: skip


@pytest.fixture
def far(cast, run_jobs):
    """A need of `home` and a technology of `outside` that have nothing in common."""
    need, technology = pair(cast.home, cast.outside, technology=FAR)
    run_jobs()
    assert not Match.objects.exists()
    return need, technology


def propose(cast, need, technology, player=None, note="Both work in the cold.") -> Match:
    return proposals.propose(
        actor=(player or cast.broker).actor, need_id=need.pk, technology_id=technology.pk, note=note
    )


def ask(cast, need, technology):
    return why(actor=cast.broker.actor, need_id=need.pk, technology_id=technology.pk)


# --- Proposing -----------------------------------------------------------------------------------


def test_proposed_pair_stands_in_both_inboxes_with_note_and_name(cast, far):
    match = propose(cast, *far)
    assert match.origin == "broker" and match.model_version and match.features
    for player in (cast.owner, cast.outsider):
        page = player.client.get(f"/matches/{match.public_id}/").content.decode()
        assert "Both work in the cold." in page and "Ferry Transfer Centre" in page
        assert "proposed by a broker" in player.client.get("/matches/").content.decode()
        notice = Notification.objects.get(recipient=player.user, kind="match.proposed")
        assert notice.params["institution_en"] == "Ferry Transfer Centre"
        assert "cold" not in str(notice.params["institution_en"])
    event = Event.objects.get(kind="match.proposed")
    assert event.data["institution"] == cast.tti.public_id
    assert "cold" not in str(event.data)


def test_note_is_shown_as_text(cast, far):
    match = propose(cast, *far, note="<script>alert(1)</script>\nsecond line")
    page = cast.owner.client.get(f"/matches/{match.public_id}/").content.decode()
    assert "<script>alert" not in page and "<br>second line" in page


def test_matching_again_keeps_a_proposed_pair(cast, far, run_jobs):
    match = propose(cast, *far)
    for listing in far:
        match_listing(listing_id=listing.pk, repeat_before=match.scored_at.replace(year=2100))
    match.refresh_from_db()
    assert match.origin == "broker"


def test_proposed_pair_survives_a_pause_of_a_listing(cast, far, run_jobs):
    from listings.actions.lifecycle import pause, resume

    match = propose(cast, *far)
    pause(actor=cast.owner.actor, listing_id=far[0].pk)
    run_jobs()
    assert Match.objects.filter(pk=match.pk).exists()
    resume(actor=cast.owner.actor, listing_id=far[0].pk)
    run_jobs()
    match.refresh_from_db()
    assert match.origin == "broker"


def test_crowded_listing_keeps_a_proposed_pair(cast, far, monkeypatch, run_jobs):
    from matching.pipeline import delivery

    match = propose(cast, *far)
    monkeypatch.setattr(delivery, "KEEP", 1)
    for number in range(3):
        published(cast.outside, title_en=f"Electrolyte that keeps its capacity {number}")
    run_jobs()
    assert Match.objects.filter(pk=match.pk).exists()


def test_number_of_a_pair_below_the_floor_is_not_shown(cast, far):
    match = propose(cast, *far)
    assert read(match, cast.owner.actor).score is None


def test_other_brokers_do_not_read_the_note(cast, far):
    from tests.listings.factories import member_of, organisation

    match = propose(cast, *far)
    stranger = member_of(organisation(kind="tti", tti_type="I"), "broker")
    assert read(match, cast.broker.actor).proposal is not None
    assert read(match, stranger).proposal is None


def code_of(cast, need, technology, player=None) -> str:
    with pytest.raises((Refused, Conflict, NotFound, Invalid, Throttled)) as refused:
        propose(cast, need, technology, player)
    return refused.value.code


def test_refusals(cast, far, run_jobs):
    need, technology = far
    assert code_of(cast, need, technology, cast.rival) == "brokers_only"
    assert code_of(cast, technology, need) == "wrong_kind"
    assert code_of(cast, need, published(cast.home, **FAR)) == "same_owner"
    assert code_of(cast, need, draft(cast.tti, title_en="A draft of ours")) == "not_published"
    assert code_of(cast, need, draft(cast.outside)) == "not_found"
    propose(cast, need, technology)
    assert code_of(cast, need, technology) == "already_there"


def test_limit_of_a_day(cast, far, monkeypatch):
    monkeypatch.setattr(proposals, "A_DAY", 1)
    propose(cast, *far)
    other = published(cast.outside, **{**FAR, "title_en": "Pear sorting"})
    from marketplace.core import jobs

    while jobs.drain():
        pass
    assert code_of(cast, far[0], other) == "too_many_proposals"


def test_confidential_listing_is_not_there_and_not_proposed_when_released(cast, far):
    need, _technology = far
    hidden = published(cast.outside, visibility="confidential", title_en="Zanthoxar gel")
    assert code_of(cast, need, hidden) == "not_found"
    with pytest.raises(NotFound):
        ask(cast, need, hidden)
    grants.release_to(
        actor=cast.outsider.actor, listing_id=hidden.pk, organisation_id=cast.tti.pk,
        tier="confidential",
    )  # fmt: skip
    assert code_of(cast, need, hidden) == "confidential_listing"
    with pytest.raises(Refused):
        ask(cast, need, hidden)


@pytest.mark.parametrize("owner", ["home", "outside"])
def test_anonymous_listing_is_refused_alike_whoever_owns_it(cast, far, owner):
    """Said "the same owner", it would be named."""
    hidden = published(getattr(cast, owner), is_anonymous=True, **FAR)
    assert code_of(cast, far[0], hidden) == "anonymous_owner"
    with pytest.raises(Refused):
        ask(cast, far[0], hidden)


def test_members_only_pair_is_for_an_institution_of_a_side(cast, far, run_jobs):
    need, _technology = far
    closed = published(cast.outside, visibility="members", **FAR)
    run_jobs()
    assert code_of(cast, need, closed) == "not_your_pair"
    give_mandate(actor=cast.owner.actor, organisation_id=cast.home.pk, institution_id=cast.tti.pk)
    assert propose(cast, need, closed).origin == "broker"


def test_page_proposes_from_a_listing_s_page(cast, far):
    need, technology = far
    page = cast.broker.client.get(f"/needs/{need.public_id}/").content.decode()
    assert f"{PAGE}?need={need.public_id}" in page
    assert PAGE not in cast.rival.client.get(f"/needs/{need.public_id}/").content.decode()
    page = cast.broker.client.get(f"{PAGE}?need={need.public_id}").content.decode()
    assert need.title_en in page
    response = cast.broker.client.post(
        PAGE,
        {"need": need.public_id, "note": "Talk", "technology":
         f"https://market.example/technologies/{technology.public_id}/"},
    )  # fmt: skip
    match = Match.objects.get()
    assert response.status_code == 302 and response["Location"] == f"/matches/{match.public_id}/"
    again = cast.broker.client.post(
        PAGE, {"need": need.public_id, "technology": technology.public_id}
    )
    assert again.status_code == 302  # to the pair that is there


@pytest.mark.parametrize(
    "values",
    [{}, {"need": "x", "technology": "y"}, {"need": "0000000000", "technology": "0000000000"},
     {"need": "{need}", "technology": "{need}"}, {"need": "\x00", "technology": "<b>"}],
)  # fmt: skip
def test_page_says_what_is_wrong_and_keeps_the_note(cast, far, values):
    filled = {name: value.format(need=far[0].public_id) for name, value in values.items()}
    response = cast.broker.client.post(PAGE, {**filled, "note": "My words"})
    assert response.status_code == 422 and "My words" in response.content.decode()
    assert not Match.objects.exists()


@pytest.mark.parametrize("path", [PAGE, WHY])
def test_pages_are_for_brokers(cast, far, path):
    for name in ("owner", "operator", "newcomer"):
        assert cast.everybody[name].client.get(path).status_code == 403
    assert cast.visitor.client.get(path).status_code in (302, 401)


# --- Why not -------------------------------------------------------------------------------------


def test_pair_below_the_floor(cast, far):
    found = ask(cast, *far)
    assert found.stage in (Stage.BELOW_FLOOR, Stage.NOT_A_CANDIDATE)
    assert [one.cost for one in found.factors] == sorted(
        (one.cost for one in found.factors), reverse=True
    )
    assert {"words", "meaning", "field"} <= {one.code for one in found.factors}
    assert any(point.code == "field" for point in found.found.against)


def test_listed_declined_and_own(cast, run_jobs):
    need, technology = pair(cast.home, cast.outside)
    assert ask(cast, need, technology).stage == Stage.NOT_MATCHED_YET
    run_jobs()
    found = ask(cast, need, technology)
    assert (found.stage, found.places) == (Stage.LISTED, {"need": 1, "technology": 1})
    Match.objects.update(need_answer="declined", need_reason="funds")
    assert ask(cast, need, technology).stage == Stage.DECLINED
    assert ask(cast, need, published(cast.home)).stage == Stage.OWN_ORGANISATION
    assert ask(cast, need, draft(cast.tti)).stage == Stage.NOT_PUBLISHED


def test_place_counts_only_what_the_broker_sees(cast, run_jobs):
    need, technology = pair(cast.home, cast.outside)
    low = match_of(need, technology, score=50)
    run_jobs()
    Match.objects.filter(pk=low.pk).update(score=50, need_score=50, technology_score=50)
    match_of(need, published(cast.outside, visibility="confidential", title_en="Secret"), score=95)
    assert ask(cast, need, technology).places["need"] == 1


def test_beyond_the_best(cast, run_jobs):
    need, technology = pair(cast.home, cast.outside)
    run_jobs()
    Match.objects.all().delete()
    assert ask(cast, need, technology).stage == Stage.BEYOND_BEST


def test_closed_texts_are_in_no_number_and_no_stage(cast, run_jobs):
    secret = {"confidential_text_en": "zanthoxar salt, zanthoxar acid, zanthoxar gel"}
    need, technology = pair(
        cast.home, cast.outside, need=secret, technology={**FAR, **secret}
    )  # fmt: skip
    run_jobs()
    Match.objects.all().delete()
    found = ask(cast, need, technology)
    assert found.stage == Stage.NOT_KEPT and found.has_closed
    assert {one.code for one in found.factors} == {"field", "trl", "modes", "price", "region"}
    query = f"?need={need.public_id}&technology={technology.public_id}"
    assert "zanthoxar" not in cast.broker.client.get(WHY + query).content.decode()
    assert "zanthoxar" not in cast.broker.api.get(f"{API}why/{query}").content.decode()


def test_why_page_in_both_languages(cast, far):
    query = f"?need={far[0].public_id}&technology={far[1].public_id}"
    page = cast.broker.client.get(WHY + query).content.decode()
    assert "What the score is made of" in page and far[1].title_en in page
    cast.broker.client.cookies["language"] = "zh-hans"
    page = cast.broker.client.get(WHY + query).content.decode()
    assert "What the score is made of" not in page and "技术领域" in page


@pytest.mark.parametrize("query", ["?need=x&technology=y", "?need=%00&technology=0000000000"])
def test_why_page_says_what_is_wrong(cast, far, query):
    assert cast.broker.client.get(WHY + query).status_code == 422
    assert cast.broker.client.get(WHY).status_code == 200


# --- API -----------------------------------------------------------------------------------------


def test_api_proposes_and_says_why(cast, far):
    ids = {"need": far[0].public_id, "technology": far[1].public_id}
    asked = cast.broker.api.get(f"{API}why/", ids)
    assert asked.status_code == 200 and asked.json()["stage"] and asked.json()["factors"]
    made = cast.broker.api.post(f"{API}propose/", {**ids, "note": "Talk"}, format="json")
    assert made.status_code == 201, made.content
    assert made.json()["proposal"] == {
        "institution": cast.tti.public_id, "note": "Talk",
        "created_at": made.json()["proposal"]["created_at"],
    }  # fmt: skip
    assert cast.broker.api.get(f"{API}why/", ids).json()["match"] == made.json()["id"]
    again = cast.broker.api.post(f"{API}propose/", ids, format="json")
    assert again.status_code == 409 and again.json()["code"] == "already_there"
    assert cast.owner.api.get(f"{API}why/", ids).status_code == 403
    assert cast.owner.api.post(f"{API}propose/", ids, format="json").status_code == 403
    wrong = {"need": "0000000000", "technology": far[1].public_id}
    assert cast.broker.api.get(f"{API}why/", wrong).status_code == 400


# --- Afterwards ----------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["proposal", "mandate"])
def test_introduction_is_offered_to_the_institution(cast, far, run_jobs, by):
    from deals.actions.brokers import claim
    from deals.models import Introduction
    from deals.queries.visibility import claimable_by
    from matching.actions.answers import answer
    from tests.listings.factories import member_of, organisation

    match = propose(cast, *far) if by == "proposal" else match_of(*far)
    if by == "mandate":
        give_mandate(
            actor=cast.outsider.actor, organisation_id=cast.outside.pk, institution_id=cast.tti.pk
        )
    for player in (cast.owner, cast.outsider):
        answer(actor=player.actor, match_id=match.pk, answer="interested")
    run_jobs()
    introduction = Introduction.objects.get()
    notice = Notification.objects.get(recipient=cast.broker.user, kind="introduction.offered")
    assert notice.url == "/desk/"
    stranger = member_of(organisation(kind="tti", tti_type="I"), "broker")
    assert not claimable_by(stranger).exists()
    assert claimable_by(cast.broker.actor).get() == introduction
    with pytest.raises(NotFound):
        claim(actor=stranger, introduction_id=introduction.pk)
    claim(actor=cast.broker.actor, introduction_id=introduction.pk)
    introduction.refresh_from_db()
    assert introduction.broker_organisation == cast.tti
    assert not claimable_by(cast.broker.actor).exists()


def test_system_answers_for_nobody(cast, far):
    with pytest.raises((Refused, NotFound)):
        propose(cast, *far, player=type("P", (), {"actor": Actor.system()}))


def test_nobody_brokers_for_itself(cast, far, run_jobs):
    need, _technology = far
    own = published(cast.tti, **FAR)
    run_jobs(check=False)
    assert code_of(cast, need, own) == "own_listing"


def test_what_changed_since_it_was_weighed_is_not_proposed(cast, far, run_jobs, monkeypatch):
    need, technology = far
    weigh = proposals.hold

    def meanwhile(*pair):
        found = weigh(*pair)
        Listing.objects.filter(pk=technology.pk).update(version=F("version") + 1)
        return found

    monkeypatch.setattr(proposals, "hold", meanwhile)
    assert code_of(cast, need, technology) == "stale_version"
