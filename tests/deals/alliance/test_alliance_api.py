"""Referrals and fees by API: the same actions, scopes of their own, and nothing of the case."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiToken
from accounts.queries.tokens import digest
from deals.models import Case, Referral
from marketplace.core.api.permissions import SCOPES
from tests.deals.alliance import factories
from tests.deals.alliance.factories import SECRET

if TYPE_CHECKING:
    from accounts.models import User
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
REFERRALS, FEES = "/api/v1/referrals/", "/api/v1/commission-statements/"


def api_of(user: User, scopes: list[str] | None = None) -> APIClient:
    secret = f"yz_test_{user.pk}_{len(scopes or [])}"
    ApiToken.objects.create(
        user=user, name="test", prefix=secret[:9], digest=digest(secret),
        scopes=scopes or list(SCOPES), expires_at=timezone.now() + dt.timedelta(days=1),
    )  # fmt: skip
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def test_from_an_offer_to_an_approved_statement(cast: Cast) -> None:
    group = factories.allied(cast)
    case = factories.client_case(cast)
    ours, theirs = cast.broker.api, api_of(group.second_user)
    facts: dict[str, Any] = {
        **factories.facts(), "case": case.public_id, "alliance": group.alliance.public_id,
    }  # fmt: skip
    wrong = ours.post(REFERRALS, {**facts, "closing_percent": "59.99"}, format="json")
    assert wrong.status_code == 400 and "99.99%" in wrong.content.decode()
    assert theirs.post(REFERRALS, facts, format="json").status_code == 404
    made = ours.post(REFERRALS, facts, format="json")
    assert made.status_code == 201, made.content
    one = f"{REFERRALS}{made.json()['id']}/"
    shown = theirs.get(one)
    assert shown.json()["carrier"] is None and "Kiln" not in shown.content.decode()
    assert cast.owner.api.get(one).status_code == 404
    claim = theirs.post(f"{one}claim/", {"accepts_split": True}, format="json")
    assert claim.status_code == 201
    third = api_of(group.third_user)
    assert third.post(f"{one}claim/", {"accepts_split": True}, format="json").status_code == 409
    named = {"claim": claim.json()["id"]}
    assert third.post(f"{one}confirm/", named, format="json").status_code == 403
    stale = ours.post(f"{one}confirm/", named, format="json", HTTP_IF_MATCH='"9"')
    assert stale.status_code == 412
    assert ours.post(f"{one}confirm/", named, format="json").json()["state"] == "carried"
    assert theirs.post(f"{one}reports/", {"body": "We met."}, format="json").status_code == 201
    assert len(ours.get(f"{one}reports/").json()) == 1
    assert third.get(f"{one}reports/").json() == [] == third.get(f"{one}splits/").json()
    assert third.get(f"{one}claims/").json() == []
    half = {"referring_percent": "50", "closing_percent": "50"}
    assert theirs.post(f"{one}splits/", half, format="json").status_code == 201
    yes = {"number": factories.waiting(Referral.objects.get()), "accept": True}
    assert ours.post(f"{one}answer-split/", yes, format="json").status_code == 200
    carried = Case.objects.get(organisation=group.second)
    terms = {
        "case": carried.public_id, "client": "Kiln Works", "signed_on": "2026-03-01",
        "currency": "CNY", "due": "signing", "costs_cap": "100",
        "tiers": [{"above": "0", "percent": "5"}],
    }  # fmt: skip
    agreed = theirs.post("/api/v1/brokerage/", terms, format="json")
    assert agreed.status_code == 200, agreed.content
    terms_at = f"/api/v1/brokerage/{agreed.json()['id']}/"
    assert ours.get(terms_at).status_code == 404
    costs = {"costs": "10", "costs_for": "Post"}
    drafted = theirs.post(f"{terms_at}draft-statement/", costs, format="json")
    assert drafted.status_code == 201 and drafted.json()["total"] == "10.00"
    row = f"{FEES}{drafted.json()['id']}/"
    assert ours.get(row).status_code == 404
    assert theirs.post(f"{row}approve/").status_code == 403
    told = str([theirs.get(REFERRALS).json(), ours.get(REFERRALS).json(), theirs.get(row).json()])
    assert SECRET not in told
    assert theirs.post(f"{row}discard/").status_code == 204


def test_scopes(cast: Cast) -> None:
    group = factories.allied(cast)
    factories.published(cast, group)
    reader = api_of(group.second_user, ["referrals:read"])
    assert reader.get(REFERRALS).json()["results"]
    assert reader.get(FEES).status_code == 403
    one = f"{REFERRALS}{reader.get(REFERRALS).json()['results'][0]['id']}/"
    assert reader.post(f"{one}claim/", {"accepts_split": True}, format="json").status_code == 403
    assert APIClient().get(REFERRALS).status_code == 401
