"""Sign-up with a confirmed address, signing in, reset, second step; mail through the outbox."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.staticfiles import finders
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.forms import entrance
from accounts.models import User
from marketplace.core.models import Job
from tests.cast import PASSWORD, Cast

SIGN_UP = {
    "name": "Chen Yu", "email": "chen@people.example", "password1": "a lamp on every hill",
    "language": "en", "agree": "on",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()
    mail.outbox.clear()


def link_in(text: str) -> str:
    return "/" + re.search(r"https?://[^/\s]+/(\S+)", text)[1]


def confirmed(user: User) -> User:
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_in(client: Client, user: User, password: str = PASSWORD):
    return client.post(reverse("account_login"), {"login": user.email, "password": password})


def test_sign_up_confirms_the_address_by_a_link_that_signs_in(client, run_jobs):
    answer = client.post(reverse("account_signup"), SIGN_UP)
    assert answer["Location"] == reverse("account_email_verification_sent")
    user = User.objects.get(email="chen@people.example")
    assert (user.name, user.language, user.agreed_at is None) == ("Chen Yu", "en", False)
    assert user.has_usable_password()
    job = Job.objects.get(kind="accounts.send_mail")
    assert "confirm" not in str(job.payload)
    assert "chen" not in str(job.payload)
    run_jobs()
    assert mail.outbox[0].to == ["chen@people.example"]
    link = link_in(mail.outbox[0].body)
    assert client.get(link).status_code == 200
    assert not EmailAddress.objects.get().verified  # link checkers follow links
    client.post(link)
    assert EmailAddress.objects.get().verified
    assert client.get(reverse("account")).status_code == 200


def test_the_link_opened_elsewhere_confirms_and_does_not_sign_in(client, run_jobs):
    client.post(reverse("account_signup"), SIGN_UP)
    run_jobs()
    other = Client()
    other.post(link_in(mail.outbox[0].body))
    assert EmailAddress.objects.get().verified
    assert other.get(reverse("account")).status_code == 302


def test_mail_is_in_the_language_that_the_person_chose(client, run_jobs):
    client.post(reverse("account_signup"), {**SIGN_UP, "language": "zh-hans"})
    run_jobs()
    with translation.override("zh-hans"):
        expected = translation.gettext("Welcome to Yizhan: please confirm your address")
    assert mail.outbox[0].subject == expected


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"email": "nobody"}, "email"),
        ({"email": "x" * 300 + "@people.example"}, "email"),
        ({"password1": "short"}, "password1"),
        ({"password1": "password123"}, "password1"),
        ({"password1": "1234567890"}, "password1"),
        ({"language": "tlh"}, "language"),
        ({"agree": ""}, "agree"),
    ],
)
def test_a_wrong_sign_up_is_refused_and_keeps_what_was_typed(client, wrong, field):
    answer = client.post(reverse("account_signup"), {**SIGN_UP, **wrong})
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert not User.objects.exists()
    if field != "name":
        assert "Chen Yu" in answer.content.decode()


def test_sign_up_does_not_say_whether_an_address_is_known(client, run_jobs):
    known = confirmed(User.objects.create_user("chen@people.example", PASSWORD))
    answer = client.post(reverse("account_signup"), SIGN_UP)
    assert answer["Location"] == reverse("account_email_verification_sent")
    run_jobs()
    assert "already" in mail.outbox[0].subject
    assert User.objects.get() == known


def test_signing_in_needs_the_right_password_and_a_confirmed_address(client, run_jobs):
    user = User.objects.create_user("chen@people.example", PASSWORD, name="Chen")
    EmailAddress.objects.create(user=user, email=user.email, primary=True)
    wrong = sign_in(client, user, "another password")
    assert "do not belong together" in wrong.content.decode()
    assert sign_in(client, user)["Location"] == reverse("account_email_verification_sent")
    assert client.get(reverse("account")).status_code == 302
    EmailAddress.objects.update(verified=True)
    assert sign_in(client, user).status_code == 302
    assert client.get(reverse("account")).status_code == 200


def test_a_closed_account_cannot_sign_in(client):
    user = confirmed(User.objects.create_user("chen@people.example", PASSWORD, is_active=False))
    sign_in(client, user)
    assert client.get(reverse("account")).status_code == 302


def test_too_many_wrong_passwords_are_stopped(client):
    user = confirmed(User.objects.create_user("chen@people.example", PASSWORD))
    for _number in range(11):
        answer = sign_in(client, user, "wrong password")
    assert "Too many" in answer.content.decode()
    assert "Too many" in sign_in(client, user).content.decode()
    # but nobody keeps another person out: it is the network that has to wait
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert sign_in(elsewhere, user).status_code == 302
    assert elsewhere.get(reverse("account")).status_code == 200


def test_an_address_that_has_an_account_takes_as_long_to_sign_up(client, run_jobs, monkeypatch):
    """A password is hashed either way."""
    hashed = []
    monkeypatch.setattr(entrance, "make_password", hashed.append)
    confirmed(User.objects.create_user("chen@people.example", PASSWORD))
    client.post(reverse("account_signup"), SIGN_UP)
    assert hashed == [SIGN_UP["password1"]]


def test_a_slow_guesser_is_locked_out_for_this_address_and_network(client, settings, caplog):
    settings.AXES_ENABLED = True
    settings.ACCOUNT_RATE_LIMITS = False  # the quick guesser's limit, see above
    user = confirmed(User.objects.create_user("chen@people.example", PASSWORD))
    other = confirmed(User.objects.create_user("other@people.example", PASSWORD))
    for number in range(8):
        login = {"login": user.email.upper() if number % 2 else user.email, "password": "guess"}
        answer = client.post(reverse("account_login"), login)
    assert answer.status_code == 429
    assert "Too many attempts" in answer.content.decode()
    assert sign_in(client, user).status_code == 429  # the right password does not help now
    assert user.email not in caplog.text
    elsewhere = Client(REMOTE_ADDR="203.0.113.5")
    assert sign_in(elsewhere, user).status_code == 302
    assert sign_in(client, other).status_code == 302


def test_the_password_is_reset_by_a_link_that_works_once(client, run_jobs):
    user = confirmed(User.objects.create_user("chen@people.example", PASSWORD))
    client.post(reverse("account_reset_password"), {"email": user.email})
    run_jobs()
    link = link_in(mail.outbox[0].body)
    form = client.get(link)["Location"]
    assert client.get(form).status_code == 200
    chosen = "a new lamp on the hill"
    client.post(form, {"password1": chosen, "password2": chosen})
    user.refresh_from_db()
    assert user.check_password(chosen)
    again = Client().get(link, follow=True)
    assert "no longer works" in again.content.decode()
    run_jobs()
    assert any("reset" in sent.subject for sent in mail.outbox[1:])


def test_reset_does_not_say_whether_an_address_is_known(client, run_jobs):
    answer = client.post(reverse("account_reset_password"), {"email": "nobody@people.example"})
    assert answer["Location"] == reverse("account_reset_password_done")
    run_jobs()
    assert "no account" in mail.outbox[0].subject


def code_of(secret: str) -> str:
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def test_the_second_step_by_an_app(
    cast: Cast, client, run_jobs, django_capture_on_commit_callbacks
):
    user = confirmed(cast.owner.user)
    page = cast.owner.client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        done = cast.owner.client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert done.status_code == 302
    stored = Authenticator.objects.get(user=user, type="totp")
    assert secret not in str(stored.data)  # sealed at rest
    answer = sign_in(client, user)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert client.get(reverse("account")).status_code == 302
    assert client.get(reverse("mfa_authenticate")).status_code == 200
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "not right" in wrong.content.decode()
    recovery = Authenticator.objects.get(user=user, type="recovery_codes").wrap()
    client.post(reverse("mfa_authenticate"), {"code": recovery.get_unused_codes()[0]})
    assert client.get(reverse("account")).status_code == 200
    for name in ("mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp"):
        assert cast.owner.client.get(reverse(name)).status_code == 200, name
    assert client.get(reverse("mfa_reauthenticate")).status_code == 200
    run_jobs()
    assert any("turned on" in sent.subject for sent in mail.outbox)


def test_a_new_address_is_confirmed_before_it_counts(cast: Cast, run_jobs):
    confirmed(cast.owner.user)
    page = reverse("account_email")
    cast.owner.client.post(page, {"action_add": "", "email": "second@people.example"})
    cast.owner.client.post(page, {"action_primary": "", "email": "second@people.example"})
    cast.owner.user.refresh_from_db()
    assert cast.owner.user.email == "owner@cast.example"
    run_jobs()
    cast.owner.client.post(link_in(mail.outbox[-1].body))
    cast.owner.client.post(page, {"action_primary": "", "email": "second@people.example"})
    cast.owner.user.refresh_from_db()
    assert cast.owner.user.email == "second@people.example"


def test_other_devices_are_signed_out(cast: Cast):
    confirmed(cast.owner.user)
    other = Client()
    sign_in(other, cast.owner.user)
    assert other.get(reverse("account")).status_code == 200
    cast.owner.client.post(reverse("usersessions_list"))
    assert other.get(reverse("account")).status_code == 302
    assert cast.owner.client.get(reverse("account")).status_code == 200


def test_a_link_that_confirms_nothing_is_explained(client):
    answer = client.get(reverse("account_confirm_email", args=["nonsense"]))
    assert "no longer works" in answer.content.decode()


@pytest.mark.parametrize("path", ["/account/login/", "/account/2fa/webauthn/add/"])
def test_pages_with_passkeys_hold_no_script_of_their_own(cast: Cast, path: str):
    client = cast.visitor.client if "login" in path else cast.owner.client
    text = client.get(path).content.decode()
    for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", text, re.DOTALL):
        if "application/json" not in attributes:
            source = re.search(r'src="/static/([^"]+)"', attributes)
            assert source, attributes
            assert not body.strip()
            assert finders.find(source[1]), source[1]
    assert "mfa/js/webauthn.js" in text
    assert " style=" not in text
    assert not re.search(r"\son\w+=", text)


def test_a_next_address_elsewhere_is_not_followed(client):
    user = confirmed(User.objects.create_user("chen@people.example", PASSWORD))
    answer = client.post(
        reverse("account_login") + "?next=https://evil.example/",
        {"login": user.email, "password": PASSWORD, "next": "https://evil.example/"},
    )
    assert "evil" not in answer["Location"]


def test_an_invited_person_signs_up_without_confirming_again(cast: Cast, client, run_jobs):
    from accounts.actions.invitations import invite_member

    invite_member(
        actor=cast.owner.actor, organisation_id=cast.home.pk, email=SIGN_UP["email"],
        roles=["editor"],
    )  # fmt: skip
    run_jobs()
    link = link_in(mail.outbox[-1].body)
    assert client.get(link).status_code == 200
    client.post(reverse("account_signup"), SIGN_UP)
    assert EmailAddress.objects.get(email=SIGN_UP["email"]).verified
    assert client.post(link + "accept/").status_code == 302
    assert User.objects.get(email=SIGN_UP["email"]).memberships.get().roles == ["editor"]
