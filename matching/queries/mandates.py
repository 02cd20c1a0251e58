"""Mandates: who may read them, and for whom a broker may answer."""

from django.db.models import F, Q, QuerySet

from accounts.models import Organisation
from accounts.queries import organisations
from listings.models.listings import Tier
from marketplace.core.actor import Actor
from matching.models import Mandate, Match, Side
from matching.queries.sides import listing_of, may_know, owner_id_of
from matching.queries.visibility import client_ids, tti_ids

__all__ = ["client_ids", "clients_of", "given_by", "held_by", "mandated_sides", "visible_to"]


def visible_to(actor: Actor) -> QuerySet[Mandate]:
    """Mandates of the actor's organisations, given ones as well as held ones; nobody else's
    business, operators' neither."""
    if actor.is_system:
        return Mandate.objects.all()
    own = sorted(actor.organisation_ids)
    return Mandate.objects.filter(Q(organisation_id__in=own) | Q(institution_id__in=own))


def given_by(organisation_id: int) -> QuerySet[Mandate]:
    """Those that an organisation gave: in force first, then the latest."""
    rows = Mandate.objects.filter(organisation_id=organisation_id)
    return _ordered(rows.select_related("institution", "given_by", "withdrawn_by"))


def held_by(institution_id: int) -> QuerySet[Mandate]:
    """Those that an institution holds or held."""
    rows = Mandate.objects.filter(institution_id=institution_id)
    return _ordered(rows.select_related("organisation"))


def _ordered(rows: QuerySet[Mandate]) -> QuerySet[Mandate]:
    return rows.order_by(F("withdrawn_at").desc(nulls_first=True), "-pk")


def clients_of(actor: Actor) -> QuerySet[Organisation]:
    """Organisations for which the actor may answer as a broker."""
    return organisations.by_name(
        Organisation.objects.filter(pk__in=sorted(client_ids(tti_ids(actor)))), actor.language
    )


def mandated_sides(match: Match, clients: frozenset[int]) -> list[str]:
    """The sides of a loaded pair that a broker with these clients may answer for.

    Not an anonymous listing's: who owns it is not told to brokers either, and a mandate that
    opened it would name its owner. Not a confidential one's, and not where the client itself may
    not know of the pair: its broker would tell it.
    """
    return [
        side.value
        for side in Side
        if owner_id_of(match, side) in clients
        and not listing_of(match, side).is_anonymous
        and listing_of(match, side).visibility != Tier.CONFIDENTIAL
        and may_know(match, side)
    ]
