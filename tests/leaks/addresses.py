"""Every address of the site, read from the URL resolver and filled with ids that exist.

A new page or endpoint is crawled without a line here; a new name of a parameter is a failure until
`VALUES` says what to put there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Any

from django.urls import URLPattern, URLResolver, get_resolver

if TYPE_CHECKING:
    from tests.leaks.planted import Planted

# Addresses of libraries and of files, which hold no listing.
SKIPPED = re.compile(
    r"^(static/|health/|api/v1/schema|account/(logout|2fa|sessions|email|password|reauth|confirm|"
    r"login|signup|3rdparty|inactive|social|passkey))"
)
# Which ids a parameter may mean, by the first words of the address.
BY_PLACE = [
    (r"^(api/v1/)?(technologies|needs|listings|review)/", "listing"),
    (r"^documents/", "document"),
    (r"^(api/v1/)?(organisations|ttis|institutions)/", "organisation"),
    (r"^(centres|api/v1/centre-settings)/", "centre"),
    (r"^(income/schemes|api/v1/distribution-schemes)/", "scheme"),
    (r"^(api/v1/)?alliances/", "alliance"),
    (r"^(api/v1/)?matches/", "match"),
    (r"^api/v1/mandates/", "mandate"),
    (r"^(api/v1/)?introductions/", "introduction"),
    (r"^(api/v1/)?valuations/", "valuation"),
    (r"^api/v1/case-ip-events/", "ip_event"),
    (r"^api/v1/case-approaches/", "approach"),
    (r"^(api/v1/)?(cases|case-tasks|case-views|case-assessments)/", "case"),
    (r"^api/v1/foreign-projects/", "project_import"),
    (r"^(api/v1/)?disclosures/", "disclosure"),
    (r"^(api/v1/)?referrals/", "referral"),
    (r"^(api/v1/)?requests/", "request"),
    (r"^(api/v1/)?visits/", "visit"),
    (r"^(api/v1/)?gatherings/", "gathering"),
    (r"^api/v1/service-reports/", "service_report"),
    (r"^api/v1/alliance-figures/", "alliance"),
    (r"^(api/v1/)?(commissions|commission-statements|brokerage)/", "commission"),
    (r"^(api/v1/)?rooms/", "room"),
    (r"^(api/v1/)?tenders/", "sale"),
    (r"^(api/v1/)?royalties/", "royalty"),
    (r"^(api/v1/|contracts/)catalogues/", "catalogue"),
    (r"^(api/v1/)?(contracts|registrar)/", "contract"),
    (r"^(api/v1/)?notifications/", "notification"),
    (r"^(api/v1/|my/)imports/", "import"),
    (r"^(api/v1/|my/)exports/", "export"),
    (r"^(api/v1/saved-)?searches/", "search"),
    (r"^(api/v1/favourites|kept)/", "favourite"),
]
VALUES: dict[str, list[str]] = {
    "hit_id": ["1"],
    "approach": ["relief"],
    "decision": ["accept"],
    "rules_code": ["CN-2021"],
    "key": ["what", "preview"],  # the other steps pass the same gate
    "step": ["what", "preview"],
    "name": ["fields", "pause"],
    "id": ["1"],
    "secret": ["x"],
    "token": ["x"],
    "format": ["json"],
    "form": ["atom", "json"],
    "room": ["technologies", "needs", "organisations", "gatherings"],
    "field": ["new_energy"],
    "kind": ["technology", "technologies", "need"],
    "code": ["new_energy", "enterprises"],
    "section": ["income", "naming"],
    "year": ["2026", "2025"],
}
PLACEHOLDER = re.compile(r"<(?:[^:>]+:)?([^>]+)>|\(\?P<([^>]+)>[^()]*(?:\[[^\]]*\][^()]*)?\)")


def patterns() -> list[str]:
    """All patterns as text: "listings/<str:public_id>/edit/<slug:key>/"."""

    def walk(resolver: Any, prefix: str) -> Iterator[str]:
        for part in resolver.url_patterns:
            here = prefix + str(part.pattern)
            if isinstance(part, URLResolver):
                yield from walk(part, here)
            elif isinstance(part, URLPattern):
                yield here

    return sorted(set(walk(get_resolver(), "")))


def addresses(world: Planted) -> list[str]:
    """Each pattern with each id that fits its place."""
    return [
        address
        for pattern in patterns()
        if not SKIPPED.match(pattern.replace("^", ""))
        and "format_suffix" not in pattern
        and r"\.(?P" not in pattern
        for address in _filled(pattern, world)
    ]


def _filled(pattern: str, world: Planted) -> Iterator[str]:
    text = pattern.replace("^", "").replace("$", "").replace(r"\Z", "").replace("\\", "")
    names = [one or two for one, two in PLACEHOLDER.findall(text)]
    choices = [_values(name, text, world) for name in names]
    for values in product(*choices):
        given = iter(values)
        yield "/" + PLACEHOLDER.sub(lambda _m, given=given: next(given), text)


def _values(name: str, text: str, world: Planted) -> list[str]:
    if name == "id" and "/jobs/" in text:
        return world.ids["job"]
    if name in VALUES:
        return VALUES[name]
    if name.endswith("_id") and name != "public_id":
        kind = name.removesuffix("_id")
        found = world.ids.get(kind, [])
        return found[:3] or ["0000000000"]
    if name == "number" and text.startswith("sitemap"):
        return ["1"]
    if name == "number" and ("rooms/" in text or "versions/" in text):
        return ["1"]
    if name == "number":
        return world.ids.get("number", ["2026440300000001"])
    if name == "public_id":
        kind = next((kind for place, kind in BY_PLACE if re.match(place, text)), "listing")
        page = r"^(api/v1/)?(technologies|needs)/(\(\?P)?<[^/]+/?$|^listings/<[^/]+/edit/<"
        if kind == "listing" and not re.match(page, text):
            # what lies below a listing passes the listing's own gate: one of each sort will do
            return [world.listings[key].public_id for key in ("hidden", "members", "anonymous")]
        return world.ids.get(kind, []) or ["0000000000"]
    raise AssertionError(f"addresses.VALUES does not know <{name}> in {text}")


LISTS = [
    "/technologies/", "/needs/", "/api/v1/technologies/", "/api/v1/needs/", "/institutions/",
    "/technologies/feed.atom", "/needs/feed.json", "/sitemap.xml", "/sitemap-technologies-1.xml",
    "/kept/", "/searches/", "/my/listings/", "/matches/", "/register/", "/api/v1/organisations/",
    "/api/v1/register/", "/api/v1/matches/", "/", "/experts/", "/matches/triage/",
    "/matches/triage/?whose=all", "/api/v1/triage/", "/api/v1/triage/?whose=all",
]  # fmt: skip
SEARCHES = ["/technologies/?q={q}", "/technologies/feed.atom?q={q}", "/needs/feed.json?q={q}",
            "/needs/?q={q}", "/api/v1/technologies/?search={q}",
            "/api/v1/needs/?search={q}", "/experts/?q={q}", "/api/v1/experts/?q={q}"]  # fmt: skip
