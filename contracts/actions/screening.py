"""Screen contracts that cross the border, and decide about what was found."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from contracts import event_kinds, notices, states
from contracts.actions.access import locked, locked_at_point, require_examiner
from contracts.actions.moves import tell_examiner
from contracts.models import CatalogueEntry, Contract, HitDecision, Screening, ScreeningHit
from contracts.queries import catalogues
from contracts.queries import screening as queries
from contracts.queries.visibility import organisation_ids
from contracts.review.passages import language_of
from contracts.rule_sets import rule_set
from contracts.screening import border
from contracts.screening.matching import Hit, Piece, screen
from events.actions import record
from listings.document_text import Interrupted, parts_of
from marketplace.core.actor import Actor
from marketplace.core.cleaning import words_of
from marketplace.core.errors import Conflict, Invalid, Message, NotFound, Refused
from marketplace.core.jobs import enqueue
from marketplace.core.models import Job

JOB = "contracts.screen_files"
DUE_JOB = "contracts.screen_due"
Outcome = HitDecision.Outcome
_NOT_DONE = _("This contract crosses the border and is still being screened against the "
              "catalogues. It is done by itself within a few minutes; then try again.")  # fmt: skip


def begin_screening(contract: Contract) -> Screening | None:
    """Screen a locked contract's facts now and have its files read by a job. None when it does
    not cross the border."""
    ways = border.directions(contract.parties.all())
    if not ways:
        return None
    today = timezone.localdate()
    row = Screening.objects.create(
        contract=contract, version=queries.last_version(contract), directions=ways,
        text_sha256=queries.screened_sha256(contract, ways), made_at=timezone.now(),
    )  # fmt: skip
    used = list(catalogues.in_force(today, ways))
    row.catalogues.set(used)
    _keep_hits(row, contract, _hits_of(row, contract, queries.pieces_of(contract)))
    files = queries.readable(contract)
    row.unread = [file.name for file in contract.files.all() if file not in files]
    if used and files:
        row.save(update_fields=["unread"])
        enqueue(JOB, {"screening": row.pk}, key=str(row.pk))
    else:
        _finish(row, contract, row.unread)
    return row


def screen_files(*, screening_id: int) -> None:
    """Read the files of a screening that waits, and finish it; again changes nothing.

    Raises Interrupted when the reader was ended from outside, unless this is the job's last try.
    """
    waiting = Screening.State.WAITING
    row = Screening.objects.filter(pk=screening_id, state=waiting).first()
    if row is None:
        return
    gives_up = _is_last_try(screening_id)
    pieces: list[Piece] = []
    unread = list(row.unread)
    for file in queries.readable(row.contract):
        read = _pieces_of_file(file, gives_up=gives_up)
        pieces += read[0]
        if not read[1]:
            unread.append(file.name)
    # compared before the lock is taken: a long text would hold up whoever works on the contract
    hits = _hits_of(row, row.contract, [*queries.pieces_of(row.contract), *pieces])
    with transaction.atomic():
        contract = locked(row.contract_id)
        row = Screening.objects.filter(pk=screening_id, state=waiting).first()
        if row is None:  # somebody was quicker
            return
        _keep_hits(row, contract, hits)
        _finish(row, contract, unread)


def screen_due() -> int:
    """Screen what lies at a registration point and was not screened in its present version with
    the catalogues of today; returns how many. Also asks again for files that still wait."""
    begun = 0
    due = queries.crossing().filter(state__in=sorted(states.AT_THE_POINT))
    for pk in list(due.order_by("id").values_list("pk", flat=True)):
        with transaction.atomic():
            contract = locked(pk)
            if contract.state not in states.AT_THE_POINT:
                continue
            ways = border.directions(contract.parties.all())
            row = queries.newest(contract)
            if row and queries.is_current(row, contract, ways, timezone.localdate()):
                if row.state == Screening.State.WAITING:
                    enqueue(JOB, {"screening": row.pk}, key=str(row.pk))
            elif begin_screening(contract) is not None:
                begun += 1
    return begun


def require_clear(contract: Contract) -> None:
    """Raises Conflict while the screening of a locked contract is not done, a possible hit holds
    it undecided, or a hit was decided to be barred."""
    found = queries.standing(contract, timezone.localdate())
    if found.is_clear:
        return
    if not found.is_done:
        raise Conflict("not_screened", _NOT_DONE)
    if found.barred:
        raise Conflict(
            "screening_barred",
            _("It was decided that %(entries)s bars this contract. Refuse the registration.")
            % {"entries": _codes(found.barred)},
        )
    raise Conflict(
        "screening_holds",
        ngettext(
            "A possible hit in a catalogue of controlled technologies is not decided: %(entries)s. "
            "Decide it under “Export and import screening”, then register.",
            "%(number)s possible hits in catalogues of controlled technologies are not decided: "
            "%(entries)s. Decide them under “Export and import screening”, then register.",
            len(found.held),
        )
        % {"number": len(found.held), "entries": _codes(found.held)},
    )


@transaction.atomic
def decide_hit(
    *,
    actor: Actor,
    contract_id: int,
    hit_id: int,
    outcome: str,
    words: str,
    note: str = "",
    licence_number: str = "",
    licence_on: dt.date | None = None,
    licence_by: str = "",
    expected_version: int | None = None,
) -> HitDecision:
    """A registrar's answer to one possible hit; a later one takes its place, none is lost.

    outcome: a value of HitDecision.Outcome; note: for the registration point alone. Raises Invalid
    by field, Refused `tied`, `not_your_file`, `same_person`, Conflict `wrong_state` or
    `screened_anew`, NotFound, Stale.
    """
    contract = locked_at_point(contract_id, actor, expected_version=expected_version)
    _require_decider(contract, actor)
    found = queries.newest(contract)
    hit = next((one for one in found.hits.all() if one.pk == hit_id), None) if found else None
    if hit is None:
        if ScreeningHit.objects.filter(pk=hit_id, screening__contract=contract).exists():
            raise Conflict(
                "screened_anew",
                _("The contract was screened anew meanwhile. Look at its present hits."),
            )
        raise NotFound
    if found is None or found.state != Screening.State.DONE:
        # what is found in the files may add to this very hit
        raise Conflict("not_screened", _NOT_DONE)
    facts = _checked(
        hit.entry, outcome,
        {"words": words, "note": note, "licence_number": licence_number,
         "licence_on": licence_on, "licence_by": licence_by},
    )  # fmt: skip
    decision = HitDecision.objects.create(
        hit=hit, outcome=outcome, decided_by_id=actor.user_id, at=timezone.now(), **facts
    )
    contract.version += 1
    contract.save(update_fields=["version", "updated_at"])
    _note(
        contract, event_kinds.HIT_DECIDED, actor,
        {"entry": hit.entry.code, "catalogue": hit.entry.catalogue.code, "outcome": outcome},
    )  # fmt: skip
    return decision


def _require_decider(contract: Contract, actor: Actor) -> None:
    """The examiner; in second review, where a new catalogue may bring new hits, the second
    person."""
    if contract.state == states.UNDER_EXAMINATION:
        require_examiner(contract, actor)
    elif contract.state == states.SECOND_REVIEW:
        if actor.user_id is not None and actor.user_id == contract.examiner_id:
            raise Refused(
                "same_person", _("The second review is made by another person than the first.")
            )
    else:
        raise Conflict(
            "wrong_state", _("Hits are decided while the contract is examined. Claim it first.")
        )


def _checked(entry: CatalogueEntry, outcome: str, given: dict[str, Any]) -> dict[str, Any]:
    """Cleaned columns of a decision. Raises Invalid with every wrong field."""
    wrong: dict[str, list[Message]] = {}
    if outcome not in Outcome.values:
        wrong["outcome"] = [_("Choose what you decide.")]
    elif outcome == Outcome.LICENSED and entry.kind == CatalogueEntry.Kind.PROHIBITED:
        wrong["outcome"] = [
            _("No licence is given for what is prohibited: not covered, or barred.")
        ]
    is_licensed = outcome == Outcome.LICENSED
    licence = _("A licence has a number, a day and an authority.")
    facts: dict[str, Any] = {"licence_on": None}
    for name, needed, limit in (
        ("words", _("Say why in words; the parties read them."), 4000),
        ("note", "", 4000),
        ("licence_number", licence if is_licensed else "", 80),
        ("licence_by", licence if is_licensed else "", 160),
    ):
        try:
            facts[name] = words_of(name, given[name], limit, missing=needed)
        except Invalid as error:
            wrong |= error.fields
    if is_licensed:
        day = facts["licence_on"] = given["licence_on"]
        if day is None:
            wrong["licence_on"] = [licence]
        elif day > timezone.localdate():
            wrong["licence_on"] = [_("The day of the licence lies in the future.")]
    else:  # what was typed before another answer was chosen is no licence
        facts |= {"licence_number": "", "licence_by": ""}
    if wrong:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=wrong)
    return facts


def _hits_of(row: Screening, contract: Contract, pieces: list[Piece]) -> list[Hit[CatalogueEntry]]:
    entries = list(CatalogueEntry.objects.filter(catalogue__in=row.catalogues.all()))
    return screen(pieces, queries.fields_of(contract), entries)[: queries.MAX_HITS]


def _keep_hits(row: Screening, contract: Contract, hits: list[Hit[CatalogueEntry]]) -> None:
    """Write what was found; an entry that was hit already keeps its row."""
    holds = rule_set(contract.rule_set).screening.holds
    for hit in hits:
        ScreeningHit.objects.update_or_create(
            screening=row, entry=hit.entry,
            defaults={
                "holds": hit.entry.kind in holds, "score": hit.score,
                "reasons": queries.rows_of(hit),
            },
        )  # fmt: skip


def _finish(row: Screening, contract: Contract, unread: list[str]) -> None:
    row.state, row.unread = Screening.State.DONE, [name[:200] for name in unread]
    row.save(update_fields=["state", "unread"])
    _carry_over(row, contract)
    hits = row.hits.count()
    _note(
        contract, event_kinds.SCREENED, Actor.system(),
        {"hits": hits, "catalogues": [one.code for one in row.catalogues.all()]},
    )  # fmt: skip
    if row.hits.filter(holds=True, decisions__isnull=True).exists():
        tell_examiner(contract, notices.SCREENING_HITS)


def _carry_over(row: Screening, contract: Contract) -> None:
    """Repeat decisions about the same entry from the last screening of the same text, of this
    contract or of the edition that it amends. They say what they were carried from."""
    before = (
        Screening.objects.filter(
            contract_id__in=[contract.pk, contract.amends_id or contract.pk],
            text_sha256=row.text_sha256, state=Screening.State.DONE,
        )
        .exclude(pk=row.pk)
        .order_by("-id")
        .first()
    )  # fmt: skip
    if before is None:
        return
    decided = {
        hit.entry.sha256: decision
        for hit in before.hits.select_related("entry").prefetch_related("decisions")
        if (decision := queries.decision_of(hit)) is not None
    }
    for hit in row.hits.filter(decisions__isnull=True).select_related("entry"):
        old = decided.get(hit.entry.sha256)
        if old is not None:
            HitDecision.objects.create(
                hit=hit, carried_from=old, outcome=old.outcome, words=old.words, note=old.note,
                licence_number=old.licence_number, licence_on=old.licence_on,
                licence_by=old.licence_by, decided_by_id=old.decided_by_id, at=old.at,
            )  # fmt: skip


def _pieces_of_file(file: Any, *, gives_up: bool) -> tuple[list[Piece], bool]:
    """(pieces, whether it was read to its end). Never raises on the content."""
    try:
        with file.file.open("rb") as stored:
            content = stored.read()
        told = parts_of(content, file.media_type)
    except Interrupted:
        if not gives_up:
            raise
        told = None
    except OSError:
        told = None
    if told is None or told.is_encrypted or not language_of(told.parts):
        return [], False
    pieces = [
        Piece(text, file=file.public_id, name=file.name, unit=told.unit, at=place)
        for place, text in enumerate(told.parts, 1)
        if text.strip()
    ]
    return pieces, told.read >= told.total


def _is_last_try(screening_id: int) -> bool:
    running = Job.objects.filter(kind=JOB, key=str(screening_id), state=Job.State.RUNNING)
    return all(one.tries >= one.max_tries for one in running)


def _codes(hits: list[ScreeningHit]) -> str:
    return ", ".join(hit.entry.code for hit in hits[:10]) + ("…" if len(hits) > 10 else "")


def _note(contract: Contract, event: str, actor: Actor, data: dict[str, Any]) -> None:
    record(
        event, actor=actor, obj=contract,
        organisation_ids=[*organisation_ids(contract), contract.registration_point_id], data=data,
    )  # fmt: skip
