"""The home page: live figures and what is new, of what everybody may see."""

import pytest
from django.core.cache import cache

from tests.listings.factories import organisation, published

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _figures_are_fresh():
    cache.clear()


def home(client, language="en"):
    answer = client.get("/", HTTP_ACCEPT_LANGUAGE=language)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_market_invites_the_first_listing(client):
    page = home(client)
    assert "Yours may be the first" in page
    assert "Try:" not in page


def test_what_is_new_stands_there_with_its_field_counted(client):
    published(title_en="An electrolyte", field="new_energy")
    published(kind="need", title_en="A colder battery")
    page = home(client)
    assert "An electrolyte" in page
    assert "A colder battery" in page
    assert 'href="/technologies/?field=new_energy"' in page


def test_a_question_leads_to_the_list(client):
    page = home(client)
    assert 'action="/technologies/"' in page
    assert 'name="q"' in page


def test_hidden_and_anonymous_listings_leave_no_trace(client):
    owner = organisation("Wombat Works")
    published(owner, title_en="Members alloy", visibility="members")
    published(owner, title_en="Secret alloy", visibility="confidential")
    published(owner, title_en="Unnamed alloy", is_anonymous=True)
    page = home(client)
    assert "Unnamed alloy" in page
    assert "Members alloy" not in page
    assert "Secret alloy" not in page
    assert "Wombat" not in page


def test_home_speaks_chinese(client):
    published(title_zh="低温电解液")
    page = home(client, "zh-CN")
    assert "让技术遇见需要它的人" in page
    assert "低温电解液" in page
    assert "New technologies" not in page


@pytest.mark.parametrize("number", [1, 3])
def test_home_takes_the_same_queries_however_much_is_new(client, number, django_assert_num_queries):
    for _ in range(number):
        published()
        published(kind="need")
    home(client)
    # figures are kept for a minute; rows and owners of both kinds
    with django_assert_num_queries(4):
        home(client)


def test_help_answers_in_both_languages(client):
    assert "Who may read what" in client.get("/help/").content.decode()
    chinese = client.get("/help/", HTTP_ACCEPT_LANGUAGE="zh-CN").content.decode()
    assert "谁能看到什么" in chinese
