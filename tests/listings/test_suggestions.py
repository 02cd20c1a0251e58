"""Suggestions while one types, and corrections of words that stand nowhere."""

import pytest
from django.urls import reverse

from listings import terms
from listings.models import Listing, Term
from listings.queries import meaning
from listings.queries.browse import browse
from listings.queries.suggestions import suggest
from listings.wanted import Wanted
from marketplace.core.actor import Actor
from tests.listings.factories import organisation, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def market(run_jobs, monkeypatch):
    monkeypatch.setattr(meaning, "encoder", lambda: None)
    owner = organisation("Lakeside University", name_zh="湖畔大学")
    published(owner, title_en="Solid electrolyte film", title_zh="固态电解质薄膜",
              keywords_en=["solid electrolyte"], keywords_zh=["固态电解质"])  # fmt: skip
    published(title_en="Solar concentrator", keywords_en=["solar heat", "solid salts"])
    run_jobs(check=False)
    terms.count_terms()


def texts(typed, kind="technology"):
    return [one.text for one in suggest(typed, kind)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("solid el", ["solid electrolyte"]),
        ("SOLID", ["solid electrolyte", "solid salts"]),
        ("固态", ["固态电解质"]),
        ("固態電", ["固态电解质"]),
        ("gutai", ["固态电解质"]),
        ("gtdjz", ["固态电解质"]),
        ("electrolyte", ["solid electrolyte"]),
        ("hupan", ["湖畔大学"]),
        ("xyz", []),
        ("", []),
        ("%", []),
        ("_", []),
    ],
)
def test_keywords_are_suggested_as_typed_in_pinyin_and_in_initials(market, typed, expected):
    assert texts(typed) == expected


def test_what_was_taken_back_is_not_suggested_though_its_term_is_still_there(market, run_jobs):
    from listings.actions import lifecycle

    listing = Listing.objects.get(title_en="Solar concentrator")
    lifecycle.withdraw(actor=Actor.system(), listing_id=listing.pk)
    assert Term.objects.filter(key="solar heat").exists()
    assert texts("solar") == []
    terms.count_terms()
    assert not Term.objects.filter(key="solar heat").exists()


@pytest.mark.parametrize(
    "values",
    [{"visibility": "members"}, {"visibility": "confidential"}],
)
def test_words_of_closed_listings_are_no_terms(run_jobs, values):
    published(keywords_en=["wombat fur"], title_en="Wombat", **values)
    run_jobs(check=False)
    terms.count_terms()
    assert not Term.objects.exists()


def test_an_anonymous_owner_is_no_term(run_jobs):
    published(organisation("Wombat Works"), is_anonymous=True)
    run_jobs(check=False)
    terms.count_terms()
    assert not Term.objects.filter(key__contains="wombat").exists()


def found(question, **more):
    return browse(Wanted(kind="technology", question=question, **more), Actor.visitor())


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("solid electrolite", "solid electrolyte"),
        ("concentartor", "concentrator"),
        ("gutai dianjiezhi", "固态电解质"),
        ("固态电解制", "固态电解质"),
    ],
)
def test_a_slip_is_answered_as_it_was_meant_and_it_is_said(market, question, meant):
    answer = found(question)
    assert answer.meant == meant
    assert len(answer.page.object_list) == 1


def test_who_insists_gets_what_was_written(market):
    assert found("solid electrolite", exact=True).meant == ""


@pytest.mark.parametrize("question", ["electrolyte", "wombat", "xk", "12345", "zzzzzzzzzzzz"])
def test_nothing_is_corrected_that_is_right_or_far_from_everything(market, question):
    assert found(question).meant == ""


def test_the_box_gets_its_options(client, market):
    page = client.get(reverse("suggestions"), {"q": "gutai", "kind": "technology"})
    assert 'value="固态电解质"' in page.content.decode()
    assert 'label="gutaidianjiezhi"' in page.content.decode()


@pytest.mark.parametrize("typed", ["<script>", "\x00", "a" * 10_000, "'; --", "🔋", "%%%", "\\"])
def test_strange_letters_are_answered(client, market, typed):
    assert client.get(reverse("suggestions"), {"q": typed}).status_code == 200


@pytest.mark.parametrize("typed", ["s", "so"])
def test_suggestions_take_two_queries(market, typed, django_assert_num_queries):
    with django_assert_num_queries(2):
        suggest(typed, "technology")
