"""One's own account: profile, certificates, data, closing; operators."""

import datetime as dt
import io
import json
import zipfile

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts import closing, personal_data
from accounts.actions import people, qualifications
from accounts.models import ApiToken, BrokerQualification, Invitation, Membership, User
from accounts.queries.people import qualified_ids
from events.models import Event, Notification
from events.queries import history_of
from marketplace.core.errors import Conflict, Invalid, NotFound
from tests.accounts.factories import MembershipFactory, QualificationFactory, UserFactory
from tests.cast import Cast

FACTS = {
    "number": "TB-1", "issuer": "Department of Science", "issued_on": dt.date(2024, 1, 2),
    "expires_on": dt.date(2030, 1, 2),
}  # fmt: skip


# --- Profile --------------------------------------------------------------------------------------


def test_the_profile_page_saves_and_speaks_the_language_chosen(cast: Cast):
    cast.owner.client.cookies["language"] = "en"
    answer = cast.owner.client.post(
        reverse("account_profile"), {"name": "林航", "language": "zh-hans"}, follow=True
    )
    assert (
        "个人资料已保存" in answer.content.decode() or 'lang="zh-Hans"' in answer.content.decode()
    )
    cast.owner.user.refresh_from_db()
    assert (cast.owner.user.name, cast.owner.user.language) == ("林航", "zh-hans")
    assert cast.owner.client.cookies["language"].value == "zh-hans"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"name": ""}, "name"), ({"name": "x" * 81}, "name"), ({"name": "a\x00"}, "name"),
     ({"language": "tlh"}, "language")],
)  # fmt: skip
def test_a_wrong_profile_is_refused_by_action_page_and_api(cast: Cast, wrong, field):
    with pytest.raises(Invalid) as refusal:
        people.change_profile(actor=cast.owner.actor, facts=wrong)
    assert field in refusal.value.fields
    good = {"name": "Kept", "language": "en"}
    page = cast.owner.client.post(reverse("account_profile"), {**good, **wrong})
    assert page.status_code == 422
    answer = cast.owner.api.patch("/api/v1/me/", wrong, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field
    cast.owner.user.refresh_from_db()
    assert cast.owner.user.name == "Owner"


def test_pages_speak_the_language_of_the_person_where_the_browser_chose_none(cast: Cast):
    User.objects.filter(pk=cast.owner.user.pk).update(language="zh-hans")
    text = cast.owner.client.get(reverse("account")).content.decode()
    assert '<html lang="zh-Hans"' in text
    cast.owner.client.cookies["language"] = "en"
    assert '<html lang="en"' in cast.owner.client.get(reverse("account")).content.decode()


# --- Certificates ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"number": ""}, "number"),
        ({"number": "x" * 61}, "number"),
        ({"issuer": "a\x00"}, "issuer"),
        ({"issued_on": None}, "issued_on"),
        ({"issued_on": dt.date(2999, 1, 1), "expires_on": None}, "issued_on"),
        ({"issued_on": dt.date(1900, 1, 1)}, "issued_on"),
        ({"expires_on": dt.date(2024, 1, 2)}, "expires_on"),
        ({"expires_on": dt.date(9999, 1, 1)}, "expires_on"),
    ],
)
def test_a_wrong_certificate_is_refused_on_its_field(cast: Cast, wrong, field):
    with pytest.raises(Invalid) as refusal:
        qualifications.add_qualification(actor=cast.broker.actor, facts={**FACTS, **wrong})
    assert field in refusal.value.fields or "" in refusal.value.fields
    sent = {name: value or "" for name, value in {**FACTS, **wrong}.items()}
    page = cast.broker.client.post(reverse("qualification_new"), sent)
    assert page.status_code == 422
    body = {
        k: v.isoformat() if isinstance(v, dt.date) else v for k, v in {**FACTS, **wrong}.items()
    }
    answer = cast.broker.api.post("/api/v1/me/qualifications/", body, format="json")
    assert answer.status_code == 400
    assert not BrokerQualification.objects.exists()


def test_certificates_are_entered_corrected_and_removed_by_their_holder_alone(cast: Cast):
    made = cast.broker.api.post("/api/v1/me/qualifications/", FACTS, format="json").json()
    address = f"/api/v1/me/qualifications/{made['id']}/"
    assert cast.owner.api.patch(address, {"number": "stolen"}, format="json").status_code == 404
    assert cast.broker.api.patch(address, {"number": "TB-2"}, format="json").status_code == 200
    twice = cast.broker.api.post(
        "/api/v1/me/qualifications/", {**FACTS, "number": "TB-2"}, format="json"
    )
    assert twice.status_code == 400
    row = BrokerQualification.objects.get()
    with pytest.raises(NotFound):
        qualifications.remove_qualification(actor=cast.owner.actor, qualification_id=row.pk)
    page = reverse("qualification_edit", args=[row.public_id])
    assert cast.owner.client.get(page).status_code == 404
    assert cast.broker.client.get(page).status_code == 200
    assert cast.broker.client.post(page + "remove/").status_code == 302
    assert not BrokerQualification.objects.exists()


def test_an_expiring_certificate_is_told_once_and_an_expired_one_once(cast: Cast, run_jobs):
    QualificationFactory(user=cast.broker.user, expires_on=dt.date(2026, 6, 1))
    for day in (dt.date(2026, 3, 1), dt.date(2026, 4, 15), dt.date(2026, 5, 1)):
        qualifications.tell_expiring(day)
    assert Notification.objects.filter(kind="qualification.expiring").count() == 1
    for day in (dt.date(2026, 6, 1), dt.date(2026, 6, 2), dt.date(2026, 6, 3)):
        qualifications.tell_expiring(day)
    assert Notification.objects.filter(kind="qualification.expired").count() == 1
    assert qualified_ids({cast.broker.user.pk}, dt.date(2026, 6, 1)) == {cast.broker.user.pk}
    assert qualified_ids({cast.broker.user.pk}, dt.date(2026, 6, 2)) == set()


def test_an_expired_certificate_is_said_to_be_so_on_the_public_page(cast: Cast):
    QualificationFactory(user=cast.broker.user, expires_on=dt.date(2025, 6, 1))
    User.objects.filter(pk=cast.broker.user.pk).update(agreed_to_be_found=True)
    page = cast.visitor.client.get(reverse("organisation", args=[cast.tti.public_id]))
    assert "expired" in page.content.decode()


# --- One's data -----------------------------------------------------------------------------------


def opened(content: bytes) -> dict[str, object]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {
            name.removesuffix(".json"): json.loads(archive.read(name))
            for name in archive.namelist()
            if name.endswith(".json")
        }


def test_the_export_holds_what_is_kept_and_no_secret(cast: Cast):
    cast.owner.api.get("/api/v1/me/")
    page = cast.owner.client.post(reverse("account_export"))
    assert page["Content-Type"] == "application/zip"
    files = opened(page.content)
    assert files["profile"]["email"] == cast.owner.user.email
    assert files["memberships"][0]["organisation_name_en"] == "Lantern Works"
    text = json.dumps(files)
    token = ApiToken.objects.get(user=cast.owner.user)
    assert token.digest not in text
    assert cast.owner.user.password not in text
    assert cast.colleague.user.email not in text
    again = opened(cast.owner.api.get("/api/v1/me/export/").content)
    assert {event["kind"] for event in again["events"]} == {"account.exported"}


def test_other_rooms_add_what_they_hold(cast: Cast, monkeypatch):
    monkeypatch.setitem(personal_data.READERS, "letters", lambda user_id: [{"id": user_id}])
    files = opened(people.export_data(actor=cast.owner.actor))
    assert files["letters"] == [{"id": cast.owner.user.pk}]


# --- Closing --------------------------------------------------------------------------------------


def test_closing_removes_the_person_and_events_keep_a_number(cast: Cast):
    user = cast.colleague.user
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    QualificationFactory(user=user)
    Invitation.objects.create(
        organisation=cast.outside, email=user.email, roles=["editor"], digest="d",
        expires_at=timezone.now(),
    )  # fmt: skip
    people.change_profile(actor=cast.colleague.actor, facts={"name": "Wang Fang"})
    assert cast.colleague.client.get(reverse("account")).status_code == 200
    public_id, email = user.public_id, user.email
    answer = cast.colleague.client.post(reverse("account_close"), {"email": email})
    assert answer.status_code == 302
    user.refresh_from_db()
    assert (user.name, user.is_active, user.public_id) == ("", False, public_id)
    assert email not in str(User.objects.filter(pk=user.pk).values().get())
    for model in (EmailAddress, ApiToken, BrokerQualification, Membership, Notification):
        owner = "recipient" if model is Notification else "user"
        assert not model.objects.filter(**{owner: user}).exists(), model
    assert not Invitation.objects.exists()
    assert cast.colleague.client.get(reverse("account")).status_code == 302
    assert cast.colleague.api.get("/api/v1/me/").status_code == 401
    lines = history_of("user", public_id, actor=cast.operator.actor)
    assert [line.event.kind for line in lines] == ["account.changed", "account.closed"]
    assert {line.who for line in lines} == {public_id}
    assert "Wang" not in str(list(Event.objects.values()))


def test_closing_needs_the_own_address_typed(cast: Cast):
    page = reverse("account_close")
    assert cast.colleague.client.post(page, {"email": "other@x.example"}).status_code == 422
    body = {"email": "other@x.example"}
    assert cast.colleague.api.post("/api/v1/me/close/", body, format="json").status_code == 400
    cast.colleague.user.refresh_from_db()
    assert cast.colleague.user.is_active
    body = {"email": cast.colleague.user.email.upper()}
    assert cast.colleague.api.post("/api/v1/me/close/", body, format="json").status_code == 204


def test_the_only_owner_of_an_organisation_with_others_cannot_close_and_is_told_why(cast: Cast):
    with pytest.raises(Conflict) as refusal:
        people.close_account(actor=cast.owner.actor)
    assert refusal.value.code == "cannot_close"
    assert "Lantern Works" in str(refusal.value.fields[""][0])
    page = cast.owner.client.get(reverse("account_data")).content.decode()
    assert "Lantern Works" in page
    posted = cast.owner.client.post(reverse("account_close"), {"email": cast.owner.user.email})
    assert "only owner" in posted.content.decode()
    cast.owner.user.refresh_from_db()
    assert cast.owner.user.is_active
    MembershipFactory(organisation=cast.home)
    people.close_account(actor=cast.owner.actor)


def test_other_rooms_say_what_stands_against_closing(cast: Cast, monkeypatch):
    asked = []

    def open_listings(organisation_ids):
        asked.append(organisation_ids)
        return ["Two technologies are still published."]

    monkeypatch.setattr(closing, "CHECKS", [open_listings])
    with pytest.raises(Conflict) as refusal:
        people.close_account(actor=cast.outsider.actor)
    assert refusal.value.fields[""] == ["Two technologies are still published."]
    assert asked == [frozenset({cast.outside.pk})]
    people.close_account(actor=cast.newcomer.actor)  # owns nothing: nobody is asked
    assert len(asked) == 1


def test_the_only_operator_cannot_close(cast: Cast):
    with pytest.raises(Conflict):
        people.close_account(actor=cast.operator.actor)
    UserFactory(is_operator=True)
    people.close_account(actor=cast.operator.actor)


def test_a_closed_account_leaves_no_session(cast: Cast):
    assert cast.newcomer.client.get(reverse("account")).status_code == 200
    people.close_account(actor=cast.newcomer.actor)
    assert cast.newcomer.client.get(reverse("account")).status_code == 302
    assert not Session.objects.filter(pk=cast.newcomer.client.cookies["sessionid"].value).exists()


# --- Operators ------------------------------------------------------------------------------------


def test_the_command_makes_an_operator_of_a_known_or_new_person(db, capsys):
    known = UserFactory(email="known@people.example")
    call_command("create_operator", "Known@People.example")
    known.refresh_from_db()
    assert known.is_operator
    call_command("create_operator", "new@people.example", name="New")
    made = User.objects.get(email="new@people.example")
    assert made.is_operator
    assert not made.has_usable_password()
    assert EmailAddress.objects.get(user=made).verified
    assert "reset link" in capsys.readouterr().out


@pytest.mark.parametrize("email", ["nobody", "", "x" * 300 + "@people.example"])
def test_the_command_refuses_what_is_no_address(db, email: str):
    with pytest.raises(CommandError):
        call_command("create_operator", email)
    assert not User.objects.exists()
