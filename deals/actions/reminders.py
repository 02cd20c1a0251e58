"""Tell an organisation of payments that are late under contracts whose income it keeps."""

import datetime as dt

from django.db.models import Q
from django.utils import timezone

from accounts.queries.organisations import people_with
from contracts import states as contract_states
from contracts.models import Contract
from deals import notices
from deals.models import IncomeAccount
from deals.queries.dues import LATE, dues_of
from deals.queries.income import edition_of, paid
from deals.rules import PARTY_ROLES
from events.actions import notify

STEPS = (1, 30, 90)  # days late at which it is told, once each


def remind_of_payments(today: dt.date | None = None) -> int:
    """Tell who acts for the organisation, once for each sum and step. Returns how many sums are
    late; safe to run again, since a notice is known by its key."""
    today = today or timezone.localdate()
    past = Q(instalments__due_on__lt=today) | Q(royalty__entry_fee_on__lt=today)
    contracts = Contract.objects.filter(past, state=contract_states.REGISTERED)
    accounts = IncomeAccount.objects.filter(number__in=contracts.values("number"))
    late = 0
    for account in accounts.select_related("contract").iterator(chunk_size=500):
        people = people_with(account.organisation_id, *PARTY_ROLES)
        contract = account.contract
        for due in dues_of(edition_of(account), paid(account), today, account.currency):
            if due.state != LATE or due.on is None:
                continue
            days = (today - due.on).days
            step = max(one for one in STEPS if one <= days)
            notify(
                people, notices.PAYMENT_LATE, url=f"{account.get_absolute_url()}#dues",
                params={
                    "title_en": contract.title_en, "title_zh": contract.title_zh,
                    "due": due.on.isoformat(),
                },
                key=f"late-{account.public_id}-{due.key}-{due.on.isoformat()}-{step}",
            )  # fmt: skip
            late += 1
    return late
