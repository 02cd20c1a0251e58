"""Reports of cast.tti, written by its owner cast.broker through the actions themselves."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from deals.actions.service_reports import submit_report, write_report

if TYPE_CHECKING:
    from accounts.models import Organisation
    from deals.models import ServiceReport
    from marketplace.core.actor import Actor
    from tests.cast import Cast


def last_year() -> int:
    return timezone.localdate().year - 1


def facts(**more: Any) -> dict[str, Any]:
    """Every figure that a submission asks for. Revenue: 1,000.50 + 300 + 200 + 99.50 = 1,600."""
    return {
        "income_technical": Decimal("1000.50"), "income_programme": Decimal(300),
        "income_business": Decimal(200), "income_other": Decimal("99.50"),
        "expenditure": Decimal(1500), "staff_brokers": 4, "staff_others": 6,
        "ip_invention": 35, "ip_utility_model": 67, "ip_software": 52,
        "deals": 3, "deal_amount": Decimal("900000.25"), "activities": 2, "trainings": 1,
        "enterprises": 40, "needs": 50, **more,
    }  # fmt: skip


def drafted(
    cast: Cast, year: int | None = None, *, actor: Actor | None = None,
    institution: Organisation | None = None, **more: Any,
) -> ServiceReport:  # fmt: skip
    return write_report(
        actor=actor or cast.broker.actor, institution_id=(institution or cast.tti).pk,
        year=year or last_year(), facts=facts(**more),
    )  # fmt: skip


def submitted(
    cast: Cast, year: int | None = None, *, actor: Actor | None = None,
    institution: Organisation | None = None, **more: Any,
) -> ServiceReport:  # fmt: skip
    draft = drafted(cast, year, actor=actor, institution=institution, **more)
    return submit_report(actor=actor or cast.broker.actor, report_id=draft.pk)
