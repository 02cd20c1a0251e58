"""The result of a sale as a signed document, and the deal room with the winner."""

import base64
import hashlib
import json
from decimal import Decimal
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import transaction
from django.utils import timezone

from contracts.certificates.keys import FaultyKey, private_key
from contracts.certificates.seal import key_id, public_pem
from deals import event_kinds
from deals.actions.rooms import open_room_of_sale
from deals.actions.sale_access import locked_sale, note, touch
from deals.models import DealRoom, Sale, SaleBid, SaleResult
from deals.sealed import canonical
from marketplace.core.actor import Actor
from marketplace.core.jobs import enqueue
from matching.queries.visibility import client_ids, tti_ids

FORMAT = "yizhan-sale-result/1"
SIGN_JOB = "deals.sign_sale_result"
AT_ONCE = 200
# the market's own key lies beside those of registration points, whose codes are never zeros
MARKET_KEY = "000000"


def keep_result(
    sale: Sale, ranked: list[tuple[SaleBid, Decimal]], *, matched: bool
) -> SaleResult:  # fmt: skip
    """The facts of an ended sale, as they are signed. Bidders stand in it by number, the reserve
    price only as met or not: it goes to all who bid."""
    reserve = "none"
    if sale.reserve is not None:
        reserve = "met" if ranked and ranked[0][1] >= sale.reserve else "not_met"
    facts: dict[str, Any] = {
        "format": FORMAT, "sale": sale.public_id, "kind": sale.kind,
        "technology": sale.listing.public_id, "seller": sale.poster.public_id,
        "sold": sale.sold, "exclusivity": sale.exclusivity, "currency": sale.currency,
        "announced_at": _time(sale.announced_at), "starts_at": _time(sale.starts_at),
        "planned_end": _time(sale.planned_end), "ended": _time(sale.ends_at),
        "extensions": sale.extensions, "reserve": reserve, "outcome": sale.state,
        "reason": sale.failed_because, "winner": sale.winner.number if sale.winner else None,
        "price": _amount(sale.price), "matched": matched, "bids": sale.last_bid,
        "decided_at": _time(sale.ended_at),
        "ranking": [
            {
                "rank": place, "bidder": bid.bidder.number, "bid": bid.number,
                "amount": _amount(amount), "placed_at": _time(bid.placed_at),
                "commitment": bid.commitment,
            }
            for place, (bid, amount) in enumerate(ranked, 1)
        ],
    }  # fmt: skip
    text = canonical(facts).decode()
    made = SaleResult.objects.create(
        sale=sale, facts=text, facts_sha256=hashlib.sha256(text.encode()).hexdigest()
    )
    enqueue(SIGN_JOB, {"sale": sale.pk}, key=str(sale.pk))
    return made


@transaction.atomic
def sign_result(sale_id: int) -> bool:
    """Sign a result with the market's key; whether it bears a signature now. Only a worker has the
    key; without a key file the result stays unsigned and says so. Raises FaultyKey."""
    row = SaleResult.objects.select_for_update().filter(sale_id=sale_id).first()
    if row is None or row.signature:
        return bool(row)
    key = private_key(MARKET_KEY)
    if key is None:
        return False
    row.key_id, row.public_pem = key_id(key.public_key()), public_pem(key.public_key())
    row.signature = base64.b64encode(key.sign(row.facts.encode())).decode()
    row.signed_at = timezone.now()
    row.save()
    return True


def sign_waiting() -> int:
    """Sign results that were decided while there was no key, once there is one; how many. Run by
    the clock, may run twice. A faulty key is told by the job of each result."""
    try:
        if private_key(MARKET_KEY) is None:
            return 0
    except FaultyKey:
        return 0
    waiting = SaleResult.objects.filter(signature="").order_by("pk")[:AT_ONCE]
    return sum(sign_result(sale_id) for sale_id in waiting.values_list("sale_id", flat=True))


def document_of(result: SaleResult) -> bytes:
    """The downloadable document: the facts as text, their hash, key and signature."""
    return json.dumps(
        {
            "facts": result.facts, "facts_sha256": result.facts_sha256, "key": result.key_id,
            "public_key": result.public_pem, "signature": result.signature,
        },
        ensure_ascii=False, indent=1,
    ).encode()  # fmt: skip


def verify_document(content: bytes, key: Ed25519PublicKey) -> dict[str, Any]:
    """The facts of a genuine document. Raises ValueError for any other: what is no document, was
    altered, or was signed with another key."""
    try:
        given = json.loads(content)
        text, signature = given["facts"], base64.b64decode(given["signature"], validate=True)
        key.verify(signature, text.encode())
        facts = json.loads(text)
    except Exception as error:  # odd files are odd in many ways
        raise ValueError("not a result that was signed with this key") from error
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise ValueError("not the result of a sale")
    return facts


@transaction.atomic
def open_sale_room(*, actor: Actor, sale_id: int) -> tuple[DealRoom, bool]:
    """The deal room of the seller and the winner, and whether it is new. It begins with the
    agreement; the first offer is filled in with what was sold and the price."""
    sale, _standing, _now = locked_sale(actor, sale_id, "open_room")
    if sale.room is not None:
        return sale.room, False
    assert sale.winner is not None, "a sale that is decided has a winner"
    institution = None
    if sale.poster_id not in actor.organisation_ids:
        holders = [pk for pk in tti_ids(actor) if sale.poster_id in client_ids(frozenset({pk}))]
        institution = next(iter(sorted(holders)), None)
    title = sale.listing.title_zh or sale.listing.title_en
    room = open_room_of_sale(
        actor=actor, supplier_id=sale.poster_id, taker_id=sale.winner.organisation_id,
        broker_organisation_id=institution,
        title=sale.public_id if sale.listing.visibility == "confidential" else title,
    )  # fmt: skip
    sale.room = room
    touch(sale, "room")
    note(event_kinds.SALE_ROOM, sale, actor=actor,
         organisation_ids=[sale.poster_id, sale.winner.organisation_id])  # fmt: skip
    return room, True


def first_offer(sale: Sale) -> dict[str, Any]:
    """What the first offer of the room begins with: what was sold, at the firm price."""
    return {
        "type": "licence" if sale.sold == "licence" else "transfer", "currency": sale.currency,
        "exclusivity": sale.exclusivity, "field_of_use": sale.field_of_use,
        "territory": sale.territory, "price_kind": "firm", "total": sale.price,
    }  # fmt: skip


def _time(value: Any) -> str:
    return value.isoformat() if value else ""


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"
