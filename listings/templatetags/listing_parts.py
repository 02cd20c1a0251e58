"""{% load listing_parts %}: figures and codes of listings in templates."""

from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from listings import display
from listings.sources import plain_name
from marketplace.core import regions
from marketplace.core.bilingual import pick
from marketplace.core.codes import ALL_LISTS
from marketplace.core.components.text import text_of

register = template.Library()


@register.simple_tag
def figure(specification: Any) -> str:
    """≥ 84%, 10–20 MPa: the value of a specification in the reader's language."""
    return display.value_text(specification)


@register.simple_tag
def metric(specification: Any) -> SafeString:
    """The metric's name with its language."""
    return text_of(display.metric_text(specification))


@register.filter
def source_name(source: str) -> str:
    """{{ listing.source|source_name }}: as its people call it."""
    return plain_name(source)


@register.filter
def code_name(code: str | None, list_name: str) -> str:
    """{{ listing.field|code_name:"fields" }}: the name of a code; unknown codes as they are."""
    return ALL_LISTS[list_name].label(code)


@register.filter
def code_names(codes: list[str] | None, list_name: str) -> list[str]:
    """{{ listing.modes|code_names:"transfer_modes" }} for {% joined %}."""
    return [ALL_LISTS[list_name].label(code) for code in codes or []]


@register.filter
def place_name(listing: Any) -> str:
    """Where a listing or an organisation is: the city in China, else the country."""
    language = get_language()
    if listing.country == "CN":
        return regions.short_name(listing.region, language) or regions.country_name("CN", language)
    return regions.country_name(listing.country, language)


@register.filter
def state_tone(state: str) -> str:
    """The tone of a state's badge."""
    return {
        "published": "accent", "in_review": "warn", "expired": "danger", "fulfilled": "seal",
    }.get(state, "neutral")  # fmt: skip


@register.filter
def words_of(obj: Any, name: str) -> str:
    """{{ listing|words_of:"title" }}: the text alone, for page titles and attributes."""
    return pick(obj, name, get_language()).value


@register.simple_tag
def paragraphs(obj: Any, name: str) -> SafeString:
    """The text in the reader's language, else the other, as escaped paragraphs with its lang."""
    text = pick(obj, name, get_language())
    blocks = [block for part in text.value.split("\n\n") if (block := part.strip())]
    return format_html_join(
        "", '<p lang="{}">{}</p>', ((text.lang, linebreaks_of(block)) for block in blocks)
    )


def linebreaks_of(block: str) -> SafeString:
    return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in block.split("\n")))
