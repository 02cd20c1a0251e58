"""Renew the table of who may do what in a tender or auction from deals.sale_states."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from deals import sale_states as states

HEAD = """# Tenders and auctions

A sale of one technology, by sealed tender or by open ascending auction. This page is written by
`manage.py document_sales` from `deals/sale_states.py`, which every action asks under the lock of the
sale's row, with the state by the database's clock.

| role | who |
|---|---|
| poster | owners, editors and brokers of the technology's owner; brokers of an institution that holds its mandate |
| opener | the organisation that holds the second key of a tender |
| bidder | an admitted organisation: its owners, editors and brokers, and its proxies while they are in force |
| applicant | an organisation that was invited, has applied, or was not admitted |
| other | any verified organisation that is not tied to the sale |

Tied to a sale, so that they never bid: its seller, co-owners of the technology, institutions with a
mandate of the seller, the opener, and every person who belongs to one of them. An institution that
takes part already, or opens the bids, stays what it is when the seller gives it a mandate later. A
proxy counts while no organisation of the person applies or bids itself, and of several proxies of one
person in a sale the first. Roles are read anew from the database after the lock was taken.

## Who may do what

"""  # noqa: E501 (a row of a table is one line)
TAIL = """
## Moves

| move | from | to |
|---|---|---|
"""
END = """
`begin` and `close` follow the clock: a job stores them within a minute, and every page and action
goes by the clock before. A bid counts when the database's clock, read after the lock on the sale was
taken, lies before the end; so the order of bids is the order of their times, and their numbers have
no gap. An auction's bid within the last minutes moves the end, as often as the rules say.

## The end

1. An auction is decided at its end. A tender is opened by the opener's key, if there is an opener,
   then by the seller's, and is decided with that. Where a key is lost, bidders can be asked from 5
   days after the end on to show their receipts within 7 days; 14 days after the end the market asks
   them by itself. See
   [sealed bids](../decisions/0017-sealed-bids.md).
2. The highest bid wins, of equal ones the earlier. Below the reserve price nothing is sold.
3. Where the seller granted it, and the winner is none, the highest small or medium enterprise may
   match the price within the days of the rules.
4. The result is a document: facts as canonical JSON, their SHA-256, and an Ed25519 signature over
   those bytes by the market's key (`<SEAL_KEYS_DIR>/000000.pem`; without it results stay unsigned
   and say so). Bidders stand in it by number. Public keys: `/tenders/keys/`. Check one with
   `manage.py verify_sale_result FILE --key PEM`.

## Who reads what

| what | who |
|---|---|
| rules, that there is a reserve price | everybody who may know of the technology; of a sale for invited organisations only the invited |
| the reserve price | the seller; never others, the result says met or not met |
| names of bidders, deposits | the seller |
| bids of an auction, by number | bidders, the seller |
| number of bids, price | everybody, as far as the seller lets them |
| amounts of a tender | nobody before it is ranked; then, by number, the seller, the opener and those who bid; of a cancelled one nobody, so it is not cancelled once a bid was read |
"""  # noqa: E501 (as above)


def page() -> str:
    """The page as Markdown."""
    lines = ["| action | roles | states | kinds |", "|---|---|---|---|"]
    for action, rule in states.RULES.items():
        there = ", ".join(
            state if state in rule.states else f"{state} (tender)"
            for state in states.STATES
            if rule.holds_in(state, states.TENDER)
        )
        lines.append(
            f"| `{action}` | {', '.join(rule.roles)} | {there} | {', '.join(rule.kinds)} |"
        )
    moves = [
        f"| {name} | {', '.join(sorted(start))} | {end} |"
        for name, (start, end) in states.TRANSITIONS.moves.items()
    ]
    return HEAD + "\n".join(lines) + "\n" + TAIL + "\n".join(moves) + "\n" + END


class Command(BaseCommand):
    help = "Write docs/reference/sale-states.md from the table that actions ask."

    def handle(self, *args: Any, **options: Any) -> None:
        target = Path(settings.ROOT) / "docs" / "reference" / "sale-states.md"
        target.write_text(page(), encoding="utf-8")
        self.stdout.write(f"{len(states.RULES)} actions.")
