"""Service figures of the demo market's institutions: the last years, half of them named, two of
them public, and the lead of the alliance that asks its members for some."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Alliance, Membership, Organisation
from accounts.queries import actor_for
from deals.actions.frames import accept_frame, set_frame
from deals.actions.service_reports import submit_report, write_report
from deals.models import AllianceFrame, ServiceReport
from deals.queries.frames import own_members
from deals.service_figures import INCOME
from insights.institutions import last_due, publish
from marketplace.core.actor import Actor
from marketplace.demo.names import stable_id
from marketplace.demo.parties import Parties

ALLIANCE = "bay-relay"
CODES = ("deals", "activities", "trainings", "enterprises", "needs", "income")


@dataclass(frozen=True, slots=True)
class Told:
    """Amounts in ten thousands of yuan. revenue: technical, programme, business, other; rights:
    inventions, utility models, software; held: activities, trainings; served: enterprises,
    needs."""

    key: str
    is_named: bool
    revenue: tuple[int, int, int, int]
    spent: int
    staff: tuple[int, int]
    rights: tuple[int, int, int]
    deals: int
    amount: int
    held: tuple[int, int]
    served: tuple[int, int]


REPORTS = (
    Told("bay-area-ttc", False, (1260, 45, 60, 1640), 2210, (9, 14), (2, 0, 1),
         214, 18200, (12, 9), (1860, 2440)),
    Told("central-plains-ttc", False, (830, 120, 210, 460), 1385, (6, 11), (0, 1, 4),
         126, 9650, (8, 14), (920, 1170)),
    Told("qiaoliang-brokers", False, (212, 18, 12, 144), 348, (5, 3), (0, 0, 0),
         58, 4120, (15, 6), (137, 92)),
    Told("suxi-transfer", True, (168, 0, 0, 96), 241, (4, 2), (0, 0, 0),
         41, 2380, (9, 4), (88, 61)),
    Told("binhai-tto", True, (2140, 2310, 2330, 830), 7520, (7, 19), (47, 27, 5),
         83, 13400, (6, 8), (154, 163)),
    Told("jinniu-exchange", True, (93, 214, 0, 1094), 1318, (3, 16), (0, 0, 0),
         196, 3150, (14, 5), (2050, 355)),
)  # fmt: skip
WAN = Decimal(10_000)


@transaction.atomic
def load_service_figures(parties: Parties) -> None:
    """What is missing."""
    last = timezone.localdate().year - 1
    due = last_due()  # last, or in the first half of a year the one before
    years = range(due - 1, last + 1)
    for told in REPORTS:
        institution = parties.organisations.get(told.key)
        owner = _owner(institution) if institution else None
        if institution is None or owner is None:
            continue
        for year in years:
            percent = 100 - 12 * (last - year)
            if not ServiceReport.objects.filter(institution=institution, year=year).exists():
                _report(owner, institution, year, told, percent)
    for year in years:
        publish(year)
    _ask()


def _report(owner: Actor, institution: Organisation, year: int, told: Told, percent: int) -> None:
    """percent: of the figures above."""

    def much(value: int) -> Decimal:
        return (value * WAN * percent / 100).quantize(Decimal("0.01"))

    def many(value: int) -> int:
        return value * percent // 100

    facts: dict[str, Any] = {
        **{name: much(value) for name, value in zip(INCOME, told.revenue, strict=True)},
        "expenditure": much(told.spent),
        "staff_brokers": told.staff[0], "staff_others": told.staff[1],
        "ip_invention": many(told.rights[0]), "ip_utility_model": many(told.rights[1]),
        "ip_software": many(told.rights[2]),
        "deals": many(told.deals), "deal_amount": much(told.amount),
        "activities": many(told.held[0]), "trainings": many(told.held[1]),
        "enterprises": many(told.served[0]), "needs": many(told.served[1]),
        "is_named": told.is_named,
    }  # fmt: skip
    draft = write_report(actor=owner, institution_id=institution.pk, year=year, facts=facts)
    submit_report(actor=owner, report_id=draft.pk)


def _ask() -> None:
    """The lead asks, and the first member accepts."""
    alliance = Alliance.objects.filter(public_id=stable_id("alliance", ALLIANCE)).first()
    if alliance is None or AllianceFrame.objects.filter(alliance=alliance).exists():
        return
    lead = _owner(alliance.lead)
    if lead is None:
        return
    frame = set_frame(actor=lead, alliance_id=alliance.pk, codes=CODES)
    for member in Organisation.objects.filter(alliance_memberships__alliance=alliance, kind="tti"):
        owner = _owner(member)
        if owner is not None and member in own_members(owner, alliance):
            accept_frame(
                actor=owner, alliance_id=alliance.pk, organisation=member.public_id,
                number=frame.number,
            )  # fmt: skip
            return


def _owner(organisation: Organisation) -> Actor | None:
    found = (
        Membership.objects.filter(organisation=organisation, roles__contains=["owner"])
        .select_related("user").order_by("pk").first()
    )  # fmt: skip
    return actor_for(found.user, "zh-hans") if found else None
