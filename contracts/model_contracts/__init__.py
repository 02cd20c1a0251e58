"""Model contracts: the texts beside this file, filled from the facts of a contract.

What is not stated yet stays a blank to fill. `paper_of` makes a Paper; docx.py and pdf.py set it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext, override

from contracts.certificates.capitals import in_capitals
from contracts.codes import ROYALTY_PERIODS
from contracts.models import Contract, ContractParty
from contracts.payment import LUMP_SUM, WITH_ROYALTY, Terms, terms_of
from contracts.schedule import royalty_words, schedule_of
from marketplace.core import regions
from marketplace.core.codes import ALL_LISTS
from marketplace.core.formatting import amount_text, date_text

HERE = Path(__file__).resolve().parent
BLANK = "__________"
LANGUAGES = ("both", "zh", "en")
_NUMERALS = "零一二三四五六七八九"
_LOCALES = {"zh": "zh-hans", "en": "en"}

# One text in the wanted languages: ("zh", ...), ("en", ...) or both, Chinese first.
Said = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Side:
    """甲方 or 乙方 with its parties; one block of lines for each."""

    label: Said
    parties: tuple[tuple[Said, ...], ...]


@dataclass(frozen=True)
class Clause:
    heading: Said
    items: tuple[Said, ...]


@dataclass(frozen=True)
class Paper:
    """A filled model contract. language: both, zh or en."""

    language: str
    title: Said
    project: Said
    notice: Said
    sides: tuple[Side, ...]
    clauses: tuple[Clause, ...]
    signatures: tuple[Said, ...]


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return BLANK


@lru_cache(maxsize=8)
def _texts(name: str) -> Mapping[str, Any]:
    raw: Mapping[str, Any] = yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    return raw


def paper_of(contract: Contract, language: str = "both") -> Paper:
    """The model contract of the contract's type. Reads parties, terms of payment and the
    registration point.

    language: both, zh or en. Raises KeyError for another.
    """
    wanted = {"both": ("zh", "en"), "zh": ("zh",), "en": ("en",)}[language]
    own, common = _texts(contract.type), _texts("common")
    facts = _facts(contract, own)

    def said(text: Mapping[str, str]) -> Said:
        return tuple((lang, text[lang].format_map(facts)) for lang in wanted)

    clauses = [*common["opening"], *own["clauses"], *common["closing"]]
    parties = list(contract.parties.all())
    sides = tuple(
        Side(
            said({"zh": f"{zh}（{own[role]['zh']}）", "en": f"{en} ({own[role]['en']})"}),
            tuple(tuple(said(line) for line in _lines(party)) for party in _of_role(parties, role)),
        )
        for role, zh, en in (("buyer", "甲方", "Party A"), ("seller", "乙方", "Party B"))
    )
    return Paper(
        language=language,
        title=said(own["title"]),
        project=said({"zh": "{title_zh}", "en": "{title_en}"}),
        notice=said(common["notice"]),
        sides=sides,
        clauses=tuple(
            Clause(
                said({"zh": f"第{_numeral(number)}条　{clause['heading']['zh']}",
                      "en": f"Article {number}. {clause['heading']['en']}"}),
                tuple(
                    said({"zh": f"{number}.{place}　{item['zh']}",
                          "en": f"{number}.{place}  {item['en']}"})
                    for place, item in enumerate(clause["items"], 1)
                ),
            )
            for number, clause in enumerate(clauses, 1)
        ),
        signatures=tuple(
            said(line)
            for zh, en in (("甲方", "Party A"), ("乙方", "Party B"))
            for line in (
                {"zh": f"{zh}（盖章）：{BLANK}{BLANK}", "en": f"{en} (seal): {BLANK}{BLANK}"},
                {"zh": f"法定代表人或授权代表（签字）：{BLANK}　日期：{BLANK}",
                 "en": f"Representative (signature): {BLANK}  Date: {BLANK}"},
            )
        ),
    )  # fmt: skip


def _facts(contract: Contract, own: Mapping[str, Any]) -> _Facts:
    """What is stated, by placeholder. A text in one language stands in for the other."""
    facts = _Facts()
    title_zh, title_en = contract.title_zh, contract.title_en
    facts["title_zh"] = title_zh or title_en or BLANK
    facts["title_en"] = title_en or title_zh or BLANK
    registrant = "buyer" if _is_import(contract) else "seller"
    party = {"buyer": ("甲方", "Party A"), "seller": ("乙方", "Party B")}[registrant]
    facts["registrant_zh"], facts["registrant_en"] = party
    for name, list_name in (
        ("field", "fields"), ("sub_type", "contract_sub_types"), ("ip_kind", "contract_ip_kinds"),
        ("payment_mode", "payment_modes"),
    ):  # fmt: skip
        entry = ALL_LISTS[list_name].get(getattr(contract, name))
        if entry is not None:
            facts[f"{name}_zh"], facts[f"{name}_en"] = entry.name("zh-hans"), entry.name("en")
    for name in ("valid_from", "valid_to"):
        day = getattr(contract, name)
        if day is not None:
            for lang, locale in _LOCALES.items():
                facts[f"{name}_{lang}"] = date_text(day, "long", locale)
    for lang, locale in _LOCALES.items():
        if paid := _paid(contract, locale):
            facts[f"payment_terms_{lang}"] = paid
    point = contract.registration_point
    if point is not None:
        facts["point_zh"] = point.name_zh or point.name_en
        facts["point_en"] = point.name_en or point.name_zh
    for name, amount in (("total", contract.total_amount),
                         ("technology", contract.technology_amount)):  # fmt: skip
        if amount is not None:
            facts[name] = amount_text(amount, contract.currency, exact=True, language="en")
    if contract.total_amount is not None and contract.currency == "CNY":
        facts["total_capitals"] = f"人民币{in_capitals(Decimal(contract.total_amount))}"
    return facts


def _paid(contract: Contract, locale: str) -> str:
    """Instalments and royalty in a sentence, then what was agreed in words. Braces that were
    typed stand in a value, so they are no placeholders."""
    comma, full = ("；", "。") if locale != "en" else ("; ", ". ")
    terms = terms_of(contract)
    said = []
    with override(locale):
        for row in schedule_of(contract, Terms(terms.instalments)).rows:
            if contract.payment_mode != LUMP_SUM:
                when = date_text(row.on, "long", locale) if row.on else ""
                amount = amount_text(row.amount, contract.currency, exact=True, language=locale)
                said.append(" ".join(part for part in (when, row.when, amount, row.note) if part))
        if contract.payment_mode in WITH_ROYALTY and terms.royalty:
            royalty = terms.royalty
            for name, value in (
                (gettext("Upfront fee"), royalty.entry_fee),
                (gettext("Minimum a year"), royalty.minimum_per_year),
            ):
                if value:
                    amount = amount_text(value, contract.currency, exact=True, language=locale)
                    said.append(f"{name} {amount}")
            if terms.steps:
                said.append(royalty_words(terms, contract.currency))
            if royalty.reporting:
                said.append(ROYALTY_PERIODS.label(royalty.reporting))
    words = " ".join(contract.payment_terms.split())
    return full.join(part for part in (comma.join(said), words) if part)


def _is_import(contract: Contract) -> bool:
    sellers = [party for party in contract.parties.all() if party.role == "seller"]
    return bool(sellers) and all(party.is_abroad for party in sellers)


def _of_role(parties: Iterable[ContractParty], role: str) -> list[ContractParty | None]:
    """One None, which is printed as blanks, where nobody is named yet."""
    named: list[ContractParty | None] = [party for party in parties if party.role == role]
    return named or [None]


def _lines(party: ContractParty | None) -> list[dict[str, str]]:
    """Name, code, address and contact. Braces of what was typed are no placeholders."""

    def plain(text: str) -> str:
        return (text or BLANK).replace("{", "{{").replace("}", "}}")

    if party is None:
        name = code = address = contact = BLANK
        address_en = BLANK
    else:
        name, code, contact = party.name, party.code, party.contact
        address = party.address or _place(party, "zh-hans")
        address_en = party.address or _place(party, "en")
    return [
        {"zh": f"名称：{plain(name)}", "en": f"Name: {plain(name)}"},
        {"zh": f"统一社会信用代码（注册号）：{plain(code)}",
         "en": f"Registration code: {plain(code)}"},
        {"zh": f"住所：{plain(address)}", "en": f"Address: {plain(address_en)}"},
        {"zh": f"联系人及联系方式：{plain(contact)}", "en": f"Contact: {plain(contact)}"},
    ]  # fmt: skip


def _place(party: ContractParty, language: str) -> str:
    if party.country == "CN":
        return regions.full_name(party.region, language)
    return regions.country_name(party.country, language)


def _numeral(number: int) -> str:
    """1 to 99 in Chinese: 一, 十二, 二十."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_NUMERALS[tens]}十"
    return head + (_NUMERALS[ones] if ones else "")
