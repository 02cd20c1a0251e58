"""Rows of specifications and IP rights, from a form, the API or a file, to checked objects."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from listings.metrics import completed
from listings.models import IpRight, Listing, ListingOwner, Specification
from listings.rules import MAX_CO_OWNERS, MAX_RIGHTS, MAX_SPECIFICATIONS
from listings.snapshots import RIGHT_FIELDS, SPECIFICATION_FIELDS
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Invalid, Message
from marketplace.core.units import parse_unit, to_base

Row = Mapping[str, Any]
Errors = dict[str, list[Message]]
_TEXTS = {"metric_en", "metric_zh", "unit", "condition_en", "condition_zh", "compared_with_en",
          "compared_with_zh", "title", "number", "office", "name"}  # fmt: skip


def build_specifications(listing: Listing, rows: Any, errors: Errors) -> list[Specification]:
    """Checked, unsaved specifications; what is wrong is added to errors under
    `specifications.<row>.<field>`. Rows in which nothing was entered are skipped."""
    rows = _rows("specifications", rows, MAX_SPECIFICATIONS, errors)
    built: list[Specification] = []
    for index, row in _filled(rows, SPECIFICATION_FIELDS, {"comparator", "strength", "tier"}):
        prefix = f"specifications.{index}."
        made = Specification(listing=listing, position=len(built))
        found = _fill(made, row, SPECIFICATION_FIELDS)
        made.metric_en, made.metric_zh = completed(made.metric_en or "", made.metric_zh or "")
        if not (made.metric_en or made.metric_zh) and "metric_en" not in found:
            found["metric_en"] = [_("Name the metric in English or Chinese.")]
        _check_range(made, found)
        _convert(made, found)
        errors.update({prefix + name: messages for name, messages in found.items()})
        built.append(made)
    return built


def build_rights(listing: Listing, rows: Any, errors: Errors) -> list[IpRight]:
    """Checked, unsaved IP rights; errors under `ip_rights.<row>.<field>`."""
    rows = _rows("ip_rights", rows, MAX_RIGHTS, errors)
    built: list[IpRight] = []
    for index, row in _filled(rows, RIGHT_FIELDS, set()):
        made = IpRight(listing=listing, position=len(built))
        found = _fill(made, row, RIGHT_FIELDS)
        errors.update({f"ip_rights.{index}.{name}": m for name, m in found.items()})
        built.append(made)
    return built


def build_co_owners(listing: Listing, rows: Any, errors: Errors) -> list[ListingOwner]:
    """Checked, unsaved co-owners, given as names or {"name": ...}; errors under
    `co_owners.<row>.name`."""
    rows = _rows("co_owners", rows, MAX_CO_OWNERS, errors, plain=True)
    built = []
    for index, row in enumerate(rows):
        name = row.get("name") if isinstance(row, Mapping) else row
        if name in (None, ""):
            continue
        made = ListingOwner(listing=listing)
        found = _fill(made, {"name": name}, ("name",))
        errors.update({f"co_owners.{index}.{key}": m for key, m in found.items()})
        built.append(made)
    return built


def replace_parts(parts: Mapping[str, Sequence[models.Model]], listing: Listing) -> None:
    """Store the given lists in place of the present ones. In the caller's transaction."""
    for name, rows in parts.items():
        manager = getattr(listing, name)
        manager.all().delete()
        manager.model.objects.bulk_create(rows)


def _rows(
    name: str, rows: Any, limit: int, errors: Errors, *, plain: bool = False
) -> Sequence[Any]:
    if rows is None:
        return []
    if not isinstance(rows, list | tuple) or not (
        plain or all(isinstance(row, Mapping) for row in rows)
    ):
        errors[name] = [_("Give a list of objects.")]
        return []
    if len(rows) > limit:
        errors[name] = [
            _("At most %(limit)s rows; there are %(count)s.") % {"limit": limit, "count": len(rows)}
        ]
        return []
    return rows


def _filled(rows: Sequence[Row], names: Sequence[str], preset: set[str]) -> list[tuple[int, Row]]:
    """Rows with something besides the choices that a form presets, with their place."""
    told = [name for name in names if name not in preset]
    return [
        (index, row)
        for index, row in enumerate(rows)
        if any(row.get(name) not in (None, "") for name in told)
    ]


def _fill(made: models.Model, row: Row, names: Sequence[str]) -> Errors:
    """Clean each given value by its model field; returns messages by field."""
    found: Errors = {}
    for name in names:
        field = made._meta.get_field(name)
        assert isinstance(field, models.Field)
        value = row.get(name)
        if value is None or value == "":
            value = None if field.null else field.get_default()
        try:
            if name in _TEXTS and value:
                if not isinstance(value, str):
                    raise ValidationError(_("Enter text."))
                value = clean_text(value)
            setattr(made, name, field.clean(value, made))
        except (ValidationError, TypeError) as error:
            found[name] = (
                list(error.messages)
                if isinstance(error, ValidationError)
                else [_("This value has the wrong form.")]
            )
    return found


def _check_range(made: Specification, found: Errors) -> None:
    if "upper" in found or "value" in found or "comparator" in found:
        return
    if made.comparator == "between":
        if made.upper is None:
            found["upper"] = [_("“Between” needs an upper value.")]
        elif Decimal(made.upper) <= Decimal(made.value):
            found["upper"] = [_("The upper value must be above the lower one.")]
    elif made.upper is not None:
        found["upper"] = [_("Only “between” has an upper value.")]


def _convert(made: Specification, found: Errors) -> None:
    """Base values and dimension, or what is wrong with the unit."""
    if "unit" in found:
        return
    try:
        unit = parse_unit(made.unit)
    except Invalid as error:
        found["unit"] = error.fields.get("unit", [error.message])
        return
    if "value" in found or "upper" in found:
        return
    made.unit, made.dimension = unit.text, unit.dimension[:120]
    try:
        made.base_value = to_base(made.value, unit)
        made.base_upper = None if made.upper is None else to_base(made.upper, unit)
    except OverflowError:
        found["value"] = [_("This value is out of all bounds in its unit.")]
