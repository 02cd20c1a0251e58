"""Settings of cast.tti, which cast.broker owns, and a colleague of it who is a broker alone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.test import Client
from django.utils import timezone

from accounts.models import BrokerQualification
from accounts.queries import actor_for
from deals.actions.centres import set_people, write_nda
from deals.actions.own_schemes import approve_scheme, write_scheme
from tests.accounts.factories import person_in
from tests.cast import BACKEND

if TYPE_CHECKING:
    from accounts.models import User
    from deals.models import CentreNda, CentreSettings, OwnScheme
    from marketplace.core.actor import Actor
    from tests.cast import Cast

TEXTS = {
    "title_zh": "中心保密协议", "text_zh": "一、甲方保密。\n二、乙方保密。",
    "title_en": "Centre agreement", "text_en": "1. A keeps it.\n2. B keeps it.",
    "binding": "both",
}  # fmt: skip


def colleague(cast: Cast, *roles: str, name: str = "Lin Lan") -> tuple[User, Actor]:
    """Another person of the institution, by default a broker who owns nothing."""
    user: Any = person_in(cast.tti, *(roles or ("broker",)))
    user.name = name
    user.save(update_fields=["name"])
    return user, actor_for(user, "en")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def certified(user: User, **more: Any) -> BrokerQualification:
    return BrokerQualification.objects.create(
        user=user, number=f"TB-{user.pk}", issuer="Bureau",
        **{"issued_on": dt.date(2024, 1, 1), "expires_on": None, **more},
    )  # fmt: skip


def decided(cast: Cast, takers: str = "all", **more: Any) -> CentreSettings:
    return set_people(actor=cast.broker.actor, organisation_id=cast.tti.pk, takers=takers, **more)


def own_nda(cast: Cast, **more: Any) -> CentreNda:
    return write_nda(actor=cast.broker.actor, organisation_id=cast.tti.pk, texts={**TEXTS, **more})


def prices(**more: Any) -> dict[str, Any]:
    return {
        "currency": "CNY", "due": "receipts", "minimum": Decimal("8000"), "cap": Decimal("300000"),
        "costs_cap": Decimal("5000"),
        "tiers": [
            {"above": Decimal(0), "percent": Decimal("6")},
            {"above": Decimal(1_000_000), "percent": Decimal("2.5")},
        ],
        **more,
    }  # fmt: skip


def percent(**shares: str) -> dict[str, Decimal]:
    return {code: Decimal(value) for code, value in shares.items()}


def scheme_facts(**more: Any) -> dict[str, Any]:
    """10 % and costs off; 60 to inventors and 40 to the organisation, above a million half each."""
    return {
        "name_zh": "本校办法", "name_en": "Our rule", "valid_from": dt.date(2026, 1, 1),
        "currency": "CNY", "rounding_to": "organisation",
        "deductions": [
            {"kind": "gross", "percent": Decimal(10), "name": ""}, {"kind": "costs"},
        ],
        "tiers": [
            {"above": Decimal(0), "shares": percent(inventors="60", organisation="40")},
            {"above": Decimal(1_000_000), "shares": percent(inventors="50", organisation="50")},
        ],
        **more,
    }  # fmt: skip


def written(cast: Cast, of: OwnScheme | None = None, **more: Any) -> OwnScheme:
    """By home's colleague, who owns nothing."""
    return write_scheme(
        actor=cast.colleague.actor, organisation_id=cast.home.pk, facts=scheme_facts(**more),
        of=of.pk if of else None,
    )  # fmt: skip


def approved(cast: Cast, of: OwnScheme | None = None, **more: Any) -> OwnScheme:
    return approve_scheme(actor=cast.owner.actor, scheme_id=written(cast, of, **more).pk)


def today() -> dt.date:
    return timezone.localdate()
