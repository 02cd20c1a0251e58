"""The public register: what everybody may know of a registered contract."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from contracts import states
from contracts.codes import band_of
from contracts.models import Contract, ContractParty
from contracts.queries.register_text import Found, find, narrowed


@dataclass(frozen=True)
class PublicParty:
    role: str
    name: str
    kind: str
    place: tuple[str, str]  # country, region


@dataclass(frozen=True)
class PublicEntry:
    """The public facts of one number; None or empty where the parties do not allow it.

    Amounts are CNY. Nothing else of a contract may be put on a public page.
    """

    number: str
    state: str
    edition: int
    type: str
    sub_type: str
    field: str
    sub_field: str
    region: str
    title_en: str
    title_zh: str
    parties: tuple[PublicParty, ...]
    total_cny: Decimal | None
    technology_cny: Decimal | None
    amount_band: str
    signed_on: dt.date | None
    registered_on: dt.date
    edition_on: dt.date
    ended_on: dt.date | None
    point_public_id: str
    point_name_en: str
    point_name_zh: str

    @property
    def has_title(self) -> bool:
        return bool(self.title_en or self.title_zh)


def registered() -> QuerySet[Contract]:
    """The newest edition of every number, newest number first."""
    return (
        Contract.objects.filter(state__in=sorted(states.IN_THE_REGISTER))
        .select_related("registration_point")
        .prefetch_related(Prefetch("parties", ContractParty.objects.order_by("position", "id")))
        .order_by("-numbered_at", "-id")
    )


def narrow(
    queryset: QuerySet[Contract],
    *,
    text: str = "",
    types: Iterable[str] = (),
    fields: Iterable[str] = (),
    years: Iterable[int] = (),
    regions: Iterable[str] = (),
    found: Found | None = None,
) -> QuerySet[Contract]:
    """Narrow by number or words of a public title, type, field, year of the number, region
    (prefix). A text is looked up at once; found: where it was looked up before."""
    if text := text.strip():
        queryset = narrowed(queryset, found or find(text))
    if chosen := list(types):
        queryset = queryset.filter(type__in=chosen)
    if chosen := list(fields):
        queryset = queryset.filter(field__in=chosen)
    if chosen_years := list(years):
        any_year = Q(pk__in=[])
        for year in chosen_years:
            any_year |= Q(numbered_at__gte=year_start(year), numbered_at__lt=year_start(year + 1))
        queryset = queryset.filter(any_year)
    if prefixes := list(regions):
        any_region = Q(pk__in=[])
        for prefix in prefixes:
            any_region |= Q(region__startswith=prefix)
        queryset = queryset.filter(any_region)
    return queryset


def year_start(year: int) -> dt.datetime:
    """The first moment of a year, in the time zone of the register."""
    return dt.datetime(year, 1, 1, tzinfo=timezone.get_default_timezone())


def entry_of(contract: Contract) -> PublicEntry:
    """The one place that decides what is public. The contract is numbered, its parties read."""
    allowed = set(contract.public_facts)
    assert contract.number and contract.numbered_at and contract.registered_at
    assert contract.registration_point is not None and contract.technology_cny is not None
    title, amount = "title" in allowed, "amount" in allowed
    return PublicEntry(
        number=contract.number,
        state=contract.state,
        edition=contract.edition,
        type=contract.type,
        sub_type=contract.sub_type,
        field=contract.field,
        sub_field=contract.sub_field,
        region=contract.region,
        title_en=contract.title_en if title else "",
        title_zh=contract.title_zh if title else "",
        parties=tuple(
            PublicParty(party.role, party.name, party.kind, (party.country, party.region))
            for party in contract.parties.all()
        )
        if "parties" in allowed
        else (),
        total_cny=contract.total_cny if amount else None,
        technology_cny=contract.technology_cny if amount else None,
        amount_band=band_of(contract.technology_cny),
        signed_on=contract.signed_on,
        registered_on=timezone.localdate(contract.numbered_at),
        edition_on=timezone.localdate(contract.registered_at),
        ended_on=timezone.localdate(contract.ended_at) if contract.ended_at else None,
        point_public_id=contract.registration_point.public_id,
        point_name_en=contract.registration_point.name_en,
        point_name_zh=contract.registration_point.name_zh,
    )


def editions_of(number: str) -> QuerySet[Contract]:
    """All registered editions of a number, newest first."""
    return Contract.objects.filter(number=number).order_by("-edition")
