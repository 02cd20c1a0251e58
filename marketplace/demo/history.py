"""What has happened in the demo market: contracts; matches follow as listings are indexed."""

from marketplace.demo.parties import Parties
from marketplace.demo.registrations import load_contracts


def load_history(parties: Parties) -> None:
    load_contracts(parties)
