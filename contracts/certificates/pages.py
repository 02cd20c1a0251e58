"""A certificate out of the facts of a registered version."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import segno

from contracts.certificates.capitals import in_capitals
from contracts.certificates.typesetting import pdf_of
from contracts.rule_sets import rule_set
from marketplace.core import regions
from marketplace.core.codes import ALL_LISTS
from marketplace.core.formatting import amount_text, date_text

_TEMPLATE = Path(__file__).with_name("certificate.typ")
_ZH, _EN = "zh-hans", "en"
_TITLE = "技术合同登记证明 Certificate of Technology Contract Registration"
# state -> why the certificate does not hold any more
_ENDED = {
    "amended": (
        "本证明已失效：该合同登记于{day}变更，请以同一登记编号的现行版本为准。",
        "No longer valid: replaced by an amendment on {day}. The edition in force bears the same "
        "number.",
    ),
    "cancelled": (
        "本证明已失效：该合同登记于{day}注销。",
        "No longer valid: the registration was cancelled on {day}.",
    ),
    "revoked": (
        "本证明已失效：该合同登记于{day}被登记机构撤销。",
        "No longer valid: the registration was revoked by the registration point on {day}.",
    ),
}


@dataclass(frozen=True)
class Issue:
    """What a certificate says beside the contract's facts. key_id: "" without a seal."""

    number: str
    edition: int
    state: str
    code: str
    point_name_zh: str
    point_name_en: str
    numbered_on: dt.date
    registered_at: dt.datetime
    ended_at: dt.datetime | None
    key_id: str
    address: str  # where it is checked


def render(facts: Mapping[str, Any], issue: Issue) -> bytes:
    """The certificate as a tagged PDF of one page, more for many parties; the same arguments give
    the same bytes. facts: of contracts.snapshots.facts_of."""
    return pdf_of(_TEMPLATE, _data(facts, issue), issue.ended_at or issue.registered_at)


def checked_at(issue: Issue, address: str) -> Issue:
    """The same with the address that its code leads to."""
    return replace(issue, address=address)


def in_groups(code: str) -> str:
    """K7Q2M9TZ4HWD as K7Q2-M9TZ-4HWD."""
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def _data(facts: Mapping[str, Any], issue: Issue) -> dict[str, Any]:
    day = dt.date.fromisoformat(date_text(issue.registered_at, "date"))
    number = issue.number
    return {
        "document_title": f"{_TITLE} {number}",
        "author": issue.point_name_zh or issue.point_name_en,
        "number": number,
        "number_spaced": f"{number[:4]} {number[4:10]} {number[10:]}",
        "statement": _both(
            "经审查，下列合同符合技术合同认定条件，准予登记。",
            "Upon examination the following contract qualifies as a technology contract and is "
            "registered.",
        ),
        "ended": _ended(issue),
        "rows": _rows(facts, issue),
        "qr": segno.make_qr(issue.address, error="m").svg_inline(border=0, dark="#16201c"),
        "qr_alt": issue.address,
        "verify_address": issue.address,
        "verify_host": urlsplit(issue.address).netloc,
        "code_spaced": in_groups(issue.code),
        "is_sealed": bool(issue.key_id),
        "seal_words": _both(
            f"本文件附电子签章，公钥编号 {issue.key_id}，改动任何内容即失效。",
            f"This file bears an electronic seal, key {issue.key_id}; any change breaks it.",
        )
        if issue.key_id
        else _both(
            "本证明未加盖电子签章，请通过上述地址查验。",
            "This certificate bears no electronic seal; check it at the address above.",
        ),
        "point": {"zh": issue.point_name_zh or issue.point_name_en, "en": issue.point_name_en
                  if issue.point_name_zh else ""},
        "day": _both(date_text(day, "long", _ZH), date_text(day, "long", _EN)),
    }  # fmt: skip


def _both(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def _ended(issue: Issue) -> dict[str, str] | None:
    if issue.state not in _ENDED or issue.ended_at is None:
        return None
    zh, en = _ENDED[issue.state]
    return _both(
        zh.format(day=date_text(issue.ended_at, "long", _ZH)),
        en.format(day=date_text(issue.ended_at, "long", _EN)),
    )


def _line(text: str, lang: str = "zh", *, small: bool = False) -> dict[str, Any]:
    return {"text": text, "lang": lang, "small": small}


def _row(zh: str, en: str, *lines: dict[str, Any]) -> dict[str, Any]:
    return {"zh": zh, "en": en, "lines": [line for line in lines if line["text"]]}


def _named(list_name: str, code: str) -> list[dict[str, Any]]:
    entry = ALL_LISTS[list_name].get(code)
    if entry is None:
        return [_line(code)]
    return [_line(entry.name(_ZH)), _line(entry.name(_EN), "en", small=True)]


def _rows(facts: Mapping[str, Any], issue: Issue) -> list[dict[str, Any]]:
    rules = rule_set(facts["rule_set"])
    title_zh, title_en = facts["title_zh"], facts["title_en"]
    rows = [
        _row("合同名称", "Title", _line(title_zh), _line(title_en, "en", small=bool(title_zh))),
        _row("合同类型", "Type", *_kind(facts)),
        *(_party(party) for party in facts["parties"]),
        _row("合同成交总金额", "Total contract amount",
             *_money(facts, "total_amount", "total_cny")),
        _row("技术交易额", "Technology transaction amount",
             *_money(facts, "technology_amount", "technology_cny")),
        _row("合同期限", "Term", _line(_term(facts, _ZH)),
             _line(_term(facts, _EN), "en", small=True)),
        _row("认定依据", "Rule set", _line(rules.name_zh),
             _line(f"{rules.code} · {rules.name_en}", "en", small=True)),
        _row("登记日期", "Registered on", _line(date_text(issue.numbered_on, "long", _ZH)),
             _line(date_text(issue.numbered_on, "long", _EN), "en", small=True)),
    ]  # fmt: skip
    if issue.edition > 1:
        rows.append(
            _row("变更版本", "Edition",
                 _line(f"第{issue.edition}版，"
                       f"{date_text(issue.registered_at, 'long', _ZH)}变更登记"),
                 _line(f"Edition {issue.edition}, registered on "
                       f"{date_text(issue.registered_at, 'long', _EN)}", "en", small=True))
        )  # fmt: skip
    return rows


def _kind(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    kind = ALL_LISTS["contract_types"].get(facts["type"])
    sub = ALL_LISTS["contract_sub_types"].get(facts["sub_type"])
    names = [entry for entry in (kind, sub) if entry is not None]
    zh = [names[0].name(_ZH) + "合同", *(entry.name(_ZH) for entry in names[1:])]
    return [
        _line(" · ".join(zh)),
        _line(" · ".join(entry.name(_EN) for entry in names), "en", small=True),
    ]


def _party(party: Mapping[str, str]) -> dict[str, Any]:
    role = ALL_LISTS["contract_roles"].get(party["role"])
    kind = ALL_LISTS["party_kinds"].get(party["kind"])
    country, region = party["country"], party["region"]

    def where(language: str) -> str:
        named = regions.full_name(region, language) if country == "CN" else ""
        return named or regions.country_name(country, language)

    zh = [kind.name(_ZH) if kind else "", where(_ZH), party["code"]]
    en = [kind.name(_EN) if kind else "", where(_EN)]
    return _row(
        role.name(_ZH) if role else party["role"], role.name(_EN) if role else "",
        _line(party["name"]), _line(" · ".join(filter(None, zh)), small=True),
        _line(" · ".join(filter(None, en)), "en", small=True),
        _line(party["address"], small=True),
    )  # fmt: skip


def _money(facts: Mapping[str, Any], own: str, cny: str) -> list[dict[str, Any]]:
    """In the contract's currency, and in yuan with capitals."""
    yuan = Decimal(facts[cny])
    figure = amount_text(yuan, "CNY", exact=True, language=_EN)
    capitals = f"人民币{in_capitals(yuan)}"
    if facts["currency"] == "CNY":
        return [_line(figure), _line(capitals, small=True)]
    foreign = amount_text(Decimal(facts[own]), facts["currency"], exact=True, language=_EN)
    rate = Decimal(facts["rate"]).normalize() if facts["rate"] else ""
    return [
        _line(foreign),
        _line(f"折合 {figure}（{capitals}）", small=True),
        _line(f"1 {facts['currency']} = {rate:f} CNY, {facts['rate_on'] or ''}".rstrip(", "), "en",
              small=True) if rate else _line(""),
    ]  # fmt: skip


def _term(facts: Mapping[str, Any], language: str) -> str:
    start, end = facts["valid_from"] or facts["signed_on"], facts["valid_to"]

    def day(value: str) -> str:
        return date_text(dt.date.fromisoformat(value), "long", language)

    if language == _ZH:
        return f"{day(start)}至{day(end) if end else '无固定期限'}"
    return f"{day(start)} – {day(end) if end else 'no fixed end'}"
