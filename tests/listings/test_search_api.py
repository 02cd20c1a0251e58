"""The search for programs: the same hits as on the page, nothing that a reader may not see."""

import pytest

from listings import terms
from tests.listings import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def market(cast, run_jobs):
    f.published(cast.home, title_en="Solid electrolyte film", keywords_en=["solid electrolyte"],
                members_text_en="The wombat additive.")  # fmt: skip
    f.published(cast.home, title_en="Wombat alloy", visibility="confidential")
    run_jobs(check=False)
    terms.count_terms()


def test_a_question_is_answered_with_what_it_was_found_by(cast, market):
    answer = cast.visitor.client.get("/api/v1/search/?q=solid+electrolite")
    data = answer.json()
    assert answer.status_code == 200
    assert data["meant"] == "solid electrolyte"
    assert data["total"] == 1
    (hit,) = data["results"]
    assert hit["listing"]["title_en"] == "Solid electrolyte film"
    assert hit["words"] > 0.5
    assert "<mark>" in hit["passage"]
    assert data["counts"]["field"]["new_energy"] == 1


@pytest.mark.parametrize("question", ["wombat", "alloy", "-wombat electrolyte", '"wombat alloy"'])
def test_closed_words_and_listings_change_nothing(cast, market, question):
    said = cast.visitor.client.get("/api/v1/search/", {"q": question}).content.decode().lower()
    assert "wombat" not in said.replace(question, "")
    assert "alloy" not in said


def test_an_unknown_value_is_refused_by_name(cast):
    answer = cast.visitor.client.get("/api/v1/search/?field=nonsense")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "field"


def test_suggestions(cast, market):
    data = cast.visitor.client.get("/api/v1/suggestions/?q=solid").json()
    assert data == {"results": [{"text": "solid electrolyte", "label": ""}]}
    assert cast.visitor.client.get("/api/v1/suggestions/?q=a&kind=x").status_code == 400
