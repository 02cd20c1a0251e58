"""Who sees which match. The table is the rule; see matching.queries.visibility."""

from __future__ import annotations

import pytest

from accounts.models import Membership, Organisation
from listings.actions import grants, lifecycle
from marketplace.core.actor import Actor
from matching.models import Match
from matching.queries.visibility import for_triage, of_side, visible_to
from tests.accounts.factories import AllianceFactory, person_in
from tests.listings.factories import actor_of, organisation
from tests.matching.factories import match_of, pair

pytestmark = pytest.mark.django_db

ALL = {"owner", "colleague", "outsider", "broker", "rival", "newcomer", "claimant", "registrar",
       "operator", "moderator", "visitor"}  # fmt: skip
NEED_SIDE = {"owner", "colleague"}
TECHNOLOGY_SIDE = {"outsider"}

# need's visibility, technology's, answers (need, technology) -> who sees the pair.
# `home` (owner, colleague) has the need, `outside` (outsider) the technology.
TABLE = [
    ("public", "public", "", "", NEED_SIDE | TECHNOLOGY_SIDE | {"broker"}),
    ("public", "public", "declined", "", NEED_SIDE | TECHNOLOGY_SIDE | {"broker"}),
    ("members", "public", "", "", NEED_SIDE | TECHNOLOGY_SIDE),
    ("public", "members", "", "", NEED_SIDE | TECHNOLOGY_SIDE),
    ("confidential", "public", "", "", NEED_SIDE),
    ("confidential", "public", "interested", "", NEED_SIDE | TECHNOLOGY_SIDE),
    ("confidential", "public", "later", "", NEED_SIDE),
    ("confidential", "public", "declined", "", NEED_SIDE),
    ("public", "confidential", "", "", TECHNOLOGY_SIDE),
    ("public", "confidential", "", "interested", NEED_SIDE | TECHNOLOGY_SIDE),
    ("public", "confidential", "interested", "declined", TECHNOLOGY_SIDE),
    ("confidential", "confidential", "", "", set()),
    ("confidential", "confidential", "interested", "", TECHNOLOGY_SIDE),
]


def answered(need_answer: str, technology_answer: str) -> dict[str, str]:
    return {
        "need_answer": need_answer,
        "need_reason": "immature" if need_answer == "declined" else "",
        "technology_answer": technology_answer,
        "technology_reason": "immature" if technology_answer == "declined" else "",
    }


@pytest.mark.parametrize(
    ("need", "technology", "need_answer", "technology_answer", "seers"),
    TABLE,
    ids=["-".join(filter(None, row[:4])) for row in TABLE],
)
def test_who_sees_a_match(cast, need, technology, need_answer, technology_answer, seers):
    one, other = pair(
        cast.home, cast.outside, need={"visibility": need}, technology={"visibility": technology}
    )
    match_of(one, other, **answered(need_answer, technology_answer))
    assert set(cast.everybody) == ALL
    seen = {
        name for name, player in cast.everybody.items() if visible_to(player.actor).exists()
    }  # fmt: skip
    assert seen == seers
    assert visible_to(Actor.system()).count() == 1


def test_members_only_listing_is_matched_to_no_unverified_organisation(cast):
    need, technology = pair(cast.claim, cast.outside, technology={"visibility": "members"})
    match_of(need, technology)
    assert not visible_to(cast.claimant.actor).exists()
    assert visible_to(cast.outsider.actor).exists()


@pytest.mark.parametrize("roles", [["analyst"], ["registrar"], ["analyst", "registrar"]])
def test_other_roles_of_a_side_see_nothing(roles):
    owner = organisation()
    match_of(*pair(owner, organisation()))
    person = person_in(owner, *roles)
    assert not visible_to(actor_of(person)).exists()


def test_match_of_a_paused_listing_is_hidden_from_the_other_side(cast):
    need, technology = pair(cast.home, cast.outside)
    match_of(need, technology, need_answer="interested")
    lifecycle.pause(actor=Actor.system(), listing_id=technology.pk)
    assert not visible_to(cast.owner.actor).exists()
    assert visible_to(cast.outsider.actor).exists()


def test_released_confidential_listing_shows_its_match(cast):
    need, technology = pair(cast.home, cast.outside, technology={"visibility": "confidential"})
    match_of(need, technology)
    assert not visible_to(cast.owner.actor).exists()
    grants.release_to(
        actor=Actor.system(), listing_id=technology.pk, organisation_id=cast.home.pk,
        tier="confidential",
    )  # fmt: skip
    assert visible_to(cast.owner.actor).exists()


def test_broker_sees_pairs_of_allied_organisations_within_the_members_tier(cast):
    tier = {"visibility": "members"}
    match_of(*pair(cast.home, cast.outside, need=tier, technology=tier))
    assert not visible_to(cast.broker.actor).exists()
    alliance = AllianceFactory(lead=cast.tti)
    alliance.members.create(organisation=cast.home, state="member")
    assert visible_to(cast.broker.actor).exists()
    assert for_triage(cast.broker.actor).exists()
    alliance.members.filter(organisation=cast.home).update(state="left")
    assert not visible_to(cast.broker.actor).exists()


def test_broker_never_sees_confidential_pairs_of_allied_organisations(cast):
    need, technology = pair(cast.home, cast.outside, need={"visibility": "confidential"})
    match_of(need, technology, need_answer="interested", technology_answer="interested")
    AllianceFactory(lead=cast.tti).members.create(organisation=cast.home, state="member")
    assert not visible_to(cast.broker.actor).exists()


@pytest.mark.parametrize(
    ("values", "sees"),
    [({}, True), ({"verified_at": None}, False), ({"kind": "association", "tti_type": ""}, False)],
    ids=["verified TTI", "unverified TTI", "no TTI"],
)
def test_only_brokers_of_verified_ttis_see_the_pairs_of_others(cast, values, sees):
    match_of(*pair(cast.home, cast.outside))
    Organisation.objects.filter(pk=cast.tti.pk).update(**values)
    assert visible_to(cast.broker.fresh()).exists() is sees


def test_member_of_a_tti_without_the_broker_role_sees_no_pairs_of_others(cast):
    match_of(*pair(cast.home, cast.outside))
    Membership.objects.filter(user=cast.broker.user).update(roles=["editor"])
    assert not visible_to(cast.broker.fresh()).exists()


def test_triage_holds_open_pairs_only(cast):
    need, technology = pair(cast.home, cast.outside)
    match_of(need, technology)
    assert for_triage(cast.broker.actor).count() == 1
    Match.objects.update(need_answer="declined", need_reason="funds")
    assert for_triage(cast.broker.actor).count() == 0
    assert for_triage(cast.owner.actor).count() == 0


def test_inbox_of_a_side_holds_that_side_only(cast):
    match_of(*pair(cast.home, cast.outside))
    assert of_side(cast.owner.actor, "need").count() == 1
    assert of_side(cast.owner.actor, "technology").count() == 0
    assert of_side(cast.outsider.actor, "technology").count() == 1
    assert of_side(cast.broker.actor, "need").count() == 0
