"""Writing imported rows: in batches, idempotent by (source, external id, kind)."""

import datetime as dt
import hashlib
import json
import multiprocessing
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation
from events.actions import record
from listings import event_kinds, states
from listings.actions.content import apply_content
from listings.coach import Draft, advise
from listings.completeness import missing
from listings.duplicates import compared_texts
from listings.fingerprints import bands_of
from listings.imports.blank import EXAMPLE_ID
from listings.imports.copying import copy_rows, new_ids
from listings.imports.mapping import ImportMapping
from listings.imports.reading import Line
from listings.imports.reasons import Reason, Reasons, both, fields_of, judged
from listings.imports.refusals import cell_reason, part_reason
from listings.indexing import entry_of, queue_meanings, tier_texts, write_entries
from listings.models import Listing, ListingVersion
from listings.rules import default_valid_until
from listings.snapshots import CONTENT_FIELDS, snapshot
from listings.tsvectors import prepared, prepared_many
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid, Message

BATCH = 500
_PARTS = ("specifications", "ip_rights", "co_owners")
_UPDATED = (*CONTENT_FIELDS, "coach_score", "fingerprint", "fingerprint_bands", "content_hash",
            "version", "published_version", "published_at", "updated_at")  # fmt: skip


@dataclass
class Report:
    """How many rows were new, changed, unchanged, refused; `seconds` is the caller's."""

    created: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0

    @property
    def total(self) -> int:
        return self.created + self.changed + self.same + self.refused


@dataclass
class _Work:
    """One row on its way: its listing with content, and its parts, not yet stored."""

    line: Line
    listing: Listing
    content: dict[str, Any]
    parts: dict[str, list[models.Model]] = field(default_factory=dict)
    is_new: bool = True


@dataclass(frozen=True)
class Apart:
    """A row that a batch cannot write by itself: its listing is no longer, or not yet, on the
    market, so what becomes of it is for listings.actions.bulk."""

    line: Line
    identity: str
    content: dict[str, Any]


Refuse = Callable[[Line, Reason, Reasons], None]
# An import by its owner's people changes what is on the market, or is new; the rest has its moves.
_WRITTEN = states.REVISED


class Importer:
    """Imports rows of one source for one organisation. Use as a context manager: it holds a lock
    so that one source is never imported twice at once, processes that cut the words, and a thread
    that writes."""

    def __init__(
        self, *, actor: Actor, source: str, owner: Organisation, kind: str,
        mapping: ImportMapping, refuse: Refuse, processes: int = 2, batch: int = BATCH,
        complete: bool = False,
    ) -> None:  # fmt: skip
        """complete: a row needs all that posting by hand needs, not only a title and a field."""
        self.actor, self.source, self.owner, self.kind = actor, source, owner, kind
        self.mapping, self.refuse, self.batch = mapping, refuse, batch
        self.report = Report()
        self.processes, self.complete = processes, complete
        self._pool: ProcessPoolExecutor | None = None
        self._writer: ThreadPoolExecutor | None = None
        self._seen: set[str] = set()

    def __enter__(self) -> "Importer":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [self._lock_name])
            row = cursor.fetchone()
        if not row or not row[0]:
            raise Conflict(
                "import_running",
                _("“%(source)s” is being imported already.") % {"source": self.source},
            )
        if self.processes > 0:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self.processes, mp_context=context)
            self._writer = ThreadPoolExecutor(1)
        return self

    def __exit__(self, *error: object) -> None:
        if self._writer is not None:
            self._writer.submit(lambda: connection.close())  # its own, asked for in the thread
            self._writer.shutdown()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [self._lock_name])

    @property
    def _lock_name(self) -> str:
        return f"listings.import.{self.source}"

    def run(self, lines: Iterable[Line]) -> Iterator[Report]:
        """Import everything; yields the report after each batch. What is stored stays stored:
        after a stop, the same command goes on where it was."""
        waiting: tuple[list[_Work], list[Any]] | None = None
        writing: Future[None] | None = None
        for batch in _batches(lines, self.batch):
            works, _apart = self._judged(batch)
            ahead = (works, self._prepared(works))
            # While one batch is judged, the words of the one before are cut in other processes
            # and the one before that is written by another thread.
            if writing is not None:
                writing.result()
                yield self.report
            writing = self._begin(waiting)
            waiting = ahead
        if writing is not None:
            writing.result()
        last = self._begin(waiting)
        if last is not None:
            last.result()
        yield self.report

    def _begin(self, batch: tuple[list[_Work], list[Any]] | None) -> "Future[None] | None":
        """Write a batch: at once, or in the writing thread where there is one."""
        if batch is None:
            return None
        if self._writer is not None:
            return self._writer.submit(self._store, *batch)
        self._store(*batch)
        done: Future[None] = Future()
        done.set_result(None)
        return done

    # --- by turns of a caller ---------------------------------------------------------------------

    def check_batch(self, batch: list[Line], already: Collection[str]) -> None:
        """Judge a batch and change nothing; the report counts what would be new or changed.

        already: ids that stood in earlier batches of the file.
        """
        self._seen = set(already)
        works, apart = self._judged(batch, numbered=False, aside=True)
        self.report.created += sum(work.is_new for work in works)
        self.report.changed += sum(not work.is_new for work in works) + len(apart)

    @transaction.atomic
    def import_batch(self, batch: list[Line], already: Collection[str]) -> list[Apart]:
        """Judge and write a batch in the caller's transaction; returns what goes another way."""
        self._seen = set(already)
        works, apart = self._judged(batch, aside=True, locked=True)
        self._store(works, self._prepared(works))
        return apart

    def sift_batch(self, batch: list[Line], already: Collection[str]) -> list[Apart]:
        """Judge a batch, write nothing, and return every good new or changed row."""
        self._seen = set(already)
        works, apart = self._judged(batch, numbered=False, aside=True)
        return [*(Apart(w.line, w.listing.external_id, w.content) for w in works), *apart]

    # --- one batch --------------------------------------------------------------------------------

    def _judged(
        self, batch: list[Line], *, numbered: bool = True, aside: bool = False,
        locked: bool = False,
    ) -> tuple[list[_Work], list[Apart]]:  # fmt: skip
        """New and changed rows with their content set; the rest is counted or refused.

        numbered: new rows get their ids. aside: rows of listings that are not on the market are
        given apart. locked: known listings are, so that nobody's change is lost.
        """
        wanted = self._wanted(batch)
        known_rows = Listing.objects.filter(
            source=self.source, kind=self.kind, external_id__in=wanted, revision_of=None
        )
        if locked:
            known_rows = known_rows.order_by("pk").select_for_update(of=("self",))
        present = {row.external_id: row for row in known_rows}
        changed = [
            present[identity]
            for identity, (_line, _content, digest) in wanted.items()
            if identity in present and present[identity].content_hash != digest
        ]
        # what the file does not name stays: it is read, versioned and indexed with the rest
        models.prefetch_related_objects(changed, *_PARTS, "documents")
        works, apart = [], []
        count = len(wanted) - len(present)
        numbers = iter(new_ids(count) if numbered else range(count))
        for identity, (line, content, digest) in wanted.items():
            known = present.get(identity)
            number = known.pk if known is not None else next(numbers)
            if known is not None and known.content_hash == digest:
                self.report.same += 1
            elif aside and known is not None and known.state not in _WRITTEN:
                apart.append(Apart(line, identity, content))
            elif work := self._work(line, identity, content, digest, known, number):
                works.append(work)
        return works, apart

    def _wanted(self, batch: list[Line]) -> dict[str, tuple[Line, dict[str, Any], str]]:
        """id -> the row with its content and the hash of that; rows without an id are refused."""
        wanted: dict[str, tuple[Line, dict[str, Any], str]] = {}
        for line in batch:
            if line.row is None or line.error:
                why = line.error or both(lambda: _("The row cannot be read."))
                self._refuse(line, why, {line.column: why} if line.column else None)
                continue
            identity = self.mapping.identity(line.row)
            if not identity or len(identity) > 120 or not identity.isprintable():
                self._refuse(line, both(lambda: _("no id of 1 to 120 characters")))
            elif identity == EXAMPLE_ID:
                self._refuse(line, both(_is_example))
            elif identity in self._seen:
                self._refuse(line, _stands_twice(identity))
            else:
                self._seen.add(identity)
                content = self.mapping.content(line.row)
                wanted[identity] = (line, content, _hash(content))
        return wanted

    def _work(
        self, line: Line, identity: str, content: dict[str, Any], digest: str,
        known: Listing | None, number: int,
    ) -> _Work | None:  # fmt: skip
        listing = known or Listing(
            pk=number,
            kind=self.kind, owner=self.owner, source=self.source, external_id=identity,
            country=self.owner.country, region=self.owner.region, posted_by_id=self.actor.user_id,
            state=states.TRANSITIONS.target("publish", states.DRAFT),
        )  # fmt: skip
        listing.owner = self.owner if known is None else listing.owner
        try:
            parts = apply_content(listing, content)
        except Invalid as error:
            fields = judged(
                error.fields, lambda: fields_of(lambda: apply_content(listing, content))
            )
            for name, said in fields.items():
                fields[name] = clearer(name, content.get(name.partition(".")[0]), said)
            self._refuse(line, both(lambda: _("some fields are wrong")), fields)
            return None
        listing.content_hash = digest
        when = self.mapping.when(line.row or {})
        if when is not None:
            listing.published_at = timezone.make_aware(dt.datetime(when.year, when.month, when.day))
        # the parts as the search, the coach and the snapshot will read them, without a query
        none: dict[str, list[models.Model]]
        none = {} if known is not None else {key: [] for key in (*_PARTS, "documents")}
        stored = getattr(listing, "_prefetched_objects_cache", {})
        listing._prefetched_objects_cache = {  # type: ignore[attr-defined]
            **none, **stored, **{name: rows for name, rows in parts.items() if name in _PARTS},
        }  # fmt: skip
        gaps = self._gaps(listing)
        if gaps:
            fields = judged(gaps, lambda: self._gaps(listing))
            self._refuse(line, both(lambda: _("something needed is missing")), fields)
            return None
        return _Work(line, listing, content, parts, is_new=known is None)

    def _gaps(self, listing: Listing) -> dict[str, list[Message]]:
        """Field -> why it is needed."""
        found = missing(listing)
        if not self.complete:
            found = {name: found[name] for name in ("title_en", "field") if name in found}
        return found

    def _prepared(self, works: list[_Work]) -> list[Any]:
        tasks = [(tier_texts(work.listing), compared_texts(work.listing)) for work in works]
        if self._pool is None:
            return [prepared(*task) for task in tasks]
        size = max(1, len(tasks) // max(self.processes, 1) + 1)
        return [
            self._pool.submit(prepared_many, tasks[start : start + size])
            for start in range(0, len(tasks), size)
        ]

    def _store(self, works: list[_Work], results: list[Any]) -> None:
        if self._pool is not None:
            results = [row for future in results for row in future.result()]
        now = timezone.now()
        today = timezone.localdate()
        for work, (_vectors, fingerprint) in zip(works, results, strict=True):
            listing = work.listing
            listing.fingerprint, listing.fingerprint_bands = fingerprint, bands_of(fingerprint)
            listing.coach_score = advise(
                Draft(listing, list(listing.specifications.all()), list(listing.ip_rights.all()))
            ).score
            listing.published_at = listing.published_at or now
            listing.valid_until = listing.valid_until or default_valid_until(listing, today)
            listing.published_version += 1
            listing.version += 0 if work.is_new else 1
            listing.updated_at = now
        if works:
            self._write(works, [row[0] for row in results])

    @transaction.atomic
    def _write(self, works: list[_Work], vectors: list[list[str]]) -> None:
        new = [work for work in works if work.is_new]
        old = [work for work in works if not work.is_new]
        copy_rows([work.listing for work in new])
        Listing.objects.bulk_update([work.listing for work in old], _UPDATED, batch_size=100)
        for name in _PARTS:
            replaced = [work.listing.pk for work in old if name in work.parts]
            if replaced:
                model = Listing._meta.get_field(name).related_model
                assert isinstance(model, type)
                model._default_manager.filter(listing_id__in=replaced).delete()
            copy_rows([row for work in works for row in work.parts.get(name, [])])
        copy_rows(
            [
                ListingVersion(
                    listing=work.listing, number=work.listing.published_version,
                    data=snapshot(work.listing),
                )
                for work in works
            ]
        )  # fmt: skip
        shown = [
            (work.listing, found)
            for work, found in zip(works, vectors, strict=True)
            if work.listing.state == states.PUBLISHED  # an owner may have paused it since
        ]
        fresh = {work.listing.pk for work in new}
        copy_rows([entry_of(row, found) for row, found in shown if row.pk in fresh])
        write_entries([entry_of(row, found) for row, found in shown if row.pk not in fresh])
        queue_meanings([listing.pk for listing, _found in shown])
        record(
            event_kinds.IMPORTED, actor=self.actor, object_type="organisation",
            object_id=self.owner.public_id, organisation_ids=[self.owner.pk],
            data={"source": self.source, "kind": self.kind, "created": len(new),
                  "changed": len(old)},
        )  # fmt: skip
        self.report.created += len(new)
        self.report.changed += len(old)

    def _refuse(self, line: Line, why: Reason, fields: Reasons | None = None) -> None:
        self.report.refused += 1
        self.refuse(line, why, fields or {})


def clearer(name: str, value: Any, said: Reason) -> Reason:
    """A reason that says more than every form does, where there is one. value: of the whole
    field."""
    if "." in name:
        return said.by(lambda text: part_reason(name, value, text))
    return both(partial(cell_reason, name, value)) if cell_reason(name, value) else said


def _is_example() -> str:
    return _("This is the example of the template; it is left out.")


def _stands_twice(identity: str) -> Reason:
    return both(lambda: _("the id %(id)s stands twice in the file") % {"id": identity})


def _hash(content: dict[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _batches(lines: Iterable[Line], size: int) -> Iterator[list[Line]]:
    source = iter(lines)
    while batch := list(islice(source, size)):
        yield batch
