"""Readers are answered by a real standby, and nobody notices: not who has just written, not when
the standby falls behind, not when it dies."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx  # noqa: TID251 (the tests' own client, on the loopback)
import pytest

from marketplace.runner import ports
from tests.faults.instance import Web
from tests.standby import Pair

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]
BOUND = 4.0  # seconds that a replica may be behind


@dataclass
class Market:
    """A web server on the pair, and two published listings of one owner."""

    pair: Pair
    web: Web
    token: str
    ids: list[str]

    def read(self, path: str, **options: Any) -> httpx.Response:
        """As somebody who comes for the first time."""
        return httpx.get(self.web.url + path, timeout=20, **options)

    def page(self, number: int = 0, **options: Any) -> httpx.Response:
        return self.read(f"/technologies/{self.ids[number]}/", **options)

    def by_token(self, method: str, path: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.request(method, self.web.url + path, headers=headers, timeout=20)

    def rename(self, title: str) -> None:
        self.pair.write(
            "UPDATE listings_listing SET title_en = %s WHERE public_id = %s", title, self.ids[0]
        )

    def answered(self, server: str) -> float:
        """How many readings `replica` or `primary` has answered, or that `failed` on the way."""
        mark = f'yizhan_replica_reads_total{{server="{server}"}} '
        lines = self.read("/metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(mark))

    def await_replica(self, seconds: float = 30) -> None:
        """Until the standby answers readers."""
        give_up = time.monotonic() + seconds
        before = self.answered("replica")
        while self.answered("replica") == before:
            assert time.monotonic() < give_up, "no reader is answered by the standby"
            time.sleep(0.2)
            self.page()


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def built() -> Iterator[list[Market]]:
    """The market, once there is one."""
    made: list[Market] = []
    yield made
    for market in made:
        market.web.kill()


@pytest.fixture
def market(
    pair: Pair, built: list[Market], test_database: Any, tmp_path_factory: Any, request: Any
) -> Iterator[Market]:
    """The same one for all tests of this module, its standby in use."""
    if not built:
        built.append(_build(pair, test_database, tmp_path_factory.mktemp("web"), request))
    pair.release()
    built[0].await_replica()
    yield built[0]
    pair.release()


def _build(pair: Pair, test_database: Any, folder: Path, request: Any) -> Market:
    from tests.listings.factories import published

    cast = request.getfixturevalue("cast")
    ids = [published(cast.home, title_en=f"Lantern oil {n}").public_id for n in (1, 2)]
    pair.start(test_database.url, test_database.name)
    port = ports.any_free()
    web = Web(
        "web",
        ["-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
         "--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "warning",
         "marketplace.wsgi:application"],
        folder / "web.log",
    )  # fmt: skip
    web.url = f"http://127.0.0.1:{port}"
    web.environment = {
        **os.environ,
        "DATABASE_URL": pair.primary_url(),
        "DATABASE_REPLICA_URLS": pair.standby_url(),
        "DATABASE_REPLICA_MAX_LAG": str(BOUND),
        "ENCODER": "none",
        "PUBLIC_URL": web.url,
        "API_RATE_VISITOR": "100000/min",
    }
    web.start()
    web.await_ready()
    return Market(pair, web, cast.owner.secret, ids)


def seen_until(read: Callable[[], bool], seconds: float) -> list[tuple[float, bool]]:
    """(seconds since now at which it was asked, what it said), again and again."""
    start = time.monotonic()
    seen: list[tuple[float, bool]] = []
    while (asked := time.monotonic() - start) < seconds:
        seen.append((asked, read()))
        time.sleep(0.1)
    return seen


def test_a_visitor_reads_from_the_standby_and_never_what_is_older_than_the_bound(market):
    market.rename("Before the pause")
    time.sleep(0.5)
    market.await_replica()
    market.pair.hold()

    market.rename("After the pause")
    seen = seen_until(lambda: "Before the pause" in market.page().text, BOUND + 3)

    assert seen[0][1], "the first reading did not come from the standby"
    assert not [asked for asked, is_old in seen if is_old and asked > BOUND]
    assert "After the pause" in market.page().text
    market.pair.release()
    market.await_replica()


def test_what_was_withdrawn_is_gone_for_its_owner_at_once_and_for_others_within_the_bound(market):
    path = f"/api/v1/technologies/{market.ids[1]}/"
    assert market.page(1).status_code == 200
    market.pair.hold()

    assert market.by_token("POST", f"{path}withdraw/").status_code == 200
    own = market.by_token("GET", path)
    seen = seen_until(lambda: market.page(1).status_code == 200, BOUND + 3)

    assert own.json()["state"] == "withdrawn"
    assert seen[0][1], "the visitor did not read from the standby"
    assert not [asked for asked, is_there in seen if is_there and asked > BOUND]
    assert market.read(path).status_code == 404


def test_who_has_just_written_in_a_browser_reads_from_the_primary(market):
    market.pair.hold()
    market.rename("Written a moment ago")
    token = "c" * 32
    with httpx.Client(base_url=market.web.url, cookies={"csrftoken": token}) as browser:
        sent = browser.post("/language/", data={"language": "en"}, headers={"X-CSRFToken": token})
        mark = sent.headers.get_list("set-cookie")
        page = browser.get(f"/technologies/{market.ids[0]}/")

    assert any(one.startswith("wrote=1;") and "HttpOnly" in one for one in mark), mark
    assert "Written a moment ago" in page.text
    assert "Written a moment ago" not in market.page().text


def test_a_standby_that_dies_costs_nobody_an_error_and_is_used_again_when_it_is_back(market):
    over = time.monotonic() + 6

    def go_on_reading(_number: int) -> list[int]:
        found = []
        while time.monotonic() < over:
            found += [market.page().status_code, market.read("/technologies/?q=oil").status_code]
            found.append(market.read("/api/v1/technologies/").status_code)
        return found

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(go_on_reading, number) for number in range(3)]
        time.sleep(2)
        market.pair.standby.service.kill()
        found = [status for reader in readers for status in reader.result()]

    assert set(found) == {200} and len(found) > 10
    assert market.answered("primary") > 0
    market.pair.standby.start()
    market.await_replica()
