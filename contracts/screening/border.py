"""Whether a contract takes technology across the border, and which way."""

import datetime as dt
from collections.abc import Iterable

from contracts.models import Catalogue, ContractParty

REGISTER_WITHIN = 60  # days from effect, for technology that is neither prohibited nor restricted
# Hong Kong, Macao and Taiwan by their GB/T 2260 provinces; by country code they are outside anyway.
SEPARATE_CUSTOMS = ("71", "81", "82")


def is_outside(party: ContractParty) -> bool:
    """Whether a party sits outside the mainland's customs border.

    Hong Kong, Macao and Taiwan do. A company in the mainland that is funded from there or from
    abroad does not: what counts is where the technology goes, not whose money it is.
    """
    return party.country != "CN" or party.region.startswith(SEPARATE_CUSTOMS)


def directions(parties: Iterable[ContractParty]) -> list[str]:
    """Of export and import those that the contract is: a seller inside and a buyer outside is an
    export, the other way round an import; with several parties it can be both. Brokers give and
    get no technology."""
    rows = list(parties)
    sellers = {is_outside(row) for row in rows if row.role == "seller"}
    buyers = {is_outside(row) for row in rows if row.role == "buyer"}
    found = []
    if False in sellers and True in buyers:
        found.append(Catalogue.Direction.EXPORT.value)
    if True in sellers and False in buyers:
        found.append(Catalogue.Direction.IMPORT.value)
    return found


def register_by(valid_from: dt.date | None, signed_on: dt.date | None) -> dt.date | None:
    """The last day to register free technology with the trade authority: so many days from when
    the contract takes effect, or from signing where that is not stated."""
    start = valid_from or signed_on
    return start + dt.timedelta(days=REGISTER_WITHIN) if start else None
