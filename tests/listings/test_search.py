"""Search over words: what is found, in whose tier, in which order, and what never is."""

import pytest

from listings.queries import meaning
from listings.queries.browse import browse
from listings.queries.search import require_all, require_some
from listings.question import words_of
from listings.wanted import Wanted
from marketplace.core.actor import Actor
from tests.listings.factories import draft, member_of, organisation, published

pytestmark = pytest.mark.django_db

VISITOR = Actor.visitor()


@pytest.fixture(autouse=True)
def _words_alone(monkeypatch):
    """What is found in meaning besides is in test_meaning.py."""
    monkeypatch.setattr(meaning, "encoder", lambda: None)


@pytest.fixture
def post(run_jobs):
    """Publish and index; returns the listing."""

    def make(**values):
        listing = published(**values)
        run_jobs(check=False)
        return listing

    return make


def titles(question, actor=VISITOR, kind="technology", **filters):
    found = browse(Wanted(kind=kind, question=question, **filters), actor)
    return [row.title_en or row.title_zh for row in found.page.object_list]


# --- words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    ["electrolyte pouch", "ELECTROLYTES", "fluorinated ester", "pouch-cells electrolyte", "éster"],
)
def test_english_is_found_by_stem_case_accent_and_parts(post, question):
    post()
    assert len(titles(question)) == 1


@pytest.mark.parametrize(
    "question", ["电解液", "低温电解液", "需要低温的电解液方案", "电池 电解液"]
)
def test_chinese_is_found_by_its_words_without_those_of_asking(post, question):
    post(title_zh="低温动力电池电解液", summary_zh="在低温下保持容量。")
    assert len(titles(question)) == 1


def test_all_words_are_required_while_something_holds_them(post):
    post(title_en="Electrolyte for cold climates")
    post(title_en="Separator for cold climates", body_en="", summary_en="A separator.")
    assert titles("electrolyte cold") == ["Electrolyte for cold climates"]


def test_when_nothing_holds_all_words_the_rarest_are_enough_and_it_is_said(post):
    post(title_en="Electrolyte for cold climates")
    found = browse(Wanted(kind="technology", question="electrolyte zeppelin"), VISITOR)
    assert found.is_partial
    assert [word.surface for word in found.query.nowhere] == ["zeppelin"]
    assert len(found.page.object_list) == 1


@pytest.mark.parametrize("hidden", [{"visibility": "confidential"}, {"visibility": "members"}])
def test_a_word_that_only_a_hidden_listing_holds_stands_nowhere(post, hidden):
    post(title_en="Electrolyte for cold climates")
    post(title_en="Zeppelin electrolyte", **hidden)
    found = browse(Wanted(kind="technology", question="electrolyte zeppelin"), VISITOR)
    assert [word.surface for word in found.query.nowhere] == ["zeppelin"]
    assert len(found.page.object_list) == 1


def test_a_word_of_the_title_counts_more_than_one_of_the_text(post):
    post(title_en="Separator", summary_en="Thin.", body_en="Works with every membrane.")
    post(title_en="Membrane", summary_en="Thin.", body_en="Works with every separator.")
    assert titles("membrane") == ["Membrane", "Separator"]


@pytest.mark.parametrize(
    "question",
    ["!!! ??? ---", "的 的 的", "the of and", "'; DROP TABLE listings_listing; --", "(((((",
     "\u202e", "🔋🔋", "\\' & | ! <-> :*", "a" * 10_000, "电" * 10_000, "%s %(x)s {} $1", "(a+)+$"],
)  # fmt: skip
def test_a_strange_question_is_answered(post, question):
    post()
    assert isinstance(titles(question), list)


def test_a_question_without_words_finds_nothing(post):
    post()
    assert titles("!!!") == []


def test_words_keep_what_the_reader_wrote():
    assert [word.surface for word in words_of("Low-temperature Électrolytes 电解液")] == [
        "Low-temperature", "Électrolytes", "电解液",
    ]  # fmt: skip


# --- tiers ------------------------------------------------------------------------------------


def test_words_of_the_members_tier_are_found_by_verified_members_only(post):
    post(members_text_en="The wombat additive.")
    assert titles("wombat") == []
    assert titles("wombat", member_of(organisation(verified=False))) == []
    assert len(titles("wombat", member_of(organisation()))) == 1


def test_words_of_the_confidential_tier_are_found_by_the_owner_alone(post):
    owner = organisation()
    post(owner=owner, confidential_text_en="The wombat additive.")
    assert titles("wombat", member_of(organisation())) == []
    assert len(titles("wombat", member_of(owner))) == 1


def test_an_anonymous_owner_is_not_found_by_its_name(post):
    owner = organisation("Wombat Works")
    post(owner=owner, is_anonymous=True)
    assert titles("wombat") == []
    assert titles("wombat", member_of(organisation())) == []


def test_a_confidential_listing_is_found_by_its_owner_alone(post):
    owner = organisation()
    post(owner=owner, visibility="confidential", title_en="Wombat alloy")
    assert titles("wombat", member_of(organisation())) == []
    assert titles("wombat", member_of(owner)) == ["Wombat alloy"]


def test_a_draft_is_found_by_nobody(post, run_jobs):
    owner = organisation()
    draft(owner, title_en="Wombat alloy")
    run_jobs(check=False)
    assert titles("wombat", member_of(owner)) == []


# --- queries ----------------------------------------------------------------------------------


def test_rare_words_weigh_more_and_numbers_little(post):
    post(title_en="Electrolyte 300")
    query = require_some("electrolyte 300 zeppelin", VISITOR, "technology")
    weights = {word.token: weight for word, weight in query.words}
    assert weights["300"] < weights["electrolyt"]
    assert not query.every


def test_a_hyphenated_word_is_also_found_apart():
    query = require_all("gas-tight", VISITOR)
    assert query.tsquery == "('gas-tight' | ('gas' & 'tight'))"


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_takes_the_same_queries_however_long_it_is(post, number, django_assert_num_queries):
    for _ in range(number):
        post(title_en="Electrolyte for cold climates")
    # words, whether all are held, counts, candidates by words, those that may be seen, the newest
    # beside them, weights, what says the same, rows, owners, specifications, rights, documents,
    # co-owners
    with django_assert_num_queries(14):
        answer = browse(Wanted(kind="technology", question="electrolyte"), VISITOR)
    assert answer.counts.total == number and answer.folded == number - 1
