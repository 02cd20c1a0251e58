"""Personal API tokens: made once, kept as a hash, refused when they should be."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.actions.tokens import create_token, revoke_token
from accounts.models import ApiToken
from accounts.queries import tokens
from events.models import Event
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid, NotFound
from tests.accounts.factories import UserFactory
from tests.cast import Cast

ME = "/api/v1/me/"


def make(cast: Cast, **given):
    return create_token(
        actor=cast.owner.actor, name="Sync", scopes=given.pop("scopes", ["profile:read"]), **given
    )


def api(secret: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def test_a_new_token_has_its_form_and_only_its_peppered_hash_is_stored(cast: Cast, settings):
    token, secret = make(cast)
    assert re.fullmatch(r"yz_[a-z2-7]{32,}", secret)
    token.refresh_from_db()
    stored = str(ApiToken.objects.filter(pk=token.pk).values().get())
    assert secret not in stored
    assert secret.startswith(token.prefix)
    assert len(token.prefix) < 12
    settings.TOKEN_PEPPER = "another pepper"
    assert tokens.find_valid(secret) is None


def test_a_token_opens_the_api_with_its_scopes_only(cast: Cast):
    _token, secret = make(cast, scopes=["profile:read"])
    assert api(secret).get(ME).status_code == 200
    answer = api(secret).patch(ME, {"name": "Other"}, format="json")
    assert answer.status_code == 403
    assert answer.json()["code"] == "scope_missing"
    cast.owner.user.refresh_from_db()
    assert cast.owner.user.name == "Owner"


@pytest.mark.parametrize("way", ["expired", "revoked", "unknown", "closed", "mangled"])
def test_a_token_that_is_no_longer_good_is_refused(cast: Cast, way: str):
    token, secret = make(cast)
    if way == "expired":
        ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
    elif way == "revoked":
        revoke_token(actor=cast.owner.actor, token_id=token.pk)
    elif way == "unknown":
        secret = "yz_" + "a" * 40
    elif way == "closed":
        cast.owner.user.is_active = False
        cast.owner.user.save()
    else:
        secret = secret[:-1] + "\x00"
    answer = api(secret).get(ME)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "invalid_token"


def test_a_token_works_only_from_its_networks_and_a_forged_header_does_not_help(cast: Cast):
    _token, secret = make(cast, allowed_networks=["203.0.113.0/24"])
    client = api(secret)
    assert client.get(ME, REMOTE_ADDR="203.0.113.9").status_code == 200
    answer = client.get(ME, REMOTE_ADDR="198.51.100.1", HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert answer.status_code == 401
    assert answer.json()["code"] == "network_not_allowed"


def test_use_is_noted_at_most_once_a_minute(cast: Cast, time_machine):
    time_machine.move_to("2026-03-01T10:00:00Z", tick=False)
    token, secret = make(cast)
    times = []
    for moment in ("10:00:00", "10:00:30", "10:00:59", "10:01:01"):
        time_machine.move_to(f"2026-03-01T{moment}Z", tick=False)
        api(secret).get(ME)
        token.refresh_from_db()
        times.append(token.last_used_at.strftime("%H:%M:%S"))
    assert times == ["10:00:00", "10:00:00", "10:00:00", "10:01:01"]


def test_authentication_by_token_costs_two_queries(cast: Cast, django_assert_num_queries):
    client = cast.owner.api
    with django_assert_num_queries(4):  # token, memberships; person, own memberships of the answer
        client.get(ME)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"allowed_networks": ["300.1.1.1"]}, "allowed_networks"),
        ({"allowed_networks": ["10.0.0.0/8"] * 21}, "allowed_networks"),
        ({"expires_at": "past"}, "expires_at"),
        ({"expires_at": "far"}, "expires_at"),
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "a\x00b"}, "name"),
    ],
)
def test_a_wrong_wish_is_refused_on_its_field_and_makes_nothing(cast: Cast, given, field):
    before = ApiToken.objects.count()
    moments = {"past": timezone.now(), "far": timezone.now() + dt.timedelta(days=400)}
    given = {"name": "Sync", "scopes": ["profile:read"], **given}
    if "expires_at" in given:
        given["expires_at"] = moments[given["expires_at"]]
    with pytest.raises(Invalid) as refusal:
        create_token(actor=cast.owner.actor, **given)
    assert field in refusal.value.fields
    assert ApiToken.objects.count() == before


def test_a_token_without_a_wish_ends_after_ninety_days(cast: Cast):
    token, _secret = make(cast)
    assert dt.timedelta(days=89) < token.expires_at - timezone.now() <= dt.timedelta(days=90)


def test_a_token_cannot_make_a_stronger_token(cast: Cast):
    _token, secret = make(cast, scopes=["profile:read", "profile:write"])
    wish = {"name": "Stronger", "scopes": ["listings:write"]}
    answer = api(secret).post("/api/v1/me/tokens/", wish, format="json")
    assert answer.status_code == 400
    assert not ApiToken.objects.filter(name="Stronger").exists()


def test_the_api_shows_the_secret_once_and_revokes(cast: Cast):
    wish = {"name": "By API", "scopes": ["listings:read"], "allowed_networks": ["10.1.2.3"]}
    answer = cast.owner.api.post("/api/v1/me/tokens/", wish, format="json")
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    made = answer.json()
    assert made["allowed_networks"] == ["10.1.2.3/32"]
    rows = cast.owner.api.get("/api/v1/me/tokens/").json()["results"]
    assert made["secret"] not in str(rows)
    assert cast.outsider.api.delete(f"/api/v1/me/tokens/{made['id']}/").status_code == 404
    assert cast.owner.api.delete(f"/api/v1/me/tokens/{made['id']}/").status_code == 204
    assert tokens.find_valid(made["secret"]) is None


def test_nobody_sees_or_ends_the_token_of_another(cast: Cast):
    token, secret = make(cast)
    for player in (cast.colleague, cast.operator, cast.visitor):
        assert not tokens.visible_to(player.actor).filter(pk=token.pk).exists()
    with pytest.raises(NotFound):
        revoke_token(actor=cast.operator.actor, token_id=token.pk)
    assert tokens.find_valid(secret) is not None


def test_the_page_shows_the_secret_in_the_answer_alone_and_is_not_kept(cast: Cast):
    wish = {"name": "By page", "scopes": ["listings:read"], "days": "30", "networks": ""}
    answer = cast.owner.client.post(reverse("api_tokens"), wish)
    secret = re.search(r"yz_[a-z2-7]{40}", answer.content.decode())[0]
    assert tokens.find_valid(secret).name == "By page"
    assert "no-store" in answer["Cache-Control"]
    assert secret not in cast.owner.client.get(reverse("api_tokens")).content.decode()
    assert secret not in str(list(Event.objects.values()))


def test_the_page_asks_for_a_proof_when_the_last_is_old_and_then_keeps_its_word(cast: Cast):
    session = cast.owner.client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 0}]
    session.save()
    wish = {"name": "Later", "scopes": ["listings:read"], "days": "30", "networks": ""}
    answer = cast.owner.client.post(reverse("api_tokens"), wish)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert not ApiToken.objects.filter(name="Later").exists()


def test_a_form_with_an_error_keeps_what_was_typed(cast: Cast):
    wish = {"name": "Kept name", "scopes": ["listings:read"], "days": "30", "networks": "nowhere"}
    answer = cast.owner.client.post(reverse("api_tokens"), wish)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Kept name" in text
    assert "nowhere" in text
    assert "is not a network" in text


def test_a_person_has_a_limited_number_of_tokens(cast: Cast):
    for number in range(19):
        create_token(actor=cast.owner.actor, name=str(number), scopes=["profile:read"])
    with pytest.raises(Conflict):
        make(cast)


def test_the_system_makes_a_token_for_somebody_that_does_not_end(db):
    user = UserFactory()
    token, secret = create_token(
        actor=Actor.system(), user=user, name="demo", scopes=["listings:read"]
    )
    assert token.expires_at is None
    assert tokens.find_valid(secret).user == user


def test_a_session_needs_the_csrf_token_for_writing(cast: Cast):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(
        cast.owner.user, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert client.get(ME).status_code == 200
    answer = client.patch(ME, {"name": "Forged"}, content_type="application/json")
    assert answer.status_code == 403
    cast.owner.user.refresh_from_db()
    assert cast.owner.user.name == "Owner"
