"""Webhooks: what is sent, to whom, how it is signed, tried again and given up."""

from __future__ import annotations

import datetime as dt
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.utils import timezone

from events.actions import record
from events.models import Notification, Webhook, WebhookDelivery
from events.webhooks import actions, sending, signing
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused
from marketplace.core.models import Job
from tests.events.receiving import Receiver, receiving, verifies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_LOCALHOST = True
    with receiving() as found:
        yield found


def add(cast: Cast, url: str, *kinds: str) -> tuple[Webhook, str]:
    return actions.add_webhook(
        actor=cast.owner.actor, organisation_id=cast.home.pk, url=url,
        kinds=kinds or ["contract.registered"],
    )  # fmt: skip


def happen(cast: Cast, kind: str = "contract.registered", *organisations: Any) -> Any:
    return record(
        kind, actor=Actor.system(), object_type="contract", object_id="C000000001",
        organisation_ids=[one.pk for one in organisations or (cast.home,)],
        data={"number": "2026440300000001"}, after={"state": "registered"},
    )  # fmt: skip


def age(row: WebhookDelivery, **changes: Any) -> None:
    WebhookDelivery.objects.filter(pk=row.pk).update(**changes)


def rest_over(hook: Webhook) -> None:
    Webhook.objects.filter(pk=hook.pk).update(rests_until=None)


def test_the_signature_is_the_one_that_the_standard_publishes() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    made = signing.signature(
        secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_is_signed_small_and_holds_no_contents(
    cast: Cast, receiver: Receiver, run_jobs: Callable[..., int]
) -> None:
    hook, secret = add(cast, receiver.url)
    event = happen(cast)
    run_jobs()

    [(headers, body)] = receiver.messages
    assert verifies(secret, headers, body)
    assert not verifies(signing.new_secret(), headers, body)
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {
        "id": headers["webhook-id"],
        "kind": "contract.registered",
        "at": event.created_at.isoformat(),
        "organisation": cast.home.public_id,
        "object": {
            "type": "contract",
            "id": "C000000001",
            "url": "http://testserver/api/v1/contracts/C000000001/",
        },
    }
    row = hook.deliveries.get()
    assert (row.state, row.tries, row.status_code) == ("delivered", 1, 200)
    assert row.answer == "thank you"
    assert row.duration_ms is not None


def test_nothing_is_sent_of_what_was_rolled_back(
    cast: Cast, receiver: Receiver, run_jobs: Callable[..., int]
) -> None:
    add(cast, receiver.url)
    with transaction.atomic():
        happen(cast)
        transaction.set_rollback(True)
    run_jobs()
    assert receiver.messages == []
    assert not WebhookDelivery.objects.exists()


def test_only_chosen_kinds_of_ones_own_organisation_are_sent(
    cast: Cast, receiver: Receiver, run_jobs: Callable[..., int]
) -> None:
    add(cast, receiver.url)
    happen(cast, "contract.returned")
    happen(cast, "contract.registered", cast.outside)
    run_jobs()
    assert receiver.messages == []


def test_an_event_without_webhooks_costs_one_statement(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        happen(cast)


def test_a_failure_is_tried_again_under_the_same_id(
    cast: Cast, receiver: Receiver, run_jobs: Callable[..., int]
) -> None:
    hook, secret = add(cast, receiver.url)
    receiver.answers = [500, 302]
    receiver.headers = {"Location": receiver.url}
    happen(cast)
    run_jobs()
    row = hook.deliveries.get()
    assert (row.state, row.tries, row.status_code) == ("waiting", 1, 500)
    pause = (row.next_try_at - timezone.now()).total_seconds()
    assert 5 < pause < 12
    for _turn in range(2):
        rest_over(hook)
        Job.objects.filter(state="waiting").update(run_after=timezone.now())
        run_jobs()
    row.refresh_from_db()
    hook.refresh_from_db()
    # a redirect is a failure, and is not followed: three tries, three requests
    assert (row.state, row.tries, len(receiver.messages)) == ("delivered", 3, 3)
    assert len({headers["webhook-id"] for headers, _body in receiver.messages}) == 1
    assert all(verifies(secret, headers, body) for headers, body in receiver.messages)
    assert (hook.failures, hook.failing_since) == (0, None)


def test_after_a_day_a_message_is_given_up(
    cast: Cast, receiver: Receiver, run_jobs: Callable[..., int]
) -> None:
    hook, _secret = add(cast, receiver.url)
    receiver.answers = [500]
    happen(cast)
    row = hook.deliveries.get()
    age(row, tries=6, give_up_at=timezone.now() + dt.timedelta(hours=1))
    run_jobs()
    row.refresh_from_db()
    assert (row.state, row.tries) == ("given_up", 7)
    assert not Job.objects.filter(kind="events.deliver_webhook", state="waiting").exists()


def test_while_an_address_rests_other_messages_wait_without_a_try(
    cast: Cast, receiver: Receiver, run_jobs: Callable[..., int]
) -> None:
    hook, _secret = add(cast, receiver.url)
    receiver.answers = [503] * 9
    for _number in range(5):
        happen(cast)
    run_jobs()
    assert len(receiver.messages) == 1
    assert sorted(hook.deliveries.values_list("tries", flat=True)) == [0, 0, 0, 0, 1]
    assert hook.deliveries.filter(state="waiting", next_try_at__gt=timezone.now()).count() == 5


def test_days_of_failures_stop_it_and_tell_the_owners_once(
    cast: Cast, receiver: Receiver, run_jobs: Callable[..., int], settings: Any
) -> None:
    hook, _secret = add(cast, receiver.url)
    receiver.answers = [500, 500]
    long_ago = timezone.now() - dt.timedelta(days=settings.WEBHOOK_STOP_AFTER_DAYS)
    Webhook.objects.filter(pk=hook.pk).update(failing_since=long_ago, failures=30)
    for _number in range(2):
        happen(cast)
    run_jobs()
    hook.refresh_from_db()
    assert hook.stopped == "failed"
    assert len(receiver.messages) == 1
    assert set(hook.deliveries.values_list("state", flat=True)) == {"given_up"}
    [told] = Notification.objects.filter(kind="webhook.stopped")
    assert told.recipient_id == cast.owner.user.pk
    assert told.params == {"host": "127.0.0.1"}

    happen(cast)
    assert hook.deliveries.count() == 2  # nothing more is even written
    actions.start_webhook(actor=cast.owner.actor, webhook_id=hook.pk)
    happen(cast)
    run_jobs()
    assert len(receiver.messages) == 2


def test_an_address_that_is_gone_stops_at_once(
    cast: Cast, receiver: Receiver, run_jobs: Callable[..., int]
) -> None:
    hook, _secret = add(cast, receiver.url)
    receiver.answers = [410]
    happen(cast)
    run_jobs()
    hook.refresh_from_db()
    assert hook.stopped == "gone"


def test_a_worker_that_dies_before_it_notes_sends_the_same_again(
    cast: Cast, receiver: Receiver, run_jobs: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(cast, receiver.url)
    happen(cast)
    row = WebhookDelivery.objects.get()

    class Killed(BaseException):
        pass

    def die(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(sending, "_note", die)
        with pytest.raises(Killed):
            sending.deliver(row.pk)
    run_jobs()
    assert len({headers["webhook-id"] for headers, _body in receiver.messages}) == 1
    assert len(receiver.messages) == 2
    row.refresh_from_db()
    assert row.state == "delivered"


def test_what_was_left_behind_is_asked_for_again_and_what_is_old_is_forgotten(
    cast: Cast, receiver: Receiver, run_jobs: Callable[..., int]
) -> None:
    hook, _secret = add(cast, receiver.url)
    happen(cast)
    happen(cast)
    late, old = hook.deliveries.order_by("id")
    Job.objects.filter(kind="events.deliver_webhook").delete()
    age(late, next_try_at=timezone.now() - dt.timedelta(hours=1))
    age(old, state="delivered", created_at=timezone.now() - dt.timedelta(days=31))
    assert sending.tidy() == 1
    run_jobs()
    assert len(receiver.messages) == 1
    assert not WebhookDelivery.objects.filter(pk=old.pk).exists()


def test_a_new_secret_signs_at_once_and_the_old_one_for_a_day(
    cast: Cast, receiver: Receiver, run_jobs: Callable[..., int]
) -> None:
    hook, old = add(cast, receiver.url)
    hook, new = actions.change_secret(actor=cast.owner.actor, webhook_id=hook.pk)
    assert new != old
    assert new not in hook.sealed_secret
    happen(cast)
    run_jobs()
    Webhook.objects.filter(pk=hook.pk).update(earlier_until=timezone.now())
    happen(cast)
    run_jobs()
    first, second = receiver.messages
    assert verifies(old, *first)
    assert verifies(new, *first)
    assert verifies(new, *second)
    assert not verifies(old, *second)


def test_no_more_than_500_characters_of_an_answer_are_kept(
    cast: Cast, receiver: Receiver, run_jobs: Callable[..., int]
) -> None:
    hook, _secret = add(cast, receiver.url)
    receiver.text = ("\x00" + "长" * 400_000).encode()
    happen(cast)
    run_jobs()
    row = hook.deliveries.get()
    assert row.state == "delivered"
    assert row.answer == "长" * 500


def test_a_test_and_another_try(
    cast: Cast, receiver: Receiver, run_jobs: Callable[..., int]
) -> None:
    hook, secret = add(cast, receiver.url)
    row = actions.send_test(actor=cast.owner.actor, webhook_id=hook.pk)
    run_jobs()
    [(headers, body)] = receiver.messages
    assert verifies(secret, headers, body)
    assert (json.loads(body)["kind"], json.loads(body)["object"]) == ("webhook.test", None)

    actions.try_again(actor=cast.owner.actor, delivery_id=row.pk)
    run_jobs()
    assert len(receiver.messages) == 2
    with pytest.raises(NotFound):
        actions.try_again(actor=cast.outsider.actor, delivery_id=row.pk)


def test_another_try_does_not_wait_for_the_pause(
    cast: Cast, receiver: Receiver, run_jobs: Callable[..., int]
) -> None:
    hook, _secret = add(cast, receiver.url)
    receiver.answers = [500]
    happen(cast)
    run_jobs()
    actions.try_again(actor=cast.owner.actor, delivery_id=hook.deliveries.get().pk)
    run_jobs()
    assert hook.deliveries.get().state == "delivered"


def test_only_owners_have_webhooks_and_ten_at_most(cast: Cast, receiver: Receiver) -> None:
    hook, _secret = add(cast, receiver.url)
    for player in (cast.colleague, cast.outsider, cast.operator, cast.visitor):
        with pytest.raises(Refused):
            actions.add_webhook(
                actor=player.actor, organisation_id=cast.home.pk, url=receiver.url,
                kinds=["contract.registered"],
            )  # fmt: skip
        with pytest.raises(NotFound):
            actions.change_secret(actor=player.actor, webhook_id=hook.pk)
    for _number in range(9):
        add(cast, receiver.url)
    with pytest.raises(Conflict):
        add(cast, receiver.url)


@pytest.mark.parametrize(
    "kind", ["account.changed", "token.created", "webhook.stopped", "search.saved", "nonsense"]
)
def test_kinds_of_one_person_cannot_be_chosen(cast: Cast, receiver: Receiver, kind: str) -> None:
    with pytest.raises(Invalid) as caught:
        add(cast, receiver.url, kind)
    assert "kinds" in caught.value.fields


def test_no_kind_at_all_is_refused(cast: Cast, receiver: Receiver) -> None:
    with pytest.raises(Invalid):
        actions.add_webhook(
            actor=cast.owner.actor, organisation_id=cast.home.pk, url=receiver.url, kinds=[]
        )
