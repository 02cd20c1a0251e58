"""What is read from a text in somebody's own words. No database."""

from __future__ import annotations

import time

import pytest

from marketplace.core.errors import Invalid
from matching.asking.text import MAX_USED, read_text


def figures(text: str) -> list[tuple[str, str, str, str]]:
    return [
        (one.metric_en, one.comparator, str(one.value), one.unit)
        for one in read_text(text).specifications
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "text_missing"), ("  \n\t ", "text_missing"), ("\u200b\u202e", "text_missing"),
        ("!!! ... ???", "no_words"), ("。。。，，", "no_words"), ("the of and", "no_words"),
        ("Нам нужен электролит для холода", "language_unknown"),
        ("寒い地域", ""), ("💥💥", "no_words"),
    ],
)  # fmt: skip
def test_a_text_that_says_nothing_is_refused_with_what_to_do(text, code):
    if not code:
        assert read_text(text).words
        return
    with pytest.raises(Invalid) as refused:
        read_text(text)
    assert refused.value.code == code
    assert refused.value.fields["text"]


@pytest.mark.parametrize("sign", [">=", "≥", "of at least", "must be at least", "no less than"])
def test_figures_are_read_with_their_sign_or_its_words(sign):
    found = figures(f"We need a capacity retention {sign} 80 % in the cold")
    assert found == [("Capacity retention", "ge", "80", "%")]


@pytest.mark.parametrize(
    ("text", "sign", "value"),
    [("容量保持率不低于80%", "ge", "80"), ("容量保持率至少 80 %", "ge", "80"),
     ("厚度不超过 5 μm", "le", "5"), ("厚度应小于5μm", "le", "5")],
)  # fmt: skip
def test_figures_are_read_from_chinese(text, sign, value):
    [(_metric, comparator, number, _unit)] = figures(text)
    assert (comparator, number) == (sign, value)


def test_a_number_without_a_known_metric_is_no_figure():
    assert figures("It must survive more than 300 °C and at least 5 shifts") == []


def test_unticked_figures_do_not_count():
    asked = read_text("capacity retention >= 80 %")
    [figure] = asked.figures
    assert asked.without({figure.text}).specifications == []
    assert asked.specifications


def test_the_first_sentence_weighs_as_a_title_and_repeating_adds_little():
    asked = read_text("Electrolyte for cold cells. Filling line " + "winter " * 500)
    assert asked.mentions["electrolyt"].in_title
    assert not asked.mentions["winter"].in_title
    assert asked.mentions["winter"].weight <= 12


def test_one_repeated_word_is_one_word():
    assert read_text("coating " * 50).is_thin


@pytest.mark.parametrize("piece", ["电解液低温性能", "electrolyte winter ", "容量保持率≥80%，"])
def test_a_hundred_thousand_characters_are_cut_in_a_bounded_time(piece):
    text = (piece * 100_000)[:100_000]
    read_text(piece)  # dictionaries are loaded at first use
    started = time.monotonic()
    asked = read_text(text)
    assert time.monotonic() - started < 5
    assert (asked.used, asked.length, asked.is_cut) == (MAX_USED, 100_000, True)


def test_a_text_that_just_fits_is_not_cut():
    assert not read_text("电" * MAX_USED).is_cut


def test_a_word_without_end_is_no_word():
    with pytest.raises(Invalid):
        read_text("a" * 100_000)
