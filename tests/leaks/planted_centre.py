"""Settings of the broker's institution and a scheme that it wrote, full of secrets."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.leaks.planted import Planted

INTERNAL = frozenset({"broker"})


def plant_centre(world: Planted) -> None:
    """An agreement that no room asks for yet, prices, and a scheme of distribution."""
    from deals.actions.centres import set_usual_prices, use_platform_nda, write_nda
    from deals.actions.own_schemes import approve_scheme, write_scheme
    from tests.deals.alliance.fees import second_owner

    cast, s = world.cast, world.secret
    one = {"actor": cast.broker.actor, "organisation_id": cast.tti.pk}
    text = write_nda(**one, texts={
        "title_en": s("agreement title", "Kittiwakean pledge", INTERNAL),
        "text_en": s("agreement text", "Nobody tells of Phalaropia.", INTERNAL), "binding": "en",
    })  # fmt: skip
    use_platform_nda(**one)  # what is planted otherwise opens rooms by the platform's text
    set_usual_prices(
        **one, facts={
            "currency": "CNY", "due": "signing", "minimum": Decimal("73219.46"),
            "tiers": [{"above": Decimal(0), "percent": Decimal("7.7319")}],
        },
    )  # fmt: skip
    world.secret("usual price", "7.7319", INTERNAL)
    world.secret("least fee", "73,219.46", INTERNAL)
    rule = {
        "name_en": s("scheme name", "Whimbrelic rule", INTERNAL),
        "valid_from": dt.date(2026, 1, 1), "rounding_to": "organisation",
        "deductions": [
            {"kind": "gross", "percent": Decimal(13), "name": s("levy", "Dunlinese", INTERNAL)}
        ],
        "tiers": [{
            "above": Decimal(0), "shares": {"inventors": Decimal(41), "organisation": Decimal(59)},
        }],
    }  # fmt: skip
    scheme = write_scheme(**one, facts=rule)
    approve_scheme(actor=second_owner(cast.tti), scheme_id=scheme.pk)
    world.id("nda", text.public_id)
    world.id("scheme", scheme.public_id)
    world.id("centre", cast.tti.public_id)
