"""The turns of matching the market again: planning batches, and doing them.

Each is a job of the outbox, taken by whichever worker is free, on any host, and may be killed
anywhere: a step of the plan is one transaction, and a listing that was matched before its worker
died is current when its batch is done again.
"""

import time

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from listings import indexing, states
from listings.models import Listing
from marketplace.core import jobs
from marketplace.core.actor import Actor
from marketplace.core.gates import lock
from matching.actions import rematching
from matching.models import Rematch, RematchBatch
from matching.pipeline import run
from matching.pipeline.model import model_version

log = structlog.get_logger(__name__)
BATCH = 10  # listings: a second or so, for which somebody else's publication may have to wait
STEP = 500  # listings looked at in one transaction
TURN = 0.5  # seconds of planning, then others have theirs
# Seconds, where this worker's weights are older than those asked for: each time is a new row.
PUT_OFF = 300.0


def plan(rematch_id: int) -> None:
    """Put what is to be matched into batches, from where the plan stands, for some seconds."""
    give_up = time.monotonic() + TURN
    while True:
        with transaction.atomic():
            rematch = lock(Rematch.objects.all(), rematch_id)
            if not _is_ours(rematch, rematching.PLAN, str(rematch.pk), {"rematch": rematch.pk}):
                return
            if rematch.planned_at is not None:
                return
            if _plan_step(rematch):
                _finish_if_done(rematch)
                return
            if time.monotonic() > give_up:
                jobs.enqueue(rematching.PLAN, {"rematch": rematch.pk}, key=str(rematch.pk))
                return


def take_batch(batch_id: int) -> None:
    """Match the listings of a batch; one that fails gets a job of its own, with its own tries."""
    batch = RematchBatch.objects.select_related("rematch").filter(pk=batch_id).first()
    if batch is None or batch.done_at is not None:
        return
    rematch = batch.rematch
    if not _is_ours(rematch, rematching.BATCH, _key(batch), {"batch": batch.pk}):
        return
    failed = []
    for listing_id in batch.listings:
        try:
            run.match_listing(listing_id, repeat_before=rematch.before)
        except (OperationalError, InterfaceError):  # the database: all that is left, a little later
            raise
        except Exception:  # of one listing; the others are not to blame
            log.exception("rematch_listing_failed", listing=listing_id, rematch=rematch.pk)
            failed.append(listing_id)
    _store(batch, failed)


# --- Inside --------------------------------------------------------------------------------------


def _is_ours(rematch: Rematch, job: str, key: str, payload: dict[str, int]) -> bool:
    """Whether to do this job now. While a release is rolled out, a worker may have older weights
    than those asked for: it leaves the job to others. Newer ones have their own rematch soon."""
    if rematch.state != Rematch.State.RUNNING:
        return False
    mine = model_version()
    if mine < rematch.model_version:
        with transaction.atomic():
            jobs.enqueue(job, payload, key=key, delay=PUT_OFF)
        return False
    if mine > rematch.model_version:
        rematching.notice_weights()
        return False
    return True


def _plan_step(rematch: Rematch) -> bool:
    """Plan the next STEP listings, under the rematch's lock; whether those were the last."""
    rows = Listing.objects.filter(
        pk__gt=rematch.planned_to, state=states.PUBLISHED, revision_of=None
    )
    if rematch.kind:
        rows = rows.filter(kind=rematch.kind)
    looked_at = list(
        rows.order_by("pk").values_list(
            "pk", "version", "match_run__listing_version", "match_run__model_version",
            "match_run__matched_at",
        )[:STEP]
    )  # fmt: skip
    due = [
        pk
        for pk, version, run_version, model, matched_at in looked_at
        if (run_version, model) != (version, rematch.model_version)
        or (rematch.before is not None and matched_at < rematch.before)
    ]
    parts = [due[start : start + BATCH] for start in range(0, len(due), BATCH)]
    batches = RematchBatch.objects.bulk_create(
        [RematchBatch(rematch=rematch, listings=ids, size=len(ids)) for ids in parts]
    )
    jobs.enqueue_many(rematching.BATCH, [(_key(batch), {"batch": batch.pk}) for batch in batches])
    if looked_at:
        rematch.planned_to = looked_at[-1][0]
    if len(looked_at) < STEP:
        rematch.planned_at = timezone.now()
    rematch.save(update_fields=["planned_to", "planned_at"])
    return rematch.planned_at is not None


def _key(batch: RematchBatch) -> str:
    return f"{batch.rematch_id}-{batch.pk}"


@transaction.atomic
def _store(batch: RematchBatch, failed: list[int]) -> None:
    """The batch is done, once. Under the rematch's lock: of the last two at once, one must see
    that the other is done."""
    rematch = lock(Rematch.objects.all(), batch.rematch_id)
    fresh = RematchBatch.objects.filter(pk=batch.pk, done_at=None).update(
        done_at=timezone.now(), handed_on=len(failed)
    )
    if not fresh:
        return
    if failed:
        before = {"before": rematch.before.isoformat()} if rematch.before else {}
        jobs.enqueue_many(
            "matching.match_listing", [(str(pk), {"listing": pk, **before}) for pk in failed],
            queue=indexing.BACKLOG,
        )  # fmt: skip
    _finish_if_done(rematch)


def _finish_if_done(rematch: Rematch) -> None:
    if rematch.state != Rematch.State.RUNNING or rematch.planned_at is None:
        return
    if not rematch.batches.filter(done_at=None).exists():
        rematching.end(rematch, "finish", Actor.system())
