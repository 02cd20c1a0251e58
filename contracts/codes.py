"""Code lists of the register, from codes.yaml; served with the others under /codes/."""

from decimal import Decimal
from pathlib import Path

import yaml

from marketplace.core.codes import CURRENCIES, FIELDS, SUB_FIELDS
from marketplace.core.codes.lists import ALL_LISTS, Code, CodeList

_raw = yaml.safe_load(Path(__file__).with_name("codes.yaml").read_text(encoding="utf-8"))


def _list(name: str) -> CodeList:
    found = CodeList(
        name,
        [
            Code(
                row["code"], row["en"], row["zh"], row.get("parent", ""),
                row.get("help_en", ""), row.get("help_zh", ""),
            )
            for row in _raw[name]
        ],
    )  # fmt: skip
    ALL_LISTS[name] = found
    return found


CONTRACT_TYPES = _list("contract_types")
SUB_TYPES = _list("contract_sub_types")
ROLES = _list("contract_roles")
PARTY_KINDS = _list("party_kinds")
PARTY_KIND_GROUPS = _list("party_kind_groups")
PAYMENT_MODES = _list("payment_modes")
ROYALTY_BASES = _list("royalty_bases")
ROYALTY_RATES = _list("royalty_rates")
ROYALTY_PERIODS = _list("royalty_periods")
IP_KINDS = _list("contract_ip_kinds")
PLAN_SOURCES = _list("plan_sources")
DEDUCTION_KINDS = _list("deduction_kinds")
FILE_KINDS = _list("contract_file_kinds")
PUBLIC_FACTS = _list("public_facts")
AMOUNT_BANDS = _list("amount_bands")
STATES = _list("contract_states")
# Facts of a contract that are codes.
OF_FACT: dict[str, CodeList] = {
    "type": CONTRACT_TYPES,
    "sub_type": SUB_TYPES,
    "currency": CURRENCIES,
    "payment_mode": PAYMENT_MODES,
    "field": FIELDS,
    "sub_field": SUB_FIELDS,
    "ip_kind": IP_KINDS,
    "plan_source": PLAN_SOURCES,
    "public_facts": PUBLIC_FACTS,
}

# Lower bounds in CNY of the bands that the public register shows, lowest first.
BAND_FLOORS = {
    "b1": Decimal(0),
    "b2": Decimal(100_000),
    "b3": Decimal(500_000),
    "b4": Decimal(1_000_000),
    "b5": Decimal(5_000_000),
    "b6": Decimal(10_000_000),
}


def band_of(amount: Decimal) -> str:
    """The band of an amount in CNY."""
    return [code for code, floor in BAND_FLOORS.items() if amount >= floor][-1]
