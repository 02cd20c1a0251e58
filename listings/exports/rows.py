"""A disclosed listing as a row of a table, or as a JSON object. Takes a Disclosed and nothing else:
what a reader may not see is not in it."""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from listings.changes import LABELS
from listings.disclosure import Disclosed, OwnerCard
from listings.imports.targets import label_of, targets_of
from listings.imports.values import CODES
from listings.models.listings import State
from listings.snapshots import LIST_FIELDS, RIGHT_FIELDS, SPECIFICATION_FIELDS
from listings.sources import plain_name
from listings.wording.rights import rights_text
from listings.wording.specifications import specifications_text
from marketplace.core import regions
from marketplace.core.bilingual import pick
from marketplace.core.codes import LISTING_KINDS

Column = tuple[str | Promise, Callable[[Disclosed], Any]]


def columns_of(kind: str) -> list[Column]:
    """(name, how a row gets it) of a table, in order; what an import reads has its names."""
    head: list[Column] = [
        (_("Number"), lambda d: d.public_id),
        (_("Kind"), lambda d: LISTING_KINDS.label(d.kind)),
        (_("State"), lambda d: State(d.state).label),
    ]
    middle: list[Column] = [
        (LABELS[name], _reader(name))
        for name in targets_of(kind)
        if name not in ("specifications", "ip_rights", "co_owners")
    ]
    return [*head, *middle, *_TAIL]


def _reader(name: str) -> Callable[[Disclosed], Any]:
    def read(d: Disclosed) -> Any:
        value = getattr(d, name)
        if name in LIST_FIELDS:
            return "; ".join(CODES[name].label(item) if name in CODES else item for item in value)
        if name in CODES and name != "trl":
            return CODES[name].label(value)
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        return value

    return read


def _name(card: OwnerCard | None) -> str:
    return pick(card, "name", get_language()).value if card else ""


def _specifications(d: Disclosed) -> str:
    text = specifications_text(d.specifications)
    return _objects(d.specifications, SPECIFICATION_FIELDS) if text is None else text


def _rights(d: Disclosed) -> str:
    text = rights_text(d.ip_rights)
    return _objects(d.ip_rights, RIGHT_FIELDS) if text is None else text


def _objects(rows: Iterable[Any], names: Sequence[str]) -> str:
    """What words could not say so that an import reads the same again, as JSON."""
    found = [{name: _json(getattr(row, name)) for name in names} for row in rows]
    return json.dumps(found, ensure_ascii=False)


_TAIL: list[Column] = [
    (_("Place"), lambda d: regions.place(d.country, d.region, get_language())),
    (_("Owner"), lambda d: _name(d.owner)),
    (_("Owner is verified"), lambda d: gettext("yes") if d.owner_is_verified else gettext("no")),
    (LABELS["co_owners"], lambda d: "; ".join(map(_name, d.co_owners))),
    (LABELS["specifications"], _specifications),
    (LABELS["ip_rights"], _rights),
    (_("Source"), lambda d: plain_name(d.source)),
    (label_of("external_id"), lambda d: d.external_id),
    (_("Published on"), lambda d: d.published_at),
    (_("Changed on"), lambda d: d.updated_at),
    (_("Page"), lambda d: f"{settings.PUBLIC_URL}{d.get_absolute_url()}"),
]


_PLAIN = (
    "kind", "state", "visibility", "is_anonymous", "title_en", "title_zh", "summary_en",
    "summary_zh", "body_en", "body_zh", "members_text_en", "members_text_zh",
    "confidential_text_en", "confidential_text_zh", "tried_en", "tried_zh", "judged_en",
    "judged_zh", "keywords_en", "keywords_zh", "field", "sub_field", "more_fields", "trl",
    "country", "region", "modes", "price_kind", "price_min", "price_max", "currency",
    "project_source", "deadline", "valid_until", "external_id", "source_url", "owner_is_verified",
    "published_at", "updated_at",
)  # fmt: skip


def data_of(d: Disclosed) -> dict[str, Any]:
    """As a JSON object: codes instead of names, parts as lists, names as the API has them."""
    return {
        "id": d.public_id,
        **{name: _json(getattr(d, name)) for name in _PLAIN},
        "source": plain_name(d.source),
        "withheld": list(d.withheld),
        "owner": {"id": d.owner.public_id, "name_en": d.owner.name_en, "name_zh": d.owner.name_zh}
        if d.owner
        else None,
        "co_owners": [{"name_en": row.name_en, "name_zh": row.name_zh} for row in d.co_owners],
        "specifications": [
            {name: _json(getattr(row, name)) for name in SPECIFICATION_FIELDS}
            for row in d.specifications
        ],
        "ip_rights": [
            {name: _json(getattr(row, name)) for name in RIGHT_FIELDS} for row in d.ip_rights
        ],
        "url": f"{settings.PUBLIC_URL}{d.get_absolute_url()}",
    }


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, dt.date) else value
