"""Describe your problem: what is found, what decides, what nobody may learn, and the page."""

from __future__ import annotations

import dataclasses

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from listings.models import Listing
from marketplace.core.actor import Actor
from matching.actions.matching import take_stock
from matching.asking.candidates import load_open
from matching.asking.examples import examples
from matching.asking.ranking import rank
from matching.asking.rarity import count_open_words
from matching.asking.text import read_text
from matching.models import MatchRun
from matching.pipeline.subjects import Subject
from tests.listings.factories import member_of, organisation, published
from tests.matching.conftest import Topics
from tests.matching.factories import spec

pytestmark = pytest.mark.django_db
PROBLEM = "Pouch cells lose capacity in winter; capacity retention of at least 80 % at -40 degC."
RANK_QUERIES = 13
PAGE_QUERIES = 13


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()


# What of a listing has no part in an answer to a text: its numbers against the market's background,
# its whole texts, and what lists of an owner's listings are thinned by.
LEFT_OUT = {
    "nearness", "meaning", "meaning_public", "pairs", "is_anonymous", "fingerprint", "title_form",
}  # fmt: skip


def test_what_is_not_read_of_a_listing_is_named(market):
    fields = {one.name: one for one in dataclasses.fields(Subject)}
    listing = market["fits"]
    read = load_open({listing.pk: "public"}, words=None, vector=None)[listing.pk]
    missing = {
        name for name, field in fields.items()
        if (field.default is not dataclasses.MISSING and getattr(read, name) == field.default)
        or (field.default_factory is not dataclasses.MISSING
        and getattr(read, name) == field.default_factory())
    }  # fmt: skip
    # this market has no vectors
    assert missing - {"cosine", "cosine_public"} == LEFT_OUT


@pytest.fixture
def market(run_jobs) -> dict[str, Listing]:
    made = {
        "fits": published(specifications=[spec(value="84")]),
        "falls short": published(
            title_en="Carbonate electrolyte for pouch cells", specifications=[spec(value="60")]
        ),
        "other": published(
            title_en="Camera for flaws in fabric", summary_en="Finds weft faults on the loom.",
            body_en="Line-scan cameras over the cloth.", field="advanced_manufacturing",
        ),
    }  # fmt: skip
    run_jobs()
    count_open_words(anew=True)
    return made


def asked(text: str = PROBLEM, actor: Actor | None = None, **values):
    return rank(read_text(text), actor or Actor.visitor(), **values)


def ids(found) -> list[str]:
    return [row.listing.public_id for row in found.rows]


def seen(found) -> list[tuple[str, int, str]]:
    return [(row.listing.public_id, row.score, row.level) for row in found.rows]


def test_what_fits_comes_first_with_its_reasons(market):
    found = asked()
    best = found.rows[0]
    assert best.listing.public_id == market["fits"].public_id
    assert best.verdicts == {"met": 1, "nearly": 0, "unmet": 0, "unknown": 0}
    assert best.level
    assert {"pouch", "cells"} & {term.en for term in best.terms}
    assert market["other"].public_id not in ids(found)


def test_an_unticked_figure_changes_the_verdicts(market):
    text = read_text(PROBLEM)
    found = rank(text.without({text.figures[0].text}), Actor.visitor())
    assert all(not row.specifications for row in found.rows)


def test_needs_are_found_for_a_solution(market, run_jobs):
    need = published(kind="need")
    run_jobs()
    found = rank(read_text("An electrolyte that keeps its capacity", "technology"), Actor.visitor())
    assert ids(found) == [need.public_id]


def test_other_language_is_found_by_meaning(settings, monkeypatch, run_jobs, use_encoder):
    use_encoder(Topics())
    for module in ("matching.asking.ranking", "matching.asking.rarity"):
        monkeypatch.setattr(f"{module}.encoder", lambda: Topics())
    for number in range(6):
        published(title_en="", summary_en="", body_en="", title_zh=f"织物瑕疵检测之{number}",
                  summary_zh="织物", body_zh="织物")  # fmt: skip
    right = published(title_en="", summary_en="", body_en="", title_zh="低温电解液",
                      summary_zh="电解液", body_zh="电解液")  # fmt: skip
    run_jobs()
    count_open_words(anew=True)
    found = asked("An electrolyte for the winter")
    assert ids(found)[:1] == [right.public_id]
    assert found.by_meaning


def test_nothing_is_stored(market):
    tables = [Listing, MatchRun]
    before = [table.objects.count() for table in tables]
    asked()
    assert [table.objects.count() for table in tables] == before


def test_a_ranking_takes_a_fixed_number_of_queries(market, run_jobs, django_assert_num_queries):
    asked()
    with django_assert_num_queries(RANK_QUERIES):
        asked()
    for _number in range(4):
        published(specifications=[spec(value="84")])
    run_jobs()
    with django_assert_num_queries(RANK_QUERIES):
        asked()


# --- What nobody may learn ------------------------------------------------------------------------

SECRET = "zirconocene"


@pytest.mark.parametrize(
    "hidden",
    [
        {"visibility": "confidential", "summary_en": f"Electrolyte with {SECRET} for pouch cells."},
        {"visibility": "members", "summary_en": f"Electrolyte with {SECRET} for pouch cells."},
    ],
)
def test_a_hidden_listing_changes_nothing(market, run_jobs, hidden):
    """Not the rows, not their scores, not the words that a search would take."""
    text = f"{PROBLEM} Perhaps with {SECRET}."
    before = asked(text)
    made = [published(**hidden) for _number in range(3)]
    run_jobs()
    take_stock()
    count_open_words(anew=True)
    after = asked(text)
    assert seen(after) == seen(before)
    assert (after.total, after.keywords) == (before.total, before.keywords)
    assert not {row.public_id for row in made} & set(ids(after))


@pytest.mark.parametrize("tier", ["members", "confidential"])
def test_a_closed_text_of_an_open_listing_changes_nothing(market, run_jobs, tier):
    text = f"{PROBLEM} Perhaps with {SECRET}."
    shown = market["falls short"]
    plain = asked(text)
    Listing.objects.filter(pk=shown.pk).update(
        **{f"{tier}_text_en": f"The trick is {SECRET}, at 80 % in winter."}
    )
    shown.specifications.create(
        metric_en="Capacity retention", comparator="ge", value=99, unit="%", base_value=0.99,
        dimension=shown.specifications.get().dimension, tier=tier, position=1,
    )  # fmt: skip
    from listings.indexing import index_listing

    index_listing(shown.pk)
    run_jobs()
    count_open_words(anew=True)
    found = asked(text)
    assert seen(found) == seen(plain)
    row = next(row for row in found.rows if row.listing.pk == shown.pk)
    assert row.verdicts["met"] == 0
    assert SECRET not in str(row)


def test_members_are_judged_by_what_members_read(market, run_jobs):
    shown = published(title_en="Electrolyte for the cold", visibility="members",
                      specifications=[spec(value="90", tier="members")])  # fmt: skip
    run_jobs()
    member = member_of(organisation(verified=True))
    assert shown.public_id not in ids(asked())
    row = next(r for r in asked(actor=member).rows if r.listing.pk == shown.pk)
    assert row.verdicts["met"] == 1
    stranger = member_of(organisation(verified=False))
    assert shown.public_id not in ids(asked(actor=stranger))


def test_anonymous_owner_is_not_named(cast, run_jobs):
    published(cast.home, is_anonymous=True)
    run_jobs()
    page = cast.visitor.client.post("/ask/", {"text": PROBLEM, "is": "need"})
    assert page.status_code == 200
    assert cast.home.name_en not in page.content.decode()
    assert "Fluorinated ester" in page.content.decode()


# --- The page -------------------------------------------------------------------------------------


def test_a_visitor_asks_and_gets_an_answer_on_the_same_page(cast, market):
    page = cast.visitor.client.post("/ask/", {"text": PROBLEM, "is": "need"})
    html = page.content.decode()
    assert page.status_code == 200
    assert "Fluorinated ester" in html and PROBLEM in html.replace("&#x27;", "'")
    assert "no-store" in page["Cache-Control"]


def test_the_text_stands_in_no_address_and_no_key(cast, market, settings):
    page = cast.visitor.client.post("/ask/", {"text": f"{PROBLEM} Kryptonite", "is": "need"})
    html = page.content.decode()
    assert "Kryptonite" in html
    assert not [part for part in html.split('href="')[1:] if "ryptonite" in part.split('"')[0]]


def test_text_in_the_address_is_not_taken(cast, market):
    html = cast.visitor.client.get("/ask/?text=Kryptonite").content.decode()
    assert "Kryptonite</textarea>" not in html


def test_page_takes_a_fixed_number_of_queries(cast, market):
    cast.visitor.client.post("/ask/", {"text": PROBLEM, "is": "need"})
    with CaptureQueriesContext(connection) as caught:
        cast.visitor.client.post("/ask/", {"text": PROBLEM, "is": "need"})
    assert len(caught) == PAGE_QUERIES


@pytest.mark.parametrize("text", ["", "!!!", "Привет, мир"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_bad_input_is_refused_in_the_readers_language_and_kept(cast, text, language):
    page = cast.visitor.client.post(
        "/ask/", {"text": text, "is": "need"}, headers={"Accept-Language": language}
    )
    html = page.content.decode()
    assert page.status_code == 422
    assert text in html and "field__error" in html


def test_a_hundred_thousand_characters_are_answered_and_said_so(cast, market):
    page = cast.visitor.client.post("/ask/", {"text": PROBLEM + " x" * 50_000, "is": "need"})
    assert page.status_code == 200
    assert "8,000" in page.content.decode()


def test_unticked_figures_stay_unticked(cast, market):
    figure = read_text(PROBLEM).figures[0].text
    page = cast.visitor.client.post("/ask/", {"text": PROBLEM, "is": "need", "read": figure})
    assert f'name="figure" value="{figure.replace(">", "&gt;")}">' in page.content.decode()


def test_asking_very_often_is_refused_and_nothing_typed_is_lost(cast, monkeypatch):
    from matching.asking.rates import AskRate

    monkeypatch.setattr(AskRate, "THROTTLE_RATES", {"ask": "2/min"})
    answers = [
        cast.visitor.client.post("/ask/", {"text": PROBLEM, "is": "need"}) for _number in range(3)
    ]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert "Pouch cells lose capacity" in answers[2].content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_example_is_answered(cast, market, language):
    for one in examples(language):
        page = cast.visitor.client.get(f"/ask/?example={one.key}&lang={language}")
        assert page.status_code == 200, one.key
    assert cast.visitor.client.get("/ask/?example=nonsense").status_code == 200


def test_text_is_carried_into_a_need_over_signing_in(cast):
    long = PROBLEM + " More." * 100
    first = cast.visitor.client.post("/ask/post/", {"text": long, "is": "need"})
    assert first.status_code == 302 and first.url == "/post/?kind=need"
    assert cast.visitor.client.get(first.url).status_code == 302  # to signing in
    cast.owner.client.post("/ask/post/", {"text": long, "is": "need"})
    assert "Pouch cells lose" in cast.owner.client.get("/post/?kind=need").content.decode()
    done = cast.owner.client.post("/post/", {"kind": "need", "owner": cast.home.public_id})
    assert done.status_code == 302, done.content.decode()[-2000:]
    draft = Listing.objects.latest("pk")
    assert draft.kind == "need" and draft.summary_en.startswith("Pouch cells lose")
    assert draft.body_en.endswith("More.") and len(draft.body_en) > 300


def test_nothing_found_offers_to_describe_it(cast):
    page = cast.visitor.client.get("/technologies/?q=kryptonite").content.decode()
    assert 'action="/ask/"' in page
