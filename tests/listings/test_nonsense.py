"""What is of no subject finds nothing; what is asked in words that nobody wrote is found still."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from accounts.models import Organisation
from listings.actions.content import apply_content
from listings.indexing import texts_of_meaning
from listings.models import Listing
from listings.models.listings import Tier
from listings.queries import meaning
from listings.queries.browse import browse
from listings.question import read_question
from listings.wanted import Wanted
from marketplace.core.actor import Actor
from marketplace.core.encoder import encoder
from marketplace.core.words import language_of, tokens
from marketplace.demo import meanings
from marketplace.demo.entries import authored, content_of
from tests.listings.factories import published

ASKED = yaml.safe_load(Path(__file__).with_name("nonsense.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def demo():
    """(vector, languages) of each technology of the demo market, and all their words."""
    kept, rows, words = meanings.kept(), [], set()
    for entry in authored():
        if entry.kind != "technology" or entry.row.get("visibility") == "confidential":
            continue
        listing = Listing(kind=entry.kind, owner=Organisation())
        apply_content(listing, content_of(entry))
        vector = np.mean(kept.passages(texts_of_meaning(listing, Tier.PUBLIC)), axis=0)
        spoken = {one for one in ("en", "zh") if getattr(listing, f"title_{one}")}
        rows.append((vector / np.linalg.norm(vector), spoken))
        for name in ("title", "summary", "body"):
            for language in ("en", "zh"):
                words.update(tokens(getattr(listing, f"{name}_{language}")))
    return rows, words


def is_let_through(question, demo):
    """As the search decides for a visitor of the demo market."""
    rows, words = demo
    if any(word.tokens & words for word in read_question(question).words):
        return True
    language = language_of(question)
    vector = np.array(encoder().questions([question])[0])
    nearest = min(
        1 - float(vector @ row) / np.linalg.norm(vector)
        - (0 if language in spoken else meaning.CROSSING)
        for row, spoken in rows
    )  # fmt: skip
    return meaning.has_subject(vector.tolist(), language, nearest)


def test_nonsense_is_told_from_questions_in_other_words(demo):
    """No real one is lost. Of nonsense in Latin letters nearly all is told, of Chinese nothing."""
    assert len(ASKED["nonsense"]) >= 30 and len(ASKED["real"]) >= 30
    for language, least in (("en", 0.94), ("zh", 0.5)):
        asked = {name: [one for one in rows if language_of(one) == language]
                 for name, rows in ASKED.items()}  # fmt: skip
        kept = {name: [one for one in rows if is_let_through(one, demo)]
                for name, rows in asked.items()}  # fmt: skip
        precision = len(kept["real"]) / (len(kept["real"]) + len(kept["nonsense"]))
        assert kept["real"] == asked["real"], set(asked["real"]) - set(kept["real"])
        assert precision >= least, (language, precision, kept["nonsense"])


@pytest.mark.django_db
def test_the_page_of_nonsense_is_the_empty_one(run_jobs, monkeypatch, client):
    monkeypatch.setattr(meaning, "NEAREST", 1)
    plain = {"title_zh": "", "summary_zh": "", "body_zh": ""}
    published(**{**plain, "title_en": "Hearing aid with bone conduction", "body_en": "",
                 "summary_en": "Sound through the skull."})  # fmt: skip
    run_jobs(check=False)
    visitor = Actor.visitor()

    def found(question):
        return browse(Wanted(kind="technology", question=question), visitor).counts.total

    assert (found("deaf people listening"), found("jabberwock bandersnatch")) == (1, 0)
    # nobody could have written these words: there is no listing in Chinese
    assert found("听力障碍者怎么听见声音") == 1
    page = client.get("/technologies/?q=jabberwock+bandersnatch").content.decode()
    assert "No listing holds any of these words" in page and "Post it as a need" in page
