"""What somebody is in a sale: seller, opener, bidder, applicant, or nobody."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Membership, Organisation
from deals import sale_states as states
from deals.models import (
    BidderState,
    Sale,
    SaleBidder,
)
from deals.queries.sales import mandate_ids, open_proxies, tied_ids
from deals.rules import PARTY_ROLES
from marketplace.core.actor import Actor
from matching.queries.visibility import tti_ids


@dataclass(frozen=True, slots=True)
class Standing:
    """What the actor is in a sale. bidder: its row, where it bids or was invited."""

    role: str = ""
    bidder: SaleBidder | None = None
    as_proxy: bool = False


def standing_in(sale: Sale, actor: Actor, now: dt.datetime) -> Standing:
    """By the rows as they stand now; a role that was taken back while a page was open is gone."""
    if actor.is_system:
        return Standing(states.POSTER)
    held = _held_now(actor)
    if sale.poster_id in held:
        return Standing(states.POSTER)
    if sale.opener_id in held:
        return Standing(states.OPENER)
    own = list(sale.bidders.filter(organisation_id__in=held).select_related("organisation"))
    # a mandate that came later makes no seller of who takes part, with its rivals' names
    if not own and tti_ids(actor) & mandate_ids(sale):
        return Standing(states.POSTER)
    if _knows_secrets(sale, actor, held):
        return Standing()
    rows = own + _as_proxy(sale, actor, now, held)
    rows.sort(key=lambda row: (not _is_in(row), row.organisation_id not in held, row.pk))
    for row in rows:
        return _standing_of(row, as_proxy=row.organisation_id not in held)
    verified = Organisation.objects.filter(pk__in=held, verified_at__isnull=False)
    return Standing(states.OTHER) if verified.exists() else Standing()


def applicant_in(
    sale: Sale, actor: Actor, now: dt.datetime, organisation_id: int | None = None
) -> Standing:
    """What the actor is when it applies: for the named one of its organisations, or else for one
    that can apply yet, an invited one first. A proxy applies for nobody."""
    standing = standing_in(sale, actor, now)
    if standing.role in ("", states.POSTER, states.OPENER):
        return standing
    verified = Organisation.objects.filter(pk__in=_held_now(actor), verified_at__isnull=False)
    ids = set(verified.values_list("pk", flat=True))
    if organisation_id is not None:
        ids &= {organisation_id}
    rows = list(
        sale.bidders.filter(organisation_id__in=ids).select_related("organisation").order_by("pk")
    )
    invited = next((row for row in rows if row.state == BidderState.INVITED), None)
    if invited is not None:
        return _standing_of(invited)
    if ids - {row.organisation_id for row in rows}:
        return Standing(states.OTHER)
    return _standing_of(rows[0]) if rows else Standing()


def _is_in(row: SaleBidder) -> bool:
    return row.state == BidderState.ADMITTED and row.organisation.is_verified


def _standing_of(row: SaleBidder, *, as_proxy: bool = False) -> Standing:
    return Standing(states.BIDDER if _is_in(row) else states.APPLICANT, row, as_proxy)


def _as_proxy(
    sale: Sale, actor: Actor, now: dt.datetime, held: Iterable[int]
) -> list[SaleBidder]:  # fmt: skip
    """The bidder whose proxy the person is now. None while an organisation of the person's own
    applies or bids; of several the one that named it first, as no bidder is told of the others."""
    houses = Membership.objects.filter(user_id=actor.user_id or 0).values("organisation_id")
    taking_part = [BidderState.APPLIED, BidderState.ADMITTED]
    if sale.bidders.filter(organisation_id__in=houses, state__in=taking_part).exists():
        return []
    first = open_proxies(actor, now).filter(bidder__sale=sale).order_by("pk").first()
    if first is None:
        return []
    rows = sale.bidders.filter(pk=first.bidder_id).exclude(organisation_id__in=held)
    return list(rows.select_related("organisation"))


def _held_now(actor: Actor) -> frozenset[int]:
    """Organisations for which the person acts, read anew: a token or page may be older."""
    allowed = actor.ids_with(*PARTY_ROLES)
    rows = Membership.objects.filter(
        user_id=actor.user_id or 0, user__is_active=True, organisation_id__in=sorted(allowed),
        roles__overlap=["owner", *PARTY_ROLES],
    )  # fmt: skip
    return frozenset(rows.values_list("organisation_id", flat=True))


def _knows_secrets(sale: Sale, actor: Actor, held: Iterable[int]) -> bool:
    """Somebody of a tied organisation does not bid, for whomever. By a mandate that it gives later
    the seller puts no bidder out."""
    bidding = sale.bidders.filter(organisation_id__in=mandate_ids(sale))
    late = frozenset(bidding.values_list("organisation_id", flat=True))
    tied = tied_ids(sale) - late
    inside = Membership.objects.filter(user_id=actor.user_id or 0, organisation_id__in=sorted(tied))
    return bool(tied & set(held)) or inside.exists()
