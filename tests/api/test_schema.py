"""The committed OpenAPI document is what is served, and its page runs under the strict policy."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"
RENEW = "the API differs from docs/reference/openapi.json; if that is meant: make schema"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    file = tmp_path_factory.mktemp("schema") / "openapi.json"
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", file=str(file)
    )
    return json.loads(file.read_text(encoding="utf-8"))


def test_committed_document_is_what_is_served(served):
    assert json.loads(DOCUMENT.read_text(encoding="utf-8")) == served, RENEW


def test_every_operation_says_what_it_does_and_how_it_refuses(served):
    silent = []
    for path, methods in served["paths"].items():
        for method, operation in methods.items():
            if not operation.get("description") and not operation.get("summary"):
                silent.append(f"{method} {path}")
            assert "application/problem+json" in operation["responses"]["default"]["content"]
    assert not silent


def test_schema_is_served_to_visitors_and_names_the_ways_in(cast):
    answer = cast.visitor.api.get("/api/v1/schema/?format=json")
    assert answer.status_code == 200
    assert answer.json()["info"]["title"] == "Yizhan API"
    assert answer.json()["components"]["securitySchemes"]


def test_page_of_the_api_has_no_inline_script_and_a_strict_policy(cast):
    answer = cast.visitor.client.get("/api/v1/docs/", headers={"Accept": "text/html"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "<script>" not in page and "style=" not in page
    script = cast.visitor.client.get("/api/v1/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
