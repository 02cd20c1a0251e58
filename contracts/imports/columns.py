"""Columns of a table of contracts, and a row of it as the facts of a draft.

Columns are known by their code or by their name in either language, as the template has them. Codes
are known by code or name. A cell is text: nothing is ever worked out.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from contracts.codes import DEDUCTION_KINDS
from contracts.imports.cells import day_of, money_of, text_of
from contracts.imports.terms import ROYALTY_COLUMNS, read_instalments, read_royalty
from contracts.labels import fact_label
from contracts.rules import PARTY_FACTS
from marketplace.core.codes import ALL_LISTS

Row = Mapping[str, Any]
_LISTS = {
    "type": "contract_types", "sub_type": "contract_sub_types", "currency": "currencies",
    "payment_mode": "payment_modes", "field": "fields", "sub_field": "sub_fields",
    "ip_kind": "contract_ip_kinds", "plan_source": "plan_sources",
}  # fmt: skip
FACT_COLUMNS = (
    "type", "sub_type", "title_zh", "title_en", "signed_on", "valid_from", "valid_to",
    "total_amount", "currency", "rate", "rate_on", "payment_mode", "payment_terms", "field",
    "sub_field", "ip_kind", "plan_source", "region", "registration_point",
)  # fmt: skip
_DAYS = frozenset({"signed_on", "valid_from", "valid_to", "rate_on"})
_SIDE: dict[str, str | Promise] = {
    "seller_name": _("Seller: name"), "seller_code": _("Seller: code"),
    "seller_kind": _("Seller: kind"), "seller_country": _("Seller: country"),
    "seller_region": _("Seller: region"), "buyer_name": _("Buyer: name"),
    "buyer_code": _("Buyer: code"), "buyer_kind": _("Buyer: kind"),
    "buyer_country": _("Buyer: country"), "buyer_region": _("Buyer: region"),
    "broker_name": _("Broker: name"), "broker_code": _("Broker: code"),
    "broker_kind": _("Broker: kind"),
}  # fmt: skip
ID = "external_id"
# Only in JSONL: lists of objects as the API takes them.
NESTED = ("parties", "deductions")


def columns() -> dict[str, str]:
    """Code -> name in the active language, in the order of the template."""
    return {
        ID: str(_("ID at the source")),
        **{name: str(fact_label(name)) for name in FACT_COLUMNS},
        **{name: str(label) for name, label in _SIDE.items()},
        **{f"less_{kind.code}": str(_("Less: %(kind)s") % {"kind": kind.name()})
           for kind in DEDUCTION_KINDS},
        **{name: str(fact_label(name)) for name in ("instalments", "royalty", *ROYALTY_COLUMNS)},
    }  # fmt: skip


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    """Every name of a column in lower case -> its code."""
    found: dict[str, str] = {name: name for name in NESTED}
    for language in ("en", "zh-hans"):
        with override(language):
            for code, name in columns().items():
                found[code] = code
                found[name.lower()] = code
    return found


def unknown_columns(names: Iterable[str]) -> list[str]:
    return [name for name in names if _code_of(name) is None]


def read_row(row: Row, own: Mapping[str, Any]) -> dict[str, Any]:
    """The row by code of column: `external_id`, and `facts`, `parties`, `deductions`,
    `instalments`, `royalty` as draft_contract takes them.

    own: `organisation` (public id), `names` and `code` of the importer's organisation; a party
    that is named like it is linked to it. Others are taken as typed: a file never opens a draft to
    somebody else's people.
    """
    cells = {code: value for name, value in row.items() if (code := _code_of(name))}
    facts = {
        name: _fact(name, cells[name]) for name in FACT_COLUMNS if cells.get(name) not in (None, "")
    }
    parties = [_named(dict(party), own) for party in _rows(cells.get("parties"))]
    for role in ("seller", "buyer", "broker"):
        name = text_of(cells.get(f"{role}_name"))
        if name:
            party = {"role": role, "name": name}
            for column in ("code", "kind", "country", "region"):
                if value := text_of(cells.get(f"{role}_{column}")):
                    kind = ALL_LISTS["party_kinds"].find(value) if column == "kind" else None
                    party[column] = kind or value
            parties.append(_named(party, own))
    deductions = [dict(deduction) for deduction in _rows(cells.get("deductions"))]
    deductions += [
        {"kind": kind.code, "amount": money_of(cells[f"less_{kind.code}"])}
        for kind in DEDUCTION_KINDS
        if cells.get(f"less_{kind.code}") not in (None, "")
    ]
    return {
        ID: text_of(cells.get(ID)),
        "facts": facts,
        "parties": parties,
        "deductions": deductions,
        "instalments": read_instalments(cells.get("instalments")),
        "royalty": read_royalty(cells),
    }


def _code_of(name: str) -> str | None:
    return _known().get(" ".join(str(name).split()).lower())


def _named(party: dict[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Without a link to anybody but the importer's organisation."""
    given = {name: party[name] for name in PARTY_FACTS if name in party}
    linked = given.pop("organisation", "")
    code = text_of(given.get("code"))
    is_own = linked == own["organisation"] or (
        code == own["code"] if code and own["code"] else text_of(given.get("name")) in own["names"]
    )
    return {**given, "organisation": own["organisation"]} if is_own else given


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _fact(name: str, value: Any) -> Any:
    text = text_of(value)
    if name in _LISTS:
        return ALL_LISTS[_LISTS[name]].find(text) or text
    if name in _DAYS:
        return day_of(text) or text
    return money_of(value) if name == "total_amount" else text
