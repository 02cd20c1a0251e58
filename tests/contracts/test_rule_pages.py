"""Rule sets for people and programs: pages, differences, marks of drafts."""

import pytest

from contracts.rule_sets import all_rule_sets, before, rule_set
from contracts.rule_sets.differences import differences
from tests.cast import Cast
from tests.contracts import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("code", list(all_rule_sets()))
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_everything_a_rule_set_says_is_on_its_page(cast: Cast, code: str, language: str) -> None:
    client = cast.visitor.client
    client.cookies["language"] = language
    page = client.get(f"/register/rules/{code}/").content.decode()
    rules = rule_set(code)
    chosen = "zh" if language.startswith("zh") else "en"
    said = [
        *(one for kind in rules.types.values() for one in (*kind.must_hold, *kind.not_qualifying)),
        *rules.refusals.values(),
        *(one.name for one in (*rules.clauses.contents, *rules.clauses.lint.patterns)),
        *(one.said for one in (*rules.clauses.silence, *rules.reliefs.rows)),
        *(one.statement for one in rules.caveats),
    ]
    plain = page.replace("&#x27;", "'").replace("&amp;", "&").replace("&quot;", '"')
    assert [one for one in said if getattr(one, chosen) not in plain] == []
    assert all(source in plain for source in rules.sources)
    assert "(?:" not in page, "a regular expression is no sentence"
    assert rules.clauses.lint.patterns[0].patterns[0].pattern not in plain


def test_the_list_shows_every_rule_set_and_marks_the_draft(cast: Cast) -> None:
    page = cast.visitor.client.get("/register/rules/").content.decode()
    for code in all_rule_sets():
        assert f"/register/rules/{code}/" in page
    assert page.count("draft, not in use") == 1 and page.count("in force today") == 1
    assert "2001-07-18" in page and "2020-12-31" in page


def test_the_draft_says_so_on_its_page_and_in_the_api(cast: Cast) -> None:
    page = cast.visitor.client.get("/register/rules/CN-2026/").content.decode()
    assert "This is a draft. No contract is judged by it." in page
    told = cast.visitor.api.get("/api/v1/rule-sets/CN-2026/").json()
    assert (told["is_draft"], told["enabled"]) == (True, False)
    assert "(draft)" in cast.visitor.client.get("/register/rules/CN-2021/").content.decode()


def test_an_unknown_rule_set_is_not_found(cast: Cast) -> None:
    for address in ("/register/rules/CN-1999/", "/register/rules/CN-2021/?than=CN-1999",
                    "/api/v1/rule-sets/CN-1999/", "/api/v1/rule-sets/CN-1999/differences/",
                    "/api/v1/rule-sets/CN-2021/differences/?than=x"):  # fmt: skip
        client = cast.visitor.api if "/api/" in address else cast.visitor.client
        assert client.get(address).status_code == 404, address


def test_what_the_civil_code_changed() -> None:
    new = rule_set("CN-2021")
    old = before(new)
    assert old and old.code == "CN-2001" and before(old) is None
    rows = differences(old, new)
    told = [(row.section, row.about, row.change, (row.new or row.old).en) for row in rows]  # type: ignore[union-attr]
    assert ("types", "", "added", "Technology licence") in told
    assert ("sub_types", "transfer", "removed", "Patent licence") in told
    assert any(section == "silence" for section, *_rest in told)
    assert not [row for row in rows if row.about == "licence"], "a new type is told once"
    assert not [row for row in rows if row.section in ("second_review", "days", "refusals")]
    assert differences(new, new) == []


def test_differences_turn_round_when_the_sides_do() -> None:
    there = differences(rule_set("CN-2001"), rule_set("CN-2021"))
    back = differences(rule_set("CN-2021"), rule_set("CN-2001"))
    opposite = {"added": "removed", "removed": "added", "changed": "changed"}
    key = lambda row, change: (row.section, row.about, change)  # noqa: E731
    assert sorted(key(row, opposite[row.change]) for row in there) == sorted(
        key(row, row.change) for row in back
    )


def test_the_api_tells_differences_in_both_languages(cast: Cast) -> None:
    told = cast.visitor.api.get("/api/v1/rule-sets/CN-2021/differences/").json()
    assert told["than"] == "CN-2001"
    new = {"en": "Technology licence", "zh": "技术许可"}
    row = {"section": "types", "about": "", "change": "added", "old": None, "new": new}
    assert row in told["differences"]
    first = cast.visitor.api.get("/api/v1/rule-sets/CN-2001/differences/").json()
    assert first == {"code": "CN-2001", "than": None, "differences": []}


def test_the_rules_are_one_click_from_contract_form_and_register(cast: Cast) -> None:
    contract = factories.drafted(cast)
    home = cast.colleague.client
    link = '/register/rules/CN-2021/"'
    assert link in home.get(f"/contracts/{contract.public_id}/").content.decode()
    assert link in home.get(f"/contracts/{contract.public_id}/edit/").content.decode()
    assert '/register/rules/"' in cast.visitor.client.get("/register/").content.decode()
    number = factories.registered(cast).number
    assert link in cast.visitor.client.get(f"/register/{number}/").content.decode()
