"""Who may do what in a sale: every cell of the table, through the actions themselves."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as project
from django.db import connection, transaction
from django.utils import timezone

from deals import sale_states as states
from deals.actions import sale_bidders, sale_bids, sale_opening, sale_results, sales
from deals.models import Sale, SaleBidder
from marketplace.core.errors import Conflict, DomainError, NotFound, Refused
from marketplace.management.commands.document_sales import page
from tests.deals.sales import factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from marketplace.core.actor import Actor
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
KEY = "AAAA"

DOING: dict[str, Callable[[dict[str, Any], str], object]] = {
    "write": lambda one, _row: sales.write_sale(**one, facts={"territory": "China"}),
    "discard": lambda one, _row: sales.discard_sale(**one),
    "take_key": lambda one, _row: sales.take_key(**one),
    "announce": lambda one, _row: sales.announce_sale(**one, opening_key=KEY),
    "cancel": lambda one, _row: sales.cancel_sale(**one, reason="Because"),
    "invite": lambda one, _row: sale_bidders.invite_bidder(**one, organisation="Nobody at all"),
    "apply": lambda one, _row: sale_bidders.apply_to_bid(**one),
    "admit": lambda one, row: sale_bidders.decide_bidder(**one, bidder=row, admit=True),
    "record_deposit": lambda one, row: sale_bidders.record_deposit(
        **one, bidder=row, kind="received", amount=Decimal(1), moved_on=timezone.localdate(),
        reference="A",
    ),
    "name_proxy": lambda one, _row: sale_bidders.name_proxy(
        **one, email="nobody@cast.example", valid_from=None, valid_until=None
    ),
    "bid": lambda one, _row: sale_bids.place_bid(**one, amount=Decimal(5000)),
    "seal": lambda one, _row: sale_bids.seal_bid(**one, amount=Decimal(5000)),
    "withdraw": lambda one, _row: sale_bids.withdraw_bid(**one),
    "open_bids": lambda one, _row: sale_opening.open_bids(**one, opening_key=KEY),
    "ask_to_reveal": lambda one, _row: sale_opening.ask_to_reveal(**one),
    "reveal": lambda one, _row: sale_opening.reveal_bid(**one, amount=Decimal(1), nonce="0"),
    "match": lambda one, _row: sale_opening.answer_match(**one, accept=True),
    "open_room": lambda one, _row: sale_results.open_sale_room(**one),
}  # fmt: skip


@pytest.mark.parametrize("kind", states.KINDS)
def test_every_cell_through_its_action(cast: Cast, kind: str) -> None:
    assert set(DOING) == set(states.RULES)
    told, wanted = {}, {}
    with connection.cursor() as cursor:  # states are set by hand here; undone with the test
        cursor.execute("ALTER TABLE deals_sale DISABLE TRIGGER sale_guarded")
    more = {"opener": cast.tti.public_id} if kind == "tender" else {}
    sale, _keys = factories.announced(cast, kind, **more)
    Sale.objects.filter(pk=sale.pk).update(last_bidder=2)
    row = SaleBidder.objects.create(
        sale=sale, organisation=cast.outside, number=1, state="admitted"
    )
    SaleBidder.objects.create(sale=sale, organisation=cast.rivals, number=2, state="applied")
    actors = {
        "poster": cast.colleague.actor, "opener": cast.broker.actor,
        "bidder": cast.outsider.actor, "applicant": cast.rival.actor,
        "other": cast.registrar.actor,
    }  # fmt: skip
    for role, actor in actors.items():
        held = role if (role, kind) != ("opener", "auction") else "other"
        for state in states.STATES:
            for action in states.RULES:
                rule = states.refusal(action, role=held, state=state, kind=kind)
                hidden = state == "draft" and held not in ("poster", "opener")
                cell = (role, state, action)
                wanted[cell] = "hidden" if hidden else rule
                told[cell] = outcome(action, sale, state, actor, row)

    assert told == wanted


def outcome(action: str, sale: Sale, state: str, actor: Actor, row: SaleBidder) -> str:
    """What the action answers in this cell; everything is taken back."""
    point = transaction.savepoint()
    try:
        facts: dict[str, Any] = {"state": state}
        if state == "decided":
            facts |= {"winner": row, "price": 5}
        Sale.objects.filter(pk=sale.pk).update(**facts)
        moment = {
            "draft": sale.starts_at, "announced": sale.announced_at, "open": sale.starts_at,
        }.get(state, sale.ends_at)  # fmt: skip
        assert moment is not None
        with factories.at(moment):
            try:
                DOING[action]({"actor": actor, "sale_id": sale.pk}, row.public_id)
            except NotFound:
                return "hidden"
            except (Refused, Conflict) as refusal:
                from_the_table = {"sale_role": "role", "not_admitted": "role", "sale_kind": "kind"}
                if refusal.code == f"sale_{state}":
                    return "state"
                # what lies behind the table: it let this through
                return from_the_table.get(refusal.code, "") if not _behind(refusal) else ""
            except DomainError:
                return ""
            return ""
    finally:
        transaction.savepoint_rollback(point)


def _behind(refusal: DomainError) -> bool:
    """The first refusal and "once" are told by the actions with the same code as the role."""
    return refusal.code == "applied" or "another bidder" in str(refusal)


def test_the_table_in_the_reference_is_what_the_command_writes() -> None:
    kept = Path(project.ROOT) / "docs" / "reference" / "sale-states.md"
    assert kept.read_text(encoding="utf-8") == page()
