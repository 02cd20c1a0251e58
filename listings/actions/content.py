"""What people write on a listing, checked field by field: the same for pages, API and imports."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from listings.actions.specifications import (
    build_co_owners,
    build_rights,
    build_specifications,
)
from listings.models import Listing
from listings.models.listings import Kind
from listings.rules import MAX_VALID_DAYS, ONLY_FOR
from listings.snapshots import CONTENT_FIELDS
from marketplace.core import regions
from marketplace.core.cleaning import clean_text
from marketplace.core.codes import SUB_FIELDS
from marketplace.core.errors import Invalid, Message

Errors = dict[str, list[Message]]
SCALARS = (*CONTENT_FIELDS, "valid_until")
PARTS = ("specifications", "ip_rights", "co_owners")
MAX_KEYWORDS = 20


def apply_content(listing: Listing, data: Mapping[str, Any]) -> dict[str, list[models.Model]]:
    """Set the given fields on the (unsaved) listing; returns the given lists of parts, built.

    data: names of SCALARS and PARTS; what is not given stays. Raises Invalid with every field
    that is wrong, and then the listing must not be saved.
    """
    errors: Errors = {}
    for name in data:
        if name not in SCALARS and name not in PARTS:
            errors[str(name)[:60]] = [_("There is no such field.")]
    for name in SCALARS:
        if name in data:
            _set(listing, name, data[name], errors)
    _check_together(listing, data, errors)
    parts: dict[str, list[models.Model]] = {}
    for name, build in (
        ("specifications", build_specifications),
        ("ip_rights", build_rights),
        ("co_owners", build_co_owners),
    ):
        if name in data:
            parts[name] = list(build(listing, data[name], errors))
    if errors:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=errors)
    return parts


def _set(listing: Listing, name: str, value: Any, errors: Errors) -> None:
    try:
        field = Listing._meta.get_field(name)
    except FieldDoesNotExist:  # pragma: no cover (the names are a constant)
        return
    assert isinstance(field, models.Field)
    try:
        setattr(listing, name, _clean(field, value, listing))
    except ValidationError as error:
        errors[name] = list(dict.fromkeys(error.messages))


def _clean(field: Any, value: Any, listing: Listing) -> Any:
    """The value as the model field keeps it; raises ValidationError."""
    if isinstance(field, ArrayField):
        return _clean_list(field, value, listing)
    if value is None or value == "":
        value = None if field.null else field.get_default()
        if value is None or value == "":
            return value
    if isinstance(field, models.CharField | models.TextField):
        if not isinstance(value, str):
            raise ValidationError(_("Enter text."))
        value = clean_text(value)
        if field.max_length is not None and len(value) > field.max_length:
            raise ValidationError(
                _("At most %(limit)s characters; there are %(count)s."),
                params={"limit": field.max_length, "count": len(value)},
            )
    if isinstance(field, models.PositiveSmallIntegerField) and isinstance(value, bool | float):
        raise ValidationError(_("Enter a whole number."))
    return field.clean(value, listing)


def _clean_list(field: Any, value: Any, listing: Listing) -> list[str]:
    if value in (None, ""):
        return []
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise ValidationError(_("Give a list of texts."))
    limit = field.size or MAX_KEYWORDS
    items = list(dict.fromkeys(text for item in value if (text := clean_text(item))))
    if len(items) > limit:
        raise ValidationError(
            _("At most %(limit)s entries; there are %(count)s."),
            params={"limit": limit, "count": len(items)},
        )
    for item in items:
        field.base_field.clean(item, listing)
    return items


def _check_together(listing: Listing, data: Mapping[str, Any], errors: Errors) -> None:
    """Rules between fields; a field that is already wrong is not judged twice."""
    if "sub_field" in data or "field" in data:
        sub = SUB_FIELDS.get(listing.sub_field)
        if sub is not None and sub.parent != listing.field:
            if "sub_field" in data and listing.sub_field:
                errors.setdefault("sub_field", [_("This sub-field belongs to another field.")])
            else:
                listing.sub_field = ""  # the field was changed: the old sub-field goes with it
        listing.more_fields = [code for code in listing.more_fields if code != listing.field]
    _check_price(listing, errors)
    _check_place(listing, data, errors)
    today = timezone.localdate()
    for name, kind in ONLY_FOR.items():
        if kind != listing.kind and _fresh(name, data, errors) and getattr(listing, name):
            errors[name] = [
                _("Only a need has this.")
                if kind == Kind.NEED
                else _("Only a technology has this.")
            ]
    if _fresh("deadline", data, errors) and listing.deadline and listing.deadline < today:
        errors["deadline"] = [_("The deadline is past: choose a later day.")]
    if _fresh("valid_until", data, errors) and listing.valid_until:
        latest = today + dt.timedelta(days=MAX_VALID_DAYS)
        if not today <= listing.valid_until <= latest:
            errors["valid_until"] = [_("Choose a day from today to three years ahead.")]


def _check_price(listing: Listing, errors: Errors) -> None:
    for name in ("price_min", "price_max"):
        amount = getattr(listing, name)
        if name not in errors and amount is not None and amount < 0:
            errors[name] = [_("An amount cannot be negative.")]
    if (
        not _any(errors, ("price_min", "price_max"))
        and listing.price_min is not None
        and listing.price_max is not None
        and listing.price_max < listing.price_min
    ):
        errors["price_max"] = [_("The upper amount is below the lower one.")]


def _check_place(listing: Listing, data: Mapping[str, Any], errors: Errors) -> None:
    for name, validate in (
        ("country", regions.validate_country),
        ("region", regions.validate),
    ):
        if _fresh(name, data, errors):
            try:
                validate(getattr(listing, name))
            except ValidationError as error:
                errors[name] = list(error.messages)
    if listing.country != "CN":
        listing.region = ""


def _fresh(name: str, data: Mapping[str, Any], errors: Errors) -> bool:
    return name in data and name not in errors


def _any(errors: Errors, names: Iterable[str]) -> bool:
    return any(name in errors for name in names)
