"""What has happened in the demo market: answers, introductions, contracts."""

from marketplace.demo.parties import Parties


def load_history(parties: Parties) -> None:
    return None
