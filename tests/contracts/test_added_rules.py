"""Rules that an operator adds: every fault by its place, nothing changes under a contract."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from contracts import rule_sets
from contracts.models import AddedRuleSet, Contract
from contracts.queries import rule_sets as added
from contracts.rule_sets import rule_set, rule_set_on, shipped
from contracts.rule_sets.checking import Faults, checked
from events.models import Event
from tests.cast import Cast
from tests.contracts import factories

SHIPPED = Path(rule_sets.__file__).parent
END = "CN-2021=2029-12-31"


@pytest.fixture
def use_added() -> Iterator[None]:
    """Added rule sets are read, as they are outside of tests."""
    added.forget()
    rule_sets.use(added.all_of_them)
    yield
    rule_sets.use(None)
    added.forget()


def document(**changes: Any) -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load((SHIPPED / "CN-2021.yaml").read_text(encoding="utf-8"))
    return {**raw, "code": "CN-2030", "valid_from": dt.date(2030, 1, 1), **changes}


def written(folder: Path, raw: dict[str, Any], name: str = "rules.yaml") -> str:
    path = folder / name
    path.write_text(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return str(path)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("add_rule_set", *arguments, stdout=out)
    return out.getvalue()


def refused(*arguments: str) -> str:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    return str(caught.value)


def faults(raw: dict[str, Any]) -> list[str]:
    with pytest.raises(Faults) as caught:
        checked(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False))
    return caught.value.found


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_is_shipped_passes_the_check(path: Path) -> None:
    assert checked(path.read_text(encoding="utf-8"))["code"] == path.stem


@pytest.mark.parametrize(
    "path", sorted((SHIPPED / "reliefs").glob("*.yaml")), ids=lambda path: path.stem
)
def test_shipped_reliefs_pass_the_check_when_written_in_a_rule_set(path: Path) -> None:
    raw = document(reliefs=yaml.safe_load(path.read_text(encoding="utf-8")))
    assert checked(yaml.safe_dump(raw, allow_unicode=True))


def _set(raw: dict[str, Any], path: str, value: Any) -> None:
    *way, last = re.findall(r"[a-z_A-Z0-9-]+", path)
    for step in way:
        raw = raw[int(step)] if step.isdigit() else raw[step]  # type: ignore[index,call-overload]
    raw[int(last) if last.isdigit() else last] = value  # type: ignore[index]


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ("enabeld", True, "unknown key; allowed: code, name_en"),
        ("code", "cn 2030", "two capital letters"),
        ("name_zh", "", "not empty"),
        ("valid_from", "soon", "must be a day"),
        ("valid_to", dt.date(2029, 1, 1), "lies before valid_from"),
        ("enabled", "yes", "true or false"),
        ("decision_days", 0, "from 1 to 365"),
        ("second_review_from", "much", "a number from 0"),
        ("sources", [], "1 entry or more"),
        ("types.sale", {}, "unknown type; allowed: development"),
        ("types.transfer.statistical_type", "sale", "allowed: development"),
        ("types.transfer.sub_types[0]", "commissioned", "unknown code 'commissioned'; allowed"),
        ("types.transfer.required[0]", "colour", "allowed: ip_kind"),
        ("types.transfer.must_hold[0]", {"en": "Only English."}, "missing"),
        ("types.transfer.must_hold[0].zh", " ", "not empty"),
        ("types.licence.not_qualifying", [], "1 entry or more"),
        ("types.licence.forbidden", [], "unknown key"),
        ("clauses.lint", "../secrets", "allowed: monopoly"),
        ("reliefs", "tax-mars", "allowed: tax-cn"),
        ("caveats[0].from", "x", "must be a day"),
        ("refusal_codes[1].code", "not_in_force", "stands twice"),
        ("refusal_codes[10].needs_words", False, "'other' with needs_words"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_its_place_with_what_is_allowed(
    place: str, value: Any, words: str
) -> None:
    raw = document()
    _set(raw, place, value)
    found = faults(raw)
    assert len(found) == 1 and words in found[0], found
    assert found[0].startswith((place, place.split(".")[0].split("[")[0])), found


def test_all_faults_are_told_at_once() -> None:
    raw = document(enabeld=True, decision_days=-1, name_en="")
    del raw["types"]["service"]["sub_types"]
    assert [fault.split(":")[0] for fault in faults(raw)] == [
        "enabeld", "name_en", "decision_days", "types.service.sub_types",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [("- a\n- b", "must be a mapping"), ("a: [", "no valid YAML"), ("", "must be a mapping"),
     ("code: CN-1\ncode: CN-2", "code: stands twice (line 2)"),
     ("a: &x [1]\nb: *x", "anchors"), ("a: !!python/object:os.system x", "no valid YAML")],
)  # fmt: skip
def test_a_file_that_is_no_rule_set_is_refused(text: str, words: str) -> None:
    with pytest.raises(Faults) as caught:
        checked(text)
    assert any(words in fault for fault in caught.value.found), caught.value.found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows[1].pop("excess_share"), "reliefs.reliefs[1].excess_share: missing"),
        (lambda rows: rows[1].update(licences=["x"]), "reliefs.reliefs[1].licences[0]: unknown"),
        (lambda rows: rows[0].update(to=None), "reliefs.reliefs[1]: holds on days on which"),
        (lambda rows: rows[2].update(kind="gift"), "reliefs.reliefs[2].kind: unknown 'gift'"),
    ],
)
def test_faults_of_reliefs_are_named_too(
    change: Callable[[list[dict[str, Any]]], Any], words: str
) -> None:
    reliefs = yaml.safe_load((SHIPPED / "reliefs" / "tax-cn.yaml").read_text(encoding="utf-8"))
    change(reliefs["reliefs"])
    assert any(fault.startswith(words) for fault in faults(document(reliefs=reliefs)))


# --- the command ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_rule_set_is_added_after_the_one_that_ends(tmp_path: Path, use_added: None) -> None:
    assert "Stored." in run(written(tmp_path, document(decision_days=7)), "--end", END)
    added.forget()
    before, after = rule_set_on(dt.date(2029, 12, 31)), rule_set_on(dt.date(2030, 1, 1))
    assert before and after and (before.code, after.code) == ("CN-2021", "CN-2030")
    assert after.decision_days == 7
    assert Event.objects.filter(kind="rule_set.changed").count() == 2


@pytest.mark.django_db
def test_a_check_stores_nothing(tmp_path: Path) -> None:
    told = run(written(tmp_path, document()), "--end", END, "--check")
    assert "nothing stored" in told and not AddedRuleSet.objects.exists()


@pytest.mark.django_db
def test_overlapping_days_are_refused_with_what_to_do(tmp_path: Path) -> None:
    told = refused(written(tmp_path, document()))
    assert "--end CN-2021=2029-12-31" in told and not AddedRuleSet.objects.exists()
    disabled = document(enabled=False)
    assert "Stored." in run(written(tmp_path, disabled)), "a disabled one may lie over others"


@pytest.mark.django_db
def test_a_gap_is_told_and_not_refused(tmp_path: Path) -> None:
    told = run(written(tmp_path, document()), "--end", "CN-2021=2029-11-30", "--check")
    assert "No rules hold from 2029-12-01 to 2029-12-31." in told


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "words"),
    [((), "Name a file"), (("--end", "CN-2021"), "is written as"),
     (("--end", "CN-1999=2029-12-31"), "no rule set has the code CN-1999"),
     (("--end", "CN-2021=2019-12-31"), "before it begins"),
     (("/nowhere/rules.yaml",), "could not be read")],
)  # fmt: skip
def test_wrong_arguments_are_told(arguments: tuple[str, ...], words: str) -> None:
    assert words in refused(*arguments)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["registered", "examined", "submitted"])
def test_rules_of_registered_contracts_never_change(cast: Cast, tmp_path: Path, state: str) -> None:
    """Nor of those that lie at a registration point: they were submitted by these rules."""
    contract = getattr(factories, state)(cast)
    raw = {**shipped()[contract.rule_set]}
    told = refused(written(tmp_path, {**raw, "decision_days": 3, "name_en": "New"}))
    said = "contracts at a registration point or in the register"
    assert f"decision_days: {said}" in told and f"name_en: {said}" in told
    assert contract.signed_on is not None
    early = contract.signed_on - dt.timedelta(days=1)
    assert "was signed" in refused("--end", f"{contract.rule_set}={early}")
    assert "Stored." in run("--end", f"{contract.rule_set}={contract.signed_on}")
    assert "Stored." in run(written(tmp_path, {**raw, "valid_to": dt.date(2035, 1, 1)}))


@pytest.mark.django_db
def test_rules_without_contracts_may_change(tmp_path: Path, use_added: None) -> None:
    run(written(tmp_path, document()), "--end", END)
    run(written(tmp_path, document(decision_days=3)))
    added.forget()
    assert rule_set("CN-2030").decision_days == 3


@pytest.mark.django_db
def test_a_process_that_holds_older_rules_looks_again_for_an_unknown_code(
    tmp_path: Path, use_added: None
) -> None:
    assert "CN-2030" not in rule_sets.all_rule_sets()
    raw = written(tmp_path, document())
    AddedRuleSet.objects.create(code="CN-2030", document=Path(raw).read_text(encoding="utf-8"))
    assert "CN-2030" not in rule_sets.all_rule_sets(), "held for some seconds"
    assert rule_set("CN-2030").code == "CN-2030"


@pytest.mark.django_db
def test_a_draft_is_judged_by_rules_that_were_added_before_it_is_submitted(
    cast: Cast, tmp_path: Path, use_added: None
) -> None:
    contract = factories.drafted(cast)
    assert contract.rule_set == "CN-2021" and contract.signed_on is not None
    last = contract.signed_on - dt.timedelta(days=1)
    new = document(valid_from=contract.signed_on)
    run(written(tmp_path, new), "--end", f"CN-2021={last}")
    added.forget()
    from contracts.actions import submit_contract

    submit_contract(actor=cast.colleague.actor, contract_id=contract.pk)
    assert Contract.objects.get(pk=contract.pk).rule_set == "CN-2030"


@pytest.mark.django_db
def test_what_was_added_is_marked_on_its_pages(cast: Cast, tmp_path: Path, use_added: None) -> None:
    draft = document(enabled=False, is_draft=True, name_en="<b>Bold</b> rules")
    run(written(tmp_path, draft))
    added.forget()
    page = cast.visitor.client.get("/register/rules/CN-2030/").content.decode()
    assert "This is a draft" in page and "&lt;b&gt;Bold" in page and "<b>Bold" not in page
