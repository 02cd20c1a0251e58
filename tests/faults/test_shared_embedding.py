"""Two workers on the queue `embedding`, as on two hosts, share what an import left to be read."""

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.databases import TestDatabase
from tests.faults.instance import Part

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]
LISTINGS = 48


class Encoders(ThreadingHTTPServer):
    """An embeddings server that takes its time and notes which worker asked for which text."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Answer(BaseHTTPRequestHandler):
    server: Encoders

    def do_POST(self) -> None:
        texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
        self.server.asked += [(self.headers["Authorization"], text) for text in texts]
        time.sleep(0.4)
        vector = [1.0, *[0.0] * 383]
        rows = [{"index": place, "embedding": vector} for place in range(len(texts))]
        body = json.dumps({"data": rows}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def encoders() -> Iterator[Encoders]:
    server = Encoders()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def workers(
    transactional_db: None, test_database: TestDatabase, encoders: Encoders, tmp_path: Path
) -> Iterator[list[Part]]:
    """Two workers of that queue alone; each has a key of its own for the embeddings server."""
    made = []
    for name in ("one", "two"):
        part = Part(
            name,
            ["-m", "celery", "-A", "marketplace", "worker", "--concurrency", "1", "-Q", "embedding",
             "--loglevel", "info", "--without-gossip", "--without-mingle",
             "--hostname", f"{name}@%h"],
            tmp_path / f"{name}.log",
        )  # fmt: skip
        part.environment = {
            **os.environ, "DATABASE_URL": test_database.own_url(), "ENCODER": "openai",
            "ENCODER_URL": encoders.url, "ENCODER_MODEL": "test", "ENCODER_KEY": name,
            "HTTP_CLIENT_ALLOWED_NETWORKS": "127.0.0.0/8",
        }  # fmt: skip
        part.start()
        made.append(part)
    for part in made:
        part.await_ready()
    yield made
    for part in made:
        part.kill()


@pytest.fixture(autouse=True)
def own_encoder() -> Iterator[None]:
    """This process keeps its encoder; the test has one of its own."""
    from marketplace.core.encoder import encoder

    encoder.cache_clear()
    yield
    encoder.cache_clear()


def test_two_workers_share_the_work_and_read_no_listing_twice(
    cast: Any, workers: Any, encoders: Encoders, settings: Any, wait_until: Any
) -> None:
    from django.core.cache import cache

    from listings.indexing import index_many
    from listings.queries.progress import progress
    from tests.listings.factories import published

    settings.ENCODER, settings.ENCODER_MODEL = "openai", "test"
    ids = [published(cast.home, title_en=f"Lantern {n}").pk for n in range(LISTINGS)]

    index_many(ids)
    cache.delete("listings:progress")  # of an earlier test
    assert (progress().total, progress().meanings_waiting) == (LISTINGS, LISTINGS)

    def done() -> bool:
        cache.delete("listings:progress")
        return progress().meanings_waiting == 0

    wait_until(done, 60)
    texts = Counter(text for _worker, text in encoders.asked)
    # of each its title and its text
    assert len(texts) == 2 * LISTINGS and set(texts.values()) == {1}
    shares = Counter(worker for worker, _text in encoders.asked)
    assert set(shares) == {"Bearer one", "Bearer two"}
    assert min(shares.values()) >= 2 * LISTINGS / 6, shares
    assert progress().words_waiting == 0 and progress().per_minute > 0
