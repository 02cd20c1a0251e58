"""The home page: what this is, one question, live figures, what is new."""

from collections.abc import Iterator
from typing import Any

from insights.queries import field_counts, market_figures
from listings.models.listings import Kind
from listings.queries.browse import newest
from marketplace.core.actor import Actor
from marketplace.core.bilingual import is_chinese
from marketplace.core.codes import FIELDS
from marketplace.core.formatting import amount_text, percent_text

NEW = 4
_EXAMPLES = {
    "en": [
        ("electrolyte for −40 °C batteries", "en"),
        ("水稻抗稻瘟病", "zh-Hans"),
        ("defect detection on fabric", "en"),
    ],
    "zh": [
        ("−40 ℃ 电池电解液", "zh-Hans"),
        ("defect detection on fabric", "en"),
        ("水稻抗稻瘟病", "zh-Hans"),
    ],
}


def home_context(actor: Actor) -> dict[str, Any]:
    """Template values for one reader. Figures are at most a minute old; lists are live."""
    figures = market_figures()
    return {
        "figures": figures,
        "strong_share": percent_text(figures.strong_share),
        "amount": amount_text(figures.amount, "CNY"),
        "fields": list(_fields()),
        "technologies": newest(Kind.TECHNOLOGY, actor, NEW),
        "needs": newest(Kind.NEED, actor, NEW),
        "examples": _examples(actor.language) if figures.technologies else [],
    }


def _fields() -> Iterator[dict[str, Any]]:
    """All fields in the order of the study, with what is open in each."""
    technologies, needs = field_counts(Kind.TECHNOLOGY), field_counts(Kind.NEED)
    for field in FIELDS:
        yield {
            "code": field.code,
            "name": field.name(),
            "technologies": technologies.get(field.code, 0),
            "needs": needs.get(field.code, 0),
        }


def _examples(language: str) -> list[tuple[str, str]]:
    """Questions to try, as (text, language); one of them in the language one does not read."""
    return _EXAMPLES["zh" if is_chinese(language) else "en"]
