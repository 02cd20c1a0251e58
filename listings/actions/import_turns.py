"""Bringing a file in: what follows by itself, in turns of some seconds.

Turns go round among organisations: one job of each waits at most, and it takes the file that was
served longest ago. So a hundred files of one keep another waiting for one turn.

A batch of rows, their faults, the counts and the position in the file are stored in one
transaction: a worker that is killed loses nothing, and nothing is done twice. A cancel is seen
between two batches.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.queries import actor_for
from events.actions import notify, record
from listings import event_kinds, notices, run_states, states
from listings.actions.bulk import LEFT, Outcome, upsert_listings
from listings.actions.import_files import ends, waits
from listings.actions.imports import publishes_at_once
from listings.actions.lifecycle import take_back, withdraw
from listings.imports.loading import Apart, Importer, Report
from listings.imports.mapping import ImportMapping, mapping_from_data
from listings.imports.reading import Line
from listings.imports.reasons import Reason, Reasons, both, judged
from listings.imports.taking_out import lines_from
from listings.models import ImportedId, ImportFault, ImportRun, Listing
from listings.rules import EDIT_ROLES
from listings.sources import qualified
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, DomainError, Message, Refused
from marketplace.core.gates import alone, lock
from marketplace.core.jobs import enqueue

TURN = 3.0  # seconds; what others wait for comes between two turns
WATCH = 60  # seconds
BATCH = 500
ONE_BY_ONE = 40  # rows of a batch that go through drafts and reviews
MAX_FAULTS = 10  # of one row
MAX_TRIES = 3  # of a turn of one file, before it is given up
_WITHDRAWN_FROM = (*states.TRANSITIONS.moves["withdraw"][0], states.IN_REVIEW)
_COUNTS = (
    "created", "changed", "same", "refused", "withdrawn", "seen", "position", "heartbeat", "tries",
)  # fmt: skip


def take_next(owner_id: int) -> None:
    """A turn for the organisation's file that was served longest ago."""
    serve(owner_id, "listings.import_turn", (run_states.CHECKING, run_states.RUNNING), take_turn)


def serve(owner_id: int, job: str, states_: Sequence[str], work: Callable[[str], None]) -> None:
    """Do `work` for the organisation's file in these states that was served longest ago; others
    of it have to wait for another job, behind those of other organisations.

    A file at which `work` breaks, or its worker dies, again and again is given up, so that it
    keeps none of the others waiting.
    """
    runs = ImportRun.objects.filter(owner_id=owner_id, state__in=states_).order_by(
        F("heartbeat").asc(nulls_first=True), "id"
    )
    with alone(f"{job}.{owner_id}") as is_alone:
        if not is_alone:  # another worker is at it and asks for the next turn, unless it dies
            if runs.exists():
                enqueue(job, {"owner": owner_id}, key=f"watch {owner_id}", delay=WATCH)
            return
        if (run := runs.first()) is not None:
            try:
                _tried(run, work)
            except Exception:
                # this job has failed and says so to the operator; the next one goes on
                _ask_for_others(job, runs, delay=2**run.tries)
                raise
    _ask_for_others(job, runs)


def _ask_for_others(job: str, runs: QuerySet[ImportRun], delay: float = 0) -> None:
    if (run := runs.select_related("owner").first()) is not None:
        enqueue(job, {"owner": run.owner_id}, key=run.owner.public_id, delay=delay)


def _tried(run: ImportRun, work: Callable[[str], None]) -> None:
    """Do the work, and count the tries that come to nothing. They are counted before: a worker that
    is killed counts nothing afterwards. Each batch that is stored takes the count back."""
    this = ImportRun.objects.filter(pk=run.pk)
    if run.tries >= MAX_TRIES:  # its worker died every time
        fail(run.pk, "unexpected")
        return
    run.tries += 1
    this.update(tries=run.tries, heartbeat=timezone.now())
    try:
        work(run.public_id)
    except Exception:
        if this.filter(tries__gte=MAX_TRIES).exists():  # and no batch was stored before it broke
            fail(run.pk, "unexpected")
        raise
    this.update(tries=0)


def take_turn(public_id: str, *, seconds: float = TURN) -> None:
    """Check or store rows for some seconds, and ask for the next turn."""
    run = (
        ImportRun.objects.filter(
            public_id=public_id, state__in=(run_states.CHECKING, run_states.RUNNING)
        )
        .select_related("owner", "person")
        .first()
    )
    if run is None:
        return
    with override(run.language):
        try:
            actor = actor_for(run.person, run.language)
            if not actor.can(run.owner_id, *EDIT_ROLES):
                raise Refused(
                    "role_missing", _("You need the role of an editor or a broker there.")
                )
            _Turn(run, actor, time.monotonic() + seconds).take()
        except Conflict as error:
            if error.code != "import_running":
                fail(run.pk, error.code)
                return
            # the command imports the same source: wait for it, behind the owner's other files
            ImportRun.objects.filter(pk=run.pk).update(heartbeat=timezone.now())
            _ask_again(run, delay=10)
        except DomainError as error:
            fail(run.pk, error.code)


def _ask_again(run: ImportRun, delay: float = 0) -> None:
    enqueue("listings.import_turn", {"owner": run.owner_id}, key=run.owner.public_id, delay=delay)


class _Turn:
    """One turn of one run."""

    def __init__(self, run: ImportRun, actor: Actor, until: float) -> None:
        self.run, self.actor, self.until = run, actor, until
        self.state = run.state
        self.at_once = publishes_at_once(run)
        self.mapping: ImportMapping = mapping_from_data(run.mapping)
        self.source = qualified(run.owner, run.source)
        self.faults: list[ImportFault] = []
        self.importer = Importer(
            actor=actor, source=self.source, owner=run.owner, kind=run.kind, mapping=self.mapping,
            refuse=self._refuse, processes=0, complete=run.submit,
        )  # fmt: skip

    def take(self) -> None:
        if self.run.is_dry:
            self._rows()
            return
        with self.importer:  # the source is imported by nobody else meanwhile
            self._rows()

    def _rows(self) -> None:
        size = BATCH if self.run.is_dry or self.at_once else ONE_BY_ONE
        start = self.run.position
        for lines, end in _batches(lines_from(self.run, start), size):
            if not self._batch(lines, start, end):
                return
            start = end
            if time.monotonic() > self.until:
                self._again()
                return
        while not self.run.is_dry and self.run.withdraw_missing and self._withdraw_some():
            if time.monotonic() > self.until:
                self._again()
                return
        self._finish()

    def _again(self) -> None:
        _ask_again(self.run)

    # --- rows -------------------------------------------------------------------------------------

    @transaction.atomic
    def _batch(self, lines: list[Line], start: int, end: int) -> bool:
        """Deal with one batch; False when the run was cancelled or another worker is at it."""
        run = lock(ImportRun.objects.all(), self.run.pk)
        if run.state != self.state or run.position != start:
            return False
        self.faults = []
        self.importer.report = report = Report()
        ids = self._identities(lines)
        already = set(
            ImportedId.objects.filter(run=run, external_id__in=ids).values_list(
                "external_id", flat=True
            )
        )
        if run.is_dry:
            self.importer.check_batch(lines, already)
        else:
            store = self.importer.import_batch if self.at_once else self.importer.sift_batch
            self._one_by_one(store(lines, already), report)
        ImportedId.objects.bulk_create(
            [ImportedId(run=run, external_id=identity) for identity in ids - already]
        )
        ImportFault.objects.bulk_create(self.faults, batch_size=1000)
        run.created += report.created
        run.changed += report.changed
        run.same += report.same
        run.refused += report.refused
        run.seen += len(lines)
        run.position = end
        run.heartbeat, run.tries = timezone.now(), 0  # it has come further
        run.save(update_fields=_COUNTS)
        self.run = run
        return True

    def _identities(self, lines: list[Line]) -> set[str]:
        """Ids in the file, of refused rows, too: what is wrong there is not missing there."""
        found = {self.mapping.identity(line.row) for line in lines if line.row is not None}
        return {one for one in found if one and len(one) <= 120 and one.isprintable()}

    def _one_by_one(self, rows: list[Apart], report: Report) -> None:
        for row in rows:
            done = self._upserted(row)
            setattr(report, done.outcome, getattr(report, done.outcome) + 1)
            if done.errors:
                # what is refused once is refused again, with nothing changed
                fields = judged(
                    _by_field(done), partial(lambda row: _by_field(self._upserted(row)), row)
                )
                for field in list(fields)[:MAX_FAULTS]:
                    self._fault(row.line, field, fields[field])

    def _upserted(self, row: Apart) -> Outcome:
        (done,) = upsert_listings(
            actor=self.actor, owner=self.run.owner, kind=self.run.kind,
            source=self.run.source, items=[(row.identity, row.content)],
            submit_complete=self.run.submit,
        )  # fmt: skip
        return done

    def _refuse(self, line: Line, why: Reason, fields: Reasons) -> None:
        if not fields:
            self._fault(line, "", why)
        for field in list(fields)[:MAX_FAULTS]:
            self._fault(line, field, fields[field])

    def _fault(self, line: Line, field: str, reason: Reason) -> None:
        head = field.partition(".")[0]
        names = self.mapping.columns_of(head)
        filled = [name for name in names if (line.row or {}).get(name)]
        column = line.column or next(iter(filled or names), "")
        if not column and head:  # the file has no such column: readers see the field's name
            column = "" if self.mapping.knows(head) else head
        identity = self.mapping.identity(line.row) if line.row is not None else ""
        self.faults.append(
            ImportFault(
                run_id=self.run.pk, line=line.number,
                external_id=identity[:120] if identity.isprintable() else "",
                column=column[:200], field=field[:80],
                reason_en=reason.en[:500].replace("\x00", ""),
                reason_zh=reason.zh[:500].replace("\x00", ""),
            )
        )  # fmt: skip

    # --- what the file no longer has --------------------------------------------------------------

    @transaction.atomic
    def _withdraw_some(self) -> bool:
        """Withdraw a few listings that are not in the file; False when none is left."""
        run = lock(ImportRun.objects.all(), self.run.pk)
        if run.state != self.state:
            return False
        if not (run.same or run.changed):
            # not one known id: rather another file, or another column, than an empty market
            run.reason_code = "none_known"
            run.withdraw_missing = False
            run.save(update_fields=["reason_code", "withdraw_missing"])
            self.run = run
            return False
        gone = list(self._missing().order_by("pk")[:ONE_BY_ONE])
        for listing in gone:
            try:
                with transaction.atomic():
                    if listing.state == states.IN_REVIEW:
                        take_back(actor=self.actor, listing_id=listing.pk)
                    withdraw(actor=self.actor, listing_id=listing.pk)
                    Listing.objects.filter(pk=listing.pk).update(content_hash=LEFT)
                run.withdrawn += 1
            except DomainError as error:  # moved by a person this moment: leave it
                ImportedId.objects.create(run=run, external_id=listing.external_id)
                why = both(partial(str, error.message))
                ImportFault.objects.create(
                    run=run, line=0, external_id=listing.external_id,
                    reason_en=why.en[:500], reason_zh=why.zh[:500],
                )  # fmt: skip
        run.heartbeat, run.tries = timezone.now(), 0  # it has come further
        run.save(update_fields=_COUNTS)
        self.run = run
        return bool(gone)

    def _missing(self) -> QuerySet[Listing]:
        known = ImportedId.objects.filter(run=self.run).values("external_id")
        return Listing.objects.filter(
            owner=self.run.owner, source=self.source, kind=self.run.kind, revision_of=None,
            state__in=_WITHDRAWN_FROM,
        ).exclude(external_id__in=known)  # fmt: skip

    @transaction.atomic
    def _finish(self) -> None:
        run = lock(ImportRun.objects.all(), self.run.pk)
        if run.state != self.state:
            return
        if run.is_dry:
            run.state = run_states.IMPORT.target("checked", run.state)
            waits(run)
            run.withdrawn = self._missing().count() if run.withdraw_missing else 0
        else:
            run.state = run_states.IMPORT.target("done", run.state)
            ends(run)
        run.heartbeat = timezone.now()
        run.save()
        ImportedId.objects.filter(run=run).delete()
        if not run.is_dry:
            _ended(run, self.actor, notices.IMPORT_DONE)


def _by_field(done: Outcome) -> dict[str, list[Message]]:
    found: dict[str, list[Message]] = {}
    for field, text in done.errors:
        found.setdefault(field, []).append(text)
    return found


def _batches(lines: Iterator[tuple[Line, int]], size: int) -> Iterator[tuple[list[Line], int]]:
    while batch := list(islice(lines, size)):
        yield [line for line, _end in batch], batch[-1][1]


@transaction.atomic
def fail(run_id: int, code: str, about: Mapping[str, Any] | None = None) -> None:
    """Give an import up. code, about: as listings.imports.refusals.run_reason words them."""
    run = lock(ImportRun.objects.all(), run_id)
    if run.state in run_states.ENDED:
        return
    run.state = run_states.IMPORT.target("fail", run.state)
    run.reason_code, run.reason_about = code[:40], dict(about or {})
    ends(run)
    run.save()
    _ended(run, Actor(user_id=run.person_id), notices.IMPORT_FAILED)


def _ended(run: ImportRun, actor: Actor, notice: str) -> None:
    record(
        event_kinds.IMPORT_FINISHED, actor=actor, obj=run, organisation_ids=[run.owner_id],
        after={"state": run.state},
        data={"created": run.created, "changed": run.changed, "same": run.same,
              "refused": run.refused, "withdrawn": run.withdrawn},
    )  # fmt: skip
    notify(
        [run.person_id], notice, url=f"/my/imports/{run.public_id}/", key=run.public_id,
        params={"source": run.source, "created": run.created, "changed": run.changed,
                "refused": run.refused},
    )  # fmt: skip
