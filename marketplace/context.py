"""What every page shows around its content."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.urls import reverse as _reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from events.queries import unread_count
from marketplace.core.actor import Actor


def reverse(name: str) -> str:
    try:
        return _reverse(name)
    except NoReverseMatch:
        return "#"


def site(request: HttpRequest) -> dict[str, Any]:
    """Context processor: actor, navigation, unread count. Queries run only if a template asks."""
    actor: Actor = getattr(request, "actor", None) or Actor.visitor()
    return {
        "actor": actor,
        "site_name": _("Yizhan"),
        "nav": _navigation(actor),
        "account_links": _account_links(actor),
        "account_name": _account_name(request, actor),
        "unread_count": unread_count(actor) if actor.is_authenticated else 0,
    }


def _navigation(actor: Actor) -> list[dict[str, str]]:
    """The main navigation by role: what one does most comes first."""
    items = [
        {"key": "technologies", "label": _("Technologies"), "url": reverse("technologies")},
        {"key": "needs", "label": _("Needs"), "url": reverse("needs")},
    ]
    items.append({"key": "ask", "label": pgettext("navigation", "Ask"), "url": reverse("ask")})
    if actor.is_authenticated:
        items.append({"key": "matches", "label": _("Matches"), "url": reverse("matches")})
        items.append(
            {"key": "introductions", "label": _("Introductions"), "url": reverse("introductions")}
        )
        items.append({"key": "contracts", "label": _("Contracts"), "url": reverse("contracts")})
    items.append(
        {"key": "institutions", "label": _("Institutions"), "url": reverse("institutions")}
    )
    items.append({"key": "register", "label": _("Register"), "url": reverse("register")})
    return items


def _account_links(actor: Actor) -> list[dict[str, str]]:
    if not actor.is_authenticated:
        return []
    links = [
        {"label": _("Dashboard"), "url": reverse("dashboard"), "icon": "home"},
        {"label": _("My listings"), "url": reverse("my_listings"), "icon": "document"},
        {"label": _("Valuations"), "url": reverse("valuations"), "icon": "chart"},
        {"label": _("Disclosures"), "url": reverse("disclosures"), "icon": "document"},
        {"label": _("Requests for help"), "url": reverse("requests"), "icon": "mail"},
        {"label": _("Kept"), "url": reverse("kept"), "icon": "bookmark"},
        {"label": _("Saved searches"), "url": reverse("saved_searches"), "icon": "bell"},
        {"label": _("My organisations"), "url": reverse("my_organisations"), "icon": "building"},
    ]
    links.append({"label": _("Income"), "url": reverse("income"), "icon": "contract"})
    links.append(
        {"label": _("Royalty statements"), "url": reverse("royalties"), "icon": "contract"}
    )
    if any("broker" in roles for roles in actor.roles.values()):
        links.append({"label": _("Broker’s desk"), "url": reverse("desk"), "icon": "handshake"})
        links.append({"label": _("Cases"), "url": reverse("case_board"), "icon": "folder"})
        links.append({"label": _("Alliance board"), "url": reverse("referrals"), "icon": "network"})
    if any("registrar" in roles for roles in actor.roles.values()):
        links.append(
            {"label": _("Registrar’s desk"), "url": reverse("registrar_desk"), "icon": "seal"}
        )
    if actor.is_moderator:
        links.append({"label": _("Review desk"), "url": reverse("review_desk"), "icon": "check"})
    if actor.is_operator:
        links.append({"label": _("Operations"), "url": reverse("operations"), "icon": "settings"})
    links.append({"label": _("Account and security"), "url": reverse("account"), "icon": "user"})
    return links


def _account_name(request: HttpRequest, actor: Actor) -> str:
    return str(request.user) if actor.is_authenticated else ""
