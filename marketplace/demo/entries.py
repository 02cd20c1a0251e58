"""The authored technologies and needs of the demo market, as they stand in `listings/*.yaml`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from marketplace.core.codes import FIELDS
from marketplace.demo.names import in_days, read

KINDS = {"technologies": "technology", "needs": "need"}


@dataclass(frozen=True)
class Entry:
    kind: str
    field: str
    row: dict[str, Any]


def authored() -> Iterator[Entry]:
    """Every authored entry."""
    for field in FIELDS:
        for plural, kind in KINDS.items():
            for row in read(f"listings/{field.code}.{plural}.yaml"):
                yield Entry(kind, field.code, row)


def content_of(entry: Entry) -> dict[str, Any]:
    """An authored entry as the fields that a form or the API would send."""
    row, kind = entry.row, entry.kind
    data: dict[str, Any] = {"field": entry.field, "sub_field": row["sub_field"]}
    for name in (
        "title",
        "summary",
        "body",
        "members_text",
        "confidential_text",
        "tried",
        "judged",
    ):
        for language, text in (row.get(name) or {}).items():
            data[f"{name}_{language}"] = text
    for language, words in (row.get("keywords") or {}).items():
        data[f"keywords_{language}"] = words
    price = row.get("price") or {"kind": "negotiable"}
    data |= {
        "more_fields": row.get("more_fields", []),
        "trl": row.get("trl"),
        "modes": row.get("modes", []),
        "price_kind": price["kind"],
        "price_min": price.get("min"),
        "price_max": price.get("max"),
        "currency": price.get("currency", "CNY"),
        "project_source": row.get("project_source", ""),
        "visibility": row.get("visibility", "public"),
        "is_anonymous": row.get("anonymous", False),
        "specifications": [_specification(spec, kind) for spec in row.get("specs", [])],
    }
    if kind == "need" and row.get("deadline_days"):
        data["deadline"] = in_days(row["deadline_days"]).isoformat()
    if row.get("ip"):
        data["ip_rights"] = [_right(right) for right in row["ip"]]
    return data


def _specification(spec: dict[str, Any], kind: str) -> dict[str, Any]:
    condition, compared = spec.get("condition") or {}, spec.get("compared_with") or {}
    return {
        "metric_en": spec["en"],
        "metric_zh": spec["zh"],
        "comparator": spec["comparator"],
        "value": str(spec["value"]),
        "upper": str(spec["upper"]) if spec.get("upper") is not None else None,
        "unit": spec.get("unit", ""),
        "condition_en": condition.get("en", ""),
        "condition_zh": condition.get("zh", ""),
        "compared_with_en": compared.get("en", ""),
        "compared_with_zh": compared.get("zh", ""),
        "strength": spec.get("strength", "must"),
        "tier": spec.get("tier", "public"),
    }


def _right(right: dict[str, Any]) -> dict[str, Any]:
    expires = right.get("expires")
    return {
        "kind": right["kind"],
        "title": right.get("title", ""),
        "office": right.get("office", ""),
        "status": right["status"],
        "expires_on": str(expires) if expires else None,
    }
