"""Organisations, people and alliances of the demo market."""

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import (
    Alliance,
    AllianceMember,
    BrokerQualification,
    Membership,
    Organisation,
    User,
)
from marketplace.demo.names import MAIL_DOMAIN, days_ago, read, stable_id


@dataclass
class Parties:
    """What later steps look up by key."""

    organisations: dict[str, Organisation] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)


def load_parties() -> Parties:
    """Create what is missing, leave alone what is there; returns everything by key."""
    parties = Parties()
    for row in read("organisations.yaml"):
        parties.organisations[row["key"]] = _organisation(row)
    password = make_password(settings.DEMO_PASSWORD)
    for row in read("people.yaml"):
        parties.people[row["key"]] = _person(row, parties, password)
    _owners_of_the_rest(parties, password)
    for row in read("alliances.yaml"):
        _alliance(row, parties)
    return parties


def _organisation(row: dict[str, Any]) -> Organisation:
    key = row["key"]
    digits = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=6).digest(), "big")
    organisation, _created = Organisation.objects.get_or_create(
        public_id=stable_id("organisation", key),
        defaults={
            "kind": row["kind"],
            "name_en": row["en"],
            "name_zh": row["zh"],
            "about_en": row.get("about_en", ""),
            "about_zh": row.get("about_zh", ""),
            "country": row.get("country", "CN"),
            "region": row.get("region", ""),
            "registration_code": f"DEMO{digits:014d}",
            "field_codes": row.get("fields", []),
            "tti_type": row.get("tti_type", ""),
            "is_registration_point": row.get("registration_point", False),
            "is_trusted": True,
            "verified_at": days_ago(240),
        },
    )
    return organisation


def _person(row: dict[str, Any], parties: Parties, password: str) -> User:
    user, created = User.objects.get_or_create(
        email=f"{row['key']}@{MAIL_DOMAIN}",
        defaults={
            "public_id": stable_id("person", row["key"]),
            "name": row["name"],
            "language": row["language"],
            "is_operator": row.get("operator", False),
            "is_moderator": row.get("moderator", False),
            "password": password,
        },
    )
    if created:
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    for key, roles in row.get("member", {}).items():
        Membership.objects.get_or_create(
            user=user, organisation=parties.organisations[key], defaults={"roles": roles}
        )
        if "broker" in roles:
            BrokerQualification.objects.get_or_create(
                user=user,
                number=f"DEMO-{user.public_id[:6]}",
                defaults={
                    "issuer": "演示技术经纪人考评中心",
                    "issued_on": (timezone.now() - dt.timedelta(days=500)).date(),
                    "expires_on": (timezone.now() + dt.timedelta(days=600)).date(),
                },
            )
    return user


def _owners_of_the_rest(parties: Parties, password: str) -> None:
    """Every organisation has somebody who answers: an owner named after it."""
    owned = set(
        Membership.objects.filter(roles__contains=["owner"]).values_list(
            "organisation_id", flat=True
        )
    )
    for key, organisation in parties.organisations.items():
        if organisation.pk not in owned:
            row = {"key": f"{key}-owner", "name": f"{organisation.name_zh}联系人",
                   "language": "zh-hans", "member": {key: ["owner"]}}  # fmt: skip
            parties.people[row["key"]] = _person(row, parties, password)  # type: ignore[index]


def _alliance(row: dict[str, Any], parties: Parties) -> None:
    lead = parties.organisations[row["lead"]]
    alliance, _created = Alliance.objects.get_or_create(
        public_id=stable_id("alliance", row["key"]),
        defaults={
            "name_en": row["en"],
            "name_zh": row["zh"],
            "about_en": row["about_en"],
            "about_zh": row["about_zh"],
            "referral_rules": row["rules"],
            "lead": lead,
        },
    )
    for key in [row["lead"], *row["members"]]:
        AllianceMember.objects.get_or_create(
            alliance=alliance,
            organisation=parties.organisations[key],
            defaults={"state": AllianceMember.State.MEMBER},
        )
