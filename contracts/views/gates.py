"""From a request to the contract it is about, or a refusal."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from contracts.models import Contract
from contracts.queries import desk
from contracts.queries.visibility import visible_to, with_details
from marketplace.core.actor import Actor
from marketplace.core.errors import Refused, Unauthenticated
from marketplace.core.gates import get_visible


def signed_in(request: HttpRequest) -> Actor:
    """The actor; a visitor is asked to sign in."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.is_authenticated:
        raise Unauthenticated("not_signed_in", _("Sign in to go on."))
    return actor


def contract_of(request: HttpRequest, public_id: str) -> tuple[Actor, Contract]:
    """The actor and a contract that it may see, with everything a page shows."""
    actor = signed_in(request)
    return actor, get_visible(with_details(visible_to(actor)), public_id=public_id)


def registrar(request: HttpRequest) -> Actor:
    """Somebody who is a registrar at a registration point."""
    actor = signed_in(request)
    if not desk.points_of(actor).exists():
        raise Refused(
            "registrars_only", _("This desk is for the registrars of a registration point.")
        )
    return actor


def file_at_point(request: HttpRequest, public_id: str) -> tuple[Actor, Contract]:
    """The registrar and a contract that was submitted to its point."""
    actor = registrar(request)
    return actor, get_visible(with_details(desk.at_points(actor)), public_id=public_id)
