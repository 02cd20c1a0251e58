"""ETag, If-Match and If-None-Match: nobody overwrites what was not read, nobody reads twice."""

import pytest

from listings.models import Listing
from tests.listings import factories

pytestmark = pytest.mark.urls("tests.api.floor")


@pytest.fixture
def note(cast):
    return factories.published(cast.home, title_en="First title")


@pytest.fixture
def url(note):
    return f"/api/v1/notes/{note.public_id}/"


def test_one_object_answers_with_an_etag_that_names_its_version(cast, note, url):
    answer = cast.owner.api.get(url)
    assert answer["ETag"].startswith(f'"{note.public_id}')
    assert answer["ETag"].endswith(f':{note.version}"')


def test_unchanged_object_is_not_sent_again(cast, url):
    etag = cast.owner.api.get(url)["ETag"]
    for sent in (etag, f"W/{etag}", f'"other:1", {etag}', "*"):
        answer = cast.owner.api.get(url, headers={"If-None-Match": sent})
        assert (answer.status_code, answer.content) == (304, b""), sent
        assert answer["ETag"] == etag
        assert "Authorization" in answer["Vary"]


def test_changed_object_is_sent_again(cast, note, url):
    etag = cast.owner.api.get(url)["ETag"]
    Listing.objects.filter(pk=note.pk).update(version=note.version + 1)
    answer = cast.owner.api.get(url, headers={"If-None-Match": etag})
    assert answer.status_code == 200 and answer["ETag"] != etag


def test_what_another_reader_or_wish_would_get_is_not_taken_for_unchanged(cast, url):
    etag = cast.owner.api.get(url)["ETag"]
    other = cast.owner.api.get(f"{url}?expand=owner", headers={"If-None-Match": etag})
    assert other.status_code == 200 and other.json()["owner"] == "Lantern Works"


def test_change_with_the_read_version_is_made(cast, note, url):
    etag = cast.owner.api.get(url)["ETag"]
    answer = cast.owner.api.patch(url, {"title_en": "Second"}, headers={"If-Match": etag})
    assert answer.status_code == 200
    assert answer["ETag"].endswith(f':{note.version + 1}"')


@pytest.mark.parametrize("sent", ['"{id}:{old}"', 'W/"{id}:{old}"', '"{old}"', '"x"', '"é"'])
def test_change_of_another_version_is_refused(cast, note, url, sent):
    header = sent.format(id=note.public_id, old=note.version - 1)
    answer = cast.owner.api.patch(url, {"title_en": "Second"}, headers={"If-Match": header})
    assert answer.status_code == 412
    assert answer.json()["code"] == "stale_version"
    note.refresh_from_db()
    assert note.title_en == "First title"


def test_etag_of_another_object_is_refused(cast, note, url):
    header = f'"0000000000:{note.version}"'
    answer = cast.owner.api.patch(url, {"title_en": "Second"}, headers={"If-Match": header})
    assert answer.status_code == 412


@pytest.mark.parametrize("header", [{}, {"If-Match": "*"}])
def test_change_without_a_condition_is_made(cast, url, header):
    assert cast.owner.api.patch(url, {"title_en": "Second"}, headers=header).status_code == 200


def test_an_earlier_etag_refuses_after_a_change_by_somebody_else(cast, url):
    etag = cast.owner.api.get(url)["ETag"]
    cast.colleague.api.patch(url, {"title_en": "By the colleague"})
    answer = cast.owner.api.patch(url, {"title_en": "By the owner"}, headers={"If-Match": etag})
    assert answer.status_code == 412
    assert cast.owner.api.get(url).json()["title_en"] == "By the colleague"
