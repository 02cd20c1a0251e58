"""What the register may not show stands with the parties and their point alone: terms of payment,
notes, addresses and contacts, what screening found."""

import json
from typing import Any

import pytest
from django.core import mail

from contracts.actions import change_contract, submit_contract
from contracts.actions.endings import cancel
from contracts.actions.examination import claim, return_
from events.models import Event, Notification, Webhook, WebhookDelivery
from events.webhooks import sending
from marketplace.core.models import Job
from tests.accounts.factories import MembershipFactory, OrganisationFactory
from tests.cast import Player
from tests.contracts import factories
from tests.contracts.test_screening import HIT, decide, load_samples, register, sides
from tests.leaks.planted import _token_of
from tests.leaks.reading import plain

pytestmark = pytest.mark.django_db
TERMS = ("zephyrterm", "73219.37", "4.321")  # a note, a sum, a rate
WORDS = (
    "zephyrbank",
    "zephyrcamera",
    "zephyrquay",
    "zephyrcontact",
    "zephyrcity",
    "zephyrcaller",
)  # terms in words, the note of a deduction, addresses and contacts of both sides
HITS = ("zephyrwords", "zephyrnote", "zephyrlicence")
TITLES = ("low-temperature electrolyte", "低温电解液")


def planted(cast: Any, run_jobs: Any) -> Any:
    """A registered export: whose title the register may not show, with terms and a decided hit."""
    load_samples()
    seller, buyer = sides(cast)
    contract = factories.drafted(
        cast,
        sides=[
            {**seller, "address": "zephyrquay 1", "contact": "zephyrcontact"},
            {**buyer, "address": "zephyrcity 2", "contact": "zephyrcaller"},
        ],
        deductions=[{"kind": "equipment", "amount": "17.00", "note": "zephyrcamera"}],
        **{**HIT, "public_facts": []},
    )  # fmt: skip
    change_contract(
        actor=cast.colleague.actor, contract_id=contract.pk,
        facts={"payment_mode": "upfront_royalty", "payment_terms": "zephyrbank"},
        instalments=[{"event": "zephyrterm", "amount": "73219.37"}],
        royalty={"base": "sales", "entry_fee": "1", "reporting": "year",
                 "steps": [{"rate": "4.321"}]},
    )  # fmt: skip
    submit_contract(actor=cast.colleague.actor, contract_id=contract.pk)
    claim(actor=cast.registrar.actor, contract_id=contract.pk)
    run_jobs()
    contract.refresh_from_db()
    decide(
        cast, contract, "licensed", words="zephyrwords", note="zephyrnote",
        licence_number="zephyrlicence", licence_on=contract.signed_on, licence_by="MOFCOM",
    )  # fmt: skip
    contract = register(cast, contract)
    run_jobs()
    return contract


def body(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode(errors="replace")


def another_registrar() -> Player:
    """Of another registration point."""
    elsewhere = OrganisationFactory(registration_point=True, region="510100")
    user = MembershipFactory(organisation=elsewhere, roles=["registrar"]).user
    secret, _token = _token_of(user)
    return Player("another registrar", user, elsewhere, secret)


def test_nothing_of_them_is_behind_a_door_of_others(cast: Any, run_jobs: Any) -> None:
    contract = planted(cast, run_jobs)
    one, number = contract.public_id, contract.number
    own = body(cast.colleague.client.get(f"/contracts/{one}/"))
    for secret in ("zephyrterm", "zephyrwords", *WORDS):
        assert secret in own, "the parties read them"
    assert cast.colleague.client.get(f"/contracts/{one}/model.pdf").status_code == 200
    assert "zephyrnote" not in own, "the note is for the point"
    doors = [
        "/register/", f"/register/{number}/", "/register/export.csv", "/register/?q=zephyrterm",
        "/register/?q=zephyrwords", "/register/?q=zephyrlicence", "/figures/", "/feeds/",
        f"/register/organisations/{cast.home.public_id}/", f"/contracts/{one}/",
        f"/contracts/{one}/screening/", f"/registrar/contracts/{one}/", "/contracts/",
        f"/contracts/{one}/schedule/", f"/contracts/{one}/model.pdf",
        f"/contracts/{one}/model.docx", f"/contracts/{one}/edit/",
        f"/contracts/{one}/certificate/", "/register/?q=zephyrbank",
        "/registrar/", "/contracts/catalogues/",
    ]  # fmt: skip
    api = [
        "register/", f"register/{number}/", f"contracts/{one}/", f"contracts/{one}/screening/",
        f"registrar/contracts/{one}/", "contracts/", "registrar/contracts/", "events/",
        f"contracts/{one}/model/", f"register/{number}/certificate/", "register/?q=zephyrterm",
        "register/?q=electrolyte",
    ]  # fmt: skip
    others = (cast.visitor, cast.rival, cast.outsider, cast.operator, cast.newcomer, cast.broker,
              another_registrar())  # fmt: skip
    seen = 0
    for player in others:
        answers = [(path, player.client.get(path)) for path in doors]
        answers += [(path, player.api.get(f"/api/v1/{path}")) for path in api]
        for path, answer in answers:
            seen += answer.status_code == 200
            text = body(answer)
            assert answer.status_code != 200 or "/model" not in path, (player.name, path)
            for secret in (*TERMS, *WORDS, *HITS, *TITLES):
                asked = secret in path
                assert asked or secret not in text, (player.name, path, secret)
            assert "SX-0201" not in text or "catalogue" in path, (player.name, path)
    assert seen > 30, "doors were open"


def test_no_mail_event_webhook_or_job_tells_them(cast: Any, run_jobs: Any) -> None:
    """Notices to the parties and the point quote the words of a decision, and nothing else."""
    contract = planted(cast, run_jobs)
    cancel(actor=cast.registrar.actor, contract_id=contract.pk, words="Rescinded.")
    returned = factories.examined(cast, deductions=[
        {"kind": "equipment", "amount": "17.00", "note": "zephyrcamera"},
    ])  # fmt: skip
    return_(actor=cast.registrar.actor, contract_id=returned.pk, words="Which camera?")
    run_jobs(delayed=True)
    told = [str(row) for row in Notification.objects.values()]
    told += [str(row) for row in Event.objects.values()]
    told += [str(row) for row in Job.objects.values()]
    told += [plain(letter.message().as_bytes()) for letter in mail.outbox]
    for event in Event.objects.all():
        for organisation_id in event.organisation_ids:
            hook = Webhook(organisation_id=organisation_id, url="https://example.org/")
            row = WebhookDelivery(webhook=hook, event=event, kind=event.kind)
            told.append(json.dumps(sending.message_of(row), ensure_ascii=False))
    assert len(told) > 40 and mail.outbox
    for text in told:
        for secret in (*TERMS, *WORDS, *HITS):
            assert secret not in text, (secret, text[:300])
