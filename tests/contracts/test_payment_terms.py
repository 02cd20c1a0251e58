"""Terms of payment: what is taken, what must agree, the schedule, what is frozen, who sees it."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from contracts.actions import change_contract, start_amendment, submit_contract
from contracts.completeness import missing
from contracts.differences import differences
from contracts.model_contracts import paper_of
from contracts.models import Contract, ContractInstalment, ContractRoyalty, RoyaltyStep
from contracts.payment import terms_of
from contracts.schedule import after_months, schedule_of
from contracts.snapshots import changed_names, facts_of
from marketplace.core.errors import Invalid
from tests.cast import Cast
from tests.contracts import factories

pytestmark = pytest.mark.django_db

HALVES = [
    {"due_on": "2027-01-31", "amount": "60000.00"},
    {"event": "acceptance", "amount": "60000.00", "note": "by transfer"},
]
ROYALTY: dict[str, Any] = {
    "base": "sales", "rate_kind": "falling", "reporting": "quarter",
    "entry_fee": "50000.00", "entry_fee_on": "2027-01-31", "minimum_per_year": "20000.00",
    "runs_from": "2027-01-31", "runs_to": "2028-03-31",
    "steps": [{"rate": "5"}, {"from_amount": "1000000", "rate": "3.5"}],
}  # fmt: skip


def in_instalments(cast: Cast, **values: Any) -> Contract:
    rows = values.pop("instalments", HALVES)
    return factories.drafted(cast, payment_mode="instalments", instalments=rows, **values)


def lacking(contract: Contract) -> dict[str, list[str]]:
    stored = Contract.objects.get(pk=contract.pk)
    found = missing(stored, timezone.localdate())
    return {name: [str(text) for text in texts] for name, texts in found.items()}


def wrong(cast: Cast, **values: Any) -> dict[str, list[Any]]:
    with pytest.raises(Invalid) as refusal:
        factories.drafted(cast, **values)
    return refusal.value.fields


def test_instalments_must_come_to_the_total(cast: Cast) -> None:
    assert lacking(in_instalments(cast)) == {}
    short = lacking(in_instalments(cast, instalments=HALVES[:1]))
    assert "¥60,000.00 is missing to the total of ¥120,000.00" in short["instalments"][0]
    more = lacking(in_instalments(cast, total_amount="100000.01"))
    assert "¥19,999.99 more than" in more["instalments"][0]


@pytest.mark.parametrize(
    ("mode", "field"),
    [
        ("lump_sum", "instalments"), ("royalty", "royalty.base"),
        ("upfront_royalty", "royalty.base"), ("instalments", "royalty.base"),
    ],
)  # fmt: skip
def test_a_mode_says_what_it_asks_for_and_does_not_go_with(
    cast: Cast, mode: str, field: str
) -> None:
    royalty = {"base": "profit"} if mode == "instalments" else None
    contract = factories.drafted(cast, payment_mode=mode, instalments=HALVES, royalty=royalty)
    assert field in lacking(contract)


def test_an_upfront_fee_that_is_paid_in_parts_stands_in_instalments(cast: Cast) -> None:
    royalty = {"base": "sales", "reporting": "year", "steps": [{"rate": "3"}]}
    parts = [
        {"event": "signature", "amount": "30000.00", "note": "upfront fee, first part"},
        {"due_on": "2027-01-31", "amount": "20000.00", "note": "upfront fee, second part"},
    ]
    contract = factories.drafted(
        cast, payment_mode="upfront_royalty", royalty=royalty, instalments=parts
    )
    assert lacking(contract) == {}
    rows = schedule_of(Contract.objects.get(pk=contract.pk)).rows
    assert [row.amount for row in rows if row.amount] == [Decimal(30000), Decimal(20000)]
    neither = factories.drafted(cast, payment_mode="upfront_royalty", royalty=royalty)
    assert set(lacking(neither)) == {"royalty.entry_fee"}


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"amount": "1.00"}, "due_on"),
        ({"event": "x", "amount": "0"}, "amount"),
        ({"event": "x", "amount": "-1"}, "amount"),
        ({"event": "x", "amount": "1.001"}, "amount"),
        ({"event": "x", "amount": "NaN"}, "amount"),
        ({"event": "x", "amount": "12345678901234567.00"}, "amount"),
        ({"event": "x"}, "amount"),
        ({"due_on": "soon", "amount": "1"}, "due_on"),
        ({"event": "x" * 201, "amount": "1"}, "event"),
        ({"event": "a\x00b", "amount": "1"}, "event"),
    ],
)
def test_a_wrong_instalment_is_refused_at_its_field(
    cast: Cast, row: dict[str, Any], field: str
) -> None:
    assert list(wrong(cast, instalments=[HALVES[0], row])) == [f"instalments.1.{field}"]


def test_sixty_instalments_and_ten_steps_are_the_most(cast: Cast) -> None:
    rows = [{"event": "each", "amount": "2000.00"}] * 60
    assert lacking(in_instalments(cast, instalments=rows)) == {}
    assert list(wrong(cast, instalments=[*rows, rows[0]])) == ["instalments"]
    steps = [{"from_amount": str(number), "rate": str(number)} for number in range(11)]
    rising = {"base": "sales", "rate_kind": "rising"}
    assert list(wrong(cast, royalty={**rising, "steps": steps})) == ["royalty.steps"]
    assert factories.drafted(cast, royalty={**rising, "steps": steps[:10]})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rate_kind": "rising"}, "steps.1.rate"),
        ({"rate_kind": "fixed"}, "steps.1.rate"),
        ({"steps": [{"rate": "5"}, {"from_amount": "1", "rate": "5"}]}, "steps.1.rate"),
        ({"steps": [{"rate": "5"}, {"rate": "3"}]}, "steps.1.from_amount"),
        ({"steps": [{"rate": "100.001"}]}, "steps.0.rate"),
        ({"steps": [{"rate": "-1"}]}, "steps.0.rate"),
        ({"steps": [{"rate": ""}]}, "steps.0.rate"),
        ({"steps": [{"rate": "3", "from_amount": "-1"}]}, "steps.0.from_amount"),
        ({"base": "luck"}, "base"),
        ({"rate_kind": "wild"}, "rate_kind"),
        ({"reporting": "daily"}, "reporting"),
        ({"entry_fee": "-1"}, "entry_fee"),
        ({"minimum_per_year": "0.001"}, "minimum_per_year"),
        ({"runs_to": "2026-01-01"}, "runs_to"),
    ],
)
def test_a_wrong_royalty_is_refused_at_its_field(
    cast: Cast, change: dict[str, Any], field: str
) -> None:
    assert list(wrong(cast, royalty={**ROYALTY, **change})) == [f"royalty.{field}"]


def test_all_that_is_wrong_is_told_at_once(cast: Cast) -> None:
    fields = wrong(
        cast, instalments=[{"amount": "x"}], royalty={"base": "?"},
        deductions=[{"kind": "parts", "amount": "x"}],
    )  # fmt: skip
    assert set(fields) == {
        "instalments.0.due_on", "instalments.0.amount", "royalty.base", "deductions.0.amount",
    }  # fmt: skip


def test_known_sums_of_a_royalty_stay_within_the_total(cast: Cast) -> None:
    contract = factories.drafted(
        cast, payment_mode="upfront_royalty", royalty=ROYALTY, total_amount="50000.00"
    )
    assert lacking(contract) == {}
    change_contract(
        actor=cast.colleague.actor, contract_id=contract.pk,
        instalments=[{"due_on": "2027-04-30", "amount": "1234.56", "note": "realised"}],
    )  # fmt: skip
    assert "¥1,234.56 more than" in lacking(contract)["instalments"][0]


def test_the_schedule_of_a_royalty(cast: Cast) -> None:
    contract = factories.drafted(
        cast, payment_mode="upfront_royalty", royalty=ROYALTY, total_amount="50000.00"
    )
    stored = Contract.objects.get(pk=contract.pk)
    schedule = schedule_of(stored)
    assert [(str(row.on), row.amount) for row in schedule.rows] == [
        ("2027-01-31", Decimal("50000.00")), ("2027-04-29", None), ("2027-07-30", None),
        ("2027-10-30", None), ("2028-01-30", None), ("2028-03-31", None),
    ]  # fmt: skip
    assert schedule.known == Decimal("50000.00") and schedule.has_unknown
    assert "from ¥1,000,000.00: 3.5%" in schedule.rows[1].what
    assert schedule.rows[1].note == "at least ¥20,000.00 a year"


def test_months_end_where_the_month_ends() -> None:
    assert after_months(dt.date(2027, 1, 31), 1) == dt.date(2027, 2, 28)
    assert after_months(dt.date(2027, 11, 30), 3) == dt.date(2028, 2, 29)
    assert after_months(dt.date(2027, 1, 1), 12) == dt.date(2028, 1, 1)


def test_a_long_schedule_is_folded_and_an_endless_one_is_one_line(cast: Cast) -> None:
    monthly = {**ROYALTY, "reporting": "month", "runs_to": "2047-01-30", "entry_fee": None}
    contract = factories.drafted(cast, payment_mode="royalty", royalty=monthly)
    rows = schedule_of(Contract.objects.get(pk=contract.pk)).rows
    assert len(rows) == 41 and rows[-1].what == "200 more periods"
    endless = factories.drafted(
        cast, payment_mode="royalty", royalty={**monthly, "runs_to": None}, valid_to=None
    )
    assert len(schedule_of(Contract.objects.get(pk=endless.pk)).rows) == 1


def test_an_amendment_has_the_terms_and_adds_what_was_realised(cast: Cast) -> None:
    old = factories.registered(
        cast, payment_mode="upfront_royalty", royalty=ROYALTY, total_amount="50000.00"
    )
    draft = start_amendment(actor=cast.colleague.actor, contract_id=old.pk)
    draft = Contract.objects.get(pk=draft.pk)
    assert facts_of(draft)["royalty"] == facts_of(old)["royalty"]
    change_contract(
        actor=cast.colleague.actor, contract_id=draft.pk, facts={"total_amount": "61000.00"},
        instalments=[{"due_on": "2027-04-30", "amount": "11000.00", "note": "realised"}],
    )  # fmt: skip
    submit_contract(actor=cast.colleague.actor, contract_id=draft.pk)
    before, after = old.versions.first(), draft.versions.first()
    assert before is not None and after is not None
    changed = {str(row.label): row.after for row in differences(before.facts, after.facts)}
    assert changed["Instalments"] == "2027-04-30 ¥11,000.00" and "Royalty" not in changed

    other = {**after.facts, "royalty": {**after.facts["royalty"], "minimum_per_year": "30000.00"}}
    (row,) = differences(after.facts, other)
    assert "minimum a year ¥30,000.00" in row.after
    moved = [{**party, "address": "Pier 2"} for party in after.facts["parties"]]
    (row,) = differences(after.facts, {**after.facts, "parties": moved})
    assert "Pier 2" in row.after and "Pier 2" not in row.before


def test_versions_from_before_there_were_terms_do_not_differ(cast: Cast) -> None:
    facts = facts_of(factories.drafted(cast))
    old = {name: value for name, value in facts.items() if name not in ("instalments", "royalty")}
    assert changed_names(old, facts) == []


def test_the_database_freezes_the_terms_of_what_is_registered(cast: Cast) -> None:
    contract = factories.registered(
        cast, payment_mode="upfront_royalty", royalty=ROYALTY, total_amount="120000.00",
        instalments=HALVES[:1],
    )  # fmt: skip
    row = ContractInstalment.objects.filter(contract=contract)
    royalty = ContractRoyalty.objects.filter(contract=contract)
    step = RoyaltyStep.objects.filter(contract=contract)
    for change in (
        lambda: row.update(amount=1), row.delete, lambda: royalty.update(base="profit"),
        royalty.delete, lambda: step.update(rate=1), step.delete,
        lambda: ContractInstalment.objects.create(contract=contract, amount=1, event="x"),
        lambda: RoyaltyStep.objects.create(contract=contract, from_amount=7, rate=1),
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert terms_of(Contract.objects.get(pk=contract.pk)).known == Decimal("110000.00")


def test_pages_show_the_schedule_to_parties_and_registrars_only(cast: Cast) -> None:
    contract = factories.registered(
        cast, payment_mode="instalments",
        instalments=[{**HALVES[0], "note": "PLANTED"}, HALVES[1]],
        public_facts=["title", "parties", "amount"],
    )  # fmt: skip
    page = cast.colleague.client.get(f"/contracts/{contract.public_id}/").content.decode()
    desk = cast.registrar.client.get(f"/registrar/contracts/{contract.public_id}/").content.decode()
    for text in (page, desk):
        assert "Schedule of payments" in text and "PLANTED" in text and "¥60,000.00" in text
    for address in (
        f"/register/{contract.number}/", f"/api/v1/register/{contract.number}/",
        "/register/export.csv", "/register/",
    ):  # fmt: skip
        answer = cast.rival.client.get(address)
        content = (
            b"".join(answer.streaming_content) if answer.streaming else answer.content
        ).decode()
        assert answer.status_code == 200
        assert "PLANTED" not in content and "instalment" not in content.lower()


def test_the_api_takes_and_shows_the_terms(cast: Cast) -> None:
    client = cast.colleague.client
    address = f"/api/v1/contracts/{factories.drafted(cast).public_id}/"
    body = {"payment_mode": "instalments", "instalments": HALVES}
    answer = client.patch(address, body, content_type="application/json").json()
    assert answer["missing"] == {} and len(answer["schedule"]) == 2
    assert answer["instalments"][1] == {
        "due_on": None, "event": "acceptance", "amount": "60000.00", "note": "by transfer",
    }  # fmt: skip
    body = {"payment_mode": "upfront_royalty", "instalments": [], "royalty": ROYALTY}
    answer = client.patch(address, body, content_type="application/json").json()
    assert answer["royalty"]["steps"][1] == {
        "from_year": 1, "from_amount": "1000000.00", "rate": "3.500",
    }  # fmt: skip
    # what is not given stays; null takes the royalty off
    answer = client.patch(address, {"title_en": "Other"}, content_type="application/json").json()
    assert answer["royalty"]["base"] == "sales"
    answer = client.patch(address, {"royalty": None}, content_type="application/json").json()
    assert answer["royalty"] is None and "royalty.base" in answer["missing"]
    refused = client.patch(
        address, {"royalty": {**ROYALTY, "rate_kind": "rising"}}, content_type="application/json"
    )
    assert refused.status_code == 400 and "royalty.steps.1.rate" in str(refused.json())


def form_data(page: Any, **changes: str) -> dict[str, Any]:
    """Everything a browser would post back from the page."""
    from html.parser import HTMLParser

    data: dict[str, Any] = {}

    class Inputs(HTMLParser):
        select = ""
        area = ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            about = dict(attrs)
            name, kind = about.get("name") or "", about.get("type")
            if tag == "input" and name and kind not in ("file", "submit"):
                if kind not in ("checkbox", "radio") or "checked" in about:
                    data[name] = about.get("value") or ""
            elif tag == "select":
                self.select = name
            elif tag == "option" and "selected" in about:
                data[self.select] = about.get("value") or ""

    Inputs().feed(page.content.decode())
    return {**data, **changes}


def test_the_form_takes_rows_without_javascript(cast: Cast) -> None:
    client = cast.colleague.client
    contract = factories.drafted(cast)
    address = f"/contracts/{contract.public_id}/edit/"
    data = form_data(
        client.get(address), payment_mode="instalments",
        **{"instalment-0-due_on": "2027-01-31", "instalment-0-amount": "6万"},
    )  # fmt: skip
    more = client.post(address, {**data, "add": "instalments"})
    assert more.status_code == 200
    data = form_data(more, **{"instalment-1-event": "acceptance", "instalment-1-amount": "5万"})
    assert data["instalment-TOTAL_FORMS"] == "2" and data["instalment-0-amount"] == "6万"
    refused = client.post(address, {**data, "submit": "1"})
    text = refused.content.decode()
    assert refused.status_code == 422 and "¥10,000.00 is missing to the total" in text
    # the rows are kept as a draft and shown again
    data = form_data(refused, **{"instalment-1-amount": "60,000"})
    assert client.post(address, {**data, "submit": "1"}).status_code == 302
    stored = Contract.objects.get(pk=contract.pk)
    assert stored.state == "submitted" and terms_of(stored).known == Decimal("120000.00")


def test_a_wrong_step_is_marked_at_its_input_and_nothing_typed_is_lost(cast: Cast) -> None:
    client = cast.colleague.client
    contract = factories.drafted(cast, payment_mode="royalty", royalty=ROYALTY)
    address = f"/contracts/{contract.public_id}/edit/"
    page = client.get(address)
    data = form_data(page, **{"step-1-rate": "7.25", "royalty-minimum_per_year": "31,000.00"})
    answer = client.post(address, {**data, "save": "1"})
    assert answer.status_code == 422
    assert answer.context["terms"].rows["steps"].forms[1].errors["rate"]
    text = answer.content.decode()
    assert 'value="7.25"' in text and "31,000.00" in text
    assert RoyaltyStep.objects.filter(contract=contract, rate="3.5").exists()


def test_the_form_takes_the_royalty_off_when_it_is_emptied(cast: Cast) -> None:
    contract = factories.drafted(cast, royalty={"base": "sales", "steps": [{"rate": "5"}]})
    address = f"/contracts/{contract.public_id}/edit/"
    page = cast.colleague.client.get(address)
    data = form_data(page, **{"royalty-base": "", "step-0-DELETE": "on"})
    assert cast.colleague.client.post(address, {**data, "save": "1"}).status_code == 302
    assert not ContractRoyalty.objects.filter(contract=contract).exists()


def test_the_live_schedule_reads_what_it_can(cast: Cast) -> None:
    contract = factories.drafted(cast)
    address = f"/contracts/{contract.public_id}/schedule/"
    typed = {
        "payment_mode": "instalments", "total_amount": "10万", "currency": "CNY",
        "instalment-TOTAL_FORMS": "3", "instalment-INITIAL_FORMS": "0",
        "instalment-0-amount": "4万", "instalment-0-event": "signing",
        "instalment-1-amount": "many", "instalment-1-event": "later",
        "step-TOTAL_FORMS": "x", "step-INITIAL_FORMS": "0",
    }  # fmt: skip
    answer = cast.colleague.client.post(address, typed)
    text = answer.content.decode()
    assert answer.status_code == 200 and "signing" in text and "¥60,000.00 is missing" in text
    assert not contract.instalments.exists()
    assert cast.rival.client.post(address, typed).status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_model_contract_is_filled_with_the_terms(cast: Cast, language: str) -> None:
    contract = in_instalments(cast, payment_terms="By {bank} transfer.")
    text = str(paper_of(Contract.objects.get(pk=contract.pk), language))
    assert "acceptance" in text and "60,000.00" in text and "{bank}" in text


def test_a_royalty_that_comes_or_goes_is_a_difference_in_words(cast: Cast) -> None:
    royalty = {
        "base": "sales", "rate_kind": "fixed", "entry_fee": None, "entry_fee_on": None,
        "minimum_per_year": None, "runs_from": None, "runs_to": None, "reporting": "",
        "steps": [{"from_year": 1, "from_amount": "0.00", "rate": "3.00"}],
    }  # fmt: skip
    for before, after in (({}, royalty), (royalty, {})):
        [found] = differences({"royalty": before}, {"royalty": after})
        assert "–" in (found.before, found.after) and found.before != found.after
