"""Workers on two hosts match the market again: shared, killed meanwhile, new listings first."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tests.databases import TestDatabase
from tests.faults.instance import Part

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]
LISTINGS = int(os.environ.get("REMATCH_TEST_LISTINGS", "60"))


@pytest.fixture
def workers(
    transactional_db: None, test_database: TestDatabase, tmp_path: Path
) -> Iterator[list[Part]]:
    """Two workers that are not started; the first has the clock."""
    made = []
    for name in ("one", "two"):
        clock = ["-B", "--schedule", str(tmp_path / "schedule")] if name == "one" else []
        part = Part(
            name,
            ["-m", "celery", "-A", "marketplace", "worker", "--concurrency", "1", "--loglevel",
             "info", "--without-gossip", "--without-mingle", "--hostname", f"{name}@%h", *clock],
            tmp_path / f"{name}.log",
        )  # fmt: skip
        part.environment = {
            **os.environ, "DATABASE_URL": test_database.own_url(), "ENCODER": "none",
        }  # fmt: skip
        made.append(part)
    yield made
    for part in made:
        if part.process is not None and part.process.poll() is None:
            part.kill()


@pytest.fixture
def market(cast: Any, run_jobs: Any, settings: Any) -> None:
    """Needs and technologies, all matched by older weights: each of an organisation of its own, so
    that no list is cut by owners, and which pairs stay does not depend on who is matched first."""
    from marketplace.core.encoder import encoder
    from matching.models import MatchRun
    from tests.faults.publishing import posting
    from tests.listings.factories import organisation, published

    settings.ENCODER = "none"
    encoder.cache_clear()
    for number in range(LISTINGS):
        values = posting(number)
        kind = "need" if number % 2 else "technology"
        published(organisation(), kind=kind, **values)
    run_jobs()
    MatchRun.objects.update(model_version="2000-01-01")


def test_begun_by_a_worker_that_comes_up_shared_killed_and_done_once(
    cast: Any, market: None, workers: list[Part], wait_until: Any, tmp_path: Path
) -> None:
    from events.models import Event
    from marketplace.core.models import Job
    from matching.models import Match, MatchRun, Rematch, RematchBatch
    from matching.pipeline.model import model_version
    from matching.queries.rematches import latest
    from tests.listings.factories import published

    pairs = set(Match.objects.values_list("need_id", "technology_id"))
    answered = Match.objects.first()
    assert answered is not None
    Match.objects.filter(pk=answered.pk).update(need_answer="later")
    for worker in workers:
        worker.start()

    # Nobody asked for it: the workers' start did.
    wait_until(lambda: RematchBatch.objects.exclude(done_at=None).exists(), 60)
    doing = Job.objects.filter(kind="matching.rematch_batch", state="running")
    wait_until(lambda: doing.exists() or not Rematch.objects.filter(state="running").exists(), 30)
    workers[1].kill()
    before = dict(MatchRun.objects.values_list("pk", "matched_at"))

    # What somebody publishes meanwhile does not wait for the market.
    started = time.monotonic()
    # (of another subject, since it would rightly take places in the lists of the others)
    new = published(
        cast.home, kind="need", title_en="Bread slicer", summary_en="Loaves to be cut.",
        body_en="Steel.", field="agriculture",
    )  # fmt: skip
    wait_until(lambda: MatchRun.objects.filter(pk=new.pk).exists(), 20)
    took = time.monotonic() - started

    def done() -> bool:
        # the dead worker's lease runs out
        Job.objects.filter(state="running").update(lease_until=timezone.now())
        time.sleep(0.5)
        return Rematch.objects.filter(state="done").exists()

    wait_until(done, 90, lambda: str(latest()))
    now = latest()
    assert now is not None and now.done == now.total == LISTINGS and now.handed_on == 0
    assert Rematch.objects.count() == 1
    assert Event.objects.filter(kind="match.rematch_done").count() == 1
    assert set(MatchRun.objects.values_list("model_version", flat=True)) == {model_version()}
    # each pair once, none lost, the answer as it was; what was done before the kill stayed
    after = list(Match.objects.exclude(need=new).values_list("need_id", "technology_id"))
    assert len(after) == len(set(after)) and set(after) == pairs
    assert Match.objects.get(pk=answered.pk).need_answer == "later"
    fresh = dict(MatchRun.objects.values_list("pk", "matched_at"))
    begun = now.rematch.begun_at
    assert all(fresh[pk] == moment for pk, moment in before.items() if moment > begun)
    assert not Job.objects.filter(state="failed").exists()
    print(f"\nnew listing matched after {took:.1f} s")  # noqa: T201 (read by a person with -s)
