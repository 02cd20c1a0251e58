"""Code lists: stable codes with names in both languages, used by models, forms, API and imports."""

from marketplace.core.codes.lists import (
    ALL_LISTS,
    COMPARATORS,
    CURRENCIES,
    FIELDS,
    IP_KINDS,
    IP_STATUSES,
    LISTING_KINDS,
    ORGANISATION_KINDS,
    PRICE_KINDS,
    PROJECT_SOURCES,
    SUB_FIELDS,
    TIERS,
    TRANSFER_MODES,
    TRL,
    TTI_TYPES,
    Code,
    CodeList,
)

__all__ = [
    "ALL_LISTS", "COMPARATORS", "CURRENCIES", "FIELDS", "IP_KINDS", "IP_STATUSES",
    "LISTING_KINDS", "ORGANISATION_KINDS", "PRICE_KINDS", "PROJECT_SOURCES", "SUB_FIELDS",
    "TIERS", "TRANSFER_MODES", "TRL", "TTI_TYPES", "Code", "CodeList",
]  # fmt: skip
