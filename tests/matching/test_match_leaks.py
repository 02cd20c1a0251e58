"""What a side may not see of the other listing reaches it by no door of this room."""

from __future__ import annotations

import json

import pytest
from django.utils import translation

from events.models import Event, Notification
from listings.actions import grants
from marketplace.core.actor import Actor
from matching.explanation import explain
from matching.models import Match
from matching.pipeline.model import current
from matching.pipeline.reasons import open_to
from matching.queries.visibility import visible_to
from matching.readings import read
from tests.listings.factories import member_of, organisation, published
from tests.matching.factories import CONDUCTIVITY, RETENTION, match_of, pair, spec

pytestmark = pytest.mark.django_db

SECRET = "zanthoxar"  # a word that stands in both confidential texts, and nowhere else
MEMBERS = "quillaxod"  # the same in the members' texts


def hidden(**values):
    """A listing with a secret in each closed tier, and a closed specification."""
    return {
        "members_text_en": f"{MEMBERS} route, {MEMBERS} step.",
        "confidential_text_en": f"{SECRET} salt, {SECRET} acid, {SECRET} gel.",
        "specifications": [
            spec(RETENTION, value="81"),
            spec(CONDUCTIVITY, metric_en="Vermouth index", tier="confidential", value="2"),
        ],
        **values,
    }  # fmt: skip


@pytest.fixture
def deep(cast, run_jobs) -> Match:
    """`home` has the need, `outside` the technology; both hold secrets that meet."""
    pair(cast.home, cast.outside, need=hidden(), technology=hidden())
    run_jobs()
    return Match.objects.get()


def doors(player, match: Match) -> dict[str, str]:
    """All that a player can read of a match in this room, by door."""
    pages = [
        f"/matches/{match.public_id}/", "/matches/", "/matches/?side=technology&show=all",
        "/matches/?side=need&show=all", "/matches/triage/",
    ]  # fmt: skip
    calls = [f"/api/v1/matches/{match.public_id}/", "/api/v1/matches/",
             "/api/v1/matches/?triage=true"]  # fmt: skip
    found = {path: player.client.get(path).content.decode() for path in pages}
    found |= {path: player.api.get(path).content.decode() for path in calls}
    told = Notification.objects.filter(recipient=player.user) if player.user else []
    found["notices"] = json.dumps([row.params for row in told])
    return found


def test_secrets_take_part_in_matching(deep):
    words = {row["word"]: row for row in deep.reasons if row["kind"] == "term"}
    assert words[SECRET]["need_tier"] == words[SECRET]["technology_tier"] == "confidential"
    assert words[MEMBERS]["need_tier"] == "members"
    met = [row["need_tier"] for row in deep.reasons if row.get("verdict") == "met"]
    assert "confidential" in met


@pytest.mark.parametrize("name", ["owner", "outsider", "broker", "rival", "visitor"])
def test_terms_and_figures_of_the_confidential_tier_are_shown_to_nobody(cast, deep, name):
    """A side sees its own; that the other side has the same, it does not see."""
    player = cast.everybody[name]
    for door, text in doors(player, deep).items():
        assert SECRET not in text, door
        assert "Vermouth" not in text or name in ("owner",), door
    if name in ("owner", "outsider"):
        found = explain(deep, player.actor)
        assert all(SECRET not in term.en for term in found.terms)
        by_metric = {row.required.metric_en: row for row in found.specifications}
        assert by_metric["Capacity retention"].verdict == "met"
        if name == "owner":
            row = by_metric["Vermouth index"]
            assert (row.claimed, row.verdict) == (None, "unknown")
        else:
            assert set(by_metric) == {"Capacity retention"}
        assert found.hidden_fits


def test_terms_of_the_members_tier_are_shown_to_members_only(cast, run_jobs):
    pair(cast.claim, cast.outside, need=hidden(), technology=hidden())
    run_jobs()
    match = Match.objects.get()
    assert any(MEMBERS in term.en for term in explain(match, cast.outsider.actor).terms)
    assert not any(MEMBERS in term.en for term in explain(match, cast.claimant.actor).terms)


@pytest.mark.parametrize("name", ["owner", "outsider", "broker"])
def test_exact_score_is_not_shown_where_something_is_closed(cast, deep, name):
    """Else near-copies of a listing would measure what the closed texts say."""
    Match.objects.update(score=93, level="strong")
    deep.refresh_from_db()
    assert deep.need_score in current().levels.values()
    reading = read(deep, cast.everybody[name].actor)
    assert (reading.score, reading.level) == (None, "strong")
    for door, text in doors(cast.everybody[name], deep).items():
        assert '"score":93' not in text.replace(" ", "") and ">93<" not in text, door


def test_order_of_a_list_does_not_tell_the_score_of_closed_texts(cast, run_jobs):
    """Pairs with closed texts stand at the foot of their level, whatever their score."""
    need, deep = pair(cast.home, cast.outside, technology=hidden())
    plain = published(cast.rivals)
    run_jobs()
    by_technology = {row.technology_id: row for row in Match.objects.filter(need=need)}
    closed, open_ = by_technology[deep.pk], by_technology[plain.pk]
    assert closed.need_score == current().levels[closed.level] <= closed.score
    assert open_.need_score == open_.score
    assert closed.technology_score == closed.score  # the need holds nothing closed


def test_released_tier_is_part_of_the_reasons(cast, deep):
    grants.release_to(
        actor=Actor.system(), listing_id=deep.technology_id, organisation_id=cast.home.pk,
        tier="confidential",
    )  # fmt: skip
    found = explain(deep, cast.owner.fresh())
    assert any(SECRET in term.en for term in found.terms)
    assert not found.hidden_fits


@pytest.mark.parametrize("name", ["owner", "broker"])
def test_anonymous_owner_is_not_named(cast, run_jobs, name):
    pair(cast.home, cast.outside, technology={"is_anonymous": True})
    run_jobs()
    match = Match.objects.get()
    for door, text in doors(cast.everybody[name], match).items():
        assert "Lakeside" not in text and "湖畔" not in text, door
        assert cast.outside.public_id not in text, door
    point = {entry.code for entry in explain(match, cast.everybody[name].actor).fits}
    assert "region" not in point


def test_blind_match_shows_its_level_and_nothing_else(cast, run_jobs):
    title = "Gorgonzite cathode for pouch cells at -40 degC"
    _need, technology = pair(
        cast.home, cast.outside,
        technology=hidden(visibility="confidential", title_en=title, trl=8, region="420111"),
    )  # fmt: skip
    run_jobs()
    match = Match.objects.get()
    for door, text in doors(cast.owner, match).items():
        assert match.public_id not in text or "/matches/" + match.public_id in door, door
    assert cast.owner.client.get(f"/matches/{match.public_id}/").status_code == 404
    Match.objects.update(
        technology_answer="interested", score=93, need_score=70, technology_score=93, level="strong"
    )
    match.refresh_from_db()
    reading = read(match, cast.owner.actor)
    assert (reading.technology, reading.score, reading.level) == (None, None, "strong")
    assert reading.reasons.entries == [] and not reading.hidden_fits
    for door, text in doors(cast.owner, match).items():
        for secret in ("Gorgonzite", SECRET, MEMBERS, "Vermouth", "Lakeside", "420111", "TRL 8"):
            assert secret not in text, (door, secret)
        assert technology.public_id not in text, door
    shown = cast.owner.api.get(f"/api/v1/matches/{match.public_id}/").json()
    assert shown["is_blind"] and shown["technology"] is None and shown["score"] is None
    assert shown["verdicts"] == {"met": 0, "nearly": 0, "unmet": 0, "unknown": 0}
    assert shown["explanation"] == {
        "terms": [], "specifications": [], "fits": [], "against": [], "ask": [],
    }  # fmt: skip


def test_filter_by_listing_does_not_tell_which_one_a_blind_match_hides(cast):
    need, technology = pair(cast.home, cast.outside, technology={"visibility": "confidential"})
    match_of(need, technology, technology_answer="interested")
    assert visible_to(cast.owner.actor).count() == 1
    path = f"/api/v1/matches/?technology={technology.public_id}"
    assert cast.owner.api.get(path).json()["results"] == []
    assert len(cast.outsider.api.get(path).json()["results"]) == 1


def test_events_of_the_matcher_hold_no_words(cast, deep):
    for event in Event.objects.filter(kind__startswith="match."):
        assert SECRET not in json.dumps([event.before, event.after, event.data])


def test_broker_between_two_sides_reads_no_reasons_of_theirs(cast):
    match = match_of(
        *pair(cast.home, cast.outside), need_answer="declined", need_reason="too_dear",
        need_text="They are bankrupt",
    )  # fmt: skip
    reading = read(match, cast.broker.actor)
    assert (reading.need_answer, reading.need_reason, reading.own_text) == ("", "", "")
    for door, text in doors(cast.broker, match).items():
        assert "too_dear" not in text and "bankrupt" not in text, door


def test_note_of_an_answer_is_read_by_its_own_side_only(cast):
    match = match_of(
        *pair(cast.home, cast.outside), need_answer="declined", need_reason="other",
        need_text="They are bankrupt",
    )  # fmt: skip
    assert "bankrupt" in doors(cast.owner, match)[f"/matches/{match.public_id}/"]
    for door, text in doors(cast.outsider, match).items():
        assert "bankrupt" not in text, door


# --- The filter itself ---------------------------------------------------------------------------


def entry(kind="term", need="public", technology="public", **values):
    return {"kind": kind, "need_tier": need, "technology_tier": technology, **values}


def test_requirement_that_is_open_and_answered_by_a_closed_claim_is_unknown():
    found = open_to(
        [entry("specification", technology="confidential", verdict="met")], "public", "public"
    )
    assert found.verdicts == {"met": 0, "nearly": 0, "unmet": 0, "unknown": 1}
    assert found.entries == [] and found.hidden_fits


def test_closed_requirement_is_not_counted():
    found = open_to(
        [entry("specification", need="confidential", verdict="unmet")], "members", "members"
    )
    assert sum(found.verdicts.values()) == 0
    assert not found.hidden_fits


@pytest.mark.parametrize(("number", "fits"), [(2, False), (3, True)])
def test_single_closed_words_cannot_be_probed_for(number, fits):
    entries = [entry(technology="confidential", word=str(n)) for n in range(number)]
    assert open_to(entries, "public", "members").hidden_fits is fits


def test_titles_of_blind_matches_are_in_the_reader_s_language(cast):
    match = match_of(
        *pair(cast.home, cast.outside, technology={"visibility": "confidential"}),
        technology_answer="interested",
    )
    with translation.override("zh-hans"):
        title = read(match, cast.owner.actor).title("zh-hans")
    assert title.lang == "zh-Hans" and "保密" in title.value


def test_stranger_who_belongs_to_both_sides_reads_as_the_side_it_asks_for():
    buyer, seller = organisation(), organisation()
    person = member_of(buyer)
    match = match_of(
        *pair(buyer, seller, need=hidden()), need_score=90, technology_score=70,
    )  # fmt: skip
    assert read(match, person).side == "need"
    both = Actor(
        user_id=person.user_id, verified_ids=frozenset({buyer.pk, seller.pk}),
        roles={buyer.pk: frozenset({"owner"}), seller.pk: frozenset({"owner"})},
    )  # fmt: skip
    assert read(match, both, "technology").side == "technology"
    assert read(match, both, "need").score == 90
