"""Clauses as data: every pattern is bounded, every default names what exists, the figures hold."""

import datetime as dt
import json
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from contracts.codes import CONTRACT_TYPES, SUB_TYPES
from contracts.review.contents import find_contents
from contracts.review.lint import find_lint
from contracts.review.passages import language_of, passages
from contracts.rule_sets import all_rule_sets, rule_set, rule_set_on
from contracts.rule_sets.clause_rules import compiled
from marketplace.evaluation.clauses import samples_of

SAMPLES = Path(__file__).with_name("samples")
CLAUSES = rule_set("CN-2021").clauses


@pytest.mark.parametrize(
    "pattern",
    [
        "a+", "a*", "(a+)+b", "a{2,}", "(?:ab){1,3}", ".{0,90}.{0,90}.{0,90}x", "(a",
        ".{0,200}.{0,200}b",
    ],
)  # fmt: skip
def test_a_pattern_that_could_take_long_or_is_none_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        compiled([pattern])


def test_bounded_patterns_are_taken() -> None:
    assert compiled([r"a?b{1,3}c", r"[+*]", r"\+", r"(?:a|b)?", r"x.{0,60}y.{0,60}z"])


@pytest.mark.parametrize("code", list(all_rule_sets()))
def test_every_rule_set_has_contents_defaults_and_patterns_in_both_languages(code: str) -> None:
    clauses = rule_set(code).clauses
    types = {entry.code for entry in CONTRACT_TYPES} | {entry.code for entry in SUB_TYPES}
    codes = [content.code for content in clauses.contents]
    assert len(codes) == len(set(codes)) == 17
    for content in clauses.contents:
        assert content.name.en and content.name.zh
        assert content.only | content.without <= types, content.code
    for silence in clauses.silence:
        assert silence.content in codes and silence.only <= types
        assert all((silence.said.en, silence.said.zh, silence.source.en, silence.source.zh))
    assert [one.code for one in clauses.lint.patterns] == [
        "improvements", "grant_back", "rival_technology", "market_limits", "tie_in",
        "input_sources", "no_challenge",
    ]  # fmt: skip
    # only a name has no default: a contract without one is simply unnamed
    assert {code for code in codes if clauses.in_silence(code, "", "") is None} <= {
        "name", "results", *codes
    }  # fmt: skip
    for kind in rule_set(code).types.values():
        for sub_type in kind.sub_types:
            for content in clauses.contents:
                if content.applies(kind.code, sub_type) and content.code != "name":
                    found = clauses.in_silence(content.code, kind.code, sub_type)
                    assert found, f"{code} {sub_type}: no default for {content.code}"


def test_the_law_in_force_on_the_signing_date_answers_silence() -> None:
    old, new = rule_set_on(dt.date(2020, 12, 31)), rule_set_on(dt.date(2021, 1, 1))
    assert old and new
    for rules, source in ((old, "Contract Law"), (new, "Civil Code")):
        found = rules.clauses.in_silence("results", "development", "commissioned")
        assert found and found.source.en.startswith(source)
        for kind in ("consulting", "service"):
            costs = rules.clauses.in_silence("costs", kind, "")
            assert costs and "provider bears" in costs.said.en
        secrecy = rules.clauses.in_silence("secrecy", "consulting", "survey")
        assert secrecy and "no breach" in secrecy.said.en
    cooperative = new.clauses.in_silence("results", "development", "cooperative")
    assert cooperative and "860" in cooperative.source.en
    consulting = new.clauses.in_silence("results", "consulting", "survey")
    assert consulting and "885" in consulting.source.en


@pytest.mark.parametrize(
    ("sentence", "codes"),
    [
        ("乙方不得向第三方采购。", ["input_sources"]),
        ("甲方不限制乙方向第三方采购。", []),
        ("甲方不得限制乙方对该技术进行改进。", []),
        ("甲方可自由改进，但乙方不得进行任何改进。", ["improvements"]),
        ("乙方作出的改进归乙方所有。", []),
        ("乙方的改进成果应当无偿提供给甲方。", ["grant_back"]),
        ("双方相互无偿许可对方使用改进技术。", []),
        ("产品售价不得低于甲方指导价。", ["market_limits"]),
        ("许可使用费不得低于每年十万元。", []),
        ("乙方不得对专利权的有效性提出异议。", ["no_challenge"]),
        ("乙方不得对验收结果提出异议。", []),
        ("乙方必须同时购买甲方的设备。", ["tie_in"]),
        ("The Licensee shall not export the Products.", ["market_limits"]),
        ("The Licensee shall not export goods against applicable law.", []),
        ("The Licensee is free to buy parts from any third party.", []),
        ("The Licensee shall not purchase parts from any third party.", ["input_sources"]),
        ("Nothing in this contract prevents the Licensee from challenging the Patent.", []),
        ("Improvements belong to the party that makes them.", []),
        ("All improvements are the property of the Licensor.", ["grant_back"]),
        (
            "The Licensor is entitled to terminate if the Licensee challenges the Patent.",
            ["no_challenge"],
        ),
        (
            "The Licensor may freely terminate if the Licensee contests the Patent.",
            ["no_challenge"],
        ),
        (
            "The Licensee is permitted to sell the Products only through named distributors.",
            ["market_limits"],
        ),
        ("The Licensee is free to sell the Products not only through distributors.", []),
        (
            "The Licensor is not obliged to pay for improvements which belong to the Licensor.",
            ["grant_back"],
        ),
        ("被许可人作出的改进无须付费即归许可人所有。", ["grant_back"]),
        ("被许可人的改进不要求支付对价即归许可人所有。", ["grant_back"]),
        ("被许可人无须将改进成果无偿提供给许可人。", []),
        ("被许可人请求宣告专利无效的，许可人有权自行解除合同。", ["no_challenge"]),
        ("如被许可人申请宣告专利无效，许可人无须通知即可解除合同。", ["no_challenge"]),
        ("被许可人有权自行对专利有效性提出异议，许可人不得因此终止合同。", []),
        ("原材料无须一律向甲方采购。", []),
    ],
)
def test_negation_is_understood(sentence: str, codes: list[str]) -> None:
    text = passages([sentence], "paragraph")
    assert [one.code for one in find_lint(text, CLAUSES.lint)] == codes


@pytest.mark.parametrize(
    "body",
    [
        "第九条 保密：无。", "第九条 保密 /", "第九条 保密\n无", "第九条 保密：______",
        "9. Confidentiality: N/A",
    ],
)  # fmt: skip
def test_a_heading_with_nothing_behind_it_is_no_content(body: str) -> None:
    text = passages(body.splitlines(), "paragraph")
    assert "secrecy" not in {one.code for one in find_contents(text, CLAUSES.contents)}


def test_places_are_those_of_pages_and_broken_lines_are_joined() -> None:
    pages = [
        "技术服务合同\n第一条 服务内容\n乙方不得向其他第\n",
        "三方采购试剂。\n第二条 违约责任：赔偿损失。",
    ]
    text = passages(pages, "page")
    (found,) = find_lint(text, CLAUSES.lint)
    assert (found.code, found.place) == ("input_sources", 1)
    assert "第三方采购" in found.quote
    contents = {one.code: one.place for one in find_contents(text, CLAUSES.contents)}
    assert contents["breach"] == 2 and contents["subject"] == 1


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("技术开发合同，甲方委托乙方研究开发新型电池材料及其制备工艺", "zh"),
        ("A licence contract of two parties", "en"),
        ("12 / 34", ""),
    ],
)  # fmt: skip
def test_language(text: str, language: str) -> None:
    assert language_of([text]) == language


@pytest.mark.parametrize(
    "piece",
    ["不得对任何", "专利无效异议不得", "assign free of charge ", "shall not obtain use develop ",
     "purchase exclusively ", "terminate if ", "改进无偿", "a" * 50, "第一条 ", "（" * 50],
)  # fmt: skip
def test_text_made_to_be_slow_is_read_in_seconds(piece: str) -> None:
    hostile = (piece * (200_000 // len(piece)))[:200_000]
    started = time.monotonic()
    text = passages([hostile], "paragraph")
    find_contents(text, CLAUSES.contents)
    find_lint(text, CLAUSES.lint)
    assert time.monotonic() - started < 20  # a few seconds; the machine may be busy


def test_excuses_are_looked_for_beside_a_few_matches_only() -> None:
    hostile = passages(["shall not improve patent freely " * 6_250], "paragraph")
    started = time.monotonic()
    find_lint(hostile, CLAUSES.lint)
    assert time.monotonic() - started < 20


# --- figures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", [SAMPLES, SAMPLES / "aside"])
def test_what_is_planted_in_a_sample_stands_in_its_text(folder: Path) -> None:
    import yaml

    samples = samples_of(folder)
    codes = {content.code for content in CLAUSES.contents}
    for sample in samples:
        assert sample.sub_type in rule_set("CN-2021").types[sample.kind].sub_types
        assert sample.missing <= codes, sample.name
        raw = yaml.safe_load((folder / f"{sample.name}.yaml").read_text(encoding="utf-8"))
        for words in [*(words for _code, words in sample.lint), *raw["traps"]]:
            assert words in sample.text, f"{sample.name}: {words}"


def test_there_are_samples_of_every_type_in_both_languages() -> None:
    samples = [*samples_of(SAMPLES), *samples_of(SAMPLES / "aside")]
    for language in ("zh", "en"):
        own = [sample for sample in samples if sample.language == language]
        assert len(own) >= 12
        assert {sample.kind for sample in own} == set(rule_set("CN-2021").types)


def test_the_figures_do_not_fall_below_what_was_reached() -> None:
    out = StringIO()
    call_command("evaluate_clause_review", stdout=out)
    told = json.loads(out.getvalue())
    for language in ("zh", "en", "all"):
        for name in ("missing", "lint"):
            tuned = told["tuned_on"][name][language]
            assert tuned["precision"] >= 0.95 and tuned["recall"] >= 0.95, (language, name, tuned)
    for name, floor in FLOORS_ASIDE.items():
        aside = told["aside"][name]["all"]
        assert (aside["precision"], aside["recall"]) >= floor, (name, aside)


# Reached on samples that no pattern was made for. Lint has no floor there: its recall was 0 of 8,
# see docs/explanation/clause-review.md.
FLOORS_ASIDE = {"missing": (0.7, 0.9)}


def test_a_folder_without_samples_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no samples"):
        call_command("evaluate_clause_review", str(tmp_path))
