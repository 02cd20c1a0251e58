"""What has happened in the demo market: contracts now, answers when the matcher is through."""

from django.db import transaction

from marketplace.core.jobs import enqueue
from marketplace.demo.answers import JOB
from marketplace.demo.parties import Parties
from marketplace.demo.registrations import load_contracts


def load_history(parties: Parties) -> None:
    """Add what is missing; the answers are played once, when the market is first loaded."""
    if load_contracts(parties):
        with transaction.atomic():
            enqueue(JOB, {}, key="once", delay=10)
