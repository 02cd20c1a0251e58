"""Filters of browse and API over listings, each one condition.

What an anonymous listing withholds is no condition either: a filter by organisation, its kind, or
a place below the province would say who it is.
"""

from collections.abc import Callable
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q

from listings.models import IpRight
from listings.wanted import Wanted
from marketplace.core import regions

NAMED = Q(is_anonymous=False)


def in_fields(fields: tuple[str, ...]) -> Q:
    """The main field or one of the further ones."""
    return Q(field__in=fields) | Q(more_fields__overlap=list(fields))


def with_trl(low: int | None, high: int | None) -> Q:
    wanted = Q()
    if low:
        wanted &= Q(trl__gte=low)
    if high:
        wanted &= Q(trl__lte=high)
    return wanted


def with_modes(modes: tuple[str, ...]) -> Q:
    return Q(modes__overlap=list(modes))


def with_price(low: Decimal | None, high: Decimal | None, currency: str) -> Q:
    """Whose stated price or budget reaches into the range; those without a figure do not."""
    wanted = Q(currency=currency) & (Q(price_min__isnull=False) | Q(price_max__isnull=False))
    if low is not None:
        wanted &= Q(price_max__gte=low) | Q(price_max__isnull=True)
    if high is not None:
        wanted &= Q(price_min__lte=high) | Q(price_min__isnull=True)
    return wanted


def with_rights(kinds: tuple[str, ...]) -> Q:
    return Q(Exists(IpRight.objects.filter(listing=OuterRef("pk"), kind__in=kinds)))


def of_organisation_kinds(kinds: tuple[str, ...]) -> Q:
    return NAMED & Q(owner__kind__in=kinds)


def of_organisation(public_id: str) -> Q:
    return NAMED & Q(owner__public_id=public_id)


def in_region(code: str) -> Q:
    """In the region or what lies in it; an anonymous listing is only known to be in a province."""
    lies = Q(country="CN", region__startswith=regions.prefix(code))
    return lies if code.endswith("0000") else lies & NAMED


def in_country(code: str) -> Q:
    return Q(country=code)


def in_language(language: str) -> Q:
    """Whose title can be read in the language."""
    return ~Q(title_zh="") if language == "zh" else ~Q(title_en="")


def by_verified() -> Q:
    return Q(owner__verified_at__isnull=False)


_CONDITIONS: dict[str, Callable[[Wanted], Q]] = {
    "field": lambda wanted: in_fields(wanted.field),
    "sub_field": lambda wanted: Q(sub_field__in=wanted.sub_field),
    "trl": lambda wanted: with_trl(wanted.trl_min, wanted.trl_max),
    "mode": lambda wanted: with_modes(wanted.mode),
    "price": lambda wanted: with_price(wanted.price_min, wanted.price_max, wanted.currency),
    "ip": lambda wanted: with_rights(wanted.ip),
    "organisation_kind": lambda wanted: of_organisation_kinds(wanted.organisation_kind),
    "region": lambda wanted: in_region(wanted.region),
    "country": lambda wanted: in_country(wanted.country),
    "language": lambda wanted: in_language(wanted.language),
    "verified": lambda wanted: by_verified(),
    "organisation": lambda wanted: of_organisation(wanted.organisation),
}


def conditions(wanted: Wanted, *, but: str = "") -> Q:
    """Every filter that is set, but one."""
    found = Q()
    for name in wanted.active:
        # A sub-field hangs under its field: to look at other fields is to leave both.
        if name == but or (but == "field" and name == "sub_field"):
            continue
        found &= _CONDITIONS[name](wanted)
    return found
