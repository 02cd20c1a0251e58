"""The type assistant: an example for every rule, sub-type and warning; its page and API."""

import datetime as dt

import pytest
import yaml

from contracts import classification
from contracts.classification import propose, questions
from contracts.models import Contract
from contracts.rule_sets import all_rule_sets, rule_set
from tests.cast import Cast

RULES, OLD = rule_set("CN-2021"), rule_set("CN-2001")
DATA = yaml.safe_load(classification._FILE.read_text(encoding="utf-8"))
Y, N = "yes", "no"

# rule -> (answers, type, sub-type)
EXAMPLES: dict[str, tuple[dict[str, str], str, str]] = {
    "works": ({"works": Y, "solves": Y}, "", ""),
    "brokers": ({"brokers": Y, "mastered": Y}, "service", "brokerage"),
    "report_new": ({"report": Y, "mastered": N, "study": "forecast"}, "consulting", "forecast"),
    "unresearched": ({"mastered": N, "together": Y}, "development", "cooperative"),
    "routine": ({"routine": Y, "mastered": N}, "service", "general_service"),
    "owner": ({"changes_owner": Y, "mastered": Y, "right": "software"}, "transfer",
              "software_transfer"),
    "equity": ({"equity": Y, "mastered": Y, "right": "patent"}, "transfer", "patent_transfer"),
    "use": ({"grants_use": Y, "mastered": Y, "right": "patent", "kind": "sole"}, "licence",
            "sole_licence"),
    "trains": ({"trains": Y, "mastered": Y, "solves": Y}, "service", "training"),
    "report": ({"report": Y, "mastered": Y, "study": "survey"}, "consulting", "survey"),
    "converts": ({"converts": Y, "mastered": Y}, "development", "conversion"),
    "solves": ({"solves": Y, "mastered": Y}, "service", "general_service"),
}  # fmt: skip


@pytest.mark.parametrize("code", [row["code"] for row in DATA["rules"]])
def test_every_rule_has_an_example(code: str) -> None:
    if code == "use_before_2021":
        found = propose({"grants_use": Y, "mastered": Y, "right": "patent"}, OLD)
        assert (found.rule_code, found.type, found.sub_type) == (code, "transfer", "patent_licence")
        return
    answers, kind, sub_type = EXAMPLES[code]
    found = propose(answers, RULES)
    assert (found.rule_code, found.type, found.sub_type) == (code, kind, sub_type)
    assert found.rule and found.rule.en and found.rule.zh
    assert found.is_no_technology is (kind == "")


SUB_TYPES = [
    ({"mastered": N}, "commissioned"),
    ({"mastered": N, "converts": Y}, "conversion"),
    *(({"changes_owner": Y, "right": right}, f"{sub}_transfer") for right, sub in (
        ("patent", "patent"), ("application", "application"), ("know_how", "know_how"),
        ("software", "software"), ("layout", "layout"), ("variety", "variety"))),
    ({"changes_owner": Y}, ""),
    ({"grants_use": Y}, ""),
    ({"grants_use": Y, "right": "patent"}, "ordinary_licence"),
    ({"grants_use": Y, "right": "patent", "kind": "exclusive"}, "exclusive_licence"),
    ({"grants_use": Y, "right": "know_how"}, "know_how_licence"),
    ({"grants_use": Y, "right": "layout"}, "other_licence"),
    *(({"report": Y, "study": study}, study)
      for study in ("feasibility", "forecast", "survey", "evaluation")),
]  # fmt: skip


@pytest.mark.parametrize(("answers", "sub_type"), SUB_TYPES)
def test_sub_types(answers: dict[str, str], sub_type: str) -> None:
    assert propose(answers, RULES).sub_type == sub_type


# warning -> (answers, title, words of it)
WARNINGS: dict[str, tuple[dict[str, str], str, str]] = {
    "mastered": ({"mastered": Y, "solves": Y}, "系统开发合同", "already mastered"),
    "mastered_together": ({"mastered": Y, "together": Y}, "", "already mastered"),
    "unresearched": ({"mastered": N, "changes_owner": Y}, "", "not been researched yet"),
    "unresearched_use": ({"mastered": N, "grants_use": Y}, "", "not been researched yet"),
    "plan": ({"report": Y, "solves": Y}, "", "implementation plan"),
    "inner_training": ({"trains": Y, "changes_owner": Y}, "", "follows that contract"),
    "inner_training_use": ({"trains": Y, "grants_use": Y}, "", "follows that contract"),
    "inner_training_new": ({"trains": Y, "mastered": N}, "", "follows that contract"),
    "usual_training": ({"trains": Y}, "", "vocational training"),
    "both": ({"changes_owner": Y, "grants_use": Y}, "", "cannot change owner and stay"),
    "kind": ({"grants_use": Y, "right": "patent"}, "", "ordinary one"),
    "unclear_right": ({"changes_owner": Y}, "", "title to it is clear"),
}


@pytest.mark.parametrize("code", [row["code"] for row in DATA["warnings"]])
def test_every_warning_has_an_example(code: str) -> None:
    answers, title, words = WARNINGS[code]
    found = propose(answers, RULES, title=title)
    assert any(words in warning.en for warning in found.warnings)
    assert not propose({}, RULES).warnings


def test_the_content_decides_against_the_title() -> None:
    found = propose({"mastered": Y, "solves": Y}, RULES, title="Development of a tuning service")
    assert found.type == "service"
    found = propose({"mastered": Y, "solves": Y}, RULES, title="薄膜设备技术开发合同")
    assert (found.type, found.title_type) == ("service", "development")
    assert "content decides" in found.warnings[0].en and "以内容为准" in found.warnings[0].zh


@pytest.mark.parametrize(
    ("title", "kind"),
    [("高镍正极材料委托开发合同", "development"), ("专利权转让合同", "transfer"),
     ("专利实施许可合同", "licence"), ("海岛微电网可行性论证", "consulting"),
     ("织物瑕疵检测系统调试", "service"), ("Patent licence agreement", "licence"),
     ("Training in laser welding", "service"), ("许可权转让合同", ""), ("买卖合同", ""), ("", "")],
)  # fmt: skip
def test_words_alone_propose_or_keep_silent(title: str, kind: str) -> None:
    found = propose({}, RULES, title=title)
    assert (found.type, found.rule) == (kind, None)
    assert propose({}, RULES, subject=title).type == kind


def test_before_2021_a_licence_is_a_transfer_also_by_its_words() -> None:
    assert propose({}, OLD, title="专利实施许可合同").type == ""
    assert propose({"grants_use": Y}, OLD).type == "transfer"


@pytest.mark.parametrize("code", list(all_rule_sets()))
def test_no_answers_lead_to_a_type_that_the_rules_do_not_know(code: str) -> None:
    from itertools import combinations

    rules = rule_set(code)
    pairs = [(q.code, value) for q in questions() for value in q.values]
    for chosen in combinations(pairs, 3):
        found = propose(dict(chosen), rules)
        assert found.type == "" or found.type in rules.types
        assert found.sub_type == "" or found.sub_type in rules.types[found.type].sub_types


# --- page and API ---


@pytest.mark.django_db
def test_the_page_proposes_and_begins_a_draft_with_the_title(cast: Cast) -> None:
    client = cast.colleague.client
    assert "/contracts/type/" in client.get("/contracts/new/").content.decode()
    page = client.get("/contracts/type/")
    assert page.status_code == 200 and "What decides" not in page.content.decode()
    asked = {"mastered": "no", "together": "yes", "title": "自修复涂层联合研究开发合同"}
    page = client.post("/contracts/type/", asked)
    text = page.content.decode()
    assert "not yet mastered when the contract was signed" in text and "CN-2021" in text
    start = page.context["start"]
    answer = client.post(
        "/contracts/new/",
        {
            "type": "development", "organisation": cast.home.public_id, "side": "seller",
            "sub_type": start["sub_type"].value(), "title": start["title"].value(),
        },
    )  # fmt: skip
    contract = Contract.objects.get()
    assert answer["Location"] == f"/contracts/{contract.public_id}/edit/"
    assert (contract.type, contract.sub_type) == ("development", "cooperative")
    assert (contract.title_zh, contract.title_en) == ("自修复涂层联合研究开发合同", "")


@pytest.mark.django_db
def test_the_page_keeps_what_was_typed_and_says_what_is_wrong(cast: Cast) -> None:
    client = cast.colleague.client
    bad = {"title": "x" * 201, "mastered": "perhaps", "solves": "yes"}
    page = client.post("/contracts/type/", bad)
    assert page.status_code == 422 and "x" * 201 in page.content.decode()
    page = client.post("/contracts/type/", {"signed_on": "1999-01-01", "title": "Kept title"})
    text = page.content.decode()
    assert page.status_code == 422 and "No registration rules are known" in text
    assert "Kept title" in text
    page = client.post("/contracts/type/", {})
    assert "Nothing decides yet" in page.content.decode()
    page = client.post("/contracts/type/", {"works": "yes"})
    assert "no technology contract" in page.content.decode() and not page.context["start"]
    assert cast.visitor.client.get("/contracts/type/").status_code == 302
    page = cast.newcomer.client.post("/contracts/type/", {"solves": "yes"})
    assert page.status_code == 200 and not page.context["start"]


@pytest.mark.django_db
def test_a_draft_takes_no_sub_type_of_another_type(cast: Cast) -> None:
    cast.colleague.client.post(
        "/contracts/new/",
        {"type": "service", "organisation": cast.home.public_id, "side": "seller",
         "sub_type": "commissioned", "title": "Tuning"},
    )  # fmt: skip
    contract = Contract.objects.get()
    assert (contract.sub_type, contract.title_en) == ("", "Tuning")


@pytest.mark.django_db
def test_the_api_asks_and_proposes(cast: Cast) -> None:
    api = cast.colleague.api
    listed = api.get("/api/v1/contract-type/").json()
    assert [row["code"] for row in listed] == [question.code for question in questions()]
    body = api.post(
        "/api/v1/contract-type/",
        {"title": "专利许可", "answers": {"grants_use": "yes", "right": "patent", "kind": "sole"}},
        format="json",
    ).json()
    assert (body["type"], body["sub_type"], body["rule_set"]) == (
        "licence", "sole_licence", "CN-2021",
    )  # fmt: skip
    assert body["rule"]["zh"] and body["warnings"] == []
    signed = (dt.date(2019, 5, 1)).isoformat()
    body = api.post(
        "/api/v1/contract-type/", {"answers": {"grants_use": "yes"}, "signed_on": signed},
        format="json",
    ).json()  # fmt: skip
    assert (body["type"], body["rule_set"]) == ("transfer", "CN-2001")
    for wrong in (
        {"answers": {"mastered": "maybe"}}, {"answers": {"colour": "red"}}, {},
        {"signed_on": "1999-01-01"}, {"answers": "yes"}, {"subject": "x" * 2001},
    ):  # fmt: skip
        refused = api.post("/api/v1/contract-type/", wrong, format="json")
        assert refused.status_code == 400, wrong
    assert cast.visitor.api.get("/api/v1/contract-type/").status_code == 401
