"""What is new since the last visit, the filter by field, taking an answer back, empty inboxes."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from events.models import Event
from marketplace.core.errors import Conflict, NotFound, Refused
from matching.actions.undo import take_back
from matching.actions.visits import note_visit
from matching.models import InboxVisit, Match
from matching.queries.visibility import visible_to
from tests.listings.factories import published
from tests.matching.factories import match_of, pair

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cast import Cast

pytestmark = pytest.mark.django_db
EARLIER = "Found earlier"


def titles(page: str, names: list[str]) -> list[str]:
    """The names in the order in which the list shows them."""
    listed = page[page.index("data-key-list") : page.index("</ol>")]
    return sorted((name for name in names if name in listed), key=listed.index)


def visited(cast: Cast, hours: int) -> None:
    moment = timezone.now() - dt.timedelta(hours=hours)
    InboxVisit.objects.update_or_create(
        person=cast.owner.user, defaults={"since": None, "seen_at": moment}
    )


def made(cast: Cast, title: str, score: int, days: int, **technology: Any) -> Match:
    match = match_of(*pair(cast.home, cast.outside, technology={"title_en": title, **technology}),
                     score)  # fmt: skip
    Match.objects.filter(pk=match.pk).update(created_at=timezone.now() - dt.timedelta(days=days))
    return match


def test_what_came_since_the_last_visit_stands_first(cast: Cast) -> None:
    made(cast, "Old and strong", 95, days=3)
    made(cast, "New and fair", 60, days=0)
    made(cast, "New and strong", 80, days=0)
    visited(cast, hours=24)
    page = cast.owner.client.get("/matches/").content.decode()
    names = ["Old and strong", "New and fair", "New and strong"]
    assert titles(page, names) == ["New and strong", "New and fair", "Old and strong"]
    assert "2 found since your last visit" in page
    listed = page[page.index("data-key-list") :]
    assert listed.index("New and fair") < listed.index(EARLIER) < listed.index("Old and strong")


def test_it_stays_so_while_the_visit_lasts(cast: Cast) -> None:
    made(cast, "Old and strong", 95, days=3)
    made(cast, "New and fair", 60, days=0)
    visited(cast, hours=24)
    for _look in range(2):
        assert EARLIER in cast.owner.client.get("/matches/").content.decode()
    visited(cast, hours=0)  # as if the next one had begun after it
    assert EARLIER not in cast.owner.client.get("/matches/").content.decode()


def test_the_first_visit_and_those_without_news_draw_no_line(cast: Cast) -> None:
    made(cast, "Old and strong", 95, days=3)
    assert EARLIER not in cast.owner.client.get("/matches/").content.decode()
    visited(cast, hours=24)
    page = cast.owner.client.get("/matches/").content.decode()
    assert EARLIER not in page and "since your last visit" not in page


def test_a_visit_is_each_person_s_own(cast: Cast) -> None:
    visited(cast, hours=24)
    assert note_visit(actor=cast.owner.actor) is not None
    assert note_visit(actor=cast.colleague.actor) is None
    assert note_visit(actor=cast.visitor.actor) is None


# --- By field ------------------------------------------------------------------------------------


def test_field_filter_is_kept_in_the_address(cast: Cast) -> None:
    made(cast, "Of energy", 90, 0, field="new_energy")
    made(cast, "Of life", 80, 0, field="aerospace")
    page = cast.owner.client.get("/matches/?field=aerospace&side=need").content.decode()
    assert titles(page, ["Of energy", "Of life"]) == ["Of life"]
    links = re.findall(r'href="(/matches/[0-9A-Z]{10}/\?[^"]*)"', page)
    assert links and all("field=aerospace" in link for link in links)
    assert cast.owner.client.get("/matches/?field=nonsense").status_code == 200
    found = cast.owner.api.get("/api/v1/matches/?field=aerospace").json()["results"]
    assert [row["technology"]["title_en"] for row in found] == ["Of life"]


def test_field_filter_does_not_tell_the_field_of_a_blind_pair(cast: Cast) -> None:
    match = made(cast, "Closed", 90, 0, field="aerospace", visibility="confidential")
    Match.objects.update(technology_answer="interested")
    assert visible_to(cast.owner.actor).count() == 1
    page = cast.owner.client.get("/matches/?field=aerospace&show=all").content.decode()
    assert match.public_id not in page
    for field in ("aerospace", "new_energy"):
        answer = cast.owner.api.get(f"/api/v1/matches/?field={field}").json()
        assert answer["results"] == []


# --- Taking back ---------------------------------------------------------------------------------


def test_an_answer_is_taken_back_with_one_click(cast: Cast) -> None:
    match = made(cast, "Liner", 90, 0)
    path = f"/matches/{match.public_id}/"
    sent = {"answer": "declined", "reason": "too_dear", "side": "need", "seen": ""}
    cast.owner.client.post(f"{path}answer/", sent)
    page = cast.owner.client.get("/matches/").content.decode()
    assert f"{path}undo/" in page and "Undo" in page
    assert f"{path}undo/" not in cast.owner.client.get("/matches/").content.decode()  # once
    back = cast.owner.client.post(f"{path}undo/", {"side": "need"})
    assert back["Location"] == f"{path}?side=need"
    match.refresh_from_db()
    assert (match.need_answer, match.need_reason, match.need_text) == ("", "", "")
    assert match.need_answered_by is None and match.need_answered_at is None
    event = Event.objects.get(kind="match.taken_back")
    assert event.before == {"answer": "declined"}


def test_not_when_both_are_interested(cast: Cast) -> None:
    match = made(cast, "Liner", 90, 0)
    Match.objects.update(need_answer="interested", technology_answer="interested")
    with pytest.raises(Conflict):
        take_back(actor=cast.owner.actor, match_id=match.pk)
    assert cast.owner.client.post(f"/matches/{match.public_id}/undo/").status_code == 302
    match.refresh_from_db()
    assert match.both_interested


def test_only_by_its_own_side(cast: Cast) -> None:
    match = made(cast, "Liner", 90, 0)
    Match.objects.update(need_answer="later")
    with pytest.raises(NotFound):
        take_back(actor=cast.rival.actor, match_id=match.pk)
    with pytest.raises(Refused):
        take_back(actor=cast.broker.actor, match_id=match.pk)
    take_back(actor=cast.outsider.actor, match_id=match.pk)  # had none: nothing happens
    match.refresh_from_db()
    assert match.need_answer == "later" and not Event.objects.filter(kind="match.taken_back")
    answer = cast.owner.api.post(f"/api/v1/matches/{match.public_id}/take-back/", {})
    assert answer.status_code == 200 and answer.json()["need_answer"] == ""


def test_a_confidential_side_that_takes_its_interest_back_is_unknown_again(cast: Cast) -> None:
    match = made(cast, "Closed", 90, 0, visibility="confidential")
    Match.objects.update(technology_answer="interested")
    assert visible_to(cast.owner.actor).exists()
    take_back(actor=cast.outsider.actor, match_id=match.pk)
    assert not visible_to(cast.owner.actor).exists()


# --- Empty ---------------------------------------------------------------------------------------


def test_inbox_without_matches_says_what_to_add(cast: Cast) -> None:
    assert "Post what you can do" in cast.owner.client.get("/matches/").content.decode()
    published(cast.home, kind="need", title_en="Lonely need")
    page = cast.owner.client.get("/matches/").content.decode()
    assert "Lonely need" in page and "this would help most" in page
    assert "Post what you can do" not in page


def test_confidential_side_sees_its_ranked_pairs_alone(
    cast: Cast, run_jobs: Callable[..., int]
) -> None:
    pair(cast.home, cast.outside, need={"visibility": "confidential"})
    run_jobs(check=False)
    page = cast.owner.client.get("/matches/").content.decode()
    assert "You alone see this pair" in page
    assert "You alone see this pair" not in cast.outsider.client.get("/matches/").content.decode()
