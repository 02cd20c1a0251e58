"""The people of a test: everybody whose rights differ, ready to act by page, API or action.

Fast: four statements for all of them; sessions are made when a test first uses a `client`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django.test import Client
    from rest_framework.test import APIClient

    from accounts.models import Organisation, User
    from marketplace.core.actor import Actor

PASSWORD = "seven lanterns at noon"  # of everybody in the cast
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class Player:
    """One role: `user` (None for the visitor), `organisation`, `actor`, `client`, `api`."""

    def __init__(
        self, name: str, user: User | None, organisation: Organisation | None, secret: str
    ) -> None:
        self.name = name
        self.user = user
        self.organisation = organisation
        self.secret = secret

    def __repr__(self) -> str:
        return f"<{self.name}>"

    @cached_property
    def actor(self) -> Actor:
        """What the person may do; read once. After a change of rights, ask `fresh()`."""
        from accounts.queries import actor_for

        return actor_for(self.user, "en")

    def fresh(self) -> Actor:
        """The actor, read anew."""
        self.__dict__.pop("actor", None)
        return self.actor

    @cached_property
    def client(self) -> Client:
        """Django's test client, signed in just now (so that nothing asks for the password)."""
        from django.test import Client

        client = Client()
        if self.user is not None:
            client.force_login(self.user, backend=BACKEND)
            session = client.session
            session["account_authentication_methods_user"] = str(self.user.pk)
            session["account_authentication_methods"] = [
                {"method": "password", "at": time.time(), "reauthenticated": True}
            ]
            session.save()
        return client

    @cached_property
    def api(self) -> APIClient:
        """An API client with a token of all scopes; the visitor's has none."""
        from rest_framework.test import APIClient

        client = APIClient()
        if self.user is not None:
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {self.secret}")
        return client


@dataclass
class Cast:
    owner: Player  # owns `home`, a verified enterprise
    colleague: Player  # editor in `home`
    outsider: Player  # owns another verified organisation
    rival: Player  # editor in a verified competitor of `home`
    newcomer: Player  # signed in, belongs to no organisation
    claimant: Player  # owns an organisation that is not verified
    broker: Player  # broker (and owner) in a TTI
    registrar: Player  # registrar (and owner) at a registration point
    operator: Player
    moderator: Player
    visitor: Player
    home: Organisation
    outside: Organisation
    rivals: Organisation
    claim: Organisation
    tti: Organisation
    point: Organisation

    @property
    def everybody(self) -> dict[str, Player]:
        """By name, for tests that try a door with each of them."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Player)}


def _organisations() -> dict[str, Organisation]:
    from django.utils import timezone

    from accounts.models import Organisation

    now = timezone.now()
    rows: list[dict[str, Any]] = [
        {"key": "home", "kind": "domestic_enterprise", "region": "440305",
         "name_en": "Lantern Works", "name_zh": "灯笼工坊"},
        {"key": "outside", "kind": "higher_education", "region": "420111",
         "name_en": "Lakeside University", "name_zh": "湖畔大学"},
        {"key": "rivals", "kind": "domestic_enterprise", "region": "440306",
         "name_en": "Torch Works", "name_zh": "火炬工坊"},
        {"key": "claim", "kind": "domestic_enterprise", "region": "310115",
         "name_en": "Candle Works", "name_zh": "蜡烛工坊", "verified_at": None},
        {"key": "tti", "kind": "tti", "tti_type": "II", "region": "440305",
         "name_en": "Ferry Transfer Centre", "name_zh": "渡口转移中心"},
        {"key": "point", "kind": "government", "region": "440300",
         "name_en": "Harbour Registration Point", "name_zh": "港湾登记点",
         "is_registration_point": True},
    ]  # fmt: skip
    keys = [row.pop("key") for row in rows]
    made = Organisation.objects.bulk_create(
        [Organisation(**{"country": "CN", "verified_at": now, **row}) for row in rows]
    )
    return dict(zip(keys, made, strict=True))


@pytest.fixture
def cast(db: None) -> Cast:
    """The whole cast in a fresh database."""
    import datetime as dt

    from django.contrib.auth.hashers import make_password
    from django.utils import timezone

    from accounts.actions.tokens import new_secret
    from accounts.models import ApiToken, Membership, User
    from accounts.queries.tokens import digest
    from marketplace.core.api.permissions import SCOPES

    organisations = _organisations()
    hashed = make_password(PASSWORD)  # one quick hash for all: see PASSWORD_HASHERS
    parts: dict[str, tuple[str, list[str], dict[str, Any]]] = {
        "owner": ("home", ["owner"], {}),
        "colleague": ("home", ["editor"], {}),
        "outsider": ("outside", ["owner"], {}),
        "rival": ("rivals", ["editor"], {}),
        "newcomer": ("", [], {}),
        "claimant": ("claim", ["owner"], {}),
        "broker": ("tti", ["owner", "broker"], {}),
        "registrar": ("point", ["owner", "registrar"], {}),
        "operator": ("", [], {"is_operator": True}),
        "moderator": ("", [], {"is_moderator": True}),
    }
    users = User.objects.bulk_create(
        [
            User(email=f"{name}@cast.example", name=name.title(), password=hashed, **flags)
            for name, (_where, _roles, flags) in parts.items()
        ]
    )
    by_name = dict(zip(parts, users, strict=True))
    Membership.objects.bulk_create(
        [
            Membership(user=by_name[name], organisation=organisations[where], roles=roles)
            for name, (where, roles, _flags) in parts.items()
            if where
        ]
    )
    secrets = {name: new_secret() for name in parts}
    ApiToken.objects.bulk_create(
        [
            ApiToken(
                user=by_name[name],
                name="test",
                prefix=secret[:9],
                digest=digest(secret),
                scopes=list(SCOPES),
                expires_at=timezone.now() + dt.timedelta(days=1),
                # recent use, so that counting a test's queries does not meet the note of use
                last_used_at=timezone.now(),
            )
            for name, secret in secrets.items()
        ]
    )
    players = {
        name: Player(name, by_name[name], organisations.get(where), secrets[name])
        for name, (where, _roles, _flags) in parts.items()
    }
    return Cast(**players, visitor=Player("visitor", None, None, ""), **organisations)
