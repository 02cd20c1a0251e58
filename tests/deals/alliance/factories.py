"""An alliance of cast.tti, a second institution and a third, and referrals made by the actions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts.models import AllianceMember
from accounts.queries import actor_for
from deals.actions.agreements import answer_split
from deals.actions.case_parts import add_client, add_contact, write_note
from deals.actions.referrals import claim_referral, confirm_claim, publish_referral
from deals.queries.referrals import proposed
from tests.accounts.factories import AllianceFactory, OrganisationFactory, person_in
from tests.deals.cases.factories import opened

if TYPE_CHECKING:
    from accounts.models import Alliance, Organisation, User
    from deals.models import Case, Referral
    from marketplace.core.actor import Actor
    from tests.cast import Cast

SECRET = "the client wants out of its lease"


@dataclass
class Allied:
    """cast.tti leads; `second` and `third` are members, each with a broker who owns it."""

    alliance: Alliance
    second: Organisation
    third: Organisation
    second_user: User
    third_user: User
    second_broker: Actor
    third_broker: Actor

    def fresh(self) -> None:
        self.second_broker = actor_for(self.second_user, "en")
        self.third_broker = actor_for(self.third_user, "en")


def allied(cast: Cast) -> Allied:
    alliance: Any = AllianceFactory(lead=cast.tti, name_en="Delta Alliance", name_zh="三角洲联盟")
    second: Any = OrganisationFactory(tti=True, name_en="Second Centre", name_zh="二号中心")
    third: Any = OrganisationFactory(tti=True, name_en="Third Centre", name_zh="三号中心")
    users = []
    for one in (second, third):
        AllianceMember.objects.create(alliance=alliance, organisation=one, state="member")
        users.append(person_in(one, "owner", "broker"))
    return Allied(
        alliance, second, third, users[0], users[1],
        actor_for(users[0], "en"), actor_for(users[1], "en"),
    )  # fmt: skip


def client_case(cast: Cast, **facts: Any) -> Case:
    """A case with a client, a contact and an internal note that nobody else may ever read."""
    case = opened(cast, **facts)
    one = {"actor": cast.broker.actor, "case_id": case.pk}
    add_client(**one, name="Kiln Works")
    add_contact(**one, name="Mei Sun", mail="mei@kiln.example")
    write_note(**one, body=SECRET)
    case.refresh_from_db()
    return case


def facts(**more: Any) -> dict[str, Any]:
    return {
        "title": "Ceramic coating wanted", "words": "For 300 °C, in the delta.",
        "seeks": "provider", "mode": "hand_over", "choice": "first",
        "referring_percent": Decimal("40"), "closing_percent": Decimal("60"),
        "claim_by": timezone.localdate() + dt.timedelta(days=14), "report_days": 30, **more,
    }  # fmt: skip


def published(cast: Cast, group: Allied, case: Case | None = None, **more: Any) -> Referral:
    case = case or client_case(cast)
    return publish_referral(
        actor=cast.broker.actor, case_id=case.pk, alliance=group.alliance.public_id,
        facts=facts(**more),
    )  # fmt: skip


def claimed(cast: Cast, group: Allied, **more: Any) -> Referral:
    referral = published(cast, group, **more)
    claim_referral(actor=group.second_broker, referral_id=referral.pk, accepts_split=True)
    referral.refresh_from_db()
    return referral


def carried(cast: Cast, group: Allied, **more: Any) -> Referral:
    """By the second institution."""
    referral = claimed(cast, group, **more)
    return confirm_claim(
        actor=cast.broker.actor, referral_id=referral.pk, claim=referral.claims.get().public_id
    )


def late(referral: Referral) -> Referral:
    """As if the report had been due yesterday."""
    referral.report_by = timezone.localdate() - dt.timedelta(days=1)
    referral.save(update_fields=["report_by"])
    return referral


def waiting(referral: Referral) -> int:
    """The number of the split that waits for the other side."""
    return proposed(referral).number  # type: ignore[union-attr]


def accept_split(actor: Actor, referral: Referral) -> None:
    answer_split(
        actor=actor, referral_id=referral.pk, number=waiting(referral), accept=True
    )  # fmt: skip
