"""Where meanings lie, and how near two are against that background."""

import numpy as np
import pytest

from listings.models import SearchEntry
from matching.models import Bearing
from matching.pipeline import bearings
from matching.pipeline.bearings import Bearings, nearness
from tests.listings.factories import organisation, published

DIMENSIONS = bearings.DIMENSIONS


def vectors(number, seed, common=0.0):
    """Of unit length, with so much in common in the first direction."""
    rows = np.random.default_rng(seed).normal(size=(number, DIMENSIONS)) / np.sqrt(DIMENSIONS)
    rows[:, 0] += common
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype("f4")


def of(needs, technologies):
    means = {
        (kind, language): rows.mean(axis=0)
        for kind, rows in (("need", needs), ("technology", technologies))
        for language in bearings.LANGUAGES
    }
    banks = {}
    for kind, rows in (("need", needs), ("technology", technologies)):
        centred = rows - means[kind, "en"]
        banks[kind] = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    return Bearings(means, banks)


def test_what_all_have_in_common_says_nothing():
    needs, technologies = vectors(60, 1, common=3.0), vectors(60, 2, common=3.0)
    raw = needs @ technologies.T
    assert raw.min() > 0.8  # as an encoder has them: everything is like everything
    known = of(needs, technologies)
    near = nearness(known, needs[0], "need", "en", technologies, ["en"] * 60)
    assert abs(near.mean() + 0.4) < 0.3 and near.std() > 0.05


def test_near_is_the_same_from_both_directions():
    needs, technologies = vectors(40, 3, common=2.0), vectors(50, 4, common=2.0)
    known = of(needs, technologies)
    there = nearness(known, needs[3], "need", "en", technologies[:5], ["en"] * 5)
    back = [
        nearness(known, one, "technology", "en", needs[3:4], ["en"])[0] for one in technologies[:5]
    ]
    assert np.allclose(there, back, atol=1e-5)


def test_a_text_that_is_near_to_everything_is_no_find():
    needs = vectors(50, 5, common=0.0)
    hub = needs.mean(axis=0)
    hub /= np.linalg.norm(hub)
    own = needs[0] + 0.6 * vectors(1, 6)[0]
    own /= np.linalg.norm(own)
    technologies = np.vstack([hub, own, vectors(50, 7)])
    nothing = np.zeros(DIMENSIONS, dtype="f4")
    means = {(kind, "en"): nothing for kind in ("need", "technology")}
    known = Bearings(means, {"need": needs, "technology": technologies})
    near = nearness(known, needs[0], "need", "en", technologies[:2].astype("f4"), ["en", "en"])
    assert near[1] > near[0] + 0.3


@pytest.mark.django_db
def test_a_market_is_measured_at_once_and_again_when_it_has_grown(monkeypatch):
    owner = organisation()
    rows = vectors(6, 8, common=1.0)
    for row in rows[:3]:
        listing = published(owner)
        SearchEntry.objects.filter(pk=listing.pk).update(meaning_public=list(row), encoder="test")
    first = bearings.bearings_of("test", market=3)
    assert first is not None
    assert sum(Bearing.objects.get(kind="technology").counts) == 3
    assert first.banks["technology"].shape == (3, DIMENSIONS)
    # measured again at most once a minute
    for row in rows[3:]:
        listing = published(owner)
        SearchEntry.objects.filter(pk=listing.pk).update(meaning_public=list(row), encoder="test")
    assert bearings.bearings_of("test", market=6) is first
    monkeypatch.setattr(bearings, "PAUSE", bearings.PAUSE * 0)
    again = bearings.bearings_of("test", market=6)
    assert again is not None and again.banks["technology"].shape == (6, DIMENSIONS)
    assert bearings.bearings_of("", market=6) is None


@pytest.mark.django_db
def test_what_is_closed_moves_no_bearing():
    owner = organisation()
    for visibility in ("members", "confidential"):
        listing = published(owner, visibility=visibility)
        SearchEntry.objects.filter(pk=listing.pk).update(
            meaning_public=list(vectors(1, 9)[0]), encoder="test"
        )
    bearings.measure("test")
    assert not Bearing.objects.exists()


@pytest.mark.django_db
def test_a_large_market_that_never_was_measured_does_not_wait_for_the_hourly_job():
    listing = published(organisation())
    SearchEntry.objects.filter(pk=listing.pk).update(
        meaning_public=list(vectors(1, 10)[0]), encoder="large"
    )
    found = bearings.bearings_of("large", market=bearings.SMALL + 1)
    assert found is not None and len(found.banks["technology"]) == 1
