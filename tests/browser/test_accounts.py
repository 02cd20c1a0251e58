"""Journeys of a person: sign up, found an organisation, passkeys, tokens. Under the strict CSP."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import expect

from accounts.models import ApiToken, Organisation, User
from tests.cast import PASSWORD, Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()
    mail.outbox.clear()


def sign_in(page: Any, user: User) -> None:
    EmailAddress.objects.get_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    page.goto("/account/login/")
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/account/login" not in url)


def add_authenticator(page: Any) -> None:
    """A security key that Chromium plays, with finger and memory."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_a_newcomer_signs_up_confirms_and_founds_an_organisation(page: Any, run_jobs: Any) -> None:
    page.goto("/account/signup/")
    page.get_by_label("Your name").fill("Chen Yu")
    page.get_by_label("E-mail address").fill("chen@people.example")
    page.get_by_label("Password").fill("a lamp on every hill")
    page.get_by_label("I agree to the rules").check()
    page.get_by_role("button", name="Create account").click()
    page.get_by_text("Look into your mail").wait_for()
    run_jobs()
    page.goto("/" + re.search(r"https?://[^/\s]+/(\S+)", mail.outbox[0].body)[1])
    page.get_by_role("button", name="Yes, confirm it").click()
    page.goto("/account/")
    page.get_by_role("link", name="Found an organisation").click()
    expect(page.get_by_label("Type of the institution")).to_be_hidden()
    page.get_by_label("What kind of organisation is it?").select_option("tti")
    page.get_by_label("Type of the institution").select_option("I")
    page.get_by_label("Name in Chinese").fill("晨渡技术转移")
    page.get_by_label("City or region").select_option("440300")
    page.get_by_label("District or county").select_option("440305")  # brought by htmx
    page.get_by_role("button", name="Found it").click()
    page.get_by_text("It is founded").wait_for()
    made = Organisation.objects.get(name_zh="晨渡技术转移")
    assert (made.tti_type, made.region) == ("I", "440305")
    expect(page.get_by_text("registration code is missing")).to_be_visible()


def test_a_passkey_is_added_and_signs_in_alone(
    page: Any, cast: Cast, settings: Any, run_jobs: Any
) -> None:
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    add_authenticator(page)
    sign_in(page, cast.owner.user)
    page.goto("/account/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Passkey: sign in with it alone").check()
    page.get_by_role("button", name="Add a key").click()
    page.wait_for_url(lambda url: "/add/" not in url)
    key = Authenticator.objects.get(user=cast.owner.user, type="webauthn")
    assert key.wrap().is_passwordless
    page.context.clear_cookies()
    page.goto("/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: "/account/login" not in url)
    page.goto("/account/")
    expect(page.get_by_role("heading", name="Owner")).to_be_visible()


def test_a_passkey_that_cannot_be_used_is_said_so(page: Any) -> None:
    page.goto("/account/login/")
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('no key')) }")
    said = page.get_by_text("The passkey could not be used")
    expect(said).to_be_hidden()
    page.get_by_role("button", name="Sign in with a passkey").click()
    said.wait_for()


def test_a_token_is_made_and_shown_once(page: Any, cast: Cast) -> None:
    sign_in(page, cast.owner.user)
    page.goto("/account/tokens/")
    page.get_by_label("What is it for?").fill("From the browser")
    page.get_by_label("Read technologies and needs").check()
    page.get_by_role("button", name="Make the token").click()
    secret = page.get_by_label("The new token").input_value()
    assert secret.startswith("yz_")
    page.goto("/account/tokens/")
    expect(page.get_by_role("button", name="Make the token")).to_be_visible()
    assert page.get_by_label("The new token").count() == 0
    assert ApiToken.objects.get(name="From the browser").prefix in secret


def test_everything_works_without_javascript(new_page: Any, cast: Cast) -> None:
    page = new_page(java_script_enabled=False)
    sign_in(page, cast.newcomer.user)
    page.goto("/organisations/new/")
    page.get_by_label("What kind of organisation is it?").select_option("domestic_enterprise")
    page.get_by_label("Name in English").fill("No Script Works")
    page.get_by_label("City or region").select_option("310000")
    page.get_by_role("button", name="Show the districts of this city").click()
    expect(page.get_by_label("Name in English")).to_have_value("No Script Works")
    page.get_by_label("District or county").select_option("310115")
    page.get_by_role("button", name="Found it").click()
    page.get_by_text("It is founded").wait_for()
    assert Organisation.objects.get(name_en="No Script Works").region == "310115"
    page.goto("/institutions/")
    page.get_by_role("link", name="Type II").click()
    expect(page.get_by_text("Ferry Transfer Centre")).to_be_visible()
