"""Entries of a source that say what is on the market already.

Compared with what everybody can see, so that the report tells an operator nothing more: near-copies
among what the same owner posted under its name, exact copies among everybody's.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from listings import states
from listings.duplicates import COMPARED, MAX_DISTANCE
from listings.fingerprints import bands_of, distance, simhash
from listings.models import Listing
from listings.models.listings import Tier
from marketplace.core.words import tokens

Texts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    public_id: str
    fingerprint: int
    texts: Texts
    is_owners: bool


def texts_of(content: Mapping[str, object]) -> Texts:
    """The compared texts of a row's content, in the order of COMPARED."""
    return tuple(str(content.get(name) or "") for name in COMPARED)


def copies_among(new: Mapping[str, Texts], kind: str, owner_id: int) -> dict[str, str]:
    """Which of the new entries (external id -> texts) are copies, and of which listing: its public
    id, "" for an entry of the same page. Two queries, however many entries there are."""
    prints = {name: simhash([w for text in texts if text for w in tokens(text)])
              for name, texts in new.items()}  # fmt: skip
    by_band: dict[int, list[_Known]] = {}
    short: list[_Known] = []
    for known in [*_near(prints, kind, owner_id), *_short(new, prints, kind, owner_id)]:
        _keep(known, by_band, short)
    found: dict[str, str] = {}
    for name, texts in new.items():
        mine = prints[name]
        candidates = [one for band in bands_of(mine) for one in by_band.get(band, [])]
        for known in candidates or (short if not mine else []):
            exact = known.texts == texts
            if exact or (mine and known.is_owners
                         and distance(known.fingerprint, mine) <= MAX_DISTANCE):  # fmt: skip
                found[name] = known.public_id
                break
        else:
            _keep(_Known("", mine, texts, is_owners=True), by_band, short)
    return found


def _keep(known: _Known, by_band: dict[int, list[_Known]], short: list[_Known]) -> None:
    for band in bands_of(known.fingerprint):
        by_band.setdefault(band, []).append(known)
    if not known.fingerprint:
        short.append(known)


def _near(prints: Mapping[str, int], kind: str, owner_id: int) -> list[_Known]:
    bands = sorted({band for one in prints.values() for band in bands_of(one)})
    if not bands:
        return []
    owners = Q(owner_id=owner_id, is_anonymous=False)
    same = Q(fingerprint__in=[one for one in prints.values() if one])
    return _read(Q(kind=kind, fingerprint_bands__overlap=bands) & (owners | same), owner_id)


def _short(
    new: Mapping[str, Texts], prints: Mapping[str, int], kind: str, owner_id: int
) -> list[_Known]:
    """Texts of a few words have no fingerprint: the owner's own are compared word by word."""
    titles = {title for name, texts in new.items() if not prints[name] for title in texts[:2]}
    titles.discard("")
    if not titles:
        return []
    named = Q(title_en__in=sorted(titles)) | Q(title_zh__in=sorted(titles))
    own = Q(kind=kind, owner_id=owner_id, is_anonymous=False, fingerprint=0)
    return _read(own & named, owner_id)


def _read(condition: Q, owner_id: int) -> list[_Known]:
    rows = Listing.objects.filter(
        condition, state=states.PUBLISHED, visibility=Tier.PUBLIC, revision_of=None
    ).only("public_id", "owner_id", "is_anonymous", "fingerprint", *COMPARED)
    return [
        _Known(
            row.public_id, row.fingerprint, tuple(getattr(row, name) for name in COMPARED),
            row.owner_id == owner_id and not row.is_anonymous,
        )
        for row in rows.order_by("pk")
    ]  # fmt: skip
