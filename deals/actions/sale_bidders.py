"""Who takes part in a sale: invitations, applications, deposits, admission, proxies."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation, User
from deals import event_kinds, notices
from deals import sale_states as states
from deals.actions.sale_access import (
    checked_amount,
    checked_moment,
    line,
    locked_sale,
    note,
    tell,
    touch,
)
from deals.models import (
    BidderState,
    BidKind,
    DepositKind,
    Sale,
    SaleBid,
    SaleBidder,
    SaleDeposit,
    SaleProxy,
)
from deals.queries.sales import tied_ids
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Refused, field_error
from marketplace.core.gates import get_visible

MAX_BIDDERS = 500
MAX_PROXIES = 20  # of one bidder
LONGEST_PROXY = dt.timedelta(days=400)


@transaction.atomic
def invite_bidder(*, actor: Actor, sale_id: int, organisation: str) -> SaleBidder:
    """Invite a verified organisation, which is told. Raises Invalid on `organisation`."""
    sale, _standing, _now = locked_sale(actor, sale_id, "invite")
    named = " ".join(organisation.split()).replace("\x00", "")
    found = list(
        Organisation.objects.filter(
            Q(public_id=named[:10]) | Q(name_en__iexact=named[:160]) | Q(name_zh=named[:160]),
            verified_at__isnull=False,
        )[:2]
    )
    if len(found) != 1:
        raise field_error(
            "organisation", _("Choose a verified organisation: its full name, or its id."),
            code="unknown_code",
        )  # fmt: skip
    if found[0].pk in tied_ids(sale):
        raise field_error("organisation", _("This organisation is tied to the sale."))
    _refuse_when_full(sale)
    bidder, is_new = SaleBidder.objects.get_or_create(
        sale=sale, organisation=found[0], defaults={"state": BidderState.INVITED}
    )
    if is_new:
        touch(sale)
        note(event_kinds.SALE_INVITED, sale, actor=actor,
             organisation_ids=[sale.poster_id, bidder.organisation_id])  # fmt: skip
        tell(sale, notices.SALE_INVITED, [bidder.organisation_id])
    return bidder


@transaction.atomic
def apply_to_bid(
    *, actor: Actor, sale_id: int, organisation_id: int | None = None, is_sme: bool = False
) -> SaleBidder:
    """Ask to be admitted. is_sme: the organisation declares that it is a small or medium one.
    organisation_id: of several. Raises Refused for who is tied to the sale, Conflict twice."""
    sale, standing, now = locked_sale(actor, sale_id, "apply", organisation_id=organisation_id)
    bidder = standing.bidder
    if bidder is not None and bidder.state != BidderState.INVITED:
        raise Conflict("applied", _("Your organisation has applied already."))
    if bidder is None:
        if sale.access == "invited":
            raise Refused("not_invited", _("Only invited organisations can apply."))
        _refuse_when_full(sale)
        bidder = SaleBidder(sale=sale, organisation_id=_own(sale, actor, organisation_id))
    if not bidder.organisation.is_verified:
        raise Refused("not_verified", _("Only verified organisations can apply."))
    sale.last_bidder += 1
    bidder.number = sale.last_bidder
    bidder.state = BidderState.APPLIED
    bidder.is_sme = is_sme
    bidder.applied_by_id, bidder.applied_at = actor.user_id, now
    bidder.save()
    touch(sale, "last_bidder")
    note(event_kinds.SALE_APPLIED, sale, actor=actor, data={"bidder": bidder.number},
         organisation_ids=[sale.poster_id, bidder.organisation_id])  # fmt: skip
    tell(sale, notices.SALE_APPLIED, [sale.poster_id])
    return bidder


def _own(sale: Sale, actor: Actor, organisation_id: int | None) -> int:
    """The organisation that applies: verified, one for which the actor acts, not there yet."""
    ids = sorted(actor.ids_with("editor", "broker"))
    if organisation_id is not None:
        ids = [pk for pk in ids if pk == organisation_id]
    verified = Organisation.objects.filter(pk__in=ids, verified_at__isnull=False)
    free = verified.exclude(pk__in=sale.bidders.values("organisation_id"))
    found = free.order_by("pk").values_list("pk", flat=True).first()
    if found is None:
        raise Refused("not_verified", _("Only verified organisations can apply."))
    return int(found)


def _refuse_when_full(sale: Sale) -> None:
    if sale.bidders.count() >= MAX_BIDDERS:
        raise Conflict("too_many_bidders", _("This sale has as many bidders as it may."))


@transaction.atomic
def decide_bidder(
    *, actor: Actor, sale_id: int, bidder: str, admit: bool, reason: str = ""
) -> SaleBidder:
    """Admit an applicant, or refuse it with a reason that it reads. bidder: public id. Raises
    Conflict while its deposit is missing or when it came too late, or once it has bid."""
    sale, _standing, now = locked_sale(actor, sale_id, "admit")
    row = _bidder(sale, bidder)
    if row.state == BidderState.INVITED:
        raise Conflict("not_applied", _("This organisation has not applied yet."))
    if admit and held_of(row) < sale.deposit:
        raise Conflict("deposit_missing", _("Record the whole deposit first; then it is admitted."))
    if admit and _held_in_time(sale, row) < sale.deposit:
        raise Conflict(
            "deposit_late",
            _("The deposit came in after the time that the rules give. They hold for everybody."),
        )
    if not admit:
        if row.bids.exists():
            raise Conflict(
                "has_bid",
                _("This organisation has bid already and stays. You can cancel the sale."),
            )
        row.reason = line("reason", reason, 400)
    state = BidderState.ADMITTED if admit else BidderState.REFUSED
    if row.state != state:
        row.state, row.decided_by_id, row.decided_at = state, actor.user_id, now
        if admit:
            row.reason = ""  # why it was not admitted before
        row.save()
        touch(sale)
        _told_of_admission(sale, row, actor)
    return row


@transaction.atomic
def record_deposit(
    *, actor: Actor, sale_id: int, bidder: str, kind: str, amount: Decimal | None,
    moved_on: dt.date, reference: str,
) -> SaleDeposit:  # fmt: skip
    """Enter money that came in, went back or was forfeited, in the sale's currency. A deposit that
    is whole, and in time, admits the applicant.

    kind: of DepositKind. Raises Invalid on `kind`, `amount`, `moved_on`, `reference`; Conflict
    when more would go back or be forfeited than is held.
    """
    sale, _standing, now = locked_sale(actor, sale_id, "record_deposit")
    row = _bidder(sale, bidder)
    if row.number is None:
        raise Conflict("not_applied", _("This organisation has not applied yet."))
    if kind not in DepositKind.values:
        raise field_error("kind", _("Choose what happened with the money."), code="unknown_code")
    amount = checked_amount("amount", amount)
    if moved_on > timezone.localdate(now) or moved_on.year < 2000:
        raise field_error("moved_on", _("Give the day on which it happened, at latest today."))
    held = held_of(row)
    if kind != DepositKind.RECEIVED and amount > held:
        raise Conflict("deposit_not_held", _("Not so much is held of this bidder."))
    if kind != DepositKind.RECEIVED and sale.state not in states.ENDED and _is_bound(row):
        raise Conflict(
            "deposit_bound", _("This organisation has bid: its deposit is held until the end.")
        )
    made = SaleDeposit.objects.create(
        bidder=row, kind=kind, amount=amount, moved_on=moved_on, entered_by_id=actor.user_id,
        reference=line("reference", reference, 80),
    )  # fmt: skip
    touch(sale)
    note(event_kinds.SALE_DEPOSIT, sale, actor=actor, data={"bidder": row.number, "kind": kind},
         organisation_ids=[sale.poster_id, row.organisation_id])  # fmt: skip
    in_time = sale.deposit_until is None or now <= sale.deposit_until
    whole = held_of(row) >= sale.deposit
    running = sale.state in (states.ANNOUNCED, states.OPEN)
    if kind == DepositKind.RECEIVED and row.state == BidderState.APPLIED and whole:
        if in_time and running:
            row.state, row.decided_by_id, row.decided_at = (
                BidderState.ADMITTED, actor.user_id, now,
            )  # fmt: skip
            row.reason = ""
            row.save()
            _told_of_admission(sale, row, actor)
    elif row.state == BidderState.ADMITTED and running and not whole:
        row.state, row.decided_by_id, row.decided_at = BidderState.APPLIED, actor.user_id, now
        row.save()
    return made


def held_of(bidder: SaleBidder) -> Decimal:
    """What is held of a bidder now, in units of the sale's currency."""
    held = Decimal(0)
    for row in SaleDeposit.objects.filter(bidder=bidder):
        held += row.amount if row.kind == DepositKind.RECEIVED else -row.amount
    return held


def _held_in_time(sale: Sale, bidder: SaleBidder) -> Decimal:
    """What came in by the day until which the deposit must be there, less what went back since."""
    if sale.deposit_until is None:
        return held_of(bidder)
    late = SaleDeposit.objects.filter(
        bidder=bidder, kind=DepositKind.RECEIVED,
        moved_on__gt=timezone.localdate(sale.deposit_until),
    )  # fmt: skip
    return held_of(bidder) - sum((row.amount for row in late), Decimal(0))


def _is_bound(bidder: SaleBidder) -> bool:
    last: SaleBid | None = bidder.bids.order_by("-number").first()
    return last is not None and last.kind != BidKind.WITHDRAWAL


def _told_of_admission(sale: Sale, bidder: SaleBidder, actor: Actor) -> None:
    note(event_kinds.SALE_ADMITTED, sale, actor=actor,
         data={"bidder": bidder.number, "state": bidder.state},
         organisation_ids=[sale.poster_id, bidder.organisation_id])  # fmt: skip
    kind = (
        notices.SALE_ADMITTED if bidder.state == BidderState.ADMITTED else notices.SALE_NOT_ADMITTED
    )
    tell(sale, kind, [bidder.organisation_id])


def _bidder(sale: Sale, public_id: str) -> SaleBidder:
    return get_visible(sale.bidders.select_related("organisation"), public_id=public_id)


# --- Proxies -------------------------------------------------------------------------------------


@transaction.atomic
def name_proxy(
    *, actor: Actor, sale_id: int, email: str, valid_from: dt.datetime | None,
    valid_until: dt.datetime | None,
) -> SaleProxy:  # fmt: skip
    """Let a person of another verified organisation bid for one's own, from and until.

    Whether the person's organisation bids as well, or another bidder has named it, is not told
    here: then the person cannot bid. Raises Invalid on `email`, `valid_from`, `valid_until`;
    Refused for a proxy, who names no other.
    """
    sale, standing, now = locked_sale(actor, sale_id, "name_proxy")
    bidder = _own_bidder(standing.bidder, as_proxy=standing.as_proxy)
    user = User.objects.filter(
        email__iexact=email.strip().replace("\x00", "")[:254], is_active=True
    ).first()
    houses = Membership.objects.filter(user=user, organisation__verified_at__isnull=False)
    if user is None or not houses.exclude(organisation_id=bidder.organisation_id).exists():
        raise field_error(
            "email",
            _("Name a person of another verified organisation by the address it uses here."),
        )
    if Membership.objects.filter(user=user, organisation_id__in=sorted(tied_ids(sale))).exists():
        raise field_error("email", _("This person belongs to an organisation tied to the sale."))
    start = checked_moment("valid_from", valid_from) or now
    until = checked_moment("valid_until", valid_until) or now
    if not start < until <= now + LONGEST_PROXY:
        raise field_error("valid_until", _("Give an end after the start, within 400 days."))
    if bidder.proxies.filter(revoked_at__isnull=True).count() >= MAX_PROXIES:
        raise Conflict("too_many_proxies", _("There are as many proxies as there may be."))
    made = SaleProxy.objects.create(
        bidder=bidder, user=user, valid_from=start, valid_until=until, given_by_id=actor.user_id
    )
    note(event_kinds.SALE_PROXY, sale, actor=actor, data={"bidder": bidder.number},
         organisation_ids=[bidder.organisation_id])  # fmt: skip
    return made


@transaction.atomic
def end_proxy(*, actor: Actor, sale_id: int, proxy: str) -> SaleProxy:
    """Take a proxy back, at once: bids that the person made before stand."""
    sale, standing, now = locked_sale(actor, sale_id, "name_proxy")
    bidder = _own_bidder(standing.bidder, as_proxy=standing.as_proxy)
    row = get_visible(bidder.proxies.all(), public_id=proxy)
    if row.revoked_at is None:
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        note(event_kinds.SALE_PROXY, sale, actor=actor, data={"bidder": bidder.number},
             organisation_ids=[bidder.organisation_id])  # fmt: skip
    return row


def _own_bidder(bidder: SaleBidder | None, *, as_proxy: bool) -> SaleBidder:
    if bidder is None or as_proxy:
        raise Refused("sale_role", _("Only the bidder’s own people name and end its proxies."))
    return bidder
