"""A webhook is a door, too: nothing leaves by it that the owners' pages would not show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from contracts.actions import examination
from contracts.actions.filing import withdraw_contract
from events.models import Event, Webhook, WebhookDelivery
from events.webhooks import actions, queries, sending
from tests.contracts import factories
from tests.events.receiving import receiving
from tests.leaks.reading import found_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def every_kind() -> list[str]:
    return [kind.code for kinds in queries.kinds_to_choose().values() for kind in kinds]


def everything(cast: Cast, who: Any, organisation: Any) -> Webhook:
    hook, _secret = actions.add_webhook(
        actor=who.actor, organisation_id=organisation.pk, url="https://hooks.example.org/",
        kinds=every_kind(),
    )  # fmt: skip
    return hook


def kinds_for(hook: Webhook) -> list[str]:
    return list(hook.deliveries.order_by("id").values_list("kind", flat=True))


def test_steps_within_the_point_are_told_to_the_point_alone(cast: Cast) -> None:
    home = everything(cast, cast.owner, cast.home)
    point = everything(cast, cast.registrar, cast.point)
    rival = everything(cast, cast.outsider, cast.outside)
    contract = factories.submitted(cast)
    examination.claim(actor=cast.registrar.actor, contract_id=contract.pk)
    examination.return_(
        actor=cast.registrar.actor, contract_id=contract.pk, words="The dates are missing."
    )
    told = kinds_for(home)
    assert "contract.submitted" in told
    assert "contract.returned" in told
    assert not {"contract.claimed", "contract.passed_on", "contract.sent_back"} & set(told)
    at_point = kinds_for(point)
    assert at_point == [kind for kind in at_point if kind in (
        "contract.submitted", "contract.claimed", "contract.returned", "contract.screened",
    )]  # fmt: skip
    assert "contract.claimed" in at_point
    assert not {"contract.drafted", "contract.changed"} & set(at_point)
    parties = set(contract.parties.values_list("organisation_id", flat=True))
    assert cast.outside.pk in parties or kinds_for(rival) == []


def test_a_draft_that_is_given_up_is_nothing_to_the_point_that_it_names(cast: Cast) -> None:
    point = everything(cast, cast.registrar, cast.point)
    contract = factories.drafted(cast)
    assert contract.registration_point_id == cast.point.pk
    withdraw_contract(actor=cast.owner.actor, contract_id=contract.pk)
    assert kinds_for(point) == []


def test_the_rule_of_the_event_list_is_asked_again_at_the_moment_of_sending(
    cast: Cast, run_jobs: Callable[..., int], settings: Any
) -> None:
    """Even a row that should not be there is not sent."""
    settings.WEBHOOK_ALLOW_LOCALHOST = True
    with receiving() as receiver:
        hook, _secret = actions.add_webhook(
            actor=cast.outsider.actor, organisation_id=cast.outside.pk, url=receiver.url,
            kinds=["contract.registered"],
        )  # fmt: skip
        contract = factories.registered(cast)
        event = Event.objects.filter(kind="contract.claimed").latest("pk")
        row = actions.send_test(actor=cast.outsider.actor, webhook_id=hook.pk)
        WebhookDelivery.objects.filter(pk=row.pk).update(event=event, kind=event.kind)
        hook.deliveries.exclude(pk=row.pk).delete()
        run_jobs()
        assert receiver.messages == []
    row.refresh_from_db()
    assert (row.state, row.fault) == ("given_up", "not_visible")
    assert contract.number


def test_a_message_names_nobody_and_quotes_nothing(planted: Any) -> None:
    """All that the planted market did, as it would be sent to each side."""
    for event in Event.objects.all():
        for organisation_id in event.organisation_ids:
            hook = Webhook(organisation_id=organisation_id, url="https://example.org/")
            row = WebhookDelivery(webhook=hook, event=event, kind=event.kind)
            text = json.dumps(sending.message_of(row), ensure_ascii=False)
            assert not found_in(text, "log", planted), event
