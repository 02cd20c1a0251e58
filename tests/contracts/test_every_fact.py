"""Every fact that a contract can state has a place at every door, or a written reason why not.

A fact that is new fails here until it has them: see "Add a fact to contracts" in
docs/how-to/change.md.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from contracts.actions.examination import REMARK_FIELDS, return_
from contracts.api.serializers import ContractSerializer, ContractWrite
from contracts.differences import differences
from contracts.imports.columns import NESTED, columns
from contracts.labels import fact_label
from contracts.payment import INSTALMENT_FACTS, ROYALTY_FACTS, STEP_FACTS
from contracts.queries.register import entry_of
from contracts.queries.screening import pieces_of
from contracts.rules import FACTS, PARTY_FACTS
from contracts.snapshots import PARTS, WORKED_OUT, facts_of
from marketplace.core.cleaning import plain_text
from tests.contracts import factories

if TYPE_CHECKING:
    from contracts.models import Contract
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
TYPED = (*FACTS, *PARTS)
ALL = (*TYPED, *WORKED_OUT)

# --- What has no place, and why -------------------------------------------------------------------

NO_API_IN = {"files": "uploaded one by one: POST /contracts/{id}/files/"}
NO_COLUMN = {
    "files": "a table holds no files; they are added to the drafts",
    "parties": "columns of the seller, the buyer and the broker; whole in JSONL",
    "deductions": "a column for each kind; whole in JSONL",
}
NO_PARTY_COLUMN = {
    "role": "said by the column's name",
    "organisation": "a file opens no draft to somebody else's people; the importer's own is known "
                    "by its name or code",
    "address": "the register does not need it; whole in JSONL",
    "contact": "the register does not need it; whole in JSONL",
}  # fmt: skip
# Public: of contracts.queries.register.PublicEntry, by the name there where it is another.
PUBLIC = {
    "type": "type", "sub_type": "sub_type", "field": "field", "sub_field": "sub_field",
    "region": "region", "title_en": "title_en", "title_zh": "title_zh", "signed_on": "signed_on",
    "parties": "parties", "total_cny": "total_cny", "technology_cny": "technology_cny",
    "registration_point": "point_public_id",
}  # fmt: skip
NOT_PUBLIC = {
    "valid_from": "of the parties", "valid_to": "of the parties", "ip_kind": "of the parties",
    "plan_source": "of the parties", "total_amount": "shown in yuan, so that sums can be compared",
    "technology_amount": "shown in yuan", "currency": "shown in yuan", "rate": "shown in yuan",
    "rate_on": "shown in yuan", "payment_mode": "terms of payment are never public",
    "payment_terms": "terms of payment are never public",
    "instalments": "terms of payment are never public",
    "royalty": "terms of payment are never public", "deductions": "of the parties and the point",
    "files": "of the parties and the point", "public_facts": "says what of the others is shown",
    "rule_set": "told by the certificate alone",
}  # fmt: skip
ON_CERTIFICATE = {
    "title_zh", "title_en", "type", "sub_type", "parties", "total_amount", "currency", "rate",
    "rate_on", "total_cny", "technology_amount", "technology_cny", "valid_from", "valid_to",
    "signed_on", "rule_set",
}  # fmt: skip
NOT_ON_CERTIFICATE = {
    **dict.fromkeys(("field", "sub_field", "ip_kind", "plan_source", "region", "public_facts"),
                    "for statistics; the certificate names the contract"),
    **dict.fromkeys(("payment_mode", "payment_terms", "instalments", "royalty", "deductions"),
                    "who is shown a certificate need not know how it is paid"),
    "registration_point": "it signs: name and seal stand below the rows",
    "files": "what was examined, not what is certified",
}  # fmt: skip
SCREENED = {"title_zh", "title_en", "payment_terms", "deductions", "instalments"}
NOT_SCREENED = {
    **dict.fromkeys(set(ALL) - SCREENED - {"parties", "files"}, "a code, a day or a number"),
    "parties": "who they are is no technology; a decision rests on names and places, too",
    "files": "their text is read by a job; names say nothing",
}


@pytest.fixture
def full(cast: Cast) -> Contract:
    """A draft that states everything."""
    today = timezone.localdate()
    return factories.drafted(
        cast, "licence", title_zh="织机调试", sub_field="", currency="USD", rate="7.100000",
        rate_on=today - dt.timedelta(days=3), payment_mode="upfront_royalty",
        payment_terms="Bank words.", plan_source="none", region="440305",
        public_facts=["title", "parties", "amount"],
        deductions=[{"kind": "equipment", "amount": "1000.00", "note": "Deduction words."}],
        instalments=[{"due_on": today, "event": "Event words.", "amount": "5.00",
                      "note": "Note words."}],
        royalty={"base": "sales", "rate_kind": "fixed", "entry_fee": "10.00",
                 "entry_fee_on": today, "minimum_per_year": "3.00", "runs_from": today,
                 "runs_to": today + dt.timedelta(days=300), "reporting": "year",
                 "steps": [{"rate": "3"}]},
    )  # fmt: skip


def test_the_lists_here_know_every_fact(full: Contract) -> None:
    assert set(facts_of(full)) == set(ALL)
    for placed, excused in (
        (PUBLIC, NOT_PUBLIC), (ON_CERTIFICATE, NOT_ON_CERTIFICATE), (SCREENED, NOT_SCREENED),
    ):  # fmt: skip
        assert set(placed) | set(excused) == set(ALL)
        assert not set(placed) & set(excused), "placed and excused"


def test_each_has_a_label_in_both_languages() -> None:
    for name in ALL:
        with override("en"):
            english = str(fact_label(name))
        with override("zh-hans"):
            chinese = str(fact_label(name))
        assert english != name and chinese not in (english, name), name


def test_each_can_be_remarked_upon_and_the_remark_stands_in_the_form(
    cast: Cast, full: Contract
) -> None:
    assert set(REMARK_FIELDS) == set(TYPED), "nobody corrects what is worked out"
    from contracts.actions import submit_contract
    from contracts.actions.examination import claim

    submit_contract(actor=cast.colleague.actor, contract_id=full.pk)
    claim(actor=cast.registrar.actor, contract_id=full.pk)
    desk = cast.registrar.client.get(f"/registrar/contracts/{full.public_id}/").content.decode()
    remarks = {name: f"Remark at {name}." for name in TYPED}
    for name in TYPED:
        assert f'name="return-remarks.{name}"' in desk, name
    return_(actor=cast.registrar.actor, contract_id=full.pk, remarks=remarks)
    page = cast.colleague.client.get(f"/contracts/{full.public_id}/edit/").content.decode()
    for text in remarks.values():
        assert page.count(text) == 2, f"{text} once above the form, once at its input"


def test_each_has_an_input_and_what_was_stated_stands_in_it(cast: Cast, full: Contract) -> None:
    page = cast.colleague.client.get(f"/contracts/{full.public_id}/edit/")
    form, text = page.context["form"], page.content.decode()
    for name in FACTS:
        assert f'name="{form[name].html_name}"' in text, name
        assert form[name].value() == form.initial_of(full)[name], name
    rows = {
        "party-0": PARTY_FACTS, "deduction-0": ("kind", "amount", "note"),
        "instalment-0": INSTALMENT_FACTS, "royalty": ROYALTY_FACTS, "step-0": STEP_FACTS,
    }  # fmt: skip
    for prefix, names in rows.items():
        for name in names:
            assert f'name="{prefix}-{name}"' in text, (prefix, name)


def test_each_goes_in_and_out_of_the_api() -> None:
    taken, shown = ContractWrite().fields, ContractSerializer().fields
    for name in TYPED:
        assert name in shown, name
        assert (name in taken) != (name in NO_API_IN), name
    for name in WORKED_OUT:
        assert name in shown and name not in taken, name


def test_each_has_a_column_of_the_import(full: Contract) -> None:
    known = columns()
    for name in TYPED:
        assert (name in known) != (name in NO_COLUMN), name
    assert set(NESTED) == {"parties", "deductions"}
    for name in PARTY_FACTS:
        for role in ("seller", "buyer", "broker"):
            assert (f"{role}_{name}" in known) != (name in NO_PARTY_COLUMN), (role, name)
    in_words = {"base", "rate_kind"}  # follow from the words of the column `royalty`
    assert set(ROYALTY_FACTS) - in_words <= set(known)


CHANGED: dict[str, Any] = {
    "type": "service", "sub_type": "general_service", "rule_set": "CN-2001",
    "title_en": "Other", "title_zh": "别的", "currency": "EUR", "payment_mode": "lump_sum",
    "payment_terms": "Other", "field": "new_energy", "sub_field": "0601", "ip_kind": "software",
    "plan_source": "national", "region": "110108", "registration_point": "0000000000",
    "public_facts": ["title"], "rate": "7.200000", "parties": [], "deductions": [],
    "instalments": [], "royalty": {}, "files": [],
    **dict.fromkeys(("signed_on", "valid_from", "valid_to", "rate_on"), "2020-01-02"),
    **dict.fromkeys(("total_amount", "technology_amount", "total_cny", "technology_cny"), "1.00"),
}  # fmt: skip
ROWS: dict[str, dict[str, Any]] = {
    "parties": {
        "role": "broker", "organisation": "0000000000", "name": "Other", "kind": "individual",
        "code": "OTHER", "country": "NO", "region": "110108", "address": "Other",
        "contact": "Other",
    },
    "deductions": {"kind": "parts", "amount": "2.00", "note": "Other"},
    "instalments": {"due_on": "2020-01-02", "event": "Other", "amount": "6.00", "note": "Other"},
    "files": {"name": "other.pdf", "kind": "proof", "sha256": "0" * 64},
    "royalty": {
        "base": "profit", "rate_kind": "rising", "entry_fee": "11.00",
        "entry_fee_on": "2020-01-02", "minimum_per_year": "4.00", "runs_from": "2020-01-02",
        "runs_to": "2020-01-02", "reporting": "month", "steps": [],
    },
}  # fmt: skip
STEP = {"from_year": 2, "from_amount": "1.00", "rate": "9.000"}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_change_is_told_by_what_stood_there_and_what_stands_there(
    full: Contract, language: str
) -> None:
    facts = facts_of(full)
    assert set(CHANGED) == set(ALL)
    cases = {name: {**facts, name: value} for name, value in CHANGED.items()}
    for name, changed in ROWS.items():
        rows = facts[name] if isinstance(facts[name], list) else [facts[name]]
        assert set(changed) == set(rows[0]), name
        for key, value in changed.items():
            row = {**rows[0], key: value}
            after = [row, *rows[1:]] if isinstance(facts[name], list) else row
            cases[f"{name}.{key}"] = {**facts, name: after}
    [step] = facts["royalty"]["steps"]
    assert set(STEP) == set(step)
    for key, value in STEP.items():
        steps = [{**step, key: value}]
        cases[f"royalty.steps.{key}"] = {**facts, "royalty": {**facts["royalty"], "steps": steps}}
    with override(language):
        for case, after in cases.items():
            told = differences(facts, after)
            assert told, case
            for one in told:
                assert one.before != one.after, case
        assert differences(facts, facts) == []
    named = {"region": "110108", "rule_set": "CN-2001", "type": "service", "files.kind": "proof"}
    for case, code in named.items():
        [one] = differences(facts, cases[case])
        assert code not in one.after.replace(f" {code}", "").replace(f"{code} ·", ""), case


def test_an_older_version_that_lacks_a_key_differs_in_nothing(full: Contract) -> None:
    facts = facts_of(full)
    [step] = facts["royalty"]["steps"]
    older = {name: value for name, value in step.items() if name != "from_year"}
    before = {**facts, "royalty": {**facts["royalty"], "steps": [older]}}
    assert differences(before, facts) == []


def test_an_address_that_changed_is_told_beside_a_name_that_changed(full: Contract) -> None:
    facts = facts_of(full)
    seller, buyer = facts["parties"]
    moved = [{**seller, "address": "Quay 7"}, {**buyer, "name": "Renamed"}]
    [one] = differences(facts, {**facts, "parties": moved})
    assert "Quay 7" in one.after and "Renamed" in one.after and "Quay 7" not in one.before


def test_each_word_of_the_parties_is_screened(full: Contract) -> None:
    found = pieces_of(full)
    assert {piece.fact for piece in found} == SCREENED
    said = " ".join(piece.text for piece in found)
    free = {row.name for row in type(full)._meta.get_fields() if row.name in FACTS
            and plain_text in getattr(row, "validators", ())}  # fmt: skip
    assert free <= SCREENED, "text that anybody types is screened"
    for words in ("Bank words.", "Deduction words.", "Event words.", "Note words.", "织机调试"):
        assert words in said


def test_each_that_is_public_is_in_the_entry_and_no_other(cast: Cast) -> None:
    entry = entry_of(factories.registered(cast, public_facts=["title", "parties", "amount"]))
    worked = {
        "number", "state", "edition", "amount_band", "registered_on", "edition_on", "ended_on",
        "point_name_en", "point_name_zh",
    }  # fmt: skip
    assert set(entry.__dataclass_fields__) == set(PUBLIC.values()) | worked


def test_each_that_is_certified_changes_the_certificate_and_no_other(full: Contract) -> None:
    from contracts.certificates.pages import Issue, _data

    facts = facts_of(full)
    now = timezone.now()
    issue = Issue("2026440305000001", 1, "registered", "K7Q2M9TZ4HWD", "登记点", "Point",
                  now.date(), now, None, "", "https://x.example/c")  # fmt: skip

    def said(changes: dict[str, Any]) -> Any:
        return _data({**facts, "valid_from": None, **changes}, issue)

    plain = said({})
    for name, value in CHANGED.items():
        changed = plain != said({name: value})
        assert changed == (name in ON_CERTIFICATE), name
