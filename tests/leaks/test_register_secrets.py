"""Terms of payment and what screening found stand with the parties and their point alone."""

from typing import Any

import pytest

from contracts.actions import change_contract, submit_contract
from contracts.actions.examination import claim
from tests.contracts import factories
from tests.contracts.test_screening import HIT, decide, load_samples, register, sides

pytestmark = pytest.mark.django_db
TERMS = ("zephyrterm", "73219.37", "4.321")  # a note, a sum, a rate
HITS = ("zephyrwords", "zephyrnote", "zephyrlicence")
TITLES = ("low-temperature electrolyte", "低温电解液")


def planted(cast: Any, run_jobs: Any) -> Any:
    """A registered export: whose title the register may not show, with terms and a decided hit."""
    load_samples()
    contract = factories.drafted(cast, sides=sides(cast), **{**HIT, "public_facts": []})
    change_contract(
        actor=cast.colleague.actor, contract_id=contract.pk,
        facts={"payment_mode": "upfront_royalty"},
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


def test_nothing_of_them_is_behind_a_door_of_others(cast: Any, run_jobs: Any) -> None:
    contract = planted(cast, run_jobs)
    one, number = contract.public_id, contract.number
    own = body(cast.colleague.client.get(f"/contracts/{one}/"))
    assert "zephyrterm" in own and "zephyrwords" in own, "the parties read them"
    assert "zephyrnote" not in own, "the note is for the point"
    doors = [
        "/register/", f"/register/{number}/", "/register/export.csv", "/register/?q=zephyrterm",
        "/register/?q=zephyrwords", "/register/?q=zephyrlicence", "/figures/", "/feeds/",
        f"/register/organisations/{cast.home.public_id}/", f"/contracts/{one}/",
        f"/contracts/{one}/screening/", f"/registrar/contracts/{one}/", "/contracts/",
        f"/contracts/{one}/schedule/", "/registrar/", "/contracts/catalogues/",
    ]  # fmt: skip
    api = [
        "register/", f"register/{number}/", f"contracts/{one}/", f"contracts/{one}/screening/",
        f"registrar/contracts/{one}/", "contracts/", "registrar/contracts/", "events/",
        f"register/{number}/certificate/", "register/?q=zephyrterm", "register/?q=electrolyte",
    ]  # fmt: skip
    others = (cast.visitor, cast.rival, cast.outsider, cast.operator, cast.newcomer, cast.broker)
    seen = 0
    for player in others:
        answers = [(path, player.client.get(path)) for path in doors]
        answers += [(path, player.api.get(f"/api/v1/{path}")) for path in api]
        for path, answer in answers:
            seen += answer.status_code == 200
            text = body(answer)
            for secret in (*TERMS, *HITS, *TITLES):
                asked = secret in path
                assert asked or secret not in text, (player.name, path, secret)
            assert "SX-0201" not in text or "catalogue" in path, (player.name, path)
    assert seen > 30, "doors were open"
