from marketplace.core import words


def test_chinese_is_cut_and_english_stemmed_in_one_text():
    found = words.tokens("低温动力电池的电解液 and fluorinated Electrolytes")
    assert {"低温", "电池", "动力电池", "电解液", "fluorin", "electrolyt"} <= set(found)
    assert "的" not in found and "and" not in found


def test_question_is_cut_plainly_so_that_all_its_words_can_be_required():
    assert words.tokens("锂离子电池电解液", query=True) == ["锂离子电池", "电解液"]
    assert set(words.parts_of_chinese("锂离子电池")) == {"离子", "锂离子", "电池"}


def test_hyphenated_word_is_indexed_whole_and_in_its_parts():
    assert words.tokens("Low-temperature") == ["low-temperature", "low", "temperatur"]
    assert words.tokens("Low-temperature", query=True) == ["low-temperature"]


def test_accents_width_and_case_are_folded():
    assert words.tokens("Ｅlectrolyté") == words.tokens("electrolyte")


def test_overlong_text_ends_at_the_bound():
    assert len(words.tokens("word " * 100_000)) == words.MAX_TOKENS


def test_only_punctuation_has_no_words():
    assert words.tokens("，。！？ ---- ''''") == []


def test_language_of_a_text():
    assert words.language_of("用于 −40 ℃ 的电解液") == "zh"
    assert words.language_of("electrolyte (电解液) for cold climates and long winters") == "en"
