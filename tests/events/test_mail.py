"""Mail about notifications: by preference, once, in the person's language, and stoppable."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from events import notices
from events.actions import notify, queue_digests, set_mail_preference
from events.models import MailPreference, Notification

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cast import Cast

pytestmark = pytest.mark.django_db
NOW, DAILY = "test.now", "test.daily"


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, when in ((NOW, "now"), (DAILY, "daily")):
        monkeypatch.setitem(
            notices.NOTICES,
            kind,
            notices.Notice(kind, f"Label {kind}", "About “%(title)s” & more", "", when),
        )


def tell(cast: Cast, kind: str, title: str = "Fan") -> None:
    notify(
        [cast.owner.user.pk], kind, params={"title_en": title, "title_zh": f"{title}扇"},
        url="/needs/", key=f"{kind}{Notification.objects.count()}",
    )  # fmt: skip


def stop_link(body: str) -> str:
    found = re.search(r"/unsubscribe/\S+/", body)
    assert found
    return found.group()


def test_a_kind_mailed_at_once_is_mailed_once(
    cast: Cast, run_jobs: Callable[..., int], mailoutbox: list[Any]
) -> None:
    tell(cast, NOW)
    run_jobs()
    run_jobs()

    [mail] = mailoutbox
    assert mail.to == ["owner@cast.example"]
    assert mail.subject == "About “Fan” & more"
    assert "About “Fan” & more" in mail.body  # plain text is not escaped
    assert "List-Unsubscribe" in mail.extra_headers


def test_mail_is_in_the_persons_language(
    cast: Cast, run_jobs: Callable[..., int], mailoutbox: list[Any]
) -> None:
    cast.owner.user.language = "zh-hans"
    cast.owner.user.save()
    tell(cast, NOW)
    run_jobs()

    assert "Fan扇" in mailoutbox[0].subject
    assert 'lang="zh-Hans"' in mailoutbox[0].alternatives[0][0]


def test_a_daily_kind_waits_for_the_digest_and_read_ones_are_left_out(
    cast: Cast, run_jobs: Callable[..., int], mailoutbox: list[Any]
) -> None:
    tell(cast, DAILY, "First")
    Notification.objects.update(read_at="2026-01-01T00:00Z")
    tell(cast, DAILY, "Second")
    tell(cast, DAILY, "Third")
    run_jobs()
    assert mailoutbox == []

    queue_digests()
    run_jobs()
    queue_digests()
    run_jobs()

    [mail] = mailoutbox
    assert mail.subject == "2 things are new for you"
    assert "Second" in mail.body and "Third" in mail.body and "First" not in mail.body


@pytest.mark.parametrize(("kind", "choice", "mails"), [(NOW, "never", 0), (DAILY, "now", 1)])
def test_the_preference_of_the_person_wins(
    cast: Cast, run_jobs: Callable[..., int], mailoutbox: list[Any],
    kind: str, choice: str, mails: int,
) -> None:  # fmt: skip
    set_mail_preference(kind, choice, user_id=cast.owner.user.pk)
    tell(cast, kind)
    run_jobs()

    assert len(mailoutbox) == mails


def test_a_closed_account_gets_no_mail(
    cast: Cast, run_jobs: Callable[..., int], mailoutbox: list[Any]
) -> None:
    tell(cast, NOW)
    cast.owner.user.is_active = False
    cast.owner.user.save()
    run_jobs()

    assert mailoutbox == []


def test_the_link_asks_first_and_stops_one_kind_without_signing_in(
    cast: Cast, run_jobs: Callable[..., int], mailoutbox: list[Any]
) -> None:
    tell(cast, NOW)
    run_jobs()
    link = stop_link(mailoutbox[0].body)

    asked = cast.visitor.client.get(link)
    assert asked.status_code == 200 and f"Label {NOW}" in asked.content.decode()
    assert not MailPreference.objects.exists()

    stopped = cast.visitor.client.post(link)
    assert stopped.status_code == 200
    [choice] = MailPreference.objects.all()
    assert (choice.user_id, choice.kind, choice.when) == (cast.owner.user.pk, NOW, "never")


def test_stopping_the_digest_keeps_what_is_mailed_at_once(
    cast: Cast, run_jobs: Callable[..., int], mailoutbox: list[Any]
) -> None:
    tell(cast, DAILY)
    queue_digests()
    run_jobs()

    cast.visitor.client.post(stop_link(mailoutbox[0].body))

    stopped = set(MailPreference.objects.filter(when="never").values_list("kind", flat=True))
    assert DAILY in stopped and NOW not in stopped


@pytest.mark.parametrize("token", ["x", "WzEsInRlc3QiXQ:1abc:forged", "%00"])
def test_a_forged_link_leads_nowhere(cast: Cast, token: str) -> None:
    assert cast.visitor.client.post(f"/unsubscribe/{token}/").status_code == 404
    assert not MailPreference.objects.exists()


def test_a_link_of_a_person_who_is_gone_leads_nowhere(cast: Cast) -> None:
    from events.mail import unsubscribe_token

    assert (
        cast.visitor.client.post(f"/unsubscribe/{unsubscribe_token(10**9, NOW)}/").status_code
        == 404
    )


def test_preferences_page_saves_known_choices_only(cast: Cast) -> None:
    answer = cast.owner.client.post(
        "/account/mail/",
        {f"when-{NOW}": "daily", f"when-{DAILY}": "hourly", "when-nonsense": "now"},
    )

    assert answer.status_code == 302
    assert dict(MailPreference.objects.values_list("kind", "when")) == {NOW: "daily"}
    assert cast.owner.client.get("/account/mail/").status_code == 200


def test_mail_subject_never_holds_a_line_end(
    cast: Cast, run_jobs: Callable[..., int], mailoutbox: list[Any]
) -> None:
    tell(cast, NOW, "Fan\nBcc: all@example.org")
    run_jobs()

    assert "\n" not in mailoutbox[0].subject
