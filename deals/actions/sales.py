"""A sale from its draft to its announcement: rules that hold for everybody, then frozen."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from deals import event_kinds, notices, sealed
from deals import sale_states as states
from deals.actions.sale_access import (
    admitted,
    checked_amount,
    checked_moment,
    line,
    locked_sale,
    note,
    participants,
    tell,
    touch,
)
from deals.models import Exclusivity, Sale, SaleKind, SaleObject
from deals.queries.sale_views import is_read
from deals.queries.sales import sellable, seller_ids
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid, Message, NotFound, field_error
from marketplace.core.forms import invalid_from

TEXTS = ("sold", "exclusivity", "field_of_use", "territory", "terms_en", "terms_zh", "currency",
         "access", "publicity")  # fmt: skip
AMOUNTS = ("start_price", "increment", "deposit")
TIMES = ("starts_at", "planned_end", "deposit_until")
COUNTS = {"extension_minutes": 60, "max_extensions": 100, "sme_days": 60}
FIELDS = (*TEXTS, *AMOUNTS, "reserve", *TIMES, *COUNTS, "opener")
LONGEST = dt.timedelta(days=400)  # from the announcement to the end
SHORTEST = dt.timedelta(minutes=1)
MAX_DRAFTS = 50  # of one organisation
Wrong = dict[str, list[Message]]
TIED_OPENER = _(
    "This organisation is on the seller’s side: it sells, owns the technology with the seller or "
    "holds the seller’s mandate. Choose an independent one."
)


@transaction.atomic
def begin_sale(*, actor: Actor, listing: str, kind: str, facts: Mapping[str, Any]) -> Sale:
    """A draft of the sale of a published technology, by whoever sells for its owner: its editors,
    owners and brokers, and brokers of an institution that holds its mandate.

    listing: public id. facts: of FIELDS. Raises NotFound for a technology that the actor does not
    sell, Invalid for a faulty field.
    """
    found = sellable(actor).filter(public_id=listing.replace("\x00", "")).first()
    if found is None:
        raise NotFound
    if kind not in SaleKind.values:
        raise field_error("kind", _("Choose a tender or an auction."), code="unknown_code")
    if Sale.objects.filter(poster_id=found.owner_id, state=states.DRAFT).count() >= MAX_DRAFTS:
        raise Conflict("too_many_drafts", _("There are as many drafts as there may be."))
    sale = Sale(listing=found, poster_id=found.owner_id, kind=kind, written_by_id=actor.user_id)
    _set(sale, facts)
    sale.save()
    _tell_opener(sale, None)
    record(
        event_kinds.SALE_DRAFTED, actor=actor, obj=sale, organisation_ids=[sale.poster_id],
        data={"kind": kind},
    )  # fmt: skip
    return sale


@transaction.atomic
def write_sale(
    *, actor: Actor, sale_id: int, facts: Mapping[str, Any], expected_version: int | None = None
) -> Sale:
    """Change a draft. facts: of FIELDS, those that are named; amounts in units of the currency,
    opener: public id of an organisation or "". Raises Invalid, Stale, Conflict once announced."""
    sale, _standing, _now = locked_sale(actor, sale_id, "write", expected_version=expected_version)
    before = sale.opener_id
    _set(sale, facts)
    sale.version += 1
    sale.save()
    _tell_opener(sale, before)
    return sale


@transaction.atomic
def discard_sale(*, actor: Actor, sale_id: int) -> None:
    """Throw a draft away."""
    sale, _standing, _now = locked_sale(actor, sale_id, "discard")
    sale.delete()


@transaction.atomic
def take_key(*, actor: Actor, sale_id: int) -> tuple[Sale, str]:
    """A new key of a tender for the side of the actor, the seller or the opener: its private half
    is returned, shown once and kept nowhere here. A key that was taken before is worthless."""
    sale, standing, _now = locked_sale(actor, sale_id, "take_key")
    private, public = sealed.new_key()
    name = "poster_key" if standing.role == states.POSTER else "opener_key"
    setattr(sale, name, public)
    touch(sale, name)
    note(event_kinds.SALE_KEY, sale, actor=actor, data={"by": standing.role},
         organisation_ids=[sale.poster_id, sale.opener_id])  # fmt: skip
    return sale, private


@transaction.atomic
def announce_sale(
    *, actor: Actor, sale_id: int, opening_key: str = "", expected_version: int | None = None
) -> Sale:
    """Announce a draft: from now on the database refuses to change its rules.

    opening_key: of a tender the seller's private key once more, to be sure that it is kept. Raises
    Invalid with everything that is missing, Conflict while another sale of the technology runs.
    """
    sale, _standing, now = locked_sale(
        actor, sale_id, "announce", expected_version=expected_version
    )
    if sale.listing.state != "published" or sale.listing.is_anonymous:
        raise Conflict(
            "listing_not_open",
            _("A sale is announced while its technology is published under its owner’s name."),
        )
    _check_whole(sale, now)
    if sale.is_tender:
        _check_keys(sale, opening_key)
    before, sale.state = sale.state, states.TRANSITIONS.target("announce", sale.state)
    sale.announced_at, sale.ends_at = now, sale.planned_end
    try:
        with transaction.atomic():
            touch(sale, "state", "announced_at", "ends_at")
    except IntegrityError:
        raise Conflict(
            "sale_there", _("Another sale of this technology is announced or running.")
        ) from None
    note(event_kinds.SALE_ANNOUNCED, sale, actor=actor, before=before)
    return sale


@transaction.atomic
def cancel_sale(*, actor: Actor, sale_id: int, reason: str) -> Sale:
    """Give up an announced sale for a reason that everybody reads; who takes part is told. Sealed
    bids stay sealed. Raises Invalid without a reason, Conflict once a sealed bid was read: a seller
    who knows bids does not choose whether they count."""
    sale, _standing, now = locked_sale(actor, sale_id, "cancel")
    if is_read(sale):
        raise Conflict(
            "bids_read", _("A sealed bid has been read already: now the sale runs to its result.")
        )
    sale.reason = line("reason", reason, 400)
    before, sale.state = sale.state, states.TRANSITIONS.target("cancel", sale.state)
    sale.ended_at = now
    touch(sale, "state", "reason", "ended_at")
    note(event_kinds.SALE_CANCELLED, sale, actor=actor, before=before,
         data={"bids": sale.last_bid, "admitted": len(admitted(sale))})  # fmt: skip
    tell(sale, notices.SALE_CANCELLED, participants(sale), actor=actor)
    return sale


# --- What the rules may say ----------------------------------------------------------------------


def _set(sale: Sale, facts: Mapping[str, Any]) -> None:
    """Put the facts on the draft, each checked by itself; raises Invalid with all that is wrong."""
    unknown = set(facts) - set(FIELDS)
    if unknown:
        raise LookupError(f"no fact of a sale: {sorted(unknown)}")
    wrong: Wrong = {}
    for name, value in facts.items():
        try:
            _set_one(sale, name, value)
        except Invalid as error:
            wrong |= error.fields
    if not sale.is_tender:
        sale.opener = None
    else:
        sale.extension_minutes = sale.max_extensions = 0
        sale.increment = Decimal(0)
    try:
        sale.clean_fields(exclude=["listing", "poster", "written_by", *wrong])
    except ValidationError as error:
        wrong |= invalid_from(error).fields
    if wrong:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=wrong)


def _set_one(sale: Sale, name: str, value: Any) -> None:
    if name in TEXTS:
        setattr(sale, name, str(value or "").strip())
    elif name in AMOUNTS:
        setattr(sale, name, checked_amount(name, value or Decimal(0), least=Decimal(0)))
    elif name == "reserve":
        sale.reserve = None if value is None else checked_amount(name, value)
    elif name in TIMES:
        setattr(sale, name, checked_moment(name, value))
    elif name == "opener":
        _set_opener(sale, str(value or "").strip())
    else:
        number = value or 0
        if not isinstance(number, int) or not 0 <= number <= COUNTS[name]:
            raise field_error(
                name, _("A whole number from 0 to %(most)s.") % {"most": COUNTS[name]},
                code="out_of_range",
            )  # fmt: skip
        setattr(sale, name, number)


def _set_opener(sale: Sale, named: str) -> None:
    before = sale.opener_id
    sale.opener = None
    if named:
        verified = Organisation.objects.filter(verified_at__isnull=False)
        sale.opener = verified.filter(public_id=named[:10].replace("\x00", "")).first()
        if sale.opener is not None and sale.opener_id in seller_ids(sale):
            sale.opener_id = before
            raise field_error("opener", TIED_OPENER, code="tied")
        if sale.opener is None:
            raise field_error(
                "opener", _("Choose another verified organisation, by the id of its page."),
                code="unknown_code",
            )  # fmt: skip
    if sale.opener_id != before:
        sale.opener_key = ""


def _tell_opener(sale: Sale, before: int | None) -> None:
    if sale.opener_id is not None and sale.opener_id != before:
        tell(sale, notices.SALE_OPENER, [sale.opener_id])


def _check_whole(sale: Sale, now: dt.datetime) -> None:
    wrong: Wrong = {}
    if not (sale.terms_en or sale.terms_zh):
        wrong["terms_en"] = [_("Say in a few lines what the buyer gets, in one language at least.")]
    if sale.sold == SaleObject.LICENCE and not sale.exclusivity:
        wrong["exclusivity"] = [_("Say how exclusive the licence is.")]
    if sale.sold == SaleObject.ASSIGNMENT and sale.exclusivity not in ("", Exclusivity.EXCLUSIVE):
        wrong["exclusivity"] = [_("An assignment passes everything on: leave this empty.")]
    if not sale.is_tender and sale.increment <= 0:
        wrong["increment"] = [_("Say by how much a bid must be higher.")]
    if bool(sale.extension_minutes) != bool(sale.max_extensions):
        missing = "max_extensions" if sale.extension_minutes else "extension_minutes"
        wrong[missing] = [_("An extension needs its minutes and how often.")]
    if sale.reserve is not None and sale.reserve < sale.start_price:
        wrong["reserve"] = [_("The reserve price is not below the starting price.")]
    if sale.opener_id in seller_ids(sale):  # a mandate or a co-owner may have come since
        wrong["opener"] = [TIED_OPENER]
    _check_times(sale, now, wrong)
    if wrong:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=wrong)


def _check_times(sale: Sale, now: dt.datetime, wrong: Wrong) -> None:
    if sale.starts_at is None or sale.starts_at < now - SHORTEST:
        wrong["starts_at"] = [_("Give a start that lies ahead.")]
    if sale.planned_end is None:
        wrong["planned_end"] = [_("Give an end.")]
    elif sale.starts_at and sale.planned_end < max(sale.starts_at, now) + SHORTEST:
        wrong["planned_end"] = [_("The end lies at least a minute after the start.")]
    elif sale.planned_end > now + LONGEST:
        wrong["planned_end"] = [_("The end lies at most 400 days ahead.")]
    if sale.deposit and sale.deposit_until is None:
        wrong["deposit_until"] = [_("Say until when the deposit must come in.")]
    elif sale.deposit_until and sale.planned_end and sale.deposit_until > sale.planned_end:
        wrong["deposit_until"] = [_("The deposit comes in before the end.")]


def _check_keys(sale: Sale, opening_key: str) -> None:
    if not sale.poster_key:
        raise field_error("opening_key", _("Take the opening key first."), code="required")
    if sale.opener_id and not sale.opener_key:
        raise field_error(
            "opening_key",
            _("The organisation that opens with you has not taken its key yet. It was told."),
        )
    check_key("opening_key", opening_key, sale.poster_key)


def check_key(name: str, text: str, public: str) -> Any:
    """The private key behind a text. Raises Invalid on `name` for another."""
    try:
        return sealed.read_key(text[:200], public)
    except sealed.SealFault:
        raise field_error(
            name, _("This is not the key of this sale. Enter it as it was shown."), code="wrong_key"
        ) from None
