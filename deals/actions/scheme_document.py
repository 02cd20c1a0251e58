"""From what a person fills in to the document of a scheme, or everything that is wrong with it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from deals.actions.brokerage import amount_of
from deals.distribution.parties import BY_CODE, PARTIES
from deals.distribution.schemes import INVENTORS
from deals.distribution.share import unit_of
from marketplace.core.cleaning import clean_text
from marketplace.core.codes import CURRENCIES
from marketplace.core.errors import Invalid
from marketplace.core.formatting import number_text

MOST_TIERS = 6
MOST_DEDUCTIONS = 4
HUNDRED = Decimal(100)
KINDS = ("gross", "rest", "costs")  # percent of what came in, percent of what is left, costs
_NAMES = {
    "percent": ("Administration", "管理费"),
    "costs": ("Unreimbursed costs", "未获补偿的成本"),
}

Wrong = dict[str, list[Any]]


def document_of(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a scheme, as the files in deals/distribution/schemes are.

    facts: name_en, name_zh, currency ("" without thresholds), deductions (rows of kind, percent and
    name), tiers (rows of above and shares, code of a party -> percent), rounding_to. Numbers are
    Decimal. Raises Invalid: `tiers.0.above`, `tiers.0.inventors` for a share, `tiers.0.shares` for
    their sum, `deductions.0.percent` and so on.
    """
    wrong: Wrong = {}
    names = {name: _line(facts.get(name), name, 120, wrong) for name in ("name_en", "name_zh")}
    if not any(names.values()) and not wrong:
        wrong["name_zh"] = [_("Give it a name, in one language at least.")]
    deductions = _deductions(facts.get("deductions") or [], wrong)
    tiers = _tiers(facts.get("tiers") or [], wrong)
    currency = str(facts.get("currency") or "")
    if currency not in {"", *(one.code for one in CURRENCIES)}:
        wrong["currency"] = [_("Choose a currency from the list.")]
    elif len(tiers) > 1 and not currency:
        wrong["currency"] = [_("Say in which currency the amounts of the tiers are.")]
    elif len(tiers) > 1:
        for place, row in enumerate(tiers):
            if Decimal(row["above"]) % unit_of(currency):
                wrong[f"tiers.{place}.above"] = [_("This currency has no cents.")]
    codes = [
        one.code
        for one in PARTIES
        if one.code == INVENTORS or any(one.code in row["shares"] for row in tiers)
    ]
    rest = str(facts.get("rounding_to") or "")
    if rest not in BY_CODE:
        wrong["rounding_to"] = [_("Say who gets what rounding leaves over.")]
    elif rest not in codes and not wrong:
        wrong["rounding_to"] = [_("Choose somebody who has a share.")]
    if wrong:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=wrong)
    return {
        **names, "currency": currency if len(tiers) > 1 else "", "deductions": deductions,
        "parties": [
            {"code": code, "en": BY_CODE[code].name_en, "zh": BY_CODE[code].name_zh}
            for code in codes
        ],
        "tiers": tiers, "rounding_to": rest,
    }  # fmt: skip


def _deductions(rows: Sequence[Mapping[str, Any]], wrong: Wrong) -> list[dict[str, str]]:
    if len(rows) > MOST_DEDUCTIONS:
        wrong["deductions"] = [_("At most %(most)s deductions.") % {"most": MOST_DEDUCTIONS}]
        return []
    made: list[dict[str, str]] = []
    for place, row in enumerate(rows):
        where, kind = f"deductions.{place}", str(row.get("kind") or "")
        name = _line(row.get("name"), f"{where}.name", 120, wrong)
        if kind not in KINDS:
            wrong[f"{where}.kind"] = [_("Choose what is deducted.")]
        elif kind == "costs":
            if row.get("percent"):
                wrong[f"{where}.percent"] = [_("Costs have no percentage: leave it empty.")]
            if any(one["kind"] == "costs" for one in made):
                wrong[f"{where}.kind"] = [_("Costs are deducted once.")]
            name_en, name_zh = (name, name) if name else _NAMES["costs"]
            made.append({"code": f"costs_{place}", "en": name_en, "zh": name_zh, "kind": "costs"})
        else:
            rate = _percent(row.get("percent"), f"{where}.percent", wrong)
            name_en, name_zh = (name, name) if name else _NAMES["percent"]
            made.append({
                "code": f"percent_{place}", "en": name_en, "zh": name_zh, "kind": "percent",
                "of": kind, "rate": _text(rate or Decimal(0)),
            })  # fmt: skip
    return made


def _tiers(rows: Sequence[Mapping[str, Any]], wrong: Wrong) -> list[dict[str, Any]]:
    if not 0 < len(rows) <= MOST_TIERS:
        wrong["tiers"] = [_("Give between 1 and %(most)s tiers.") % {"most": MOST_TIERS}]
        return []
    made: list[dict[str, Any]] = []
    last: Decimal | None = None
    for place, row in enumerate(rows):
        where = f"tiers.{place}"
        try:
            above = amount_of(f"{where}.above", row.get("above"))
        except Invalid as error:
            wrong |= error.fields
            above = None
        else:
            if above is None and place == 0:
                above = Decimal(0)
            begins = (place == 0) == (above == 0)
            if above is None or not begins or (last is not None and above <= last):
                wrong[f"{where}.above"] = [_("The first begins at 0, each one above the last.")]
            else:
                last = above
        shares = _shares(row.get("shares") or {}, where, above or Decimal(0), wrong)
        made.append({"above": f"{above or 0:.2f}", "of": "100", "shares": shares})
    return made


def _shares(given: Mapping[str, Any], where: str, above: Decimal, wrong: Wrong) -> dict[str, str]:
    found: dict[str, Decimal] = {}
    for code, value in given.items():
        if code not in BY_CODE:
            wrong[f"{where}.shares"] = [
                _("There is no such beneficiary: %(code)s.") % {"code": str(code)[:40]}
            ]
            return {}
        if value is None or value == "":
            continue
        share = _percent(value, f"{where}.{code}", wrong)
        if share is None:
            return {}
        if share:
            found[code] = share
    whole = sum(found.values(), Decimal(0))
    if whole != HUNDRED:
        given_text = {
            "above": number_text(above), "sum": number_text(whole),
            "gap": number_text(abs(HUNDRED - whole)),
        }  # fmt: skip
        wrong[f"{where}.shares"] = [
            _("The shares from %(above)s come to %(sum)s%%: %(gap)s%% is missing.") % given_text
            if whole < HUNDRED
            else _("The shares from %(above)s come to %(sum)s%%: %(gap)s%% too much.") % given_text
        ]
    return {code: _text(share) for code, share in found.items()}


def _percent(value: Any, name: str, wrong: Wrong) -> Decimal | None:
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value <= HUNDRED:
        wrong[name] = [_("Give a percentage from 0 to 100.")]
    elif value != value.quantize(Decimal("0.0001")):
        wrong[name] = [_("At most four decimals.")]
    else:
        return value
    return None


def _text(number: Decimal) -> str:
    """Without an exponent, without zeros at the end: 33.34."""
    return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"


def _line(value: Any, name: str, most: int, wrong: Wrong) -> str:
    try:
        text = clean_text(str(value or ""))
    except ValidationError as error:
        wrong[name] = list(error.messages)
        return ""
    if len(text) > most:
        wrong[name] = [_("At most %(limit)s characters.") % {"limit": most}]
        return ""
    return " ".join(text.split())
