"""A question taken apart: words and synonyms, phrases, exclusions, filters written into it."""

import pytest

from listings.quantities import read_specification, without_figure
from listings.question import nearest_fields, read_question, words_of
from marketplace.core import synonyms
from marketplace.core.codes import FIELDS
from marketplace.core.words import base_tokens, tokens


def surfaces(text):
    return [word.surface for word in read_question(text).words]


def test_a_term_with_synonyms_is_one_word_that_may_stand_in_any_of_their_forms():
    (word,) = words_of("lithium-ion batteries")
    assert word.surface == "lithium-ion batteries"
    assert ("lib",) in word.ways
    assert ("lithium", "ion", "batteri") in word.ways  # as typed, also apart
    assert ("li_ion_batteri",) in word.ways  # as it is called otherwise, in one piece
    assert any("锂" in token for form in word.ways for token in form)


def test_a_term_is_written_into_the_index_in_one_piece():
    assert synonyms.with_terms(tokens("a lithium-ion battery at last")) == [
        "lithium-ion", "lithium", "ion", "batteri", "lithium_ion_batteri", "last",
    ]  # fmt: skip


def test_the_longest_term_wins_and_the_rest_stays():
    assert surfaces("LIB recycling") == ["LIB", "recycling"]


def test_a_long_chinese_word_is_also_found_by_its_parts():
    (word,) = words_of("固态电解质")
    assert word.ways[0] == ("固态电解质",)
    assert any(set(form) >= {"固态", "电解质"} for form in word.ways)


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [("鋰離子電池", "锂离子电池"), ("軟體", "软体"), ("塗層", "涂层")],
)
def test_traditional_characters_are_those_of_the_simplified_script(traditional, simplified):
    assert tokens(traditional) == tokens(simplified)


def test_no_term_stands_in_two_groups_and_every_group_says_something_twice():
    seen = {}
    for group in synonyms.groups():
        forms = {tuple(base_tokens(term)) for term in group}
        assert len(forms) > 1, group
        for form in forms:
            assert form, group
            assert form not in seen, (group, seen[form])
            seen[form] = group


# --- signs --------------------------------------------------------------------------------------


def test_a_phrase_is_kept_to_the_letter_and_its_words_count():
    question = read_question("“solid electrolyte” film")
    assert question.phrases == ("solid electrolyte",)
    assert surfaces("“solid electrolyte” film")[-1] == "film"


def test_what_must_not_be_there_is_no_word():
    question = read_question('electrolyte -sulfide -"glass ceramic"')
    assert [word.surface for word in question.words] == ["electrolyte"]
    assert [word.token for word in question.without] == ["sulfid", "glass", "ceram"]


@pytest.mark.parametrize("text", ["-40 °C electrolyte", "low-temperature", "pH −2", "a - b"])
def test_a_figure_below_zero_or_a_hyphen_excludes_nothing(text):
    assert read_question(text).without == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("trl:6", (6, 6)), ("trl:4-6", (4, 6)), ("TRL：>=7", (7, None)), ("成熟度:≤3", (None, 3)),
     ("trl:7+", (7, None)), ("trl:12", (None, None)), ("trl:x", (None, None))],
)  # fmt: skip
def test_readiness_is_read(text, expected):
    question = read_question(f"pump {text}")
    assert (question.trl_min, question.trl_max) == expected


@pytest.mark.parametrize("text", ["field:new_energy", 'field:"new energy"', "领域：新能源"])
def test_a_field_is_read_by_code_or_name(text):
    question = read_question(f"pump {text}")
    assert question.fields == ("new_energy",)
    assert [word.surface for word in question.words] == ["pump"]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [("pump field:wombats", "field", "wombats"), ("pump trl:12", "trl", "12"),
     ("成熟度：高 pump", "trl", "高"), ("pump org:", "org", ""), ('pump org: ""', "org", ""),
     ("pump 机构：", "org", ""), ("field:new pump", "field", "new"), ("pump field:", "field", "")],
)  # fmt: skip
def test_a_filter_whose_value_is_none_is_left_out_and_named(text, name, value):
    question = read_question(text)
    assert surfaces(text) == ["pump"]
    assert [(one.name, one.value) for one in question.misread] == [(name, value)]
    assert question.misread[0].text in text
    assert not question.has_filters


@pytest.mark.parametrize(
    ("value", "expected"),
    [("new", ["new_energy", "new_materials"]), ("enrgy", []), ("材料", ["new_materials"]),
     ("medicine", ["biology_medicine"])],
)  # fmt: skip
def test_the_fields_that_come_near_are_named(value, expected):
    near = nearest_fields(value)
    assert set(expected) <= set(near)
    assert near


def test_of_a_field_that_is_nowhere_near_all_are_named():
    assert nearest_fields("wombats") == [code.code for code in FIELDS]
    assert nearest_fields("") == [code.code for code in FIELDS]


def test_a_range_of_readiness_may_be_given_from_either_end():
    question = read_question("trl:7-5")
    assert (question.trl_min, question.trl_max) == (5, 7)


def test_an_organisation_is_read():
    assert read_question('org:"Lakeside University" pump').organisation == "Lakeside University"


@pytest.mark.parametrize(
    "text", ['"', '""', "“", "-", "--", "field:", "org:", "trl:", ">= 300", "a >= b", '-"', ":::"]
)
def test_signs_alone_are_no_fault(text):
    assert read_question(text).specifications == ()


# --- quantities ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "metric", "base", "rest"),
    [
        ("energy density >= 300 Wh/kg", "energy density", 1_080_000, ""),
        ("battery energy density≥0.3 kWh/kg", "energy density", 1_080_000, "battery"),
        ("电池 能量密度>=300 Wh/kg", "能量密度", 1_080_000, "电池"),
    ],
)
def test_a_specification_is_read_in_any_unit(text, metric, base, rest):
    (asked,), left = read_specification(text)
    assert metric in asked.metric
    assert asked.base == pytest.approx(base)
    assert asked.comparator == "ge"
    assert left.split() == rest.split()


@pytest.mark.parametrize(
    ("text", "read", "rest", "without"),
    [
        ("energy density over 300 Wh/kg", "energy density > 300 Wh/kg", [], "energy density"),
        ("能量密度大于300 Wh/kg的电池", "能量密度 > 300 Wh/kg", ["电池"], "能量密度 的电池"),
        ("抗拉强度不低于250MPa", "抗拉强度 >= 250 MPa", [], "抗拉强度"),
        ("抗拉强度250MPa以上的铝合金", "抗拉强度 >= 250 MPa", ["铝合金"], "抗拉强度 的铝合金"),
        ("noise 38 dB(A) or less", "noise <= 38 dB(A)", [], "noise"),
        ("循环寿命大于2000次的电池", "循环寿命 > 2000 次", ["电池"], "循环寿命 的电池"),
        ("a tensile strength of at least 250 MPa", "tensile strength >= 250 MPa", [],
         "a tensile strength"),
        ("容量保持率达到80%以上", "容量保持率 >= 80 %", [], "容量保持率 以上"),
    ],
)  # fmt: skip
def test_a_figure_may_be_asked_for_in_words(text, read, rest, without):
    question = read_question(text)
    (asked,) = question.specifications
    assert (asked.text, [word.surface for word in question.words]) == (read, rest)
    assert without_figure(text, asked) == without


def test_words_that_compare_are_never_looked_for_beside_others():
    assert surfaces("电池 大于") == surfaces("电池 不低于") == ["电池"]
    assert surfaces("pump over") == surfaces("pump at least exceeding") == ["pump"]


def test_a_unit_that_is_none_leaves_the_text_alone():
    assert read_specification("density >= 3 wombats") == ((), "density >= 3 wombats")
