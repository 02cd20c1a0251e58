"""Taking listings out: small ones at once, large ones in the background for the asker alone."""

import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import structlog
from django.conf import settings
from django.core.files import File
from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.queries import actor_for
from events.actions import notify, record
from listings import event_kinds, notices, run_states
from listings.actions.revisions import forget_files
from listings.disclosure import Disclosed
from listings.exports.finding import Asked, ids_of, views_of
from listings.exports.rows import columns_of, data_of
from listings.exports.writing import write_objects, write_table
from listings.models import ExportRun
from listings.models.exchange import Format
from listings.models.listings import Kind
from listings.queries.exchange import exports_visible_to
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, Unauthenticated, field_error
from marketplace.core.gates import alone, get_visible, lock
from marketplace.core.jobs import enqueue

log = structlog.get_logger(__name__)

VISITOR_ROWS = 200  # that a visitor gets of a search
AT_ONCE = 1_000  # more than these are written in the background
MAX_ROWS = 100_000
MAX_WAITING = 3  # of one person
MAX_QUERY = 4_000


def bound_for(actor: Actor) -> int:
    """How many rows one export holds at most."""
    return MAX_ROWS if actor.is_authenticated else VISITOR_ROWS


def checked(asked: Asked, form: str) -> None:
    """Raises Invalid on `form`, `kind` or `query`."""
    if form not in Format.values:
        raise field_error("form", _("Choose CSV, Excel or JSONL."), code="unknown_format")
    if asked.kind not in Kind.values and not (asked.own and not asked.kind):
        raise field_error("kind", _("Choose technologies or needs."), code="unknown_kind")
    if len(asked.query) > MAX_QUERY:
        raise field_error("query", _("The address is too long."), code="too_long")


@contextmanager
def written(asked: Asked, form: str, actor: Actor, ids: Sequence[int]) -> Iterator[IO[bytes]]:
    """The file of these listings, open for reading; it is gone when it is closed."""
    with tempfile.TemporaryDirectory(prefix="yizhan-export-") as folder:
        path = Path(folder, "out")
        write(path, asked, form, views_of(asked, ids, actor))
        with path.open("rb") as stream:
            yield stream


def write(path: Path, asked: Asked, form: str, views: Iterator[Disclosed]) -> None:
    """In the active language."""
    if form == Format.JSONL:
        write_objects(path, (data_of(d) for d in views))
        return
    columns = columns_of(asked.kind)
    header = [str(name) for name, _read in columns]
    rows = ([read(d) for _name, read in columns] for d in views)
    write_table(path, form, header, rows, sheet=_sheet_name(asked))


def _sheet_name(asked: Asked) -> str:
    names = {"": _("My listings"), Kind.TECHNOLOGY: _("Technologies"), Kind.NEED: _("Needs")}
    return str(names[asked.kind])


@transaction.atomic
def ask_export(*, actor: Actor, asked: Asked, form: str) -> ExportRun:
    """Have it written in the background. Raises Invalid, Unauthenticated, Conflict."""
    if actor.user_id is None:
        raise Unauthenticated("not_signed_in", _("Sign in to go on."))
    checked(asked, form)
    waiting = exports_visible_to(actor).filter(state=run_states.WAITING).count()
    if waiting >= MAX_WAITING:
        raise Conflict(
            "too_many_exports", _("Your earlier exports are still being written. Wait for them.")
        )
    run = ExportRun.objects.create(
        person_id=actor.user_id, language=actor.language, own=asked.own, kind=asked.kind,
        query=asked.query, form=form, organisation_ids=sorted(actor.organisation_ids),
    )  # fmt: skip
    record(
        event_kinds.EXPORT_ASKED, actor=actor, obj=run,
        data={"kind": asked.kind, "form": form, "own": asked.own},
    )  # fmt: skip
    enqueue("listings.write_export", {"person": run.person_id}, key=str(run.person_id))
    return run


def write_next(person_id: int) -> None:
    """Write the person's file that was asked for first; the next one in another job, so that
    several of one person do not stand before the single one of another."""
    waiting = ExportRun.objects.filter(person_id=person_id, state=run_states.WAITING).order_by("pk")
    with alone(f"listings.write_export.{person_id}") as is_alone:
        if not is_alone:  # another worker is at it and asks for the next one, unless it dies
            if waiting.exists():
                key = f"watch {person_id}"
                enqueue("listings.write_export", {"person": person_id}, key=key, delay=60)
            return
        if (run := waiting.first()) is not None:
            write_export(run.public_id)
    if waiting.exists():
        enqueue("listings.write_export", {"person": person_id}, key=str(person_id))


def write_export(public_id: str) -> None:
    """Write the file with what the asker may see now, and tell."""
    run = ExportRun.objects.filter(public_id=public_id, state=run_states.WAITING).first()
    if run is None:
        return
    with override(run.language):
        actor = actor_for(run.person, run.language)
        if not actor.is_authenticated:
            _close(run, "fail", reason="account_closed")
            return
        asked = Asked(run.kind, run.query, run.own)
        try:
            ids = ids_of(asked, actor, bound_for(actor))
            with written(asked, run.form, actor, ids) as stream:
                run.file.save(f"{run.public_id}.{run.form}", File(stream), save=False)
        except OperationalError:  # the database is away: the job is tried again
            raise
        except Exception as error:
            # else the run would wait for ever, and keep its asker from asking again
            log.exception("export_failed", run=run.public_id, error=type(error).__name__)
            _close(run, "fail", reason="not_written")
            return
        run.organisation_ids = sorted(actor.organisation_ids)
        run.size, run.total = run.file.size, len(ids)
        _close(run, "done")


@transaction.atomic
def _close(run: ExportRun, move: str, reason: str = "") -> None:
    known = lock(ExportRun.objects.all(), run.pk)
    if known.state != run_states.WAITING:  # written by another worker meanwhile
        forget_files([run.file.name] if run.file and run.file.name != known.file.name else [])
        return
    run.state = run_states.EXPORT.target(move, known.state)
    run.reason_code, run.finished_at = reason, timezone.now()
    run.expires_at = run.finished_at + dt.timedelta(days=settings.EXPORT_KEEP_DAYS)
    run.save()
    if run.state == run_states.DONE:
        notify(
            [run.person_id], notices.EXPORT_READY, url=f"/my/exports/{run.public_id}/",
            params={"total": run.total, "until": timezone.localdate(run.expires_at).isoformat()},
            key=run.public_id,
        )  # fmt: skip


def export_file(actor: Actor, public_id: str) -> tuple[ExportRun, IO[bytes]]:
    """The file, for its asker, while it is kept and while the asker belongs where it did.

    Raises NotFound.
    """
    run = get_visible(exports_visible_to(actor), public_id=public_id)
    is_over = run.expires_at is not None and run.expires_at <= timezone.now()
    if run.state != run_states.DONE or is_over:
        raise NotFound("export_gone", _("This file is not ready, or was deleted after some days."))
    if not set(run.organisation_ids) <= actor.organisation_ids:
        raise NotFound(
            "export_gone",
            _("You have left an organisation since this file was made. Ask for a new one."),
        )
    try:
        return run, run.file.open("rb")
    except OSError:  # the storage lost it
        raise NotFound from None


def forget_exports(now: dt.datetime | None = None) -> int:
    """Delete the files whose days are over, and give up what waits since yesterday; returns how
    many files."""
    stuck = (now or timezone.now()) - dt.timedelta(days=1)
    for run in ExportRun.objects.filter(state=run_states.WAITING, created_at__lt=stuck):
        _close(run, "fail", reason="not_written")
    over = ExportRun.objects.filter(state=run_states.DONE, expires_at__lte=now or timezone.now())
    done = 0
    for pk in list(over.values_list("pk", flat=True)):
        with transaction.atomic():
            run = lock(ExportRun.objects.all(), pk)
            if run.state != run_states.DONE:
                continue
            forget_files([run.file.name])
            run.state = run_states.EXPORT.target("forget", run.state)
            run.file.name = ""
            run.save(update_fields=["state", "file"])
            done += 1
    return done
