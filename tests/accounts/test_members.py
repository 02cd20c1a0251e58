"""Members, roles and invitations. There is always an owner; a link works once, for its address."""

import datetime as dt
import re
import threading

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts import rules
from accounts.actions import invitations, members
from accounts.models import Invitation, Membership, Organisation
from accounts.queries import actor_for
from events.models import Event, Notification
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Unauthenticated
from marketplace.core.models import Job
from tests.accounts.factories import MembershipFactory, OrganisationFactory, UserFactory, person_in
from tests.cast import Cast


def membership(player) -> Membership:
    return Membership.objects.get(user=player.user)


def secret_of(text: str) -> str:
    return re.search(r"/invitations/([\w-]+)/", text)[1]


def invite(cast: Cast, run_jobs, email="new@people.example", roles=("editor",)) -> str:
    """Invite and return the secret of the link in the mail."""
    mail.outbox.clear()
    invitations.invite_member(
        actor=cast.owner.actor, organisation_id=cast.home.pk, email=email, roles=roles
    )
    run_jobs()
    return secret_of(mail.outbox[-1].body)


# --- Roles ----------------------------------------------------------------------------------------


def test_an_owner_changes_roles_and_the_person_is_told(cast: Cast):
    members.change_roles(
        actor=cast.owner.actor,
        membership_id=membership(cast.colleague).pk,
        roles=["analyst", "editor", "editor"],
    )
    assert membership(cast.colleague).roles == ["editor", "analyst"]
    assert Notification.objects.filter(recipient=cast.colleague.user).count() == 1
    event = Event.objects.get(kind="member.roles_changed")
    assert event.before == {"roles": ["editor"]}
    assert event.after == {"roles": ["editor", "analyst"]}


@pytest.mark.parametrize("roles", [[], ["king"], ["registrar"]])
def test_roles_that_do_not_exist_here_are_refused(cast: Cast, roles):
    with pytest.raises(Invalid):
        members.change_roles(
            actor=cast.owner.actor, membership_id=membership(cast.colleague).pk, roles=roles
        )
    assert membership(cast.colleague).roles == ["editor"]


@pytest.mark.parametrize(
    ("who", "refusal"),
    [("colleague", Refused), ("rival", Refused), ("operator", Refused), ("visitor", Refused)],
)
def test_only_owners_change_roles(cast: Cast, who: str, refusal):
    with pytest.raises(refusal):
        members.change_roles(
            actor=cast.everybody[who].actor,
            membership_id=membership(cast.colleague).pk,
            roles=["owner"],
        )
    assert membership(cast.colleague).roles == ["editor"]


def test_the_last_owner_stays(cast: Cast):
    mine = membership(cast.owner).pk
    for attempt in (
        lambda: members.change_roles(actor=cast.owner.actor, membership_id=mine, roles=["editor"]),
        lambda: members.remove_member(actor=cast.owner.actor, membership_id=mine),
        lambda: members.leave_organisation(actor=cast.owner.actor, organisation_id=cast.home.pk),
    ):
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.code == "last_owner"
    assert membership(cast.owner).roles == ["owner"]


def test_an_owner_leaves_when_there_is_another(cast: Cast):
    members.change_roles(
        actor=cast.owner.actor, membership_id=membership(cast.colleague).pk, roles=["owner"]
    )
    members.leave_organisation(actor=cast.owner.actor, organisation_id=cast.home.pk)
    assert cast.owner.fresh().organisation_ids == frozenset()


def test_an_owner_whose_account_is_closed_is_no_owner(cast: Cast):
    MembershipFactory(organisation=cast.home, user=UserFactory(is_active=False))
    with pytest.raises(Conflict):
        members.leave_organisation(actor=cast.owner.actor, organisation_id=cast.home.pk)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_leave_at_once_one_stays():
    organisation = OrganisationFactory()
    owners = [person_in(organisation) for _number in range(2)]
    barrier, outcomes = threading.Barrier(2), []

    def leave(user) -> None:
        try:
            actor = actor_for(user)
            barrier.wait(10)
            members.leave_organisation(actor=actor, organisation_id=organisation.pk)
            outcomes.append("left")
        except Conflict as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=leave, args=[one]) for one in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["last_owner", "left"]


# --- Invitations ----------------------------------------------------------------------------------


def test_an_invitation_is_mailed_and_the_waiting_job_does_not_show_the_link(cast: Cast, run_jobs):
    invitations.invite_member(
        actor=cast.owner.actor, organisation_id=cast.home.pk, email="New@People.example ",
        roles=["editor"],
    )  # fmt: skip
    waiting = Job.objects.get(kind="accounts.send_mail")
    assert "invitations" not in str(waiting.payload)
    assert "people" not in str(waiting.payload)
    run_jobs()
    assert mail.outbox[0].to == ["new@people.example"]
    assert "Lantern Works" in mail.outbox[0].body
    secret = secret_of(mail.outbox[0].body)
    assert secret not in str(list(Invitation.objects.values()))


def test_a_person_with_an_account_is_written_to_in_its_language(cast: Cast, run_jobs):
    UserFactory(email="zh@people.example", language="zh-hans")
    invite(cast, run_jobs, email="zh@people.example")
    assert "灯笼工坊" in mail.outbox[-1].subject


def test_accepting_joins_with_the_roles_and_tells_the_owner(cast: Cast, run_jobs):
    secret = invite(cast, run_jobs, email=cast.newcomer.user.email, roles=["editor", "analyst"])
    invitations.accept_invitation(actor=cast.newcomer.actor, secret=secret)
    assert membership(cast.newcomer).roles == ["editor", "analyst"]
    assert Notification.objects.filter(recipient=cast.owner.user, kind="member.joined").exists()
    with pytest.raises(NotFound):
        invitations.accept_invitation(actor=cast.newcomer.actor, secret=secret)


def test_a_link_is_good_only_for_the_address_it_was_sent_to(cast: Cast, run_jobs):
    secret = invite(cast, run_jobs, email="somebody@else.example")
    with pytest.raises(Refused) as refusal:
        invitations.accept_invitation(actor=cast.rival.actor, secret=secret)
    assert refusal.value.code == "other_address"
    EmailAddress.objects.create(user=cast.rival.user, email="somebody@else.example", verified=False)
    with pytest.raises(Refused):
        invitations.accept_invitation(actor=cast.rival.actor, secret=secret)
    EmailAddress.objects.update(verified=True)
    invitations.accept_invitation(actor=cast.rival.actor, secret=secret)
    with pytest.raises(Unauthenticated):
        invitations.accept_invitation(actor=cast.visitor.actor, secret=secret)


@pytest.mark.parametrize("way", ["expired", "withdrawn", "again", "unknown", "empty", "long"])
def test_a_link_that_is_no_longer_good_is_refused(cast: Cast, run_jobs, way: str):
    secret = invite(cast, run_jobs, email=cast.newcomer.user.email)
    row = Invitation.objects.get()
    if way == "expired":
        Invitation.objects.update(expires_at=timezone.now())
    elif way == "withdrawn":
        invitations.withdraw_invitation(actor=cast.owner.actor, invitation_id=row.pk)
    elif way == "again":
        Invitation.objects.update(created_at=timezone.now() - rules.INVITE_AGAIN_AFTER)
        newer = invite(cast, run_jobs, email=cast.newcomer.user.email)
        assert newer != secret
    else:
        secret = {"unknown": "x" * 43, "empty": "", "long": "x" * 500}[way]
    with pytest.raises(NotFound):
        invitations.accept_invitation(actor=cast.newcomer.actor, secret=secret)
    assert cast.newcomer.fresh().organisation_ids == frozenset()


def test_invitations_are_no_mail_cannon(cast: Cast, run_jobs):
    invite(cast, run_jobs, email="one@else.example")
    with pytest.raises(Conflict) as refusal:
        invite(cast, run_jobs, email="one@else.example")
    assert refusal.value.code == "invited_just_now"
    type(cast.home).objects.filter(pk=cast.home.pk).update(verified_at=None)
    for number in range(rules.INVITATIONS_A_DAY[False] - 1):
        invite(cast, run_jobs, email=f"{number}@else.example")
    with pytest.raises(Conflict) as refusal:
        invite(cast, run_jobs, email="last@else.example")
    assert refusal.value.code == "too_many_invitations"
    assert Invitation.objects.count() == rules.INVITATIONS_A_DAY[False]


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b", "x" * 300 + "@people.example", "a\x00@b.example"]
)
def test_a_wrong_address_is_refused(cast: Cast, email: str):
    with pytest.raises(Invalid) as refusal:
        invitations.invite_member(
            actor=cast.owner.actor, organisation_id=cast.home.pk, email=email, roles=["editor"]
        )
    assert "email" in refusal.value.fields
    assert not Invitation.objects.exists()


def test_members_are_not_invited_and_invitations_are_limited(cast: Cast):
    with pytest.raises(Conflict) as refusal:
        invitations.invite_member(
            actor=cast.owner.actor, organisation_id=cast.home.pk,
            email=cast.colleague.user.email.upper(), roles=["editor"],
        )  # fmt: skip
    assert refusal.value.code == "already_member"
    Invitation.objects.bulk_create(
        Invitation(
            organisation=cast.home, email=f"{number}@x.example", roles=["editor"],
            digest=str(number), expires_at=timezone.now() + dt.timedelta(days=1),
        )
        for number in range(50)
    )  # fmt: skip
    with pytest.raises(Conflict) as refusal:
        invitations.invite_member(
            actor=cast.owner.actor, organisation_id=cast.home.pk, email="a@x.example",
            roles=["editor"],
        )  # fmt: skip
    assert refusal.value.code == "too_many_invitations"


@pytest.mark.parametrize("who", ["colleague", "rival", "operator"])
def test_only_owners_invite(cast: Cast, who: str):
    with pytest.raises(Refused):
        invitations.invite_member(
            actor=cast.everybody[who].actor, organisation_id=cast.home.pk, email="a@x.example",
            roles=["owner"],
        )  # fmt: skip
    assert not Invitation.objects.exists()


def test_accepting_again_adds_roles_and_takes_none(cast: Cast, run_jobs):
    secret = invite(cast, run_jobs, email=cast.newcomer.user.email, roles=["analyst"])
    MembershipFactory(user=cast.newcomer.user, organisation=cast.home, roles=["editor"])
    invitations.accept_invitation(actor=cast.newcomer.actor, secret=secret)
    assert membership(cast.newcomer).roles == ["editor", "analyst"]


def test_the_pages_invite_and_accept(cast: Cast, run_jobs):
    people = reverse("organisation_members", args=[cast.home.public_id])
    wrong = cast.owner.client.post(people, {"email": "kept@x.example", "roles": ["registrar"]})
    assert wrong.status_code == 422
    assert "kept@x.example" in wrong.content.decode()
    sent = cast.owner.client.post(people, {"email": cast.newcomer.user.email, "roles": ["editor"]})
    assert sent.status_code == 302
    run_jobs()
    link = reverse("invitation", args=[secret_of(mail.outbox[-1].body)])
    assert "Lantern Works" in cast.visitor.client.get(link).content.decode()
    assert "another address" in cast.rival.client.get(link).content.decode()
    assert "Accept" in cast.newcomer.client.get(link).content.decode()
    assert cast.newcomer.client.post(link + "accept/").status_code == 302
    assert cast.newcomer.client.get(link).status_code == 404
    member = Membership.objects.get(user=cast.newcomer.user)
    roles = reverse("member_roles", args=[cast.home.public_id, member.public_id])
    assert cast.owner.client.post(roles, {"roles": ["analyst"]}).status_code == 302
    assert cast.colleague.client.post(roles, {"roles": ["owner"]}).status_code == 403
    removal = reverse("member_remove", args=[cast.home.public_id, member.public_id])
    assert cast.rival.client.post(removal).status_code == 404
    assert cast.owner.client.post(removal).status_code == 302
    assert not Membership.objects.filter(user=cast.newcomer.user).exists()


def test_the_api_does_what_the_pages_do(cast: Cast, run_jobs):
    base = f"/api/v1/organisations/{cast.home.public_id}/"
    body = {"email": cast.newcomer.user.email, "roles": ["editor"]}
    made = cast.owner.api.post(base + "invitations/", body, format="json")
    assert made.status_code == 201
    assert len(cast.owner.api.get(base + "invitations/").json()) == 1
    assert cast.colleague.api.get(base + "invitations/").json() == []
    assert cast.rival.api.get(base + "members/").status_code == 403
    run_jobs()
    secret = secret_of(mail.outbox[-1].body)
    joined = cast.newcomer.api.post(
        "/api/v1/invitations/accept/", {"secret": secret}, format="json"
    )
    assert joined.status_code == 201
    rows = cast.owner.api.get(base + "members/").json()
    assert {row["person"]["name"] for row in rows} == {"Owner", "Colleague", "Newcomer"}
    assert all(row["person"]["email"] for row in rows)
    seen = cast.colleague.api.get(base + "members/").json()
    assert not any(row["person"]["email"] for row in seen)
    one = base + f"members/{rows[-1]['id']}/"
    assert cast.owner.api.patch(one, {"roles": ["king"]}, format="json").status_code == 400
    assert cast.owner.api.patch(one, {"roles": ["analyst"]}, format="json").status_code == 200
    elsewhere = f"/api/v1/organisations/{cast.outside.public_id}/members/{rows[-1]['id']}/"
    assert cast.outsider.api.delete(elsewhere).status_code == 404
    assert cast.owner.api.delete(one).status_code == 204
    again = cast.owner.api.post(base + "invitations/", body, format="json").json()
    assert cast.owner.api.delete(base + f"invitations/{again['id']}/").status_code == 204
    assert cast.colleague.api.post(base + "leave/").status_code == 204
    assert cast.owner.api.post(base + "leave/").status_code == 409


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_people_costs_the_same_with_one_row_and_three(
    db, rows: int, django_assert_num_queries
):
    from accounts.queries.organisations import members_of

    organisation: Organisation = OrganisationFactory()
    for _number in range(rows):
        person_in(organisation)
    with django_assert_num_queries(2):
        for row in members_of(organisation):
            list(row.user.qualifications.all())
