"""Method x role x address x status, for every endpoint there is.

`table.txt` holds a line per route. A new endpoint without a line fails, and so does a status that
changed. `RENEW_TABLE=1` writes the file anew, to be read line by line before it is committed.
Writing requests carry an empty body: a 400 says that the caller got as far as the input.
"""

import os
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from marketplace.core.api.permissions import SCOPES
from marketplace.core.encoder import encoder
from tests.api.objects import Objects
from tests.api.routes import routes

TABLE = Path(__file__).with_name("table.txt")
ROLES = ["visitor", "newcomer", "rival", "colleague", "owner", "registrar", "moderator",
         "operator"]  # fmt: skip
# addresses of the schema's own views, tested in test_schema
APART = {"api_docs", "api_schema"}


@pytest.fixture
def objects(cast, settings, tmp_path, monkeypatch):
    from marketplace.core.api.throttles import ByToken

    settings.MEDIA_ROOT = tmp_path
    settings.ENCODER = "none"
    encoder.cache_clear()
    monkeypatch.setattr(ByToken, "THROTTLE_RATES", {"token": "99999/min", "visitor": "99999/min"})
    yield Objects(cast)
    encoder.cache_clear()


def send(client, route, address):
    """The answer; whatever it did is undone."""
    client.raise_request_exception = False
    with transaction.atomic():
        answer = getattr(client, route.method.lower())(
            address, **({} if route.method == "GET" else {"data": {}, "format": "json"})
        )
        transaction.set_rollback(True)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer


def test_every_endpoint_answers_every_role_as_the_table_says(cast, objects):
    seen = {
        str(route): [
            send(cast.everybody[role].api, route, objects.address(route.pattern)).status_code
            for role in ROLES
        ]
        for route in routes()
        if route.name not in APART
    }
    lines = [f"{name:<48} {' '.join(map(str, codes))}" for name, codes in seen.items()]
    head = f"{'# ' + 'route':<48} {' '.join(ROLES)}"
    if os.environ.get("RENEW_TABLE"):
        TABLE.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    known = TABLE.read_text(encoding="utf-8").splitlines()
    new = [line for line in lines if line.split()[:2] not in [one.split()[:2] for one in known]]
    assert not new, "endpoints without a line in tests/api/table.txt:\n" + "\n".join(new)
    assert [head, *lines] == known
    faults = [line for line in lines if " 500" in line]
    assert not faults


def test_no_writing_endpoint_is_open_to_visitors(cast, objects):
    for route in routes():
        if route.method != "GET" and route.name not in APART:
            answer = send(cast.visitor.api, route, objects.address(route.pattern))
            assert answer.status_code in (401, 405), str(route)


def test_every_endpoint_for_people_names_its_scope():
    open_ones = {
        "api_root", "code-list", "code-detail", "figures-list", "figure-table-list",
        "figure-table-detail", "figure-enterprises", "figure-institutions",
        "register-entry-list", "register-entry-detail", "rule-set-list", "rule-set-detail",
        "rule-set-differences", "seal-key-list", "certificate-check", "open-data-list", *APART,
    }  # fmt: skip
    for route in routes():
        if route.name not in open_ones:
            assert route.scope in SCOPES, str(route)


def test_token_without_the_scope_is_refused_and_nothing_changes(cast, objects, token_of):
    for route in routes():
        if not route.scope or (route.method == "GET" and route.view.open_to_visitors):
            continue
        narrow = token_of(cast.owner, *(set(SCOPES) - {route.scope}))
        address = objects.address(route.pattern)
        with CaptureQueriesContext(connection) as captured:
            answer = send(narrow, route, address)
        assert answer.status_code == 403, f"{route}: {answer.status_code}"
        assert answer.json()["code"] == "scope_missing", str(route)
        assert route.scope in answer.json()["detail"]
        written = [
            query["sql"]
            for query in captured
            if query["sql"].split(" ", 1)[0] in ("INSERT", "UPDATE", "DELETE")
        ]
        assert not written, f"{route}: {written}"


def test_every_answer_tells_the_rate(cast, objects):
    silent = []
    for route in routes():
        if route.method == "GET" and route.name not in APART:
            answer = send(cast.owner.api, route, objects.address(route.pattern))
            if "RateLimit-Remaining" not in answer:
                silent.append(str(route))
    assert not silent
