"""The quoted passage: the best one, marked, escaped, never out of a closed tier."""

import pytest

from listings.disclosure import Access, disclose_at
from listings.passages import best_passage, marked, present
from tests.listings.factories import draft, organisation

pytestmark = pytest.mark.django_db


def seen(tier="public", **values):
    return disclose_at(draft(organisation(), **values), Access(tier, knows_owner=True))


def test_the_sentence_with_most_of_the_words_is_quoted():
    listing = seen(summary_en="It is thin.", body_en="It is blue. It holds at -40 degC. Cheap too.")
    found = best_passage(listing, {"hold": 2.0, "40": 1.0}, "en")
    assert found.html.startswith("It <mark>holds</mark> at -<mark>40</mark> degC.")


def test_chinese_words_are_marked_where_they_stand():
    assert marked("低温动力电池电解液", {"电池", "电解液"}) == (
        "低温动力<mark>电池</mark><mark>电解液</mark>"
    )


def test_markup_in_a_text_is_escaped_inside_and_outside_of_marks():
    assert marked("<b>electrolyte</b> & <script>", {"electrolyt"}) == (
        "&lt;b&gt;<mark>electrolyte</mark>&lt;/b&gt; &amp; &lt;script&gt;"
    )


def test_a_hyphenated_word_is_not_marked_for_one_of_its_parts():
    wanted = {"low-temperature", "low", "temperatur"}
    assert marked("room-temperature", wanted) == "room-temperature"
    assert marked("Low-temperature", wanted) == "<mark>Low-temperature</mark>"
    assert marked("low temperature", wanted) == "<mark>low</mark> <mark>temperature</mark>"


@pytest.mark.parametrize(
    ("tier", "quoted"), [("public", False), ("members", True), ("confidential", True)]
)
def test_the_members_tier_is_quoted_to_its_readers_only(tier, quoted):
    listing = seen(tier, members_text_en="The wombat additive does it.")
    assert ("wombat" in best_passage(listing, {"wombat": 1.0}, "en").html) is quoted
    assert bool(present(listing, {"wombat"})) is quoted


def test_the_confidential_tier_is_not_quoted_to_members():
    listing = seen("members", confidential_text_en="The wombat additive does it.")
    assert "wombat" not in best_passage(listing, {"wombat": 1.0}, "en").html


def test_a_long_sentence_is_cut_around_the_word():
    text = f"{'very ' * 200}rare electrolyte {'indeed ' * 200}"
    found = best_passage(seen(summary_en="", body_en=text), {"electrolyt": 1.0}, "en")
    assert "<mark>electrolyte</mark>" in found.html
    assert len(found.html) < 320


def test_the_readers_language_is_quoted_when_nothing_was_found():
    listing = seen(summary_en="In English.", summary_zh="中文摘要。")
    assert best_passage(listing, {"x": 1.0}, "zh-hans").html.startswith("中文摘要。")
    assert best_passage(listing, {"x": 1.0}, "en").lang == "en"


def test_a_term_is_marked_where_its_words_stand_together():
    said = str(marked("low temperature, high pressure and high temperature", {"high_temperatur"}))
    assert said == "low temperature, high pressure and <mark>high temperature</mark>"
