"""What a term sheet may say: typed values cleaned and checked, every wrong field told at once."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts.payment import INSTALMENT_FACTS, MAX_INSTALMENTS
from deals.models import TermSheet
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Invalid, Message
from marketplace.core.formatting import amount_text

FACTS = (
    "type", "exclusivity", "field_of_use", "territory", "term_months", "currency", "price_kind",
    "total", "upfront", "instalments", "royalty_base", "royalty_rate", "minimum_per_year",
    "milestones", "equity_share", "sublicence_share", "valid_until", "words",
)  # fmt: skip
LICENCE = "licence"
MAX_MILESTONES = 20
MAX_MILESTONE = 200
MAX_AHEAD = dt.timedelta(days=730)
Wrong = dict[str, list[Message]]


def apply_facts(sheet: TermSheet, facts: Mapping[str, Any]) -> None:
    """Set what is given and check each field by itself; a draft may leave anything but the type
    open. Raises Invalid, LookupError for a name that is no fact."""
    unknown = set(facts) - set(FACTS)
    if unknown:
        raise LookupError(f"no fact of a term sheet: {sorted(unknown)}")
    wrong: Wrong = {}
    for name, value in facts.items():
        if name == "instalments":
            sheet.instalments = _instalments(value or (), wrong)
        elif name == "milestones":
            sheet.milestones = _milestones(value or (), wrong)
        else:
            _set(sheet, name, value, wrong)
    _check(sheet, wrong)
    if wrong:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=wrong)


def check_whole(sheet: TermSheet, answered: TermSheet | None) -> None:
    """What must hold when it is made: a price, a day, sums that agree, the currency of what it
    answers. Raises Invalid."""
    wrong: Wrong = {}
    _check(sheet, wrong)
    if sheet.total is None and sheet.royalty_rate is None and sheet.equity_share is None:
        wrong["total"] = [_("Say a fixed sum, a royalty or an equity share.")]
    if sheet.royalty_rate is not None and not sheet.royalty_base:
        wrong["royalty_base"] = [_("Say what the royalty is a share of.")]
    if sheet.royalty_rate is None and (sheet.royalty_base or sheet.minimum_per_year):
        wrong["royalty_rate"] = [_("State the rate.")]
    if sheet.type == LICENCE and not sheet.exclusivity:
        wrong["exclusivity"] = [_("Say how exclusive the licence is.")]
    if sheet.valid_until is None:
        wrong["valid_until"] = [_("Say until when the offer can be accepted.")]
    elif sheet.is_over:
        wrong["valid_until"] = [_("This day has passed. Choose a later one.")]
    if text := _sum_words(sheet):
        wrong.setdefault("instalments", []).append(text)
    if answered is not None and answered.currency != sheet.currency:
        wrong["currency"] = [
            _("The offer that this one answers is in %(currency)s. Answer in the same currency.")
            % {"currency": answered.currency}
        ]
    if wrong:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=wrong)


def _check(sheet: TermSheet, wrong: Wrong) -> None:
    try:
        sheet.clean_fields(exclude={"room", "answers", "written_by", "ended_by", *wrong})
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            wrong.setdefault(name, list(messages))
    are_sums = not {"upfront", "total"} & set(wrong) and sheet.total is not None
    if are_sums and (sheet.upfront or 0) > (sheet.total or 0):
        wrong["upfront"] = [_("What is paid upfront is more than the fixed sum.")]
    until = sheet.valid_until
    if until and "valid_until" not in wrong and until > timezone.localdate() + MAX_AHEAD:
        wrong["valid_until"] = [_("An offer stays open for two years at most.")]


def _sum_words(sheet: TermSheet) -> Message | None:
    """Upfront and instalments come to the fixed sum, or the difference is told."""
    rows = sum((Decimal(row["amount"]) for row in sheet.instalments), Decimal(0))
    known = rows + (sheet.upfront or Decimal(0))
    if sheet.total is None:
        return _("Say the fixed sum that these come to.") if known else None
    if not sheet.instalments or known == sheet.total:
        return None
    words = {
        "sum": amount_text(known, sheet.currency, exact=True),
        "total": amount_text(sheet.total, sheet.currency, exact=True),
        "gap": amount_text(abs(sheet.total - known), sheet.currency, exact=True),
    }
    if known < sheet.total:
        return _("Upfront and instalments come to %(sum)s; %(gap)s is missing to the fixed sum of "
                 "%(total)s.") % words  # fmt: skip
    return _("Upfront and instalments come to %(sum)s, %(gap)s more than the fixed sum of "
             "%(total)s.") % words  # fmt: skip


def _set(sheet: TermSheet, name: str, value: Any, wrong: Wrong) -> None:
    field: Any = TermSheet._meta.get_field(name)
    try:
        value = clean_text(value) if isinstance(value, str) else value
        if value in (None, ""):
            value = None if field.null else field.get_default()
        else:
            value = field.to_python(value)
    except ValidationError as error:
        wrong[name] = list(error.messages)
        return
    setattr(sheet, name, value)


def _instalments(rows: Sequence[Any], wrong: Wrong) -> list[dict[str, str]]:
    if not isinstance(rows, list | tuple) or len(rows) > MAX_INSTALMENTS:
        wrong["instalments"] = [_("At most %(limit)s rows.") % {"limit": MAX_INSTALMENTS}]
        return []
    found = []
    for index, row in enumerate(rows):
        prefix = f"instalments.{index}."
        if not isinstance(row, Mapping):
            wrong[prefix + "amount"] = [_("Enter an amount above 0.")]
            continue
        amount = _amount(row.get("amount"))
        if amount is None:
            wrong[prefix + "amount"] = [_("Enter an amount above 0.")]
        due_on = _day(row.get("due_on"), prefix, wrong)
        texts = {
            name: _text(row.get(name), 200, prefix + name, wrong) for name in ("event", "note")
        }
        if not due_on and not texts["event"] and prefix + "due_on" not in wrong:
            wrong[prefix + "due_on"] = [_("Give the day, or say at what event it is due.")]
        values = {"amount": str(amount), "due_on": due_on, **texts}
        found.append({name: values[name] for name in INSTALMENT_FACTS})
    return found


def _amount(value: Any) -> Decimal | None:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount <= 0 or amount >= Decimal(10) ** 16:
        return None
    rounded = amount.quantize(Decimal("0.01"))
    return rounded if rounded == amount else None


def _day(value: Any, prefix: str, wrong: Wrong) -> str:
    if value in (None, ""):
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    try:
        return dt.date.fromisoformat(str(value)).isoformat()
    except ValueError:
        wrong[prefix + "due_on"] = [_("Enter a day as YYYY-MM-DD.")]
        return ""


def _text(value: Any, limit: int, name: str, wrong: Wrong) -> str:
    if value in (None, ""):
        return ""
    try:
        text = clean_text(str(value))
    except ValidationError as error:
        wrong[name] = list(error.messages)
        return ""
    if len(text) > limit:
        wrong[name] = [_("At most %(limit)s characters.") % {"limit": limit}]
    return text


def _milestones(lines: Any, wrong: Wrong) -> list[str]:
    """From lines, or from one text with a milestone on each line."""
    given = lines.splitlines() if isinstance(lines, str) else lines
    if not isinstance(given, list | tuple):
        wrong["milestones"] = [_("Enter text.")]
        return []
    found = [text for line in given if (text := _text(line, MAX_MILESTONE, "milestones", wrong))]
    if len(found) > MAX_MILESTONES:
        wrong["milestones"] = [_("At most %(limit)s rows.") % {"limit": MAX_MILESTONES}]
    return found
