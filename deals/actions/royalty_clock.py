"""Periods of royalty are opened once they are over, and reminded of. Both may run twice."""

import datetime as dt

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from accounts.queries.organisations import people_with
from contracts.models import ContractParty
from contracts.payment import WITH_ROYALTY
from contracts.schedule import royalty_periods, royalty_range
from contracts.states import REGISTERED
from deals import event_kinds, notices
from deals import royalty_states as states
from deals.actions.royalties import told_of
from deals.models import RoyaltyPeriod
from deals.queries.royalties import edition_on, has_royalty, licensor_ids
from deals.royalty_terms import year_of
from deals.rules import DAYS_TO_STATE, PARTY_ROLES
from events.actions import notify, record
from marketplace.core.actor import Actor

STEPS = (1, 30, 90)  # days late at which it is told, once each


def open_periods(today: dt.date | None = None) -> int:
    """Open what registered contracts make due: each period that is over, for each buyer on the
    platform. Returns how many are new.

    Reaches back to the beginning of the royalty's last year, so that a contract which comes with
    a history owes no statements of long ago, and a year is never counted in part.
    """
    today = today or timezone.localdate()
    last = RoyaltyPeriod.objects.filter(
        number=OuterRef("contract__number"), licensee=OuterRef("organisation")
    ).order_by("-ends_on")
    buyers = (
        ContractParty.objects.filter(
            role="buyer", organisation__isnull=False, contract__state=REGISTERED,
            contract__payment_mode__in=sorted(WITH_ROYALTY), contract__royalty__isnull=False,
        )
        .select_related("contract__royalty")
        .annotate(stated_to=Subquery(last.values("ends_on")[:1]))
        .order_by("pk")
    )  # fmt: skip
    return sum(_open_for(party, today) for party in buyers.iterator(chunk_size=500))


def _open_for(party: ContractParty, today: dt.date) -> int:
    contract, royalty = party.contract, party.contract.royalty
    start, end = royalty_range(contract, royalty)
    if start is None or start >= today:
        return 0
    this_year = year_of(min(today, end) if end else today, start, end)
    from_day = year_of(max(this_year.first - dt.timedelta(days=1), start), start, end).first
    stated_to: dt.date | None = party.stated_to  # type: ignore[attr-defined]
    made = 0
    for first, last in royalty_periods(contract, royalty):
        if last >= today:
            break
        if stated_to is not None:
            # other terms may have cut the time otherwise: no day is stated twice, none left out
            if last <= stated_to:
                continue
            first = max(first, stated_to + dt.timedelta(days=1))
        elif first < from_day:
            continue
        made += _open_one(party, first, last)
    return made


def _open_one(party: ContractParty, first: dt.date, last: dt.date) -> int:
    number, licensee_id = party.contract.number, party.organisation_id
    edition = edition_on(number, last) if number else None
    if edition is None or licensee_id is None or not has_royalty(edition):
        return 0
    if not edition.parties.filter(role="buyer", organisation=licensee_id).exists():
        return 0  # it came in by an amendment after this period
    with transaction.atomic():
        period, is_new = RoyaltyPeriod.objects.get_or_create(
            number=number, licensee_id=licensee_id, ends_on=last,
            defaults={
                "contract": edition, "starts_on": first,
                "due_on": last + dt.timedelta(days=DAYS_TO_STATE),
            },
        )  # fmt: skip
        if is_new:
            record(
                event_kinds.ROYALTY_OPENED, actor=Actor.system(), obj=period,
                organisation_ids=[licensee_id, *licensor_ids(period)],
            )  # fmt: skip
            notify(
                people_with(licensee_id, *PARTY_ROLES), notices.ROYALTY_DUE,
                url=period.get_absolute_url(), params=told_of(period),
                key=f"royalty-due-{period.public_id}",
            )  # fmt: skip
    return int(is_new)


def remind_of_statements(today: dt.date | None = None) -> int:
    """Tell both sides of a statement that is late, once for each step; the licensor of what is
    missing, the licensee of what it owes. Returns how many are late."""
    today = today or timezone.localdate()
    rows = RoyaltyPeriod.objects.filter(state=states.DUE, due_on__lt=today)
    late = 0
    for period in rows.select_related("contract").order_by("pk").iterator(chunk_size=500):
        step = max(one for one in STEPS if one <= (today - period.due_on).days)
        with transaction.atomic():
            for organisation_id in (period.licensee_id, *licensor_ids(period)):
                notify(
                    people_with(organisation_id, *PARTY_ROLES), notices.ROYALTY_LATE,
                    url=period.get_absolute_url(), params=told_of(period),
                    key=f"royalty-late-{period.public_id}-{step}",
                )  # fmt: skip
        late += 1
    return late
