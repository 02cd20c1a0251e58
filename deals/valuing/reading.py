"""Read the inputs of an approach, whoever gives them: a form, the API, the demo market."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deals.valuation import tree
from deals.valuation.monte_carlo import LAWS
from deals.valuing.approaches import MAX_ROWS, Approach, Field
from deals.valuing.words import TREE_FAULTS
from marketplace.core import formatting
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Invalid, Message

ENDS = ("low", "base", "high")
MAX_TEXT, MAX_DECIMALS, MAX_DIGITS = 120, 12, 60
_MULTIPLES = {"万": 10_000, "亿": 100_000_000}
_SEPARATORS = str.maketrans({**dict.fromkeys(",， \u00a0\u202f¥￥%％"), "−": "-", "－": "-"})
Wrong = dict[str, list[Message]]


def read(approach: Approach, given: Any) -> dict[str, Any]:
    """The inputs as they are stored, numbers as plain decimal text.

    given: name -> number, or {base, low, high, law} where the input has a range; a code for a
    choice; `rows`: a list of such mappings; rows without any figure or word are left out. A missing
    low or high is the base; law is one of monte_carlo.LAWS, triangular without it.
    Raises Invalid with `inputs.<name>.<end>` or `inputs.rows.<place>.<name>.<end>`.
    """
    wrong: Wrong = {}
    given = given if isinstance(given, Mapping) else {}
    known = {f.name for f in approach.fields} | {c.name for c in approach.choices}
    if approach.rows:
        known.add("rows")
    if unknown := sorted(str(name) for name in set(given) - known):
        wrong[f"inputs.{unknown[0][:40]}"] = [_("This approach has no such input.")]
    found: dict[str, Any] = {}
    for choice in approach.choices:
        code = given.get(choice.name) or choice.options[0][0]
        if code not in [option for option, _label in choice.options]:
            wrong[f"inputs.{choice.name}"] = [_("Choose one of the list.")]
        found[choice.name] = code
    for field in approach.fields:
        found[field.name] = _read_field(field, given.get(field.name), f"inputs.{field.name}", wrong)
    if approach.rows:
        found["rows"] = _read_rows(approach, given.get("rows"), wrong)
    if not wrong and approach.code == "tree":
        _check_tree(found["rows"], wrong)
    if wrong:
        raise Invalid("invalid", gettext_lazy("Please correct what is marked below."), fields=wrong)
    for row in found.get("rows", []):
        del row["place"]
    return found


def number_of(text: Any) -> Decimal:
    """A number as people write it: 1,200 or 30万. Raises ArithmeticError."""
    if isinstance(text, bool) or not isinstance(text, str | int | float | Decimal):
        raise InvalidOperation
    plain = str(text).translate(_SEPARATORS).removesuffix("元")
    if len(plain) > MAX_DIGITS:
        raise InvalidOperation
    times = 1
    for sign, multiple in _MULTIPLES.items():
        if plain.endswith(sign):
            plain, times = plain.removesuffix(sign), multiple
    if not plain.isascii() or "_" in plain:
        raise InvalidOperation
    number = Decimal(plain)
    if not number.is_finite():
        raise InvalidOperation
    return number * times


def as_text(number: Decimal) -> str:
    """Plain digits without an exponent and without zeros at the end."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _read_field(field: Field, value: Any, path: str, wrong: Wrong) -> Any:
    if field.unit == "text":
        return _read_text(field, value, path, wrong)
    if not field.ranged:
        if isinstance(value, Mapping):
            value = value.get("base")
        return _read_number(field, value, path, wrong, default=field.default)
    parts: Mapping[str, Any] = value if isinstance(value, Mapping) else {"base": value}
    base = _read_number(field, parts.get("base"), f"{path}.base", wrong, default=field.default)
    if base is None:
        for end in ("low", "high"):
            if not _is_blank(parts.get(end)) and f"{path}.base" not in wrong:
                wrong[f"{path}.base"] = [_("Give the base between low and high.")]
        return None
    found = {"base": base}
    for end in ("low", "high"):
        read_end = _read_number(field, parts.get(end), f"{path}.{end}", wrong, default=base)
        found[end] = base if read_end is None else read_end
    if not any(name.startswith(path + ".") for name in wrong):
        if Decimal(found["low"]) > Decimal(base):
            wrong[f"{path}.low"] = [_("Low must not be above base.")]
        if Decimal(found["high"]) < Decimal(base):
            wrong[f"{path}.high"] = [_("High must not be below base.")]
    law = parts.get("law") or LAWS[0]
    if law not in LAWS:
        wrong[f"{path}.law"] = [_("Choose one of the list.")]
    elif (
        law == "lognormal" and not wrong and found["low"] != found["high"]
        and Decimal(found["low"]) <= 0
    ):  # fmt: skip
        wrong[f"{path}.low"] = [_("A lognormal law needs a low end above 0.")]
    return {**found, "law": law}


def _read_number(
    field: Field, value: Any, path: str, wrong: Wrong, *, default: str
) -> str | None:  # fmt: skip
    if _is_blank(value):
        if default:
            return default
        if field.required:
            wrong[path] = [_("Give a number.")]
        return None
    try:
        number = number_of(value)
    except ArithmeticError:
        wrong[path] = [_("This is no number. Write digits, such as 1200 or 12.5.")]
        return None
    bounds = _bounds(field, number)
    if bounds:
        wrong[path] = [bounds]
        return None
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -MAX_DECIMALS and number != 0:
        wrong[path] = [_("At most %(limit)s decimals.") % {"limit": MAX_DECIMALS}]
        return None
    if field.is_whole and number != number.to_integral_value():
        wrong[path] = [_("Give a whole number.")]
        return None
    return as_text(number)


def _bounds(field: Field, number: Decimal) -> str:
    least = formatting.number_text(field.minimum)
    most = formatting.number_text(field.maximum)
    if field.above and number <= field.minimum:
        return _("It must be greater than %(least)s.") % {"least": least}
    if number < field.minimum:
        return _("It must be at least %(least)s.") % {"least": least}
    if number > field.maximum:
        return _("It must be at most %(most)s.") % {"most": most}
    return ""


def _read_text(field: Field, value: Any, path: str, wrong: Wrong) -> str:
    if isinstance(value, Mapping | list):
        wrong[path] = [_("Write a text.")]
        return ""
    try:
        text = clean_text(str(value or ""))
    except ValidationError as error:
        wrong[path] = list(error.messages)
        return ""
    if len(text) > MAX_TEXT:
        wrong[path] = [_("At most %(limit)s characters.") % {"limit": MAX_TEXT}]
    elif field.required and not text:
        wrong[path] = [_("Give a name.")]
    return text


def _is_blank(value: Any, depth: int = 2) -> bool:
    """Of a figure or of a row of figures: two levels, however deep what was sent is nested."""
    if isinstance(value, Mapping) and depth:
        return all(_is_blank(part, depth - 1) for name, part in value.items() if name != "law")
    return value is None or (isinstance(value, str) and not value.strip())


def _read_rows(approach: Approach, given: Any, wrong: Wrong) -> list[dict[str, Any]]:
    rows: Sequence[Any] = (
        given if isinstance(given, Sequence) and not isinstance(given, str) else []
    )
    told = [
        (place, row) for place, row in enumerate(rows)
        if isinstance(row, Mapping) and not _is_blank(row)
    ]  # fmt: skip
    if not told:
        wrong["inputs.rows"] = [_("Give at least one row.")]
        return []
    if len(told) > MAX_ROWS:
        wrong["inputs.rows"] = [_("At most %(limit)s rows.") % {"limit": MAX_ROWS}]
        return []
    known = {field.name for field in approach.rows}
    found = []
    for place, row in told:
        prefix = f"inputs.rows.{place}."
        if unknown := sorted(str(name) for name in set(row) - known):
            wrong[prefix + unknown[0][:40]] = [_("This approach has no such input.")]
        read_row: dict[str, Any] = {"place": place}
        for field in approach.rows:
            read_row[field.name] = _read_field(
                field, row.get(field.name), prefix + field.name, wrong
            )
        found.append(read_row)
    return found


def _check_tree(rows: list[dict[str, Any]], wrong: Wrong) -> None:
    try:
        shape = tree.shape_of([(row["label"], row["parent"]) for row in rows])
    except tree.BadTree as bad:
        for index, code in bad.faults:
            name = "label" if code == "repeated" else "parent"
            wrong[f"inputs.rows.{rows[index]['place']}.{name}"] = [TREE_FAULTS[code]]
        return
    for parent, family in shape.children.items():
        total = sum((Decimal(rows[child]["chance"]["base"]) for child in family), Decimal(0))
        if abs(total - 1) > Decimal(str(tree.TOLERANCE)):
            wrong[f"inputs.rows.{rows[family[0]]['place']}.chance.base"] = [
                _(
                    "The probabilities of what follows “%(name)s” sum to %(total)s; they must sum "
                    "to 1. Add a row for what else can happen."
                )
                % {"name": rows[parent]["label"], "total": formatting.number_text(total)}
            ]
