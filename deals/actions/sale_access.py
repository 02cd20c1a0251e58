"""Fetch a sale under lock for an action, by the database's clock, and tell the people of it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from deals import event_kinds, notices
from deals import sale_states as states
from deals.models import BidderState, Sale, SaleProxy
from deals.models.sales import MAX_PRICE
from deals.queries import sales as queries
from deals.queries.sale_standing import Standing, applicant_in, standing_in
from deals.queries.sales import visible_to
from deals.rules import PARTY_ROLES
from events.actions import notify, record
from listings.models.listings import Tier
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Conflict, Message, NotFound, Refused, Stale, field_error
from marketplace.core.gates import lock

_ROLE: dict[str, Message] = {
    "bid": _("Only an admitted bidder bids, through an owner, editor or broker who holds the role "
             "now, or a proxy that is in force."),
    "apply": _("Only verified organisations that are not tied to the sale can apply, through an "
               "owner, editor or broker, once."),
}  # fmt: skip
_STATE: dict[str, Message] = {
    states.DRAFT: _("This sale is not announced yet."),
    states.ANNOUNCED: _("The time for bids has not begun yet."),
    states.OPEN: _("The time for bids is running. This is possible once it is over."),
    states.CLOSED: _("The time for bids is over."),
    states.MATCHING: _("The time for bids is over; a first refusal is running."),
    states.DECIDED: _("This sale is decided."),
    states.FAILED: _("This sale has ended without a buyer."),
    states.CANCELLED: _("This sale was cancelled."),
}
YEARS = range(2000, 2200)
ODD_MOMENT = _("Give a date between the years 2000 and 2199.")
NOT_ANNOUNCED = _("The rules are frozen since the sale was announced.")
_BIDDING = {"seal": "bid", "withdraw": "bid", "reveal": "bid", "match": "bid"}


def locked_sale(
    actor: Actor, sale_id: int, action: str, *, expected_version: int | None = None,
    organisation_id: int | None = None,
) -> tuple[Sale, Standing, dt.datetime]:  # fmt: skip
    """The row, locked until the transaction ends; what the actor is in it, read after the lock;
    and the database's time then. The state is brought up to that time.

    action: of sale_states.RULES. organisation_id: which of the actor's applies. Raises NotFound for
    whoever may not know of it, Refused and Conflict by the table, Stale for an older version.
    """
    if not visible_to(actor).filter(pk=sale_id).exists():
        raise NotFound
    sale = lock(Sale.objects.select_related("listing", "poster", "opener"), sale_id)
    now = queries.clock()
    advance(sale, now)
    if action == "apply":
        standing = applicant_in(sale, actor, now, organisation_id)
    else:
        standing = standing_in(sale, actor, now)
    reason = states.refusal(action, role=standing.role, state=sale.state, kind=sale.kind)
    if reason == "role":
        _refuse_role(action, standing)
    if reason == "kind":
        raise Conflict("sale_kind", _("This step belongs to the other kind of sale."))
    if reason == "state":
        frozen = action in ("write", "discard", "announce", "take_key")
        raise Conflict(f"sale_{sale.state}", NOT_ANNOUNCED if frozen else _STATE[sale.state])
    if expected_version is not None and expected_version != sale.version:
        raise Stale(
            "stale_version", _("It has changed since you opened it. Reload it, then try again.")
        )
    return sale, standing, now


def _refuse_role(action: str, standing: Standing) -> None:
    bidder = standing.bidder
    if action in ("bid", *_BIDDING) and bidder is not None:
        raise Refused(
            "not_admitted",
            _("Your organisation is not admitted to this sale yet. The seller admits it once the "
              "deposit has come in."),
        )  # fmt: skip
    words = _ROLE.get(_BIDDING.get(action, action), _("This is for somebody else to do."))
    raise Refused("sale_role", words)


def advance(sale: Sale, now: dt.datetime) -> bool:
    """Bring a locked sale's state up to this time, with its events; whether it moved."""
    before = sale.state
    if sale.state_at(now) == before:
        return False
    if before == states.ANNOUNCED and sale.state_at(now) == states.OPEN:
        sale.state = states.TRANSITIONS.target("begin", before)
        touch(sale, "state")
        note(event_kinds.SALE_BEGUN, sale, actor=Actor.system(), before=before)
        return True
    sale.state = states.TRANSITIONS.target("close", before)
    touch(sale, "state")
    note(event_kinds.SALE_CLOSED, sale, actor=Actor.system(), before=before)
    if sale.is_tender and sale.last_bid:
        tell(sale, notices.SALE_TO_OPEN, [sale.poster_id, sale.opener_id], key=f"o{sale.public_id}")
    return True


def touch(sale: Sale, *names: str) -> None:
    """Store changed fields and raise the version, which outsiders read: never for a sealed bid."""
    sale.version += 1
    sale.save(update_fields=["version", "updated_at", *names])


def note(
    kind: str, sale: Sale, *, actor: Actor, before: str = "",
    organisation_ids: Iterable[int | None] | None = None, data: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Write the event, for everybody who takes part unless organisations are given. data: numbers
    and codes, never an amount."""
    record(
        kind, actor=actor, obj=sale,
        organisation_ids=participants(sale) if organisation_ids is None else organisation_ids,
        before={"state": before} if before else None,
        after={"state": sale.state} if before else None, data=data,
    )  # fmt: skip


def participants(sale: Sale) -> list[int]:
    """The seller, the opener and whoever applied or was invited."""
    found = list(sale.bidders.values_list("organisation_id", flat=True))
    return [sale.poster_id, *([sale.opener_id] if sale.opener_id else []), *found]


def admitted(sale: Sale) -> list[int]:
    rows = sale.bidders.filter(state=BidderState.ADMITTED)
    return list(rows.values_list("organisation_id", flat=True))


def tell(
    sale: Sale, kind: str, organisation_ids: Iterable[int | None], *, actor: Actor | None = None,
    key: str = "", params: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Notify who acts for these organisations, and their proxies in force, but for the actor.
    Never an amount."""
    wanted = {pk for pk in organisation_ids if pk}
    people = set(
        Membership.objects.filter(
            organisation_id__in=wanted, roles__overlap=["owner", *PARTY_ROLES],
            user__is_active=True,
        ).values_list("user_id", flat=True)
    )  # fmt: skip
    people |= set(
        SaleProxy.objects.filter(
            bidder__sale=sale, bidder__organisation_id__in=wanted, revoked_at__isnull=True,
            user__is_active=True,
        ).values_list("user_id", flat=True)
    )  # fmt: skip
    if actor is not None:
        people.discard(actor.user_id or 0)
    notify(
        people, kind, url=sale.get_absolute_url(), key=key,
        params={**titles_of(sale), **(params or {})},
    )  # fmt: skip


def titles_of(sale: Sale) -> dict[str, str]:
    """The title for mails, where the listing is no secret; else the sale's id."""
    listing = sale.listing
    if listing.visibility == Tier.CONFIDENTIAL:
        return {"title_en": sale.public_id, "title_zh": sale.public_id}
    return {"title_en": listing.title_en, "title_zh": listing.title_zh}


def checked_amount(name: str, value: Any, *, least: Decimal = Decimal("0.01")) -> Decimal:
    """An amount in range, in units with at most two decimals. Raises Invalid on `name`."""
    if not isinstance(value, Decimal):
        raise field_error(name, _("Enter an amount."), code="required")
    if not value.is_finite() or not least <= value < MAX_PRICE:
        raise field_error(
            name, _("Give an amount above zero and below a trillion.")
            if least else _("Give an amount from 0 to less than a trillion."),
            code="out_of_range",
        )  # fmt: skip
    if value != value.quantize(Decimal("0.01")):
        raise field_error(name, _("At most two decimals."), code="out_of_range")
    return value


def checked_moment(name: str, value: Any) -> dt.datetime | None:
    """A moment within the years in which something is sold: others do not survive a time zone or
    the database. Raises Invalid on `name`."""
    if value is None:
        return None
    if not isinstance(value, dt.datetime) or value.year not in YEARS:
        raise field_error(name, ODD_MOMENT, code="out_of_range")
    return value


def line(name: str, value: Any, limit: int) -> str:
    """One line of plain text. Raises Invalid on `name` when it is empty, long or odd."""
    try:
        text = clean_text(value) if isinstance(value, str) else ""
    except ValidationError as error:
        raise field_error(name, error.messages[0]) from None
    text = " ".join(text.split())
    if not text:
        raise field_error(name, _("Enter text."), code="required")
    if len(text) > limit:
        raise field_error(
            name, _("At most %(limit)s characters.") % {"limit": limit}, code="too_long"
        )
    return text
