"""Who an actor is, and what one costs."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.queries import actor_for
from tests.accounts.factories import MembershipFactory, OrganisationFactory, UserFactory
from tests.cast import Cast


def test_a_person_with_three_memberships_costs_one_query(db, django_assert_num_queries):
    user = UserFactory()
    first = MembershipFactory(user=user, roles=["editor"]).organisation
    second = MembershipFactory(
        user=user, roles=["owner"], organisation=OrganisationFactory(unverified=True)
    ).organisation
    with django_assert_num_queries(1):
        actor = actor_for(user, "zh-hans")
    assert actor.roles == {first.pk: frozenset({"editor"}), second.pk: frozenset({"owner"})}
    assert actor.verified_ids == {first.pk}
    assert actor.language == "zh-hans"
    assert actor.is_verified_member


@pytest.mark.parametrize("user", [None, AnonymousUser()])
def test_nobody_is_a_visitor_without_a_query(user, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        actor = actor_for(user, "en")
    assert not actor.is_authenticated
    assert not actor.is_verified_member


def test_a_closed_account_is_a_visitor(db):
    assert not actor_for(UserFactory(is_active=False), "en").is_authenticated


def test_cast_is_made_in_few_statements_and_rights_differ(
    cast: Cast, django_assert_max_num_queries
):
    assert cast.owner.actor.can(cast.home.pk, "editor")
    assert not cast.colleague.actor.can(cast.home.pk)
    assert cast.claimant.actor.is_authenticated
    assert not cast.claimant.actor.is_verified_member
    assert cast.operator.actor.is_operator
    assert not cast.visitor.actor.is_authenticated
    assert set(cast.everybody) >= {"owner", "visitor", "newcomer", "registrar"}


@pytest.mark.parametrize(
    ("asked", "cookie", "lang"),
    [("en-GB", "", "en"), ("fr", "", "zh-hans"), ("", "", "zh-hans"), ("fr", "en", "en")],
)
def test_signing_in_keeps_the_language_that_the_browser_asks_for(cast, asked, cookie, lang):
    type(cast.owner.user).objects.filter(pk=cast.owner.user.pk).update(language="zh-hans")
    client = cast.owner.client
    if cookie:
        client.cookies["language"] = cookie
    page = client.get("/account/", headers={"accept-language": asked} if asked else {})
    assert f'<html lang="{lang}"' in page.content.decode().lower()
