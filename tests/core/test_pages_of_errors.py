"""Refusals before a view is reached, as pages."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/technologies/", "/api/v1/technologies/"])
def test_a_foreign_host_is_a_bad_request(path):
    client = Client(headers={"host": "evil.example"}, raise_request_exception=False)
    answer = client.get(path)
    assert answer.status_code == 400
    assert "evil.example" not in answer.content.decode()


def test_the_way_back_from_signing_in_keeps_the_whole_address():
    answer = Client().get("/my/listings/?state=draft&q=abc")
    assert answer["Location"] == "/account/login/?next=/my/listings/%3Fstate%3Ddraft%26q%3Dabc"
