"""What a column can mean: the fields of a listing in the order in which a clerk thinks of them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from listings.changes import LABELS
from listings.rules import ONLY_FOR

_ORDER = (
    "title_zh", "title_en", "summary_zh", "summary_en", "body_zh", "body_en", "field", "sub_field",
    "more_fields", "trl", "keywords_zh", "keywords_en", "modes", "price_kind", "price_min",
    "price_max", "currency", "country", "region", "project_source", "deadline", "tried_zh",
    "tried_en", "judged_zh", "judged_en", "members_text_zh", "members_text_en",
    "confidential_text_zh", "confidential_text_en", "visibility", "is_anonymous", "valid_until",
    "source_url", "co_owners", "specifications", "ip_rights",
)  # fmt: skip
# The fields of what a listing has several of, as reasons name them.
_SUB_FIELDS: dict[str, str | Promise] = {
    "metric_en": _("metric"), "metric_zh": _("metric"), "comparator": _("comparison"),
    "value": _("value"), "upper": _("upper value"), "unit": _("unit"),
    "condition_en": _("condition"), "condition_zh": _("condition"),
    "compared_with_en": _("compared with"), "compared_with_zh": _("compared with"),
    "strength": _("weight"), "tier": _("who sees it"), "kind": _("kind of right"),
    "title": _("title of the right"), "number": _("number of the right"), "office": _("office"),
    "status": _("status of the right"), "expires_on": _("in force until"),
}  # fmt: skip


def targets_of(kind: str) -> tuple[str, ...]:
    """Targets of a kind; of both with ""."""
    return tuple(name for name in _ORDER if not kind or ONLY_FOR.get(name, kind) == kind)


def place_of(column: str, field: str) -> str:
    """Where a fault is: the column as the file names it; where the file has none, the field in the
    active language."""
    name = field.partition(".")[0]
    return column or (f"({label_of(name)})" if name in LABELS else "")


def sub_field(name: str) -> str | Promise:
    """What a field of a specification or an IP right is called."""
    return _SUB_FIELDS.get(name, name)


def label_of(target: str) -> str | Promise:
    """As the mapping page, templates and exports call it."""
    return _("ID at the source") if target == "external_id" else LABELS[target]
