"""Auctions and tenders through their actions: rules, clock, extension, opening, decision."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import Membership
from contracts.certificates.keys import make_key_file, private_key
from deals.actions import sale_bidders, sale_bids, sale_opening, sale_results, sales
from deals.models import OpenedBid, Sale, SaleBid, SaleBidder, SaleDeposit, SaleResult
from deals.queries.sale_views import view_of
from deals.queries.sales import seen_sale
from events.models import Event, Notification
from marketplace.core import jobs
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused
from tests.accounts.factories import person_in
from tests.deals.sales import factories
from tests.deals.sales.factories import MINUTE, admit, after, announced, at, bid, during, seal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_an_auction_from_its_draft_to_the_room(cast: Cast, settings: Any, tmp_path: Path) -> None:
    settings.SEAL_KEYS_DIR = str(tmp_path / "keys")
    make_key_file(sale_results.MARKET_KEY)
    sale, _keys = announced(cast, reserve=Decimal(1500), deposit=Decimal(50),
                            deposit_until=timezone.now() + factories.HOUR)  # fmt: skip
    for player in (cast.outsider, cast.rival):
        admit(sale, cast, player.actor)
    with during(sale):
        assert bid(sale, cast.outsider.actor, 1000).number == 1
        with pytest.raises(Conflict) as twice:
            bid(sale, cast.outsider.actor, 1000)
        assert twice.value.code == "you_lead", "two clicks of one bid"
        with pytest.raises(Invalid) as low:
            bid(sale, cast.rival.actor, "1099.99", seen=0)
        assert "¥1,100" in str(low.value.fields["amount"][0])
        assert "quicker" in str(low.value.fields["amount"][0])
        bid(sale, cast.rival.actor, 1100)
        bid(sale, cast.outsider.actor, 1500)
    assert Notification.objects.filter(kind="sale.outbid").exists()
    with after(sale):
        sale_opening.move_sales()
    sale.refresh_from_db()
    assert (sale.state, sale.price, sale.winner.organisation) == (
        "decided", Decimal(1500), cast.outside,
    )  # fmt: skip
    while jobs.drain():
        pass
    result = SaleResult.objects.get()
    document = sale_results.document_of(result)
    key = private_key(sale_results.MARKET_KEY)
    assert key is not None
    told = sale_results.verify_document(document, key.public_key())
    assert [row["amount"] for row in told["ranking"]] == ["1500.00", "1100.00"]
    assert told["reserve"] == "met" and told["price"] == "1500.00" and told["winner"] == 1
    assert cast.outside.public_id not in document.decode()
    altered = json.dumps({**json.loads(document), "facts": result.facts.replace("1500", "1600")})
    for content, by in ((altered.encode(), key), (document, Ed25519PrivateKey.generate())):
        with pytest.raises(ValueError, match="not a result"):
            sale_results.verify_document(content, by.public_key())
    room, is_new = sale_results.open_sale_room(actor=cast.owner.actor, sale_id=sale.pk)
    assert is_new and (room.supplier, room.taker) == (cast.home, cast.outside)
    assert sale_results.open_sale_room(actor=cast.owner.actor, sale_id=sale.pk) == (room, False)


def test_a_tender_with_two_keys(cast: Cast) -> None:
    sale, keys = announced(cast, "tender", opener=cast.tti.public_id)
    for player in (cast.outsider, cast.rival):
        admit(sale, cast, player.actor)
    with during(sale):
        seal(sale, cast.outsider.actor, 7_654_321)
        seal(sale, cast.rival.actor, 5_432_199)
        seal(sale, cast.rival.actor, 8_765_432)  # replaces it
        with pytest.raises(Conflict):
            sale_opening.open_bids(
                actor=cast.owner.actor, sale_id=sale.pk, opening_key=keys["poster"]
            )
    with after(sale):
        sale_opening.move_sales()
        for wrong in ("", "AAAA", keys["poster"]):
            with pytest.raises(Invalid):
                sale_opening.open_bids(actor=cast.broker.actor, sale_id=sale.pk, opening_key=wrong)
        with pytest.raises(Conflict) as early:
            sale_opening.open_bids(
                actor=cast.owner.actor, sale_id=sale.pk, opening_key=keys["poster"]
            )
        assert early.value.code == "opener_first"
        sale_opening.open_bids(actor=cast.broker.actor, sale_id=sale.pk, opening_key=keys["opener"])
        assert not OpenedBid.objects.filter(amount__isnull=False).exists()
        opened = sale_opening.open_bids(
            actor=cast.owner.actor,
            sale_id=sale.pk,
            opening_key=keys["poster"].lower().replace("-", " "),
        )
    assert (opened.state, opened.price) == ("decided", Decimal(8_765_432))
    ranking = json.loads(opened.result.facts)["ranking"]
    assert [row["amount"] for row in ranking] == ["8765432.00", "7654321.00"]


def raw_tables() -> str:
    """Everything of every table of the database, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = [row[0] for row in cursor.fetchall()]
        told = []
        for name in names:
            cursor.execute(f"SELECT coalesce(string_agg(t::text, chr(10)), '') FROM \"{name}\" t")
            told.append(cursor.fetchone()[0])
    return "\n".join(told)


def test_no_table_tells_a_sealed_amount(cast: Cast) -> None:
    sale, keys = announced(cast, "tender")
    admit(sale, cast, cast.outsider.actor)
    with during(sale):
        _bid, receipt = seal(sale, cast.outsider.actor, 7_654_321)
        page = cast.outsider.client.post(
            f"/tenders/{sale.public_id}/seal/", {"amount": "7654321", "sure": "1"}
        )
        assert page.status_code == 200 and "7,654,321" in page.content.decode()
        answer = cast.outsider.api.post(
            f"/api/v1/tenders/{sale.public_id}/seal/", {"amount": "7654321"}, format="json"
        )
        assert answer.status_code == 201 and answer.json()["receipt"]["nonce"]
        kept = cast.outsider.api.post(
            f"/api/v1/tenders/{sale.public_id}/seal/", {"amount": "7654321"}, format="json",
            headers={"Idempotency-Key": "a"},
        )  # fmt: skip
        assert kept.status_code == 400, "the hash of a body would tell its amount by trying"
    everything = raw_tables()
    for secret in ("7654321", "7,654,321", receipt.nonce, keys["poster"].replace("-", "")):
        assert secret not in everything
    for secret in (b"7654321", bytes.fromhex(receipt.nonce)):
        assert secret.hex() not in everything
    assert sale.public_id in everything, "the tables were read"


def test_a_lost_key_and_receipts(cast: Cast) -> None:
    sale, _keys = announced(cast, "tender")
    for player in (cast.outsider, cast.rival):
        admit(sale, cast, player.actor)
    with during(sale):
        _old, first = seal(sale, cast.outsider.actor, 2000)
        _bid, receipt = seal(sale, cast.outsider.actor, 3000)
        seal(sale, cast.rival.actor, 4000)
    with after(sale, days=5):
        with pytest.raises(Conflict) as early:
            sale_opening.reveal_bid(
                actor=cast.outsider.actor,
                sale_id=sale.pk,
                amount=receipt.amount,
                nonce=receipt.nonce,
            )
        assert early.value.code == "not_asked"
        sale_opening.ask_to_reveal(actor=cast.owner.actor, sale_id=sale.pk)
        for amount, nonce in ((Decimal(9000), receipt.nonce), (first.amount, first.nonce)):
            with pytest.raises(Invalid):
                sale_opening.reveal_bid(
                    actor=cast.outsider.actor, sale_id=sale.pk, amount=amount, nonce=nonce
                )
        sale_opening.reveal_bid(
            actor=cast.outsider.actor, sale_id=sale.pk, amount=receipt.amount, nonce=receipt.nonce
        )
        view = view_of(seen_sale(cast.owner.actor, sale.public_id), cast.owner.actor)
        assert all(line.amount is None for line in view.bids), "nobody reads it before the others"
    with after(sale, days=13):
        sale_opening.move_sales()
    sale.refresh_from_db()
    assert (sale.state, sale.price) == ("decided", Decimal(3000)), "who stayed silent is out"


def test_bidders_are_asked_when_the_seller_stays_silent(cast: Cast) -> None:
    sale, _keys = announced(cast, "tender")
    admit(sale, cast, cast.outsider.actor)
    with during(sale):
        seal(sale, cast.outsider.actor, 2000)
    with after(sale, days=15):
        sale_opening.move_sales()
    sale.refresh_from_db()
    assert sale.state == "closed" and sale.reveal_until is not None
    with after(sale, days=23):
        sale_opening.move_sales()
    sale.refresh_from_db()
    assert (sale.state, sale.failed_because) == ("failed", "not_revealed")


def test_the_end_is_the_end_and_the_databases_clock_tells_it(cast: Cast, monkeypatch: Any) -> None:
    sale, _keys = announced(cast)
    for player in (cast.outsider, cast.rival):
        admit(sale, cast, player.actor)
    # an application server whose clock runs half a day ahead opens nothing early
    with monkeypatch.context() as patched:
        ahead = timezone.now() + dt.timedelta(hours=12)
        patched.setattr(timezone, "now", lambda: ahead)
        with pytest.raises(Conflict) as skewed:
            bid(sale, cast.rival.actor, 2000)
    assert skewed.value.code == "sale_announced"
    with at(sale.starts_at - dt.timedelta(microseconds=1)), pytest.raises(Conflict) as early:
        bid(sale, cast.outsider.actor, 1000)
    assert early.value.code == "sale_announced"
    with at(sale.ends_at - dt.timedelta(microseconds=1)):
        bid(sale, cast.outsider.actor, 1000)
    with at(sale.ends_at), pytest.raises(Conflict) as late:
        bid(sale, cast.rival.actor, 2000)
    assert late.value.code == "sale_closed"


def test_a_bid_in_the_last_minutes_moves_the_end_so_often(cast: Cast) -> None:
    sale, _keys = announced(cast, extension_minutes=5, max_extensions=2)
    for player in (cast.outsider, cast.rival):
        admit(sale, cast, player.actor)
    end, players = sale.ends_at, [cast.outsider, cast.rival]
    with at(end - 5 * MINUTE - dt.timedelta(seconds=1)):
        bid(sale, players[0].actor, 1000)
    sale.refresh_from_db()
    assert sale.ends_at == end
    for step, moved in ((1, 5), (2, 10), (3, 10)):
        sale.refresh_from_db()
        with at(sale.ends_at - dt.timedelta(seconds=1)):
            bid(sale, players[step % 2].actor, 1000 + 100 * step)
        sale.refresh_from_db()
        assert sale.ends_at == end + moved * MINUTE
    with after(sale), pytest.raises(Conflict):
        bid(sale, players[0].actor, 9000)


@pytest.mark.parametrize("kind", ["auction", "tender"])
def test_a_reserve_that_is_not_met(cast: Cast, kind: str) -> None:
    sale, keys = announced(cast, kind, reserve=Decimal(5000))
    admit(sale, cast, cast.outsider.actor)
    with during(sale):
        (bid if kind == "auction" else seal)(sale, cast.outsider.actor, "4999.99")
    with after(sale):
        sale_opening.move_sales()
        if kind == "tender":
            sale_opening.open_bids(
                actor=cast.owner.actor, sale_id=sale.pk, opening_key=keys["poster"]
            )
    sale.refresh_from_db()
    assert (sale.state, sale.failed_because, sale.winner) == ("failed", "reserve", None)
    assert json.loads(sale.result.facts)["reserve"] == "not_met"
    assert "5000" not in sale.result.facts


def test_equal_sealed_bids_the_earlier_wins(cast: Cast) -> None:
    sale, keys = announced(cast, "tender")
    first = admit(sale, cast, cast.outsider.actor)
    admit(sale, cast, cast.rival.actor)
    with during(sale):
        seal(sale, cast.outsider.actor, 2000)
        seal(sale, cast.rival.actor, 2000)
    with after(sale):
        won = sale_opening.open_bids(
            actor=cast.owner.actor, sale_id=sale.pk, opening_key=keys["poster"]
        )
    assert won.winner == first


@pytest.mark.parametrize("answer", ["accept", "decline", "silence"])
def test_first_refusal_of_a_small_enterprise(cast: Cast, answer: str) -> None:
    sale, _keys = announced(cast, sme_days=3)
    big = admit(sale, cast, cast.outsider.actor)
    small = admit(sale, cast, cast.rival.actor, is_sme=True)
    with during(sale):
        bid(sale, cast.rival.actor, 1000)
        bid(sale, cast.outsider.actor, 9000)
    with after(sale):
        sale_opening.move_sales()
        sale.refresh_from_db()
        assert (sale.state, sale.match_bidder) == ("matching", small)
        with pytest.raises(Refused):
            sale_opening.answer_match(actor=cast.outsider.actor, sale_id=sale.pk, accept=True)
        if answer != "silence":
            sale_opening.answer_match(
                actor=cast.rival.actor, sale_id=sale.pk, accept=answer == "accept"
            )
    with after(sale, days=4):
        if answer == "silence":
            with pytest.raises(Conflict):
                sale_opening.answer_match(actor=cast.rival.actor, sale_id=sale.pk, accept=True)
        sale_opening.move_sales()
    sale.refresh_from_db()
    assert sale.state == "decided" and sale.price == Decimal(9000)
    assert sale.winner == (small if answer == "accept" else big)


def test_who_may_not_bid(cast: Cast) -> None:
    sale, _keys = announced(cast)
    row = admit(sale, cast, cast.outsider.actor)
    with during(sale):
        for player in (cast.owner, cast.rival, cast.claimant, cast.newcomer):
            with pytest.raises(Refused):
                bid(sale, player.actor, 1000)
        # a member whose role was taken back while the page was open
        editor = person_in(cast.outside, "editor")
        from accounts.queries import actor_for

        stale = actor_for(editor, "en")
        bid(sale, stale, 1000)
        Membership.objects.filter(user=editor).delete()
        admit(sale, cast, cast.rival.actor)
        bid(sale, cast.rival.actor, 1100)
        with pytest.raises(Refused):
            bid(sale, stale, 1200)
        # one person of the seller's does not bid for another organisation
        both = person_in(cast.outside, "editor")
        Membership.objects.create(user=both, organisation=cast.home, roles=["analyst"])
        with pytest.raises(Refused):
            bid(sale, actor_for(both, "en"), 1200)
    for actor in (cast.owner.actor, cast.claimant.actor, cast.newcomer.actor):
        with pytest.raises((Refused, Conflict)):
            sale_bidders.apply_to_bid(actor=actor, sale_id=sale.pk)
    assert SaleBid.objects.filter(bidder=row).count() == 1


def test_a_proxy_bids_from_and_until(cast: Cast) -> None:
    sale, _keys = announced(cast)
    admit(sale, cast, cast.outsider.actor)
    admit(sale, cast, cast.rival.actor)
    proxy = sale_bidders.name_proxy(
        actor=cast.outsider.actor, sale_id=sale.pk, email=cast.broker.user.email,
        valid_from=None, valid_until=sale.starts_at + 30 * MINUTE,
    )  # fmt: skip
    with during(sale, minutes=1):
        made = bid(sale, cast.broker.actor, 1000)
        assert made.as_proxy and made.bidder.organisation == cast.outside
        with pytest.raises(Refused):
            sale_bidders.end_proxy(actor=cast.broker.actor, sale_id=sale.pk, proxy=proxy.public_id)
        bid(sale, cast.rival.actor, 1100)
    with during(sale, minutes=31), pytest.raises(Refused):
        bid(sale, cast.broker.actor, 1200)
    with during(sale, minutes=2):
        sale_bidders.end_proxy(actor=cast.outsider.actor, sale_id=sale.pk, proxy=proxy.public_id)
        with pytest.raises(Refused):
            bid(sale, cast.broker.actor, 1200)
    for email in ("nobody@cast.example", cast.colleague.user.email,
                  cast.newcomer.user.email, "\x00"):  # fmt: skip
        with pytest.raises(Invalid):
            sale_bidders.name_proxy(
                actor=cast.outsider.actor, sale_id=sale.pk, email=email, valid_from=None,
                valid_until=timezone.now() + factories.HOUR,
            )  # fmt: skip


def test_deposits_admit_and_are_held(cast: Cast) -> None:
    sale, _keys = announced(cast, deposit=Decimal(500),
                            deposit_until=timezone.now() + 2 * factories.HOUR)  # fmt: skip
    row = sale_bidders.apply_to_bid(actor=cast.outsider.actor, sale_id=sale.pk)
    one: dict[str, Any] = {
        "actor": cast.colleague.actor, "sale_id": sale.pk, "bidder": row.public_id,
        "moved_on": timezone.localdate(), "reference": "Bank 7",
    }  # fmt: skip
    with pytest.raises(Conflict) as missing:
        sale_bidders.decide_bidder(
            actor=cast.colleague.actor, sale_id=sale.pk, bidder=row.public_id, admit=True
        )
    assert missing.value.code == "deposit_missing"
    sale_bidders.record_deposit(**one, kind="received", amount=Decimal("499.99"))
    row.refresh_from_db()
    assert row.state == "applied"
    sale_bidders.record_deposit(**one, kind="received", amount=Decimal("0.01"))
    row.refresh_from_db()
    assert row.state == "admitted"
    with during(sale):
        bid(sale, cast.outsider.actor, 1000)
        with pytest.raises(Conflict) as bound:
            sale_bidders.record_deposit(**one, kind="returned", amount=Decimal(500))
        assert bound.value.code == "deposit_bound"
    with after(sale):
        sale_opening.move_sales()
        sale_bidders.record_deposit(**one, kind="returned", amount=Decimal(500))
        with pytest.raises(Conflict):
            sale_bidders.record_deposit(**one, kind="forfeited", amount=Decimal("0.01"))
    assert SaleDeposit.objects.count() == 3


def test_rules_and_bids_are_frozen_by_the_database(cast: Cast) -> None:
    sale, _keys = announced(cast, reserve=Decimal(5000))
    row = admit(sale, cast, cast.outsider.actor)
    with during(sale):
        bid(sale, cast.outsider.actor, 1000)
    SaleDeposit.objects.create(bidder=row, kind="received", amount=1, moved_on="2026-01-01",
                               reference="x")  # fmt: skip
    attempts = [
        lambda: Sale.objects.filter(pk=sale.pk).update(reserve=1),
        lambda: Sale.objects.filter(pk=sale.pk).update(increment=1),
        lambda: Sale.objects.filter(pk=sale.pk).update(state="draft"),
        lambda: Sale.objects.filter(pk=sale.pk).update(ends_at=sale.starts_at),
        lambda: SaleBid.objects.update(amount=2),
        lambda: SaleBid.objects.all()._raw_delete("default"),
        lambda: SaleDeposit.objects.update(amount=2),
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    with after(sale):
        sale_opening.move_sales()
    for attempt in (
        lambda: Sale.objects.filter(pk=sale.pk).update(price=9),
        lambda: SaleResult.objects.update(facts="{}"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


def test_what_a_draft_must_say_before_it_is_announced(cast: Cast) -> None:
    sale = factories.drafted(cast, starts_at=None, planned_end=None, increment=Decimal(0),
                             terms_en="", terms_zh="", exclusivity="")  # fmt: skip
    with pytest.raises(Invalid) as told:
        sales.announce_sale(actor=cast.colleague.actor, sale_id=sale.pk)
    assert set(told.value.fields) == {
        "starts_at", "planned_end", "increment", "terms_en", "exclusivity",
    }  # fmt: skip
    tender = factories.drafted(cast, "tender")
    _sale, key = sales.take_key(actor=cast.colleague.actor, sale_id=tender.pk)
    _sale, newer = sales.take_key(actor=cast.colleague.actor, sale_id=tender.pk)
    with pytest.raises(Invalid):
        sales.announce_sale(actor=cast.owner.actor, sale_id=tender.pk, opening_key=key)
    sales.announce_sale(actor=cast.owner.actor, sale_id=tender.pk, opening_key=newer)
    with pytest.raises(NotFound):
        sales.begin_sale(actor=cast.rival.actor, listing=tender.listing.public_id, kind="tender",
                         facts={})  # fmt: skip


def test_an_invited_sale_is_known_to_the_invited_alone(cast: Cast) -> None:
    sale, _keys = announced(cast, access="invited")
    for player in (cast.visitor, cast.outsider, cast.rival, cast.operator, cast.moderator):
        with pytest.raises(NotFound):
            seen_sale(player.actor, sale.public_id)
    sale_bidders.invite_bidder(
        actor=cast.colleague.actor, sale_id=sale.pk, organisation=cast.outside.name_en
    )
    assert seen_sale(cast.outsider.actor, sale.public_id) == sale
    assert admit(sale, cast, cast.outsider.actor).number == 1
    assert SaleBidder.objects.count() == 1


def test_cancelling_tells_everybody_why_and_keeps_bids_sealed(cast: Cast) -> None:
    sale, keys = announced(cast, "tender")
    admit(sale, cast, cast.outsider.actor)
    with during(sale):
        seal(sale, cast.outsider.actor, 2000)
        with pytest.raises(Invalid):
            sales.cancel_sale(actor=cast.owner.actor, sale_id=sale.pk, reason=" ")
        sales.cancel_sale(actor=cast.owner.actor, sale_id=sale.pk, reason="A right is disputed.")
    assert Notification.objects.filter(kind="sale.cancelled").exists()
    with after(sale), pytest.raises(Conflict):
        sale_opening.open_bids(actor=cast.owner.actor, sale_id=sale.pk, opening_key=keys["poster"])
    with during(sale), pytest.raises(Conflict):
        sale_bids.withdraw_bid(actor=cast.outsider.actor, sale_id=sale.pk)
    assert not Event.objects.filter(kind="sale.bid", data__has_key="amount").exists()


def test_a_broker_with_a_mandate_sells_and_its_institution_does_not_bid(cast: Cast) -> None:
    from matching.actions.mandates import give_mandate

    give_mandate(actor=cast.owner.actor, organisation_id=cast.home.pk, institution_id=cast.tti.pk)
    technology = factories.published(cast.home)
    sale = sales.begin_sale(
        actor=cast.broker.fresh(), listing=technology.public_id, kind="auction",
        facts=factories.facts(),
    )  # fmt: skip
    sales.announce_sale(actor=cast.broker.actor, sale_id=sale.pk)
    from accounts.queries import actor_for

    colleague = actor_for(person_in(cast.tti, "editor"), "en")
    with pytest.raises(Refused):
        sale_bidders.apply_to_bid(actor=colleague, sale_id=sale.pk)
