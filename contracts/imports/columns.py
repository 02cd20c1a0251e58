"""Columns of a table of contracts, and a row of it as the facts of a draft.

Columns are known by their code or by their name in either language, as the template has them, and
by other names that tables use for them. Codes, countries and regions are known by code or name. A
cell is text: nothing is ever worked out.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from contracts.codes import DEDUCTION_KINDS, OF_FACT, PARTY_KINDS
from contracts.imports import refusals
from contracts.imports.cells import day_of, money_of, text_of
from contracts.imports.places import country_of, region_of
from contracts.imports.terms import ROYALTY_COLUMNS, read_instalments, read_royalty
from contracts.labels import fact_label
from contracts.rules import MONEY, PARTY_FACTS
from marketplace.core.codes.lists import Code
from marketplace.core.errors import Invalid, Message

Row = Mapping[str, Any]
Wrong = dict[str, list[Message]]
FACT_COLUMNS = (
    "type", "sub_type", "title_zh", "title_en", "signed_on", "valid_from", "valid_to",
    "total_amount", "currency", "rate", "rate_on", "payment_mode", "payment_terms", "field",
    "sub_field", "ip_kind", "plan_source", "region", "registration_point", "public_facts",
)  # fmt: skip
_DAYS = frozenset({"signed_on", "valid_from", "valid_to", "rate_on"})
_SIDE: dict[str, str | Promise] = {
    "seller_name": _("Seller: name"), "seller_code": _("Seller: code"),
    "seller_kind": _("Seller: kind"), "seller_country": _("Seller: country"),
    "seller_region": _("Seller: region"), "buyer_name": _("Buyer: name"),
    "buyer_code": _("Buyer: code"), "buyer_kind": _("Buyer: kind"),
    "buyer_country": _("Buyer: country"), "buyer_region": _("Buyer: region"),
    "broker_name": _("Broker: name"), "broker_code": _("Broker: code"),
    "broker_kind": _("Broker: kind"), "broker_country": _("Broker: country"),
    "broker_region": _("Broker: region"),
}  # fmt: skip
# Other names that tables have for a column.
_ALSO = {
    "subtype": "sub_type", "sub type": "sub_type", "kind of contract": "sub_type",
    "子类型": "sub_type", "合同子类型": "sub_type", "子类": "sub_type", "类别": "sub_type",
    "合同类型": "type", "合同类别": "type", "contract type": "type", "合同名称": "title_zh",
    "项目名称": "title_zh", "签订日期": "signed_on",
    "签约日期": "signed_on", "signing date": "signed_on", "合同总金额": "total_amount",
    "合同金额": "total_amount", "合同成交额": "total_amount", "total": "total_amount",
    "amount": "total_amount", "币种": "currency", "付款方式": "payment_mode",
    "支付方式": "payment_mode", "领域": "field", "合同编号": "external_id", "编号": "external_id",
    "id": "external_id", "甲方": "buyer_name", "乙方": "seller_name", "卖方": "seller_name",
    "买方": "buyer_name", "受让方": "buyer_name", "转让方": "seller_name", "seller": "seller_name",
    "buyer": "buyer_name", "broker": "broker_name", "中介方": "broker_name",
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
    return {**_ALSO, **found}


def unknown_columns(names: Iterable[str]) -> list[str]:
    return [name for name in names if _code_of(name) is None]


def read_row(row: Row, own: Mapping[str, Any]) -> dict[str, Any]:
    """The row by code of column: `external_id`, and `facts`, `parties`, `deductions`,
    `instalments`, `royalty` as draft_contract takes them.

    own: `organisation` (public id), `names` and `code` of the importer's organisation; a party
    that is named like it is linked to it. Others are taken as typed: a file never opens a draft to
    somebody else's people.
    Raises Invalid with every cell that cannot be read, by code of its column.
    """
    cells = _cells(row)
    wrong: Wrong = {}
    facts = {
        name: _fact(name, cells[name], cells, wrong)
        for name in FACT_COLUMNS
        if cells.get(name) not in (None, "")
    }
    parties = [_named(_nested(party), own) for party in _rows(cells.get("parties"))]
    for role in ("seller", "buyer", "broker"):
        name = text_of(cells.get(f"{role}_name"))
        if name:
            party = {"role": role, "name": name}
            for column in ("code", "kind", "country", "region"):
                if value := text_of(cells.get(f"{role}_{column}")):
                    party[column] = _of_party(column, value, f"{role}_{column}", wrong)
            parties.append(_named(party, own))
    deductions = [dict(deduction) for deduction in _rows(cells.get("deductions"))]
    deductions += [
        {"kind": kind.code, "amount": _money(cells, f"less_{kind.code}", wrong)}
        for kind in DEDUCTION_KINDS
        if cells.get(f"less_{kind.code}") not in (None, "")
    ]
    terms: dict[str, Any] = {}
    try:
        terms["instalments"] = read_instalments(cells.get("instalments"))
    except Invalid as error:
        wrong |= error.fields
    try:
        terms["royalty"] = read_royalty(cells)
    except Invalid as error:
        wrong |= error.fields
    if wrong:
        raise Invalid("invalid", gettext("Some cells cannot be read."), fields=wrong)
    return {
        ID: text_of(cells.get(ID)), "facts": facts, "parties": parties, "deductions": deductions,
        **terms,
    }  # fmt: skip


def name_of(row: Row) -> tuple[str, str]:
    """The id and the title of a row, also of one that cannot be read."""
    cells = _cells(row)
    return text_of(cells.get(ID)), text_of(cells.get("title_zh")) or text_of(cells.get("title_en"))


def place_of(field: str, given: Mapping[str, Any]) -> str:
    """The name of the column that an action's error is about, in the active language.

    field: such as `parties.0.country`; given: what read_row returned, {} if it refused."""
    head, _dot, tail = field.partition(".")
    number, _dot, column = tail.partition(".")
    known = columns()
    rows = given.get(head)
    if isinstance(rows, list) and number.isdigit() and int(number) < len(rows):
        row = rows[int(number)]
        code = {
            "parties": f"{row.get('role')}_{column}", "deductions": f"less_{row.get('kind')}",
        }.get(head, "")  # fmt: skip
        if code not in known:
            place = {"name": known.get(head, str(fact_label(head))), "number": int(number) + 1}
            return gettext("%(name)s, row %(number)s") % place
        return known[code]
    if head == "royalty" and tail in known:
        return known[tail]
    return known.get(head, str(fact_label(head)))


def _cells(row: Row) -> dict[str, Any]:
    """By code of column; a column under its own name goes before one under another."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        code = _code_of(name)
        if code is None or (value in (None, "") and code in found):
            continue
        if found.get(code) in (None, "") or not _is_other_name(name):
            found[code] = value
    return found


def _is_other_name(name: str) -> bool:
    return " ".join(str(name).split()).lower() in _ALSO


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


def _nested(party: Mapping[str, Any]) -> dict[str, Any]:
    """A party as the API takes it; its country may be a name, too."""
    country = party.get("country")
    known = country_of(country) if isinstance(country, str) else None
    return {**party, "country": known} if known else dict(party)


def _of_party(column: str, value: str, place: str, wrong: Wrong) -> str:
    found: str | None = value
    if column == "kind":
        if (found := PARTY_KINDS.find(value)) is None:
            wrong[place] = [refusals.unknown_code(value, PARTY_KINDS)]
    elif column == "country" and (found := country_of(value)) is None:
        wrong[place] = [refusals.no_country(value)]
    elif column == "region" and (found := region_of(value)) is None:
        wrong[place] = [refusals.no_region(value)]
    return found or value


def _fact(name: str, value: Any, cells: Row, wrong: Wrong) -> Any:
    text = text_of(value)
    if name == "public_facts":
        return _listed(name, value, wrong)
    if name in OF_FACT:
        found = OF_FACT[name].find(text)
        if found is None:
            wrong[name] = [refusals.unknown_code(text, _choices(name, cells))]
        return found or text
    if name in _DAYS:
        day = day_of(text)
        if not _is_day(day):
            wrong[name] = [refusals.no_day(text)]
        return day or text
    if name == "rate":
        try:
            if not Decimal(text).is_finite():
                raise InvalidOperation
        except InvalidOperation:
            wrong[name] = [refusals.no_rate(text)]
    if name == "region":
        region = region_of(text)
        if region is None:
            wrong[name] = [refusals.no_region(text)]
        return region or text
    return _money(cells, name, wrong) if name in MONEY else text


def _listed(name: str, value: Any, wrong: Wrong) -> list[str]:
    """Codes of a cell that holds several, or of a list in JSONL."""
    told = value if isinstance(value, list) else re.split(r"[,，;；、\n]", text_of(value))
    words = [word for one in told if (word := text_of(one))]
    codes = [OF_FACT[name].find(word) for word in words]
    if unknown := [word for word, code in zip(words, codes, strict=True) if code is None]:
        wrong[name] = [refusals.unknown_code(word, OF_FACT[name]) for word in unknown]
    return [code or word for word, code in zip(words, codes, strict=True)]


def _choices(name: str, cells: Row) -> list[Code]:
    """What may stand in a column: of sub-types and sub-fields those of the row's type or field."""
    codes = OF_FACT[name]
    above = {"sub_type": "type", "sub_field": "field"}.get(name)
    parent = OF_FACT[above].find(text_of(cells.get(above))) if above else None
    return codes.under(parent) if parent else list(codes)


def _is_day(text: str | None) -> bool:
    try:
        dt.date.fromisoformat(text or "")
    except ValueError:
        return False
    return True


def _money(cells: Row, column: str, wrong: Wrong) -> Any:
    amount = money_of(cells[column])
    if not isinstance(amount, Decimal):
        wrong[column] = [refusals.no_amount(text_of(cells[column]))]
    return amount
