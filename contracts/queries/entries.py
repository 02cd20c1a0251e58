"""Parts of the public register: one organisation's contracts, and rows of a file."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Organisation
from contracts.codes import AMOUNT_BANDS, CONTRACT_TYPES, STATES, SUB_TYPES
from contracts.models import Contract, ContractParty
from contracts.queries.register import PublicEntry, registered
from marketplace.core.codes import FIELDS

COLUMNS = (
    "number", "edition", "state", "title_en", "title_zh", "type", "type_name", "sub_type",
    "sub_type_name", "field", "field_name", "region", "parties", "total_cny", "technology_cny",
    "amount_band", "signed_on", "registered_on", "ended_on",
)  # fmt: skip


def of_organisation(organisation: Organisation) -> QuerySet[Contract]:
    """Contracts that the register shows with this organisation as a party, newest number first."""
    party = ContractParty.objects.filter(contract=OuterRef("pk"), organisation=organisation)
    return registered().filter(Exists(party), public_facts__contains=["parties"])


def lines_of(entries: Iterable[PublicEntry]) -> Iterator[Sequence[Any]]:
    """Rows of a file under COLUMNS: codes, their names in the reader's language, CNY."""
    for entry in entries:
        yield [
            entry.number, entry.edition, STATES.label(entry.state), entry.title_en, entry.title_zh,
            entry.type, CONTRACT_TYPES.label(entry.type), entry.sub_type,
            SUB_TYPES.label(entry.sub_type) if entry.sub_type else "", entry.field,
            FIELDS.label(entry.field), entry.region,
            "; ".join(f"{party.role}: {party.name}" for party in entry.parties),
            entry.total_cny, entry.technology_cny, AMOUNT_BANDS.label(entry.amount_band),
            entry.signed_on, entry.registered_on, entry.ended_on,
        ]  # fmt: skip
