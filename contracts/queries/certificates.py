"""Certificates: of a contract for who may see it, and the check that is open to everybody."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from contracts import states
from contracts.certificates.seal import SealError, detach
from contracts.models import Certificate, Contract, SealKey
from contracts.queries.register import PublicEntry, editions_of, entry_of, registered
from marketplace.core.public_id import ALPHABET

# As people read and type them: Crockford's letters that look alike.
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": "", "‐": "", "–": ""})
_LENGTH = 12


@dataclass(frozen=True)
class Checked:
    """What everybody is told of a genuine certificate: public facts, and how it stands today.

    edition, state and ended_on are of the edition that the certificate was made for; `entry` is
    what the register shows of the number today. key: id of the key that sealed it, or "";
    key_replaced_on: since when the point seals with another, None while it seals with this one.
    """

    entry: PublicEntry
    edition: int
    state: str
    ended_on: dt.date | None
    key: str
    key_replaced_on: dt.date | None
    sha256: str
    editions: tuple[tuple[int, dt.date], ...]

    @property
    def is_valid(self) -> bool:
        return self.state == states.REGISTERED


def current_certificate(contract: Contract) -> Certificate | None:
    """The certificate of a contract in its present state; None while it is being made. The caller
    has passed visible_to."""
    return contract.certificates.filter(state=contract.state).first()


def by_code(number: str, code: str) -> Checked | None:
    """The check by number and code. A wrong code and an unknown number are both None."""
    code = plain_code(code)
    if len(code) != _LENGTH or any(letter not in ALPHABET for letter in code):
        return None
    if not (len(number) == 16 and number.isascii() and number.isdigit()):
        return None
    found = _certificates().filter(number=number, code=code).order_by("-id").first()
    return _checked(found) if found else None


def by_sha256(sha256: str) -> Checked | None:
    """The check of a file by its hash: every certificate that was ever handed out is known."""
    found = _certificates().filter(sha256=sha256).first()
    return _checked(found) if found else None


def bears_our_seal(content: bytes) -> bool:
    """Whether an unknown file carries a seal of a key known here: then it was altered."""
    try:
        seal = detach(content).seal
    except SealError as error:
        return error.reason == "malformed"
    return SealKey.objects.filter(key_id=str(seal["key"])).exists()


def plain_code(code: str) -> str:
    """A code as it is stored, out of what was typed."""
    return code[:40].strip().upper().translate(_READ_AS)


def seal_keys() -> QuerySet[SealKey]:
    """Public keys of all points, newest first, with `replaced_at`: when the next one of the point
    first sealed, None for the one that seals now."""
    later = SealKey.objects.filter(point=OuterRef("point"), pk__gt=OuterRef("pk")).order_by("pk")
    return SealKey.objects.select_related("point").annotate(
        replaced_at=Subquery(later.values("created_at")[:1])
    )


def key_replaced_on(certificate: Certificate) -> dt.date | None:
    """The day since when the point seals with another key than this certificate's."""
    key = (certificate.seal or {}).get("key")
    if not key:
        return None
    found = seal_keys().filter(point=certificate.contract.registration_point, key_id=key).first()
    at = found.replaced_at if found else None  # type: ignore[attr-defined]
    return timezone.localdate(at) if at and certificate.created_at < at else None


def _certificates() -> QuerySet[Certificate]:
    return Certificate.objects.select_related("contract")


def _checked(certificate: Certificate) -> Checked | None:
    contract = certificate.contract
    newest = registered().filter(number=certificate.number).first()
    if newest is None:
        return None
    return Checked(
        entry=entry_of(newest),
        edition=contract.edition,
        state=contract.state,
        ended_on=timezone.localdate(contract.ended_at) if contract.ended_at else None,
        key=(certificate.seal or {}).get("key", ""),
        key_replaced_on=key_replaced_on(certificate),
        sha256=certificate.sha256,
        editions=tuple(
            (row.edition, timezone.localdate(row.registered_at))
            for row in editions_of(certificate.number)
            if row.registered_at
        ),
    )
