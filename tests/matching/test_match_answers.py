"""Answering a match."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from events.models import Event, Notification
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Stale
from marketplace.core.models import Job
from matching import followers
from matching.actions.answers import answer, mark_seen
from matching.queries.visibility import visible_to
from tests.matching.factories import match_of, pair

if TYPE_CHECKING:
    from matching.models import Match

pytestmark = pytest.mark.django_db


@pytest.fixture
def match(cast) -> Match:
    """`home` (owner, colleague) has the need, `outside` (outsider) the technology."""
    return match_of(*pair(cast.home, cast.outside))


def say(player, match: Match, answer_: str, **values) -> Match:
    return answer(actor=player.actor, match_id=match.pk, answer=answer_, **values)


def told(player) -> list[str]:
    return list(
        Notification.objects.filter(recipient=player.user, kind__startswith="match.")
        .order_by("pk")
        .values_list("kind", flat=True)
    )


def test_answer_is_stored_with_who_and_when(cast, match):
    say(cast.colleague, match, "interested")
    match.refresh_from_db()
    assert (match.need_answer, match.need_reason, match.technology_answer) == ("interested", "", "")
    assert match.need_answered_by == cast.colleague.user
    assert match.need_answered_at and match.need_seen_at
    assert match.version == 2


def test_answer_is_an_event_without_the_text(cast, match):
    say(cast.owner, match, "declined", reason="other", text="A secret plan")
    event = Event.objects.get(kind="match.answered")
    assert event.before == {"answer": ""} and event.after == {"answer": "declined"}
    assert event.data == {"side": "need", "reason": "other", "listing": match.need.public_id}
    assert sorted(event.organisation_ids) == sorted([cast.home.pk, cast.outside.pk])


def test_other_side_is_told_the_reason_but_not_the_text(cast, match):
    say(cast.owner, match, "declined", reason="other", text="A secret plan")
    notice = Notification.objects.get(recipient=cast.outsider.user, kind="match.declined")
    assert notice.params["reason_en"] == "another reason"
    assert notice.params["reason_zh"]
    assert notice.params["title_en"] == match.technology.title_en
    assert "secret" not in str(notice.params)
    assert told(cast.owner) == []


@pytest.mark.parametrize(
    ("given", "kind"), [("interested", "match.interested"), ("later", "match.postponed")]
)
def test_other_side_never_meets_silence(cast, match, given, kind):
    say(cast.owner, match, given)
    assert told(cast.outsider) == [kind]


def test_same_answer_again_changes_nothing(cast, match):
    say(cast.owner, match, "later")
    say(cast.owner, match, "later")
    match.refresh_from_db()
    assert match.version == 2
    assert Event.objects.filter(kind="match.answered").count() == 1
    assert told(cast.outsider) == ["match.postponed"]


def test_answer_may_be_changed(cast, match):
    say(cast.owner, match, "declined", reason="funds")
    say(cast.owner, match, "interested")
    match.refresh_from_db()
    assert (match.need_answer, match.need_reason) == ("interested", "")


def test_both_interested_is_told_to_the_rooms_that_follow(cast, match, monkeypatch):
    monkeypatch.setattr(followers, "_JOBS", ["deals.open_introduction"])
    say(cast.owner, match, "interested")
    jobs = Job.objects.filter(kind="deals.open_introduction")
    assert not jobs.exists()
    say(cast.outsider, match, "interested")
    assert [job.payload for job in jobs] == [{"match": match.pk}]
    assert Event.objects.filter(kind="match.both_interested").count() == 1
    assert told(cast.owner) == ["match.both_interested"]


def test_answer_is_final_once_both_are_interested(cast, match):
    say(cast.owner, match, "interested")
    say(cast.outsider, match, "interested")
    with pytest.raises(Conflict) as refusal:
        say(cast.owner, match, "declined", reason="funds")
    assert refusal.value.code == "already_introduced"
    match.refresh_from_db()
    assert match.both_interested


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"answer_": "perhaps"}, "unknown_code", "answer"),
        ({"answer_": ""}, "unknown_code", "answer"),
        ({"answer_": "declined"}, "reason_missing", "reason"),
        ({"answer_": "declined", "reason": "ugly"}, "unknown_code", "reason"),
        ({"answer_": "declined", "reason": "other"}, "text_missing", "text"),
        ({"answer_": "interested", "reason": "funds"}, "reason_not_wanted", "reason"),
        ({"answer_": "later", "text": "x" * 501}, "too_long", "text"),
        ({"answer_": "later", "text": "a\x00b"}, "control_characters", "text"),
    ],
)
def test_answer_that_is_not_in_order_is_refused_and_changes_nothing(
    cast, match, values, code, field
):
    with pytest.raises(Invalid) as refusal:
        say(cast.owner, match, **values)
    assert refusal.value.code == code and field in refusal.value.fields
    match.refresh_from_db()
    assert (match.need_answer, match.need_text, match.version) == ("", "", 1)
    assert not Event.objects.filter(kind="match.answered").exists()


@pytest.mark.parametrize(
    "name", ["rival", "newcomer", "claimant", "operator", "moderator", "visitor"]
)
def test_match_of_others_is_not_there(cast, match, name):
    with pytest.raises(NotFound):
        say(cast.everybody[name], match, "interested")
    match.refresh_from_db()
    assert match.version == 1


def test_broker_between_the_two_sees_but_does_not_answer(cast, match):
    with pytest.raises(Refused):
        say(cast.broker, match, "interested")
    with pytest.raises(Refused):
        answer(actor=Actor.system(), match_id=match.pk, answer="interested")
    match.refresh_from_db()
    assert match.version == 1


def test_answer_to_what_has_changed_meanwhile_is_refused(cast, match):
    say(cast.colleague, match, "later")
    with pytest.raises(Stale):
        say(cast.owner, match, "interested", expected_version=1)
    with pytest.raises(Stale):
        say(cast.owner, match, "interested", seen_answer="")
    match.refresh_from_db()
    assert match.need_answer == "later"
    say(cast.owner, match, "interested", expected_version=2, seen_answer="later")


def test_confidential_side_that_declines_stays_unknown(cast):
    match = match_of(*pair(cast.home, cast.outside, technology={"visibility": "confidential"}))
    for given in ({"answer_": "later"}, {"answer_": "declined", "reason": "funds"}):
        say(cast.outsider, match, **given)
        assert told(cast.owner) == []
        assert not visible_to(cast.owner.actor).exists()
    events = Event.objects.filter(kind="match.answered")
    assert [event.organisation_ids for event in events] == [[cast.outside.pk]] * 2


def test_confidential_side_that_is_interested_shows_itself_as_a_blind_match(cast):
    match = match_of(*pair(cast.home, cast.outside, technology={"visibility": "confidential"}))
    with pytest.raises(NotFound):
        say(cast.owner, match, "interested")
    say(cast.outsider, match, "interested")
    assert told(cast.owner) == ["match.interested"]
    notice = Notification.objects.get(recipient=cast.owner.user, kind="match.interested")
    assert match.technology.title_en not in str(notice.params)
    say(cast.owner, match, "interested")
    match.refresh_from_db()
    assert match.both_interested


def test_seen_is_noted_for_the_side_that_looked(cast, match):
    mark_seen(actor=cast.broker.actor, match=match)
    match.refresh_from_db()
    assert match.need_seen_at is None and match.technology_seen_at is None
    mark_seen(actor=cast.owner.actor, match=match)
    match.refresh_from_db()
    first = match.need_seen_at
    assert first and match.technology_seen_at is None
    mark_seen(actor=cast.colleague.actor, match=match)
    match.refresh_from_db()
    assert match.need_seen_at == first
