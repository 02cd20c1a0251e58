"""The API: the whole way by token, refusals in one shape, scopes, versions, filters."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from contracts.models import Contract, NumberSequence
from tests.cast import Cast
from tests.contracts import factories
from tests.contracts.statements import own_queries

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"


def payload(cast: Cast, kind: str = "service", **values: Any) -> dict[str, Any]:
    facts = {
        name: str(value) if name.endswith(("_on", "_from", "_to")) else value
        for name, value in factories.facts(cast, kind, **values).items()
    }
    return {"organisation": cast.home.public_id, "parties": factories.parties(cast), **facts}


def of(contract: Contract, tail: str = "") -> str:
    return f"{ROOT}/contracts/{contract.public_id}/{tail}"


def at_desk(contract: Contract, tail: str = "") -> str:
    return f"{ROOT}/registrar/contracts/{contract.public_id}/{tail}"


@pytest.mark.parametrize("kind", list(factories.BY_TYPE))
def test_a_contract_of_each_type_from_draft_to_number_by_api_alone(cast: Cast, kind: str) -> None:
    party, registrar, anybody = cast.colleague.api, cast.registrar.api, cast.visitor.api
    made = party.post(f"{ROOT}/contracts/", payload(cast, kind), format="json")
    assert made.status_code == 201, made.json()
    body = made.json()
    assert body["state"] == "draft" and set(body["missing"]) == {"files"}
    own = f"{ROOT}/contracts/{body['id']}/"
    file = party.post(f"{own}files/", {"file": factories.pdf()}, format="multipart")
    assert file.status_code == 201 and len(file.json()["sha256"]) == 64
    changed = party.patch(
        own, {"deductions": [{"kind": "parts", "amount": "20000.00"}]}, format="json"
    )
    assert changed.json()["technology_amount"] == "100000.00"
    assert party.post(f"{own}submit/").json()["state"] == "submitted"
    queue = registrar.get(f"{ROOT}/registrar/contracts/?tab=waiting").json()["results"]
    assert [row["id"] for row in queue] == [body["id"]]
    work = f"{ROOT}/registrar/contracts/{body['id']}/"
    assert registrar.post(f"{work}claim/").json()["state"] == "under_examination"
    back = registrar.post(f"{work}return/", {"remarks": {"files": "Seal?"}}, format="json")
    assert back.json()["state"] == "returned" and back.json()["due_on"] is None
    assert party.get(own).json()["decisions"][-1]["remarks"] == {"files": "Seal?"}
    assert party.post(f"{own}submit/").status_code == 200
    registrar.post(f"{work}claim/")
    done = registrar.post(f"{work}register/").json()
    assert done["state"] == "registered" and len(done["number"]) == 16
    entry = anybody.get(f"{ROOT}/register/{done['number']}/").json()
    assert (entry["type"], entry["state"], entry["title_en"]) == (kind, "registered", "")


def test_second_review_amendment_and_ends_by_api(cast: Cast) -> None:
    contract = factories.in_second_review(cast)
    refused = cast.registrar.api.post(at_desk(contract, "second-approve/"))
    assert (refused.status_code, refused.json()["code"]) == (403, "same_person")
    Contract.objects.filter(pk=contract.pk).update(examiner=factories.second_registrar(cast))
    back = cast.registrar.api.post(
        at_desk(contract, "send-back/"), {"words": "See 3."}, format="json"
    )
    assert back.json()["state"] == "under_examination"
    Contract.objects.filter(pk=contract.pk).update(state="second_review")
    done = cast.registrar.api.post(at_desk(contract, "second-approve/")).json()
    assert done["state"] == "registered"
    amendment = cast.colleague.api.post(of(contract, "amend/"))
    assert amendment.status_code == 201 and amendment.json()["amends"] == contract.public_id
    ended = cast.colleague.api.post(of(contract, "cancel/"), {"words": "Over."}, format="json")
    assert ended.json()["state"] == "cancelled"
    late = cast.registrar.api.post(at_desk(contract, "revoke/"), {"words": "x"}, format="json")
    assert (late.status_code, late.json()["code"]) == (409, "wrong_state")
    other = factories.examined(cast)
    no = cast.registrar.api.post(at_desk(other, "refuse/"), {"reason": "unclear"}, format="json")
    assert no.json()["state"] == "refused"
    third = factories.examined(cast)
    assert cast.registrar.api.post(at_desk(third, "release/")).json()["state"] == "submitted"
    draft = factories.drafted(cast)
    assert cast.colleague.api.post(of(draft, "withdraw/")).json()["state"] == "withdrawn"


BAD: list[tuple[dict[str, Any], str]] = [
    ({"type": "sale"}, "type"),
    ({"type": None}, "type"),
    ({"total_amount": "-1"}, "total_amount"),
    ({"total_amount": "1.0000000000001"}, "total_amount"),
    ({"total_amount": {"a": 1}}, "total_amount"),
    ({"signed_on": "2999-01-01"}, "signed_on"),
    ({"signed_on": "soon"}, "signed_on"),
    ({"signed_on": 7}, "signed_on"),
    ({"valid_from": "2026-03-01", "valid_to": "2026-02-01"}, "valid_to"),
    ({"currency": "XXX"}, "currency"),
    ({"field": "astrology"}, "field"),
    ({"title_en": "a\u0000b"}, "title_en"),
    ({"title_en": "x" * 201}, "title_en"),
    ({"title_en": ["x"]}, "title_en"),
    ({"public_facts": ["secrets"]}, "public_facts.0"),
    ({"public_facts": "title"}, "public_facts"),
    ({"registration_point": "ZZZZZZZZZZ"}, "registration_point"),
    ({"organisation": "ZZZZZZZZZZ"}, "organisation"),
    ({"parties": [{"role": "judge", "name": "A"}]}, "parties.0.role"),
    ({"parties": [{"role": "seller", "organisation": "ZZZZZZZZZZ"}]}, "parties.0.organisation"),
    ({"parties": [{"role": "seller", "name": "A", "country": "XX"}]}, "parties.0.country"),
    ({"parties": "nobody"}, "parties"),
    ({"parties": [{"role": "seller", "name": "A"}] * 10_000}, "parties"),
    ({"deductions": [{"kind": "parts", "amount": "-1"}]}, "deductions.0.amount"),
    ({"deductions": [{"kind": "parts", "amount": "999999999"}]}, "deductions"),
    ({"deductions": [{"kind": "parts", "amount": "1"}] * 10_000}, "deductions"),
]


@pytest.mark.parametrize(("values", "field"), BAD)
def test_bad_input_is_a_problem_at_its_field_and_changes_nothing(
    cast: Cast, values: dict[str, Any], field: str
) -> None:
    answer = cast.colleague.api.post(
        f"{ROOT}/contracts/", {**payload(cast), **values}, format="json"
    )
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert field in {row["field"] for row in answer.json()["errors"]}, answer.json()
    assert not Contract.objects.exists()


def test_refusals_come_in_the_readers_language(cast: Cast) -> None:
    contract = factories.drafted(cast, with_file=False)
    answer = cast.colleague.api.post(of(contract, "submit/"), HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert answer.status_code == 400 and answer.json()["code"] == "incomplete"
    assert "请上传已签署的合同文本" in answer.json()["errors"][0]["message"]


def test_an_old_version_is_refused(cast: Cast) -> None:
    contract = factories.drafted(cast)
    read = cast.colleague.api.get(of(contract))
    tag = read["ETag"]
    first = cast.colleague.api.patch(
        of(contract), {"title_en": "One"}, format="json", HTTP_IF_MATCH=tag
    )
    assert first.status_code == 200 and first["ETag"] != tag
    second = cast.colleague.api.patch(
        of(contract), {"title_en": "Two"}, format="json", HTTP_IF_MATCH=tag
    )
    assert (second.status_code, second.json()["code"]) == (412, "stale_version")
    stale = cast.colleague.api.post(of(contract, "submit/"), HTTP_IF_MATCH=tag)
    assert stale.status_code == 412
    contract.refresh_from_db()
    assert (contract.title_en, contract.state) == ("One", "draft")


def test_a_repeated_key_registers_once_and_answers_the_same(cast: Cast) -> None:
    contract = factories.examined(cast)
    answers = [
        cast.registrar.api.post(at_desk(contract, "register/"), HTTP_IDEMPOTENCY_KEY="once")
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert NumberSequence.objects.get().last == 1


def test_a_token_without_the_scope_is_refused(cast: Cast) -> None:
    from accounts.models import ApiToken

    contract = factories.submitted(cast)
    for scopes, path, method, status in (
        (["contracts:read"], "/contracts/", "get", 200),
        (["contracts:read"], "/contracts/", "post", 403),
        (["listings:read"], "/contracts/", "get", 403),
        (["contracts:read", "contracts:write"], "/registrar/contracts/", "get", 403),
        (["contracts:write"], f"/registrar/contracts/{contract.public_id}/claim/", "post", 403),
        (["registrar:write"], "/registrar/contracts/", "get", 200),
    ):
        ApiToken.objects.filter(user=cast.registrar.user).update(scopes=scopes)
        answer = getattr(cast.registrar.api, method)(ROOT + path)
        assert answer.status_code == status, (scopes, path)
    assert Contract.objects.get(pk=contract.pk).state == "submitted"


def test_a_visitor_reads_the_register_and_the_rules_only(cast: Cast) -> None:
    contract = factories.registered(cast)
    visitor = APIClient()
    assert visitor.get(f"{ROOT}/register/").status_code == 200
    rules = visitor.get(f"{ROOT}/rule-sets/").json()
    assert [row["code"] for row in rules] == ["CN-2001", "CN-2021", "CN-2026"]
    assert [row["enabled"] for row in rules] == [True, True, False]
    for path in ("/contracts/", "/registrar/contracts/", f"/contracts/{contract.public_id}/"):
        assert visitor.get(ROOT + path).status_code == 401
    assert visitor.post(f"{ROOT}/register/", {}).status_code in (401, 405)


def test_filters_narrow_what_one_sees(cast: Cast) -> None:
    licence = factories.registered(cast, "licence", field="agriculture", total_amount="900000.00")
    service = factories.drafted(cast)

    def ids(query: str) -> set[str]:
        answer = cast.colleague.api.get(f"{ROOT}/contracts/?{query}")
        assert answer.status_code == 200, answer.content
        return {row["id"] for row in answer.json()["results"]}

    both = {licence.public_id, service.public_id}
    assert ids("") == both
    for query, expected in {
        "type=licence": {licence.public_id},
        "type=licence&type=service": both,
        "state=draft": {service.public_id},
        "sub_type=general_service": {service.public_id},
        "field=agriculture": {licence.public_id},
        "ip_kind=invention": {licence.public_id},
        "plan_source=none": both,
        "payment_mode=lump_sum": both,
        "currency=CNY": both,
        "rule_set=CN-2001": set(),
        f"number={licence.number}": {licence.public_id},
        "origin=deal:1": set(),
        "region=440000": both,
        "region=310000": set(),
        f"organisation={cast.outside.public_id}": both,
        f"organisation={cast.outside.public_id}&role=seller": set(),
        f"organisation={cast.home.public_id}&role=seller": both,
        f"registration_point={cast.point.public_id}": both,
        "signed_from=2999-01-01": set(),
        "signed_to=2999-01-01": both,
        "registered_from=2000-01-01": {licence.public_id},
        "registered_to=2000-01-01": set(),
        "due_to=2999-01-01": set(),
        "amount_from=500000": {licence.public_id},
        "amount_to=500000": {service.public_id},
        "q=fabric": both,
        "q=湖畔": both,
    }.items():
        assert ids(query) == expected, query
    for query in ("state=zz", "region=999999", "signed_from=zz", "amount_from=zz", "q=%00",
                  "fields=zz", "role=zz"):  # fmt: skip
        assert cast.colleague.api.get(f"{ROOT}/contracts/?{query}").status_code == 400, query


def test_sparse_fields(cast: Cast) -> None:
    factories.drafted(cast)
    rows = cast.colleague.api.get(f"{ROOT}/contracts/?fields=id,state").json()["results"]
    assert [set(row) for row in rows] == [{"id", "state"}]


def test_files_by_api(cast: Cast) -> None:
    contract = factories.drafted(cast)
    file = contract.files.get()
    [row] = cast.outsider.api.get(of(contract, "files/")).json()
    assert row["id"] == file.public_id
    assert cast.rival.api.get(of(contract, "files/")).status_code == 404
    assert cast.outsider.api.delete(of(contract, f"files/{file.public_id}/")).status_code == 403
    bad = cast.colleague.api.post(of(contract, "files/"), {"file": "no file"}, format="multipart")
    assert bad.status_code == 400
    gone = cast.colleague.api.delete(of(contract, f"files/{file.public_id}/"))
    assert gone.status_code == 204 and contract.files.count() == 0


def test_lists_cost_the_same_for_one_and_for_three(cast: Cast) -> None:
    for rows in (1, 3):
        while Contract.objects.count() < rows:
            factories.submitted(cast)
        # rows, parties
        assert own_queries(lambda: cast.colleague.api.get(f"{ROOT}/contracts/")) == 2
        assert own_queries(lambda: cast.registrar.api.get(f"{ROOT}/registrar/contracts/")) == 2


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"total_amount": "-1.00"}, "total_amount"),
        (
            {"total_amount": "10.00", "deductions": [{"kind": "parts", "amount": "-1.00"}]},
            "deductions.0.amount",
        ),
        ({"instalments": [{"event": "x", "amount": "-1.00"}]}, "instalments.0.amount"),
        ({"royalty": {"entry_fee": "-1.00"}}, "royalty.entry_fee"),
    ],
)
def test_an_amount_below_zero_is_refused_at_its_field(cast: Cast, given: Any, field: str) -> None:
    body = {"organisation": cast.home.public_id, "type": "service", **given}
    answer = cast.colleague.api.post("/api/v1/contracts/", body, format="json")
    assert answer.status_code == 400
    assert field in {row["field"] for row in answer.json()["errors"]}, answer.json()
    assert not Contract.objects.exists()
