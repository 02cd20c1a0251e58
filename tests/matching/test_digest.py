"""The mail of the best new matches: to whom, what it holds, each pair once, whatever dies."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.utils import timezone

from events.actions import set_mail_preference
from events.models import MailPreference
from listings.models import Listing
from marketplace.core.models import Job
from matching import notices
from matching.actions import digests
from matching.models import DigestDay, DigestPair, Match, MatchDigest
from tests.matching.factories import match_of, pair
from tests.matching.test_match_leaks import MEMBERS, SECRET, hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cast import Cast

pytestmark = pytest.mark.django_db
# 08:30 in Shanghai
MORNING = dt.datetime(2026, 12, 7, 0, 30, tzinfo=dt.UTC)
DAY = dt.date(2026, 12, 7)


@pytest.fixture
def morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MORNING, tick=False) as clock:
        yield clock


@pytest.fixture
def post(morning: Any, run_jobs: Callable[..., int]) -> Callable[..., int]:
    """What the clock asks for in the morning, and all that follows from it."""

    def post(days: int = 0) -> int:
        morning.shift(dt.timedelta(days=days))
        Job.objects.all().delete()  # the matcher would find pairs of its own
        digests.queue_day()
        return run_jobs(delayed=True)

    return post


def found(cast: Cast, score: int = 90, **technology: Any) -> Match:
    return match_of(*pair(cast.home, cast.outside, technology=technology), score)


def to(mailoutbox: list[Any], address: str) -> list[Any]:
    return [mail for mail in mailoutbox if mail.to == [address]]


def text_of(mail: Any) -> str:
    return mail.subject + mail.body + mail.alternatives[0][0] + str(mail.extra_headers)


OWNER = "owner@cast.example"


def test_it_holds_the_three_best_of_one_s_own_pairs(cast, post, mailoutbox):
    for number, score in enumerate((71, 55, 95, 88, 20)):
        found(cast, score, title_en=f"Technology number {number}")
    post()
    [mail] = to(mailoutbox, OWNER)
    places = [mail.body.find(f"Technology number {number}") for number in (2, 3, 0)]
    assert -1 not in places and places == sorted(places)
    assert "number 1" not in mail.body and "number 4" not in mail.body
    assert mail.subject == "New match for you: Technology number 2"
    assert "strong match" in mail.body and "95" not in mail.body  # the score only as its level
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    [match] = Match.objects.filter(score=95)
    assert f"/matches/{match.public_id}/?side=need" in mail.body
    # who deals for neither organisation is sent nothing
    assert {address for mail in mailoutbox for address in mail.to} <= {
        OWNER, "colleague@cast.example", "outsider@cast.example",
    }  # fmt: skip


def test_it_is_in_the_language_of_the_person(cast, post, mailoutbox):
    cast.owner.user.language = "zh-hans"
    cast.owner.user.save()
    found(cast, title_en="Electrolyte", title_zh="低温电解液")
    post()
    [mail] = to(mailoutbox, OWNER)
    assert "低温电解液" in mail.subject and "低温电解液" in mail.body
    assert 'lang="zh-Hans"' in mail.alternatives[0][0]


def test_nothing_when_there_is_nothing(cast, post, mailoutbox):
    found(cast, 20)
    found(cast)
    Match.objects.update(need_seen_at=timezone.now(), technology_seen_at=timezone.now())
    post()
    assert mailoutbox == [] and not MatchDigest.objects.exists()


def test_nobody_is_told_of_a_pair_twice(cast, post, mailoutbox):
    for number in range(4):
        found(cast, 90 - number, title_en=f"Technology number {number}")
    post()
    # found again, the match is another row
    Match.objects.filter(score=90).delete()
    match_of(Listing.objects.filter(kind="need").earliest("pk"),
             Listing.objects.get(title_en="Technology number 0"), 90)  # fmt: skip
    post(7)
    post(7)
    mails = to(mailoutbox, OWNER)
    assert len(mails) == 2
    assert "number 3" in mails[1].body
    assert not any(f"number {number}" in mails[1].body for number in range(3))


def test_weekly_is_weekly_and_daily_is_daily(cast, post, mailoutbox):
    set_mail_preference(notices.DIGEST, "daily", user_id=cast.outsider.user.pk)
    for day in range(8):
        found(cast, title_en=f"Technology of day {day}")
        post(1 if day else 0)
    assert len(to(mailoutbox, OWNER)) == 2
    assert len(to(mailoutbox, "outsider@cast.example")) == 8


def test_once_a_day_however_often_the_clock_asks(cast, post, mailoutbox):
    set_mail_preference(notices.DIGEST, "daily", user_id=cast.owner.user.pk)
    found(cast)
    post()
    found(cast)
    post()
    digests.mail_digest(cast.owner.user.pk, DAY)
    assert len(to(mailoutbox, OWNER)) == 1


def test_not_before_the_morning_of_the_market(cast, morning, run_jobs, mailoutbox):
    found(cast)
    morning.move_to(MORNING - dt.timedelta(hours=1))  # 07:30
    digests.queue_day()
    run_jobs(delayed=True)
    assert mailoutbox == [] and not DigestDay.objects.exists()


def test_killed_after_choosing_the_same_mail_is_sent(cast, post, mailoutbox, monkeypatch):
    found(cast, title_en="Electrolyte for the cold")
    monkeypatch.setattr(digests, "_send", lambda pk: 0)  # dies before sending
    post()
    assert mailoutbox == [] and DigestPair.objects.filter(person=cast.owner.user).count() == 1
    monkeypatch.undo()
    found(cast, 99, title_en="Found meanwhile")
    for _again in range(2):
        digests.mail_digest(cast.owner.user.pk, DAY)
    [mail] = to(mailoutbox, OWNER)
    assert "Electrolyte for the cold" in mail.body and "Found meanwhile" not in mail.body


def test_killed_after_sending_it_is_the_same_mail_again(cast, morning, mailoutbox, monkeypatch):
    found(cast)

    def dies(*_args: Any, **_kwargs: Any) -> None:
        raise KeyboardInterrupt

    assert digests._chosen(cast.owner.user.pk, DAY)
    with monkeypatch.context() as patch:
        patch.setattr(MatchDigest, "save", dies)
        with pytest.raises(KeyboardInterrupt):
            digests.mail_digest(cast.owner.user.pk, DAY)
    digests.mail_digest(cast.owner.user.pk, DAY)
    one, two = to(mailoutbox, OWNER)
    assert one.extra_headers["Message-ID"] == two.extra_headers["Message-ID"]
    assert one.body == two.body
    digests.mail_digest(cast.owner.user.pk, DAY)
    assert len(to(mailoutbox, OWNER)) == 2


def test_killed_between_two_steps_nobody_is_left_out(
    cast, morning, run_jobs, mailoutbox, monkeypatch
):
    found(cast)
    Job.objects.all().delete()
    monkeypatch.setattr(digests, "PEOPLE", 1)
    digests.queue_day()
    digests.queue_step(DAY)
    place = DigestDay.objects.get()
    assert place.finished_at is None and place.last_person
    Job.objects.filter(kind="matching.digest_step").delete()  # as if it had been lost
    digests.queue_day()
    run_jobs(delayed=True)
    assert DigestDay.objects.get().finished_at
    assert {mail.to[0] for mail in mailoutbox} >= {OWNER, "outsider@cast.example"}
    assert len(to(mailoutbox, OWNER)) == 1


def test_link_in_the_mail_stops_it_and_nothing_else(cast, post, mailoutbox):
    set_mail_preference(notices.DIGEST, "daily", user_id=cast.owner.user.pk)
    found(cast)
    post()
    [mail] = to(mailoutbox, OWNER)
    link = mail.extra_headers["List-Unsubscribe"].strip("<>").split("/unsubscribe/")[1]
    assert cast.visitor.client.post(f"/unsubscribe/{link}").status_code == 200
    assert dict(MailPreference.objects.values_list("kind", "when")) == {notices.DIGEST: "never"}
    found(cast)
    post(8)
    assert len(to(mailoutbox, OWNER)) == 1


def test_stopping_the_summary_of_notices_leaves_it_alone(cast):
    from events.actions import stop_mail

    set_mail_preference(notices.DIGEST, "daily", user_id=cast.owner.user.pk)
    stop_mail("*", user_id=cast.owner.user.pk)
    assert digests.wish_of(cast.owner.user.pk) == "daily"


@pytest.mark.parametrize("how", ["never", "inactive", "answered", "withdrawn", "confidential"])
def test_what_changed_before_sending_counts(cast, morning, mailoutbox, how):
    match = found(cast)
    person = cast.owner.user
    digest = digests._chosen(person.pk, DAY)
    assert digest is not None
    if how == "never":
        set_mail_preference(notices.DIGEST, "never", user_id=person.pk)
    elif how == "inactive":
        type(person).objects.filter(pk=person.pk).update(is_active=False)
    elif how == "answered":
        Match.objects.update(need_answer="later")
    elif how == "withdrawn":
        Listing.objects.filter(pk=match.technology_id).update(state="withdrawn")
    else:
        Listing.objects.filter(pk=match.technology_id).update(visibility="confidential")
    assert digests.mail_digest(person.pk, DAY) == 0
    assert mailoutbox == []
    digest.refresh_from_db()
    assert digest.finished_at and digest.told == 0


@pytest.mark.parametrize("options", [
    {"visibility": "confidential"}, {"visibility": "members"}, {"is_anonymous": True}, {},
])  # fmt: skip
def test_no_reader_is_sent_what_it_may_not_read(cast, post, run_jobs, mailoutbox, options):
    title = "Gorgonzite cathode"
    pair(cast.claim, cast.outside, need=hidden(),
         technology=hidden(title_en=title, region="420111", **options))  # fmt: skip
    pair(cast.home, cast.outside, need=hidden(title_en="Vernacite need"),
         technology=hidden(title_en=title, region="420111", **options))  # fmt: skip
    run_jobs()
    mailoutbox.clear()
    post()
    for mail in mailoutbox:
        text = text_of(mail)
        assert SECRET not in text and MEMBERS not in text and "Vermouth" not in text
        if mail.to == ["outsider@cast.example"]:
            continue
        assert "Lakeside" not in text and "湖畔" not in text and "420111" not in text
        if options.get("visibility") == "confidential":
            assert title not in text
        if mail.to == ["claimant@cast.example"] and "visibility" in options:
            assert title not in text


def test_blind_pair_that_shows_itself_is_told_as_blind(cast, post, mailoutbox):
    match = found(cast, title_en="Gorgonzite cathode", visibility="confidential")
    Match.objects.filter(pk=match.pk).update(technology_answer="interested")
    post()
    [mail] = to(mailoutbox, OWNER)
    text = text_of(mail)
    assert "Confidential technology" in text and "Gorgonzite" not in text
    assert match.technology.public_id not in text


def test_preferences_page_offers_its_own_choices(cast):
    page = cast.owner.client.get("/account/mail/").content.decode()
    assert 'name="when-match.digest" value="weekly" checked' in page
    assert 'name="when-match.digest" value="now"' not in page
    assert 'name="when-match.found" value="weekly"' not in page
    cast.owner.client.post("/account/mail/", {"when-match.digest": "now"})
    assert digests.wish_of(cast.owner.user.pk) == "weekly"
    cast.owner.client.post("/account/mail/", {"when-match.digest": "daily"})
    assert digests.wish_of(cast.owner.user.pk) == "daily"


def test_it_goes_with_the_account(cast, post):
    from accounts.actions.people import close_account
    from matching.people import data_of

    found(cast)
    post()
    assert [row["told"] for row in data_of(cast.colleague.user.pk)] == [1]
    close_account(actor=cast.colleague.actor)
    assert not DigestPair.objects.filter(person=cast.colleague.user).exists()
    assert DigestPair.objects.filter(person=cast.owner.user).exists()
