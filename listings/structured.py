"""What search engines and previews of links are told of a page: schema.org, OpenGraph, canonical.

Always built from what a visitor may read, whoever opens the page; nothing for a listing that is
not published for everybody.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from accounts.models import Organisation
from listings import states
from listings.disclosure import Access, Disclosed, disclose_at
from listings.display import metric_text, value_text
from listings.models import Listing
from listings.models.listings import Tier
from marketplace.core import regions
from marketplace.core.bilingual import is_chinese, pick

# An end of a script, entities, and line ends of JavaScript that JSON allows.
_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Head:
    """url: canonical, absolute; alternates: (language tag, address); data: JSON-LD, escaped."""

    url: str
    title: str
    description: str
    locale: str
    alternates: list[tuple[str, str]]
    data: SafeString


def head_of(listing: Listing, language: str) -> Head | None:
    """The head of a listing's page, None where a visitor would not be let in."""
    if listing.state != states.PUBLISHED or listing.visibility != Tier.PUBLIC:
        return None
    seen = disclose_at(listing, Access(Tier.PUBLIC, knows_owner=not listing.is_anonymous))
    url = settings.PUBLIC_URL + seen.get_absolute_url()
    title, summary = pick(seen, "title", language), pick(seen, "summary", language)
    return Head(
        url=url,
        title=title.value,
        description=summary.value[:300],
        locale=locale_of(language),
        alternates=alternates(url),
        data=as_script(_listing_data(seen, url, language)),
    )


def organisation_head(organisation: Organisation, language: str) -> Head | None:
    """The head of an organisation's page; of a verified one only, others have no public page."""
    if not organisation.is_verified:
        return None
    url = f"{settings.PUBLIC_URL}/organisations/{organisation.public_id}/"
    about = pick(organisation, "about", language).value
    data = {"@context": "https://schema.org", **_party(organisation, language)}
    if about:
        data["description"] = about[:600]
    if organisation.website:
        data["sameAs"] = organisation.website
    return Head(
        url=url, title=pick(organisation, "name", language).value, description=about[:300],
        locale=locale_of(language), alternates=alternates(url), data=as_script(data),
    )  # fmt: skip


def alternates(url: str) -> list[tuple[str, str]]:
    """The page in each language, by `?lang=`; without it the reader's own choice decides."""
    return [
        ("en", f"{url}?lang=en"), ("zh-Hans", f"{url}?lang=zh-hans"), ("x-default", url),
    ]  # fmt: skip


def locale_of(language: str) -> str:
    return "zh_CN" if is_chinese(language) else "en_GB"


def as_script(data: dict[str, Any]) -> SafeString:
    """JSON that cannot end the element it stands in. It is data: the browser never runs it, and
    the content security policy does not ask about it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.translate(_ESCAPES))  # noqa: S308 (escaped in the line above)


def _listing_data(seen: Disclosed, url: str, language: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product" if seen.is_technology else "Demand",
        "@id": url,
        "url": url,
        "identifier": seen.public_id,
        "name": pick(seen, "title", language).value,
    }
    if seen.title_en and seen.title_zh:
        data["alternateName"] = seen.title_en if is_chinese(language) else seen.title_zh
    if summary := pick(seen, "summary", language).value:
        data["description"] = summary
    if seen.is_technology:
        if seen.field:
            data["category"] = seen.field_name
        if seen.owner:
            data["brand"] = _party(seen.owner, language)
        if figures := _figures(seen, language):
            data["additionalProperty"] = figures
        if price := _price(seen):
            data["offers"] = {"@type": "Offer", "url": url, "priceSpecification": price}
    else:
        if seen.owner:
            data["seeker"] = _party(seen.owner, language)
        if seen.deadline:
            data["availabilityEnds"] = seen.deadline.isoformat()
        if price := _price(seen):
            data["priceSpecification"] = price
    return data


def _party(card: Any, language: str) -> dict[str, Any]:
    """An organisation that may be named; the address of its page when it has one."""
    kinds = {"higher_education": "CollegeOrUniversity", "government": "GovernmentOrganization",
             "research_institute": "ResearchOrganization", "medical": "MedicalOrganization",
             "individual": "Person"}  # fmt: skip
    party: dict[str, Any] = {
        "@type": kinds.get(card.kind, "Organization"), "name": pick(card, "name", language).value,
    }  # fmt: skip
    if card.is_verified and card.public_id:
        party["url"] = f"{settings.PUBLIC_URL}/organisations/{card.public_id}/"
    if card.country and party["@type"] != "Person":
        party["address"] = {
            "@type": "PostalAddress",
            "addressCountry": card.country,
            **({"addressRegion": name} if (name := regions.name(card.region, language)) else {}),
        }
    return party


def _figures(seen: Disclosed, language: str) -> list[dict[str, str]]:
    """Specifications as readers see them; disclosure has left out the closed ones."""
    return [
        {
            "@type": "PropertyValue",
            "name": metric_text(row, language).value,
            "value": value_text(row, language),
        }
        for row in seen.specifications
    ]


def _price(seen: Disclosed) -> dict[str, str] | None:
    if seen.price_min is None and seen.price_max is None:
        return None
    price = {"@type": "PriceSpecification", "priceCurrency": seen.currency}
    if seen.price_min is not None:
        price["minPrice"] = str(seen.price_min)
    if seen.price_max is not None:
        price["maxPrice"] = str(seen.price_max)
    return price
