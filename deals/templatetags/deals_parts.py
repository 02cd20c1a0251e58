"""{% load deals_parts %}: parts of introductions and valuations in templates of rooms below."""

from typing import TYPE_CHECKING, Any

from django import template

from deals.actions.training import plain
from deals.queries.sales import running_sale_of
from deals.rules import PARTY_ROLES

if TYPE_CHECKING:
    from decimal import Decimal

    from deals.models import Sale
    from listings.disclosure import Disclosed
    from marketplace.core.actor import Actor

register = template.Library()


@register.simple_tag(takes_context=True)
def may_value(context: dict[str, Any]) -> bool:
    """Whether the reader may begin a valuation: edits or brokers for some organisation."""
    actor: Actor = context["actor"]
    return bool(actor.ids_with(*PARTY_ROLES))


@register.simple_tag(takes_context=True)
def sale_of(context: dict[str, Any], listing: "Disclosed") -> "Sale | None":
    """The tender or auction of a technology that the reader may know of."""
    actor: Actor = context["actor"]
    return running_sale_of(listing.public_id, actor)


@register.filter
def hours(value: "Decimal") -> str:
    """Without needless zeros: 20, 6.5."""
    return plain(value)
