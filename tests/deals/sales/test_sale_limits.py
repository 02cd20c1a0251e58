"""What nobody gains from a sale: by cancelling what was read, by odd dates, mandates and proxies,
by asking for receipts too early, by two clicks, by a deposit that came late."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from accounts.models import Membership
from accounts.queries import actor_for
from contracts.certificates.keys import make_key_file
from deals.actions import sale_bidders, sale_opening, sale_results, sales
from deals.jobs import move_sales
from deals.models import SaleBid, SaleBidder, SaleResult
from deals.queries.sale_views import view_of
from deals.queries.sales import seen_sale
from events.models import Notification
from listings.models import ListingOwner
from marketplace.core import jobs
from marketplace.core.errors import Conflict, Invalid, Refused
from matching.actions.mandates import give_mandate
from tests.accounts.factories import person_in
from tests.deals.sales import factories
from tests.deals.sales.factories import admit, after, announced, at, bid, during, seal

if TYPE_CHECKING:
    from pathlib import Path

    from deals.models import Sale
    from marketplace.core.actor import Actor
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def view(sale: Sale, actor: Actor) -> Any:
    return view_of(seen_sale(actor, sale.public_id), actor)


def revealed(cast: Cast) -> Sale:
    """A tender with two bids, one of them read by its receipt."""
    sale, _keys = announced(cast, "tender")
    for player in (cast.outsider, cast.rival):
        admit(sale, cast, player.actor)
    with during(sale):
        _bid, receipt = seal(sale, cast.outsider.actor, 7_654_321)
        seal(sale, cast.rival.actor, 4000)
    with after(sale, days=5):
        sale_opening.ask_to_reveal(actor=cast.owner.actor, sale_id=sale.pk)
        sale_opening.reveal_bid(
            actor=cast.outsider.actor, sale_id=sale.pk, amount=receipt.amount, nonce=receipt.nonce
        )
    return sale


def test_a_tender_whose_bids_were_read_is_not_cancelled(cast: Cast) -> None:
    sale = revealed(cast)
    with after(sale, days=5):
        assert not view(sale, cast.owner.actor).can["cancel"]
        with pytest.raises(Conflict) as told:
            sales.cancel_sale(actor=cast.owner.actor, sale_id=sale.pk, reason="Changed our mind.")
    assert told.value.code == "bids_read"


def test_a_cancelled_tender_tells_no_amount(cast: Cast) -> None:
    sale = revealed(cast)
    type(sale).objects.filter(pk=sale.pk).update(
        state="cancelled", reason="From before.", ended_at=timezone.now()
    )
    for player in (cast.owner, cast.outsider, cast.rival):
        seen = view(sale, player.actor)
        assert not seen.sees_amounts and all(line.amount is None for line in seen.bids)
        api = player.api.get(f"/api/v1/tenders/{sale.public_id}/bids/").content.decode()
        assert "7654321" not in api
        assert "7,654,321" not in player.client.get(sale.get_absolute_url()).text


@pytest.mark.parametrize("odd", ["0001-01-01T00:00", "1999-12-31T23:59", "2200-01-01T00:00",
                                 "9999-12-31T23:59"])  # fmt: skip
def test_odd_dates_are_told_at_the_field(cast: Cast, odd: str) -> None:
    draft = factories.drafted(cast, "tender", increment=Decimal(0))
    url = f"/tenders/{draft.public_id}/"
    for step, names in (("price", ("starts_at", "planned_end")), ("bidders", ("deposit_until",))):
        for name in names:
            given = {"version": str(draft.version), "currency": "CNY", "access": "verified",
                     "publicity": "count", name: odd}  # fmt: skip
            answer = cast.colleague.client.post(f"{url}edit/{step}/", given)
            assert answer.status_code == 422 and f'value="{odd}' in answer.text
            for value in (odd, f"{odd}:00Z"):
                told = cast.colleague.api.patch(f"/api/v1{url}", {name: value}, format="json")
                assert told.status_code == 400 and name in told.content.decode()
    assert cast.colleague.client.get(url).status_code == 200
    sale, _keys = announced(cast)
    admit(sale, cast, cast.outsider.actor)
    soon = timezone.now() + factories.HOUR
    for name in ("valid_from", "valid_until"):
        proxy = {"email": cast.broker.user.email, "valid_until": f"{soon:%Y-%m-%dT%H:%M}",
                 name: odd}  # fmt: skip
        page = cast.outsider.client.post(f"{sale.get_absolute_url()}proxies/", proxy)
        assert page.status_code == 422
        for value in (odd, f"{odd}:00Z"):
            told = cast.outsider.api.post(
                f"/api/v1{sale.get_absolute_url()}proxies/", {**proxy, name: value}, format="json"
            )
            assert told.status_code == 400 and name in told.content.decode()


def test_an_auction_is_not_cancelled_once_it_has_ended(cast: Cast) -> None:
    auction, _keys = announced(cast)
    admit(auction, cast, cast.outsider.actor)
    with during(auction):
        bid(auction, cast.outsider.actor, 1000)
    tender, _keys = announced(cast, "tender")
    with after(auction), pytest.raises(Conflict) as told:  # the job has not come by yet
        sales.cancel_sale(actor=cast.owner.actor, sale_id=auction.pk, reason="Too cheap.")
    assert told.value.code == "sale_closed"
    with after(tender):
        sales.cancel_sale(actor=cast.owner.actor, sale_id=tender.pk, reason="A right is disputed.")


def test_a_person_of_several_organisations_applies_for_the_named_one(cast: Cast) -> None:
    sale, _keys = announced(cast)
    both = person_in(cast.outside, "editor")
    Membership.objects.create(user=both, organisation=cast.rivals, roles=["editor"])
    actor = actor_for(both, "en")
    for house in (cast.outside, cast.rivals):
        sale_bidders.invite_bidder(
            actor=cast.colleague.actor, sale_id=sale.pk, organisation=house.public_id
        )
    second = sale_bidders.apply_to_bid(actor=actor, sale_id=sale.pk, organisation_id=cast.rivals.pk)
    assert second.organisation == cast.rivals
    with pytest.raises(Conflict):
        sale_bidders.apply_to_bid(actor=actor, sale_id=sale.pk, organisation_id=cast.rivals.pk)
    sale_bidders.decide_bidder(
        actor=cast.colleague.actor, sale_id=sale.pk, bidder=second.public_id, admit=True
    )
    with during(sale):
        assert bid(sale, actor, 1000).bidder == second, "the one that is admitted, not the first"
        first = sale_bidders.apply_to_bid(
            actor=actor, sale_id=sale.pk, organisation_id=cast.outside.pk
        )
    assert first.organisation == cast.outside


def test_a_proxy_applies_for_its_own_organisation(cast: Cast) -> None:
    sale, _keys = announced(cast)
    row = admit(sale, cast, cast.outsider.actor)
    sale_bidders.name_proxy(
        actor=cast.outsider.actor, sale_id=sale.pk, email=cast.broker.user.email,
        valid_from=None, valid_until=sale.starts_at + factories.HOUR,
    )  # fmt: skip
    own = sale_bidders.apply_to_bid(actor=cast.broker.actor, sale_id=sale.pk)
    assert own.organisation == cast.tti
    with during(sale), pytest.raises(Refused):
        bid(sale, cast.broker.actor, 1000)
    assert not row.bids.exists()


def test_a_bidder_becomes_no_seller_by_a_mandate(cast: Cast) -> None:
    sale, _keys = announced(cast)
    row = admit(sale, cast, cast.broker.actor)
    admit(sale, cast, cast.outsider.actor)
    give_mandate(actor=cast.owner.actor, organisation_id=cast.home.pk, institution_id=cast.tti.pk)
    broker = cast.broker.fresh()
    seen = view(sale, broker)
    assert (seen.role, seen.bidders) == ("bidder", [])
    assert cast.broker.api.get(f"/api/v1/tenders/{sale.public_id}/bidders/").status_code == 403
    with during(sale):
        assert bid(sale, broker, 1000).bidder == row, "by a mandate the seller puts nobody out"


def test_the_opener_is_independent_of_the_seller_and_is_told(cast: Cast) -> None:
    technology = factories.published(cast.home)
    body = {"technology": technology.public_id, "kind": "tender", "opener": cast.tti.public_id}
    made = cast.colleague.api.post("/api/v1/tenders/", body, format="json")
    assert made.status_code == 201
    told = Notification.objects.filter(kind="sale.opener", recipient=cast.broker.user)
    assert told.exists(), "also when the draft begins with it"
    sale = factories.drafted(cast, "tender", opener=cast.tti.public_id)
    sales.take_key(actor=cast.broker.actor, sale_id=sale.pk)
    _sale, key = sales.take_key(actor=cast.colleague.actor, sale_id=sale.pk)
    give_mandate(actor=cast.owner.actor, organisation_id=cast.home.pk, institution_id=cast.tti.pk)
    with pytest.raises(Invalid) as late:
        sales.announce_sale(actor=cast.colleague.actor, sale_id=sale.pk, opening_key=key)
    assert set(late.value.fields) == {"opener"}
    ListingOwner.objects.create(listing=sale.listing, organisation=cast.rivals)
    for house in (cast.tti, cast.rivals, cast.home):
        with pytest.raises(Invalid) as tied:
            sales.write_sale(
                actor=cast.colleague.actor, sale_id=sale.pk, facts={"opener": house.public_id}
            )
        assert set(tied.value.fields) == {"opener"}


def test_an_opener_with_a_later_mandate_stays_the_opener(cast: Cast) -> None:
    sale, _keys = announced(cast, "tender", opener=cast.tti.public_id)
    give_mandate(actor=cast.owner.actor, organisation_id=cast.home.pk, institution_id=cast.tti.pk)
    assert view(sale, cast.broker.fresh()).role == "opener"


def test_receipts_are_asked_for_after_the_keys_had_their_time(cast: Cast) -> None:
    sale, _keys = announced(cast, "tender")
    admit(sale, cast, cast.outsider.actor)
    with during(sale):
        seal(sale, cast.outsider.actor, 2000)
    with after(sale, days=4, hours=23):
        assert "step/ask/" not in cast.owner.client.get(sale.get_absolute_url()).text
        with pytest.raises(Conflict) as early:
            sale_opening.ask_to_reveal(actor=cast.owner.actor, sale_id=sale.pk)
        assert early.value.code == "keys_first"
    with after(sale, days=5):
        assert "step/ask/" in cast.owner.client.get(sale.get_absolute_url()).text
        sale_opening.ask_to_reveal(actor=cast.owner.actor, sale_id=sale.pk)
        assert "The bids were not opened" in cast.outsider.client.get(sale.get_absolute_url()).text


def test_two_clicks_seal_one_bid(cast: Cast) -> None:
    sale, _keys = announced(cast, "tender")
    for player in (cast.outsider, cast.rival):
        admit(sale, cast, player.actor)
    url, client = f"{sale.get_absolute_url()}seal/", cast.outsider.client
    with during(sale):
        seal(sale, cast.rival.actor, 4000)
        seal(sale, cast.outsider.actor, 2000)
        page = client.post(url, {"amount": "3000"}).text
        field = re.search(r'name="seen" value="(\d+)"', page)
        assert field is not None and field[1] == "2", "the bidder's own newest"
        sent = {"amount": "3000", "sure": "1", "seen": field[1]}
        seal(sale, cast.rival.actor, 5000)
        assert client.post(url, sent).status_code == 200, "a rival's bid does not matter"
        again = client.post(url, sent)
        assert again.status_code == 409 and 'name="seen" value="4"' in again.text
        assert "Its receipt was shown once" in again.text
    assert SaleBid.objects.filter(bidder__organisation=cast.outside).count() == 2


def test_naming_a_proxy_tells_nothing_of_other_bidders(cast: Cast) -> None:
    sale, _keys = announced(cast)
    for player in (cast.outsider, cast.rival):
        admit(sale, cast, player.actor)
    clerk = person_in(cast.rivals, "analyst")  # of a rival bidder, without the right to bid
    one: dict[str, Any] = {"sale_id": sale.pk, "valid_from": None,
                           "valid_until": sale.starts_at + factories.HOUR}  # fmt: skip
    sale_bidders.name_proxy(actor=cast.outsider.actor, email=clerk.email, **one)
    for player in (cast.outsider, cast.rival):  # nor that another bidder has named the person
        sale_bidders.name_proxy(actor=player.actor, email=cast.broker.user.email, **one)
    with during(sale):
        words = []
        for actor in (actor_for(clerk, "en"), cast.registrar.actor):
            with pytest.raises(Refused) as told:
                bid(sale, actor, 1000)
            words.append((told.value.code, str(told.value)))
        assert words[0] == words[1], "as to anybody who is no proxy"
        assert bid(sale, cast.broker.actor, 1000).bidder.organisation == cast.outside


@pytest.mark.parametrize("publicity", ["nothing", "count"])
def test_sealed_bids_move_nothing_that_others_read(cast: Cast, publicity: str) -> None:
    sale, _keys = announced(cast, "tender", publicity=publicity)
    for player in (cast.outsider, cast.rival):
        admit(sale, cast, player.actor)
    url, api = sale.get_absolute_url(), f"/api/v1{sale.get_absolute_url()}"

    def read(player: Any) -> tuple[Any, ...]:
        page = re.sub(r'csrfmiddlewaretoken" value="\w+"', "", player.client.get(url).text)
        part = player.client.get(f"{url}news/", headers={"HX-Request": "true"}).text
        answer = player.api.get(api)
        mark = re.search(r"after=([\w-]+)", part)
        form = re.search(r'name="seen" value="(\d+)"', page)
        return mark and mark[1], form and form[1], answer.json(), answer["ETag"]

    with during(sale):
        sale_opening.move_sales()
        before = {player.name: read(player) for player in (cast.rival, cast.visitor)}
        seal(sale, cast.outsider.actor, 2000)
        seal(sale, cast.outsider.actor, 3000)
        same = {player.name: read(player) for player in (cast.rival, cast.visitor)} == before
        assert same == (publicity == "nothing")
        assert view(sale, cast.owner.actor).bid_count == 2


def test_a_corrected_deposit_and_one_that_came_late(cast: Cast) -> None:
    sale, _keys = announced(cast, deposit=Decimal(500),
                            deposit_until=timezone.now() + factories.HOUR)  # fmt: skip
    row = sale_bidders.apply_to_bid(actor=cast.outsider.actor, sale_id=sale.pk)
    one: dict[str, Any] = {"actor": cast.colleague.actor, "sale_id": sale.pk, "reference": "B",
                           "moved_on": timezone.localdate()}  # fmt: skip

    def state_of(bidder: SaleBidder) -> str:
        bidder.refresh_from_db()
        return str(bidder.state)

    decide: dict[str, Any] = {"actor": cast.colleague.actor, "sale_id": sale.pk}
    sale_bidders.decide_bidder(**decide, bidder=row.public_id, admit=False, reason="No papers.")
    sale_bidders.record_deposit(**one, bidder=row.public_id, kind="received", amount=Decimal(600))
    sale_bidders.decide_bidder(**decide, bidder=row.public_id, admit=True)
    assert state_of(row) == "admitted" and row.reason == ""
    sale_bidders.record_deposit(**one, bidder=row.public_id, kind="returned", amount=Decimal(100))
    assert state_of(row) == "admitted", "the whole deposit is held"
    sale_bidders.record_deposit(
        **one, bidder=row.public_id, kind="returned", amount=Decimal("0.01")
    )
    assert state_of(row) == "applied"
    late = sale_bidders.apply_to_bid(actor=cast.rival.actor, sale_id=sale.pk)
    assert sale.deposit_until is not None
    with at(sale.ends_at - factories.MINUTE):
        one["moved_on"] = timezone.localdate(sale.ends_at)
        assert one["moved_on"] > timezone.localdate(sale.deposit_until)
        sale_bidders.record_deposit(
            **one, bidder=late.public_id, kind="received", amount=Decimal(500)
        )
        assert state_of(late) == "applied"
        with pytest.raises(Conflict) as told:
            sale_bidders.decide_bidder(**decide, bidder=late.public_id, admit=True)
    assert told.value.code == "deposit_late"


def test_a_result_is_signed_once_the_key_is_there(
    cast: Cast, settings: Any, tmp_path: Path
) -> None:
    settings.SEAL_KEYS_DIR = str(tmp_path / "keys")
    sale, _keys = announced(cast)
    with after(sale):
        sale_opening.move_sales()
    while jobs.drain():
        pass
    assert SaleResult.objects.get().signature == ""
    move_sales({})
    assert SaleResult.objects.get().signature == "", "there is no key yet"
    make_key_file(sale_results.MARKET_KEY)
    move_sales({})
    signed = SaleResult.objects.get()
    assert signed.signature and dt.datetime.now(dt.UTC) >= signed.signed_at  # type: ignore[operator]
    move_sales({})
    assert SaleResult.objects.get().signature == signed.signature
