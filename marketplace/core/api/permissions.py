"""Scopes: what a token may do at all. What it may do it with is decided by queries and actions."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from marketplace.core.actor import Actor
from marketplace.core.errors import Refused

# scope -> what the token page says about it
SCOPES = {
    "profile:read": _("Read your profile and memberships"),
    "profile:write": _("Change your profile and tokens"),
    "organisations:read": _("Read organisations and alliances"),
    "organisations:write": _("Change your organisations, members and alliances"),
    "listings:read": _("Read technologies and needs, also your own drafts"),
    "listings:write": _("Post and change technologies and needs"),
    "matches:read": _("Read your matches"),
    "matches:write": _("Answer matches"),
    "introductions:read": _("Read introductions"),
    "introductions:write": _("Act in introductions"),
    "valuations:read": _("Read the valuations of your organisations"),
    "valuations:write": _("Value technologies for your organisations"),
    "tenders:read": _("Read tenders and auctions, also those of your organisations"),
    "tenders:write": _("Sell by tender or auction and bid for your organisations"),
    "cases:read": _("Read the cases of your institution"),
    "cases:write": _("Work on the cases of your institution"),
    "disclosures:read": _("Read your disclosures and those made to your institution"),
    "disclosures:write": _("Disclose inventions, and decide on those made to your institution"),
    "referrals:read": _("Read the boards of your alliances and your referrals"),
    "referrals:write": _("Offer cases to alliances, claim and carry them on"),
    "requests:read": _("Read requests for help of your organisations and to your institutions"),
    "requests:write": _("Ask for help, and answer requests to your institutions"),
    "gatherings:read": _("Read fairs and trainings, and the registers of your institutions"),
    "gatherings:write": _("Register for fairs and trainings; hold them for your institutions"),
    "figures:read": _("Read the service figures of your institutions and what members share"),
    "figures:write": _("Report service figures, and share them in your alliances"),
    "commissions:read": _("Read fees of brokerage in which your institutions have a part"),
    "commissions:write": _("Enter terms of brokerage, state fees and approve them"),
    "contracts:read": _("Read your contracts"),
    "contracts:write": _("Draft and submit contracts"),
    "income:read": _("Read the income of your contracts, its distribution and your statements"),
    "income:write": _("Enter income of your contracts, distribute it and approve"),
    "registrar:write": _("Examine and register contracts"),
    "notifications:read": _("Read notifications"),
    "notifications:write": _("Mark notifications as read"),
    "webhooks:read": _("Read the webhooks of organisations that you own"),
    "webhooks:write": _("Change and test the webhooks of organisations that you own"),
    "operations:read": _("See jobs and health (operators)"),
    "operations:write": _("Retry jobs (operators)"),
}


def actor_of(request: Request) -> Actor:
    """The actor of an API request: set by token authentication, else the session's."""
    actor = getattr(request, "actor", None) or getattr(request._request, "actor", None)
    return actor or Actor.visitor()


class HasScope(BasePermission):
    """Views declare `required_scopes = {"read": "...", "write": "..."}` and may set
    `open_to_visitors = True` for reading without an account. An action may have its own scope
    by `action_scopes = {"register": "registrar:write"}`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        reading = request.method in SAFE_METHODS
        # DRF authenticates lazily: asking for the user makes the authenticators set the actor.
        _user = request.user
        actor = actor_of(request)
        if not actor.is_authenticated:
            if reading and getattr(view, "open_to_visitors", False):
                return True
            raise NotAuthenticated
        scopes = getattr(view, "required_scopes", {})
        action_scopes = getattr(view, "action_scopes", {})
        needed = action_scopes.get(getattr(view, "action", None)) or scopes.get(
            "read" if reading else "write"
        )
        if needed and not actor.has_scope(needed):
            raise Refused(
                "scope_missing",
                _("This token lacks the scope %(scope)s. Make a token that has it.")
                % {"scope": needed},
            )
        return True
