"""Beginning to match the market again, and ending it. The work itself is in rematch_turns.

Promises:
- one runs at a time, however many workers notice at once that it is wanted;
- nothing that has been matched is lost by a cancel: who begins again goes on with what is left;
- a worker that still has older weights never takes the market back to them.
"""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.actions import record
from marketplace.core import jobs
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Refused
from marketplace.core.gates import lock
from matching import event_kinds
from matching.models import MatchRun, Rematch
from matching.pipeline.model import model_version
from matching.states import REMATCH

PLAN = "matching.plan_rematch"
BATCH = "matching.rematch_batch"


def begin(*, actor: Actor, kind: str = "", again: bool = False) -> Rematch:
    """Match every published listing (of a kind) that has no run of its version and these weights.

    again: also those that have one. Raises Refused for others than operators, Conflict
    `rematch_running` while one runs.
    """
    check_operator(actor)
    begun = _begin(actor=actor, cause=Rematch.Cause.ASKED, kind=kind, again=again)
    if begun is None:
        raise Conflict(
            "rematch_running",
            _("The market is being matched again already. Wait until it is done, or cancel it."),
        )
    return begun


def cancel(*, actor: Actor, rematch_id: int) -> Rematch:
    """Stop one: what waits is taken back, what a worker is at is finished. What has been matched
    stays. Raises Refused, NotFound, Conflict `wrong_state` when it has ended already."""
    check_operator(actor)
    with transaction.atomic():
        rematch = lock(Rematch.objects.all(), rematch_id)
        end(rematch, "cancel", actor)
    return rematch


def notice_weights() -> Rematch | None:
    """Begin to match the market again when older weights than those in force have matched it.

    By the clock, and whenever a worker comes up. Once for a version of the weights, unless a worker
    that still had older ones has matched something since. Newer weights replace a rematch that
    runs; older ones than the market's begin nothing by themselves, since while a new release is
    rolled out both are at work.
    """
    mine = model_version()
    running = Rematch.objects.filter(state=Rematch.State.RUNNING).first()
    if running is not None and running.model_version >= mine:
        return None
    if running is None and not _is_wanted(mine):
        return None
    with transaction.atomic():
        if running is not None:
            running = lock(Rematch.objects.all(), running.pk)
            if running.state != Rematch.State.RUNNING:  # another worker was quicker
                return None
            end(running, "replace", Actor.system())
        return _begin(actor=Actor.system(), cause=Rematch.Cause.WEIGHTS)


def end(rematch: Rematch, move: str, actor: Actor) -> None:
    """Under its lock: the last step of a rematch. Raises Conflict when it has ended already."""
    rematch.state = REMATCH.target(move, rematch.state)
    rematch.finished_at = timezone.now()
    rematch.save(update_fields=["state", "finished_at"])
    jobs.withdraw(PLAN, str(rematch.pk))
    jobs.withdraw(BATCH, f"{rematch.pk}-")
    done = rematch.state == Rematch.State.DONE
    record(
        event_kinds.REMATCH_DONE if done else event_kinds.REMATCH_CANCELLED, actor=actor,
        object_type="rematch", object_id=str(rematch.pk), data={"model": rematch.model_version},
        after={"state": rematch.state},
    )  # fmt: skip


def check_operator(actor: Actor) -> None:
    """Raises Refused for others than operators and the system."""
    if not (actor.is_operator or actor.is_system):
        raise Refused("operators_only", _("Only operators of the platform may do this."))


# --- Inside --------------------------------------------------------------------------------------


def _begin(*, actor: Actor, cause: str, kind: str = "", again: bool = False) -> Rematch | None:
    """None when one runs: the constraint decides between two at once."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                begun = Rematch.objects.create(
                    cause=cause, kind=kind, model_version=model_version(),
                    before=timezone.now() if again else None, begun_by_id=actor.user_id,
                )  # fmt: skip
        except IntegrityError:
            return None
        jobs.enqueue(PLAN, {"rematch": begun.pk}, key=str(begun.pk))
        record(
            event_kinds.REMATCH_BEGUN, actor=actor, object_type="rematch",
            object_id=str(begun.pk), data={"model": begun.model_version, "kind": kind},
        )  # fmt: skip
    return begun


def _is_wanted(mine: str) -> bool:
    runs = MatchRun.objects.order_by()
    last = Rematch.objects.filter(model_version=mine, kind="").order_by("-pk").first()
    if last is not None:
        if last.state != Rematch.State.DONE:  # an operator has cancelled it
            return False
        runs = runs.filter(matched_at__gt=last.begun_at)
    # Compared here: a database's order of texts may leave signs out.
    return any(
        version < mine for version in runs.values_list("model_version", flat=True).distinct()
    )
