"""What screening found, and whether it stands against a registration."""

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from contracts import states
from contracts.models import (
    Catalogue,
    CatalogueEntry,
    Contract,
    ContractParty,
    HitDecision,
    Screening,
    ScreeningHit,
)
from contracts.queries import catalogues
from contracts.rule_sets import rule_set
from contracts.screening import border
from contracts.screening.matching import Hit, Piece, screen
from listings.document_reading import DOCX, PDF

MAX_HITS = 500  # kept of one screening, the surest
TEXTS = ("title_zh", "title_en", "payment_terms")
LISTING_TEXTS = (
    "title_en", "title_zh", "summary_en", "summary_zh", "body_en", "body_zh", "members_text_en",
    "members_text_zh", "confidential_text_en", "confidential_text_zh",
)  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """Where the screening of a contract stands. directions: empty when it does not cross the
    border, and then nothing else is asked. screening: of the present version and catalogues, or
    None; hits: with `decision`, the newest or None."""

    directions: Sequence[str]
    screening: Screening | None
    hits: Sequence[ScreeningHit]
    is_current: bool
    register_by: dt.date | None

    @property
    def is_done(self) -> bool:
        done = Screening.State.DONE
        return self.is_current and self.screening is not None and self.screening.state == done

    @property
    def held(self) -> list[ScreeningHit]:
        """Hits that hold and that nobody has decided."""
        return [hit for hit in self.hits if hit.holds and decision_of(hit) is None]

    @property
    def barred(self) -> list[ScreeningHit]:
        return [hit for hit in self.hits if _outcome(hit) == HitDecision.Outcome.BARRED]

    @property
    def is_clear(self) -> bool:
        """Whether nothing stands against registering it."""
        return not self.directions or (self.is_done and not self.held and not self.barred)


def standing(contract: Contract, today: dt.date) -> Standing:
    """No query for a contract that stays inside; prefetch its parties."""
    ways = border.directions(contract.parties.all())
    if not ways:
        return Standing((), None, (), True, None)
    row = newest(contract)
    if row and contract.state == states.RETURNED:
        # it quotes files and tells of parties that may be others by now
        row = row if row.text_sha256 == screened_sha256(contract, ways) else None
    hits = list(row.hits.all()) if row else []
    return Standing(
        ways, row, hits, row is not None and is_current(row, contract, ways, today),
        border.register_by(contract.valid_from, contract.signed_on),
    )  # fmt: skip


def newest(contract: Contract) -> Screening | None:
    """The screening that counts, with its hits, their entries and decisions."""
    decisions = HitDecision.objects.select_related("decided_by", "carried_from")
    hits = ScreeningHit.objects.select_related("entry__catalogue").prefetch_related(
        Prefetch("decisions", decisions)
    )
    return contract.screenings.prefetch_related("catalogues", Prefetch("hits", hits)).first()


def is_current(
    row: Screening, contract: Contract, ways: Collection[str], today: dt.date
) -> bool:  # fmt: skip
    """Whether a screening is of the contract's last version and of the catalogues in force.

    What is registered or refused keeps the screening that it was decided by.
    """
    if contract.state not in states.AT_THE_POINT:
        return True
    now = set(catalogues.in_force(today, ways).values_list("pk", flat=True))
    return row.version == last_version(contract) and {one.pk for one in row.catalogues.all()} == now


def last_version(contract: Contract) -> int:
    return contract.versions.values_list("number", flat=True).first() or 0


def decision_of(hit: ScreeningHit) -> HitDecision | None:
    """The newest; the ones before it stay in `hit.decisions`."""
    return next(iter(hit.decisions.all()), None)


def _outcome(hit: ScreeningHit) -> str:
    decision = decision_of(hit)
    return decision.outcome if decision else ""


def crossing() -> QuerySet[Contract]:
    """Contracts with a party outside; whether they cross the border is said by their sides."""
    outside = ~Q(country="CN")
    for province in border.SEPARATE_CUSTOMS:
        outside |= Q(region__startswith=province)
    party = ContractParty.objects.filter(outside, contract=OuterRef("pk"))
    return Contract.objects.filter(Exists(party))


# --- What is screened ----------------------------------------------------------------------------


def pieces_of(contract: Contract) -> list[Piece]:
    """The contract's own words; those of its files are read by a job."""
    found = [Piece(text, fact=name) for name in TEXTS if (text := getattr(contract, name))]
    found += [Piece(row.note, fact="deductions") for row in contract.deductions.all() if row.note]
    for row in contract.instalments.all():
        found += [Piece(text, fact="instalments") for text in (row.event, row.note) if text]
    return found


def fields_of(contract: Contract) -> set[str]:
    return {contract.field, contract.sub_field} - {""}


def readable(contract: Contract) -> list[Any]:
    """Files whose text can be read."""
    return [file for file in contract.files.all() if file.media_type in (PDF, DOCX)]


def screened_sha256(contract: Contract, ways: Sequence[str]) -> str:
    """SHA-256 of what a decision about a hit rests on: all texts, the sides, the way they go. The
    amount and the days may change without it."""
    said = {
        "texts": [[piece.fact, piece.text] for piece in pieces_of(contract)],
        "fields": sorted(fields_of(contract)),
        "files": sorted(file.sha256 for file in contract.files.all()),
        "sides": sorted([p.role, p.name, p.country, p.region] for p in contract.parties.all()),
        "directions": list(ways),
        "type": [contract.type, contract.sub_type],
    }
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def rows_of(hit: Hit[CatalogueEntry]) -> list[dict[str, Any]]:
    """Reasons as they are stored and shown."""
    return [
        {
            "why": reason.why, "quote": reason.quote, "terms": list(reason.terms),
            "fact": reason.piece.fact, "file": reason.piece.file, "name": reason.piece.name,
            "unit": reason.piece.unit, "at": reason.piece.at,
        }
        for reason in hit.reasons
    ]  # fmt: skip


# --- Screening that stores nothing ---------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """Of a check before submission. hits are not stored; catalogues: what was looked through."""

    directions: Sequence[str]
    catalogues: Sequence[Catalogue]
    hits: Sequence[ScreeningHit]


def check(
    pieces: Iterable[Piece], fields: Collection[str], ways: Sequence[str], today: dt.date,
    holds: Collection[str] = (),
) -> Result:  # fmt: skip
    """Screen a text against what is in force today for these directions."""
    used = list(catalogues.in_force(today, ways))
    entries = list(CatalogueEntry.objects.filter(catalogue__in=used).select_related("catalogue"))
    found = screen(pieces, fields, entries)[:MAX_HITS]
    hits = [
        ScreeningHit(
            entry=hit.entry, score=hit.score, reasons=rows_of(hit), holds=hit.entry.kind in holds
        )
        for hit in found
    ]
    return Result(ways, used, hits)


def check_draft(contract: Contract, today: dt.date) -> Result:
    """What the screening at submission would find in the contract's facts, without its files."""
    ways = border.directions(contract.parties.all())
    holds = rule_set(contract.rule_set).screening.holds
    return check(pieces_of(contract), fields_of(contract), ways, today, holds)
