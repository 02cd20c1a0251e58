"""Reading sources: in turns of some pages, each page stored together with the place it leads to.

A worker that dies loses nothing and repeats nothing: the page it was at is asked for again.
"""

import datetime as dt
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import structlog
from cryptography.fernet import InvalidToken
from django.db import transaction
from django.utils import timezone

from accounts import sealing
from events.actions import record
from listings import event_kinds, states
from listings.actions.lifecycle import withdraw
from listings.connectors.calling import ask, host_of, marks_of, only_caller
from listings.connectors.copies import copies_among, texts_of
from listings.connectors.kinds import CONNECTORS
from listings.connectors.rows import mapping_of, row_of
from listings.connectors.shapes import Ask, Item, Page, StartAgain, Trouble
from listings.imports.loading import Importer
from listings.imports.reading import Line
from listings.imports.reasons import Reason, Reasons
from listings.models import HarvestSource, Listing
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict
from marketplace.core.jobs import enqueue

log = structlog.get_logger(__name__)
SEAL = "listings.source"
PAGES_PER_TURN = 10
TURN_SECONDS = 240
ANOTHER_TURN = 30.0  # seconds until a host that is busy with another of our workers is tried
MAX_PAGES = 5_000
MAX_RESTARTS = 2
MAX_REPORT = 100
FIRST_WAIT = dt.timedelta(minutes=15)
LONGEST_WAIT = dt.timedelta(days=1)
# The other side will be back, and then the place in its list still holds.
_PASSING = frozenset({
    "host_unknown", "call_failed", "answer_too_slow", "busy", "server_error", "import_running",
    "internal", "key_refused", "key_unreadable",
})  # fmt: skip
_LOST = frozenset({"repeats", "too_many_pages", "starts_over"})


def enqueue_due() -> None:
    """A job for every source whose time has come (asked for by the clock)."""
    due = HarvestSource.objects.filter(is_on=True, next_run_at__lte=timezone.now())
    with transaction.atomic():
        for pk in due.order_by("next_run_at").values_list("pk", flat=True):
            enqueue("listings.harvest", {"source": pk}, key=str(pk))


def take_turn(*, source_id: int) -> None:
    """Read up to PAGES_PER_TURN pages of a source that is on and due, then ask for the next turn.

    While another worker talks with the same host, its turn comes later.
    """
    source = _due(source_id)
    if source is None:
        return
    give_up = time.monotonic() + TURN_SECONDS
    with only_caller(host_of(source.address)) as alone:
        if not alone:
            _ask_again(source_id, ANOTHER_TURN)
            return
        for _number in range(PAGES_PER_TURN):
            if not _take_page(source_id):
                return
            if time.monotonic() > give_up:
                break
    _ask_again(source_id, 0)


def _ask_again(source_id: int, delay: float) -> None:
    with transaction.atomic():
        enqueue("listings.harvest", {"source": source_id}, key=str(source_id), delay=delay)


def _due(source_id: int) -> HarvestSource | None:
    due = HarvestSource.objects.filter(pk=source_id, is_on=True, next_run_at__lte=timezone.now())
    return due.select_related("owner").first()


def _take_page(source_id: int) -> bool:
    """One page: asked for, read, stored. Returns whether more are to come now."""
    source = _due(source_id)
    if source is None:  # paused, or removed, meanwhile
        return False
    try:
        found = _asked(source)
        return _store(source, found)
    except StartAgain:
        return _start_again(source)
    except Trouble as trouble:
        _fail(source, trouble)
    except Conflict as refusal:
        _fail(source, Trouble(refusal.code))
    except Exception:
        # Raised, it would be tried again in two seconds: the other side deserves a pause.
        log.exception("harvest_failed", source=source.public_id)
        _fail(source, Trouble("internal"))
    return False


# --- The other side -------------------------------------------------------------------------------


@dataclass
class _Found:
    """page: None when nothing has changed since the last run. marks: of its first page."""

    page: Page | None
    marks: dict[str, str] = field(default_factory=dict)


def _asked(source: HarvestSource) -> _Found:
    connector = CONNECTORS[source.kind]
    cursor = source.run.get("cursor") or {}
    where = Ask(source.address, source.selection, source.kept, cursor)
    known = source.kept if connector.is_conditional and not cursor else {}
    answer = ask(connector.url(where), _key_of(source), known)
    if answer.status == 304:
        return _Found(None)
    return _Found(connector.read(answer.body, where), marks_of(answer))


def _key_of(source: HarvestSource) -> tuple[str, str] | None:
    if not source.key:
        return None
    name, form = CONNECTORS[source.kind].key_header
    try:
        return name, form % sealing.unseal(SEAL, source.key)
    except InvalidToken:
        raise Trouble("key_unreadable") from None


# --- What it said ---------------------------------------------------------------------------------


@transaction.atomic
def _store(read: HarvestSource, found: _Found) -> bool:
    """Load a page and move on, in one transaction; returns whether more pages are to come.

    read: the source as it was when the page was asked for. If an operator has changed it since,
    nothing is stored: the page is asked for again, of the source as it is now.
    """
    source = _locked_unchanged(read)
    if source is None:
        return False
    run = source.run
    if not run:
        run = {"started": timezone.now().isoformat(), "pages": 0, "restarts": 0}
        source.counts, source.report = {}, []
    counts = Counter(source.counts)
    if found.page is None:
        counts["unchanged"] += 1
        run.setdefault("kept", source.kept)
        return _end(source, run, counts)
    run["pages"] += 1
    run.setdefault("kept", {**found.page.kept, **found.marks})
    source.report = [*source.report, *_load(source, found.page, counts)][:MAX_REPORT]
    if found.page.cursor is None:
        return _end(source, run, counts)
    if run["pages"] >= MAX_PAGES:
        raise Trouble("too_many_pages")
    run["cursor"] = dict(found.page.cursor)
    source.run, source.counts = run, counts
    source.trouble = source.trouble_detail = ""
    source.failures = 0
    source.save()
    return True


def _end(source: HarvestSource, run: dict[str, Any], counts: "Counter[str]") -> bool:
    """The run is whole: what it leaves is kept for the next one."""
    now = timezone.now()
    source.kept, source.run = run["kept"], {}
    source.counts = {**counts, "pages": run["pages"]}
    source.last_run_at = now
    source.next_run_at = now + dt.timedelta(hours=source.every_hours)
    source.trouble = source.trouble_detail = ""
    source.failures = 0
    source.save()
    record(
        event_kinds.SOURCE_READ, actor=Actor.system(), obj=source, data=source.counts,
        object_type="source", organisation_ids=[source.owner_id],
    )  # fmt: skip
    return False


def _load(source: HarvestSource, page: Page, counts: "Counter[str]") -> list[dict[str, str]]:
    """Store a page's entries and count them; returns what was left out and why."""
    items = [item for item in page.items if item.external_id.isprintable()]
    broken = [*page.broken, *["an id that cannot be printed"] * (len(page.items) - len(items))]
    notes = [{"id": "", "why": "broken", "text": text[:300]} for text in broken]
    counts["refused"] += len(broken)
    mapping = mapping_of(source.default_field)
    owner = source.owner
    rows = {
        item.external_id: row_of(item, source.field_codes, (owner.name_en, owner.name_zh))
        for item in items
        if not item.is_deleted
    }
    known = set(_listings(source, rows).values_list("external_id", flat=True))
    fresh = {
        name: texts_of(mapping.content(row)) for name, row in rows.items() if name not in known
    }
    copies = copies_among(fresh, source.listing_kind, owner.pk)
    for name, public_id in copies.items():
        notes.append({"id": name[:120], "why": "copy", "of": public_id})
    counts["copies"] += len(copies)

    def refuse(line: Line, why: Reason, fields: Reasons) -> None:
        text = "; ".join([str(why), *(f"{name}: {said}" for name, said in fields.items())])
        name = str((line.row or {}).get("id", ""))
        notes.append({"id": name[:120], "why": "refused", "text": text[:300]})

    importer = Importer(
        actor=Actor.system(), source=source.name, owner=owner, kind=source.listing_kind,
        mapping=mapping, refuse=refuse, processes=0,
    )  # fmt: skip
    kept = [row for name, row in rows.items() if name not in copies]
    with importer:
        for _report in importer.run(Line(number, row) for number, row in enumerate(kept, 1)):
            pass
    for name in ("created", "changed", "same", "refused"):
        counts[name] += getattr(importer.report, name)
    _gone(source, [item for item in items if item.is_deleted], counts)
    return notes


def _listings(source: HarvestSource, names: Any) -> Any:
    """Listings that came from these entries of the source."""
    return Listing.objects.filter(
        source=source.name, kind=source.listing_kind, external_id__in=list(names), revision_of=None
    )


def _gone(source: HarvestSource, items: list[Item], counts: "Counter[str]") -> None:
    """Entries that the source has deleted: withdrawn where the operator chose so, else counted."""
    if not items:
        return
    may = states.TRANSITIONS.moves["withdraw"][0]
    rows = _listings(source, [item.external_id for item in items]).filter(state__in=sorted(may))
    for pk in list(rows.order_by("pk").values_list("pk", flat=True)):
        if source.withdraws_deleted:
            withdraw(actor=Actor.system(), listing_id=pk)
            counts["withdrawn"] += 1
        else:
            counts["gone"] += 1


# --- What went wrong ------------------------------------------------------------------------------


def _locked_unchanged(read: HarvestSource) -> HarvestSource | None:
    """The row, locked, if it is on and no operator has changed it since it was read."""
    rows = HarvestSource.objects.select_related("owner").select_for_update(of=("self",))
    return rows.filter(pk=read.pk, version=read.version, is_on=True).first()


@transaction.atomic
def _start_again(read: HarvestSource) -> bool:
    """The source forgot our place: from the beginning, a few times at most."""
    source = _locked_unchanged(read)
    if source is None:
        return False
    restarts = int(source.run.get("restarts", 0)) + 1
    if restarts > MAX_RESTARTS:
        _note(source, Trouble("starts_over"))
        return False
    source.run = {**source.run, "restarts": restarts, "cursor": {}}
    source.save(update_fields=["run"])
    return True


@transaction.atomic
def _fail(read: HarvestSource, trouble: Trouble) -> None:
    source = _locked_unchanged(read)
    if source is not None:
        _note(source, trouble)


def _note(source: HarvestSource, trouble: Trouble) -> None:
    """Keep what went wrong and when to try again; a source that shuts the door is left alone."""
    now = timezone.now()
    source.trouble, source.trouble_detail = trouble.code, trouble.detail[:300]
    source.trouble_at = now
    if trouble.retry_after is not None:
        source.next_run_at = now + dt.timedelta(seconds=trouble.retry_after)
    else:
        source.failures = min(source.failures + 1, 1000)
        source.next_run_at = now + min(FIRST_WAIT * 2 ** min(source.failures - 1, 10), LONGEST_WAIT)
    if trouble.code in _LOST or (trouble.code not in _PASSING and source.failures >= 3):
        source.run = {}
    if trouble.code == "key_refused":
        source.is_on = False
        source.next_run_at = None
    source.save()
    record(
        event_kinds.SOURCE_FAILED, actor=Actor.system(), obj=source, object_type="source",
        data={"code": trouble.code, "failures": source.failures, "is_on": source.is_on},
    )  # fmt: skip
