"""What the demo broker's institution decided for itself, and an own scheme of the demo supplier."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.queries import actor_for
from deals.actions.centres import set_people, set_usual_prices, set_usual_split
from deals.actions.own_schemes import approve_scheme, write_scheme
from deals.models import CentreSettings, OwnScheme
from marketplace.demo.parties import Parties

INSTITUTION, DIRECTOR = "bay-area-ttc", "bay-area-director"
HOUSE, CLERK, OWNER = "nanshan-institute-materials", "nanshan-licensing", "supplier"
PRICES: dict[str, Any] = {
    "currency": "CNY", "due": "receipts", "minimum": Decimal(20_000), "cap": Decimal(600_000),
    "costs_cap": Decimal(15_000),
    "tiers": [
        {"above": Decimal(0), "percent": Decimal(6)},
        {"above": Decimal(1_000_000), "percent": Decimal(4)},
        {"above": Decimal(5_000_000), "percent": Decimal("2.5")},
    ],
}  # fmt: skip
SCHEME: dict[str, Any] = {
    "name_zh": "南山院成果收益分配办法", "name_en": "Nanshan rule on licence income",
    "valid_from": dt.date(2026, 1, 1), "currency": "CNY", "rounding_to": "organisation",
    "deductions": [
        {"kind": "gross", "percent": Decimal(8), "name": ""}, {"kind": "costs"},
    ],
    "tiers": [
        {
            "above": Decimal(0),
            "shares": {"inventors": Decimal(70), "organisation": Decimal(30)},
        },
        {
            "above": Decimal(3_000_000),
            "shares": {
                "inventors": Decimal(60), "laboratory": Decimal("12.5"),
                "organisation": Decimal("27.5"),
            },
        },
    ],
}  # fmt: skip


@transaction.atomic
def load_centres(parties: Parties) -> None:
    """What is missing; settings that somebody changed stay."""
    institution, house = parties.organisations[INSTITUTION], parties.organisations[HOUSE]
    director, clerk = parties.people.get(DIRECTOR), parties.people.get(CLERK)
    if director and not CentreSettings.objects.filter(organisation=institution).exists():
        one: dict[str, Any] = {
            "actor": actor_for(director, "zh-hans"), "organisation_id": institution.pk,
        }  # fmt: skip
        set_usual_prices(**one, facts=PRICES)
        set_usual_split(**one, referring_percent=Decimal(35))
        set_people(**one, takers="all", pipeline_code="need_brokerage")
    if clerk and not OwnScheme.objects.filter(organisation=house).exists():
        row = write_scheme(
            actor=actor_for(clerk, "zh-hans"), organisation_id=house.pk, facts=SCHEME
        )
        approve_scheme(actor=actor_for(parties.people[OWNER], "zh-hans"), scheme_id=row.pk)
