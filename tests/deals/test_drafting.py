"""From an introduction to a contract draft: prefilled, once, and never naming who is anonymous."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contracts.models import Contract
from deals.actions.drafting import draft_contract
from deals.actions.releases import release_identity
from events.models import Notification
from marketplace.core.errors import Conflict, Invalid, NotFound
from tests.deals import factories

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("offered", "wanted", "expected"),
    [
        (["assignment", "ordinary_licence"], ["ordinary_licence"], ("licence", "ordinary_licence")),
        (["joint_development"], [], ("development", "cooperative")),
        ([], ["consulting"], ("consulting", "")),
        ([], [], ("service", "")),
    ],
)
def test_the_type_follows_a_mode_that_both_name(
    cast: Cast, offered: list[str], wanted: list[str], expected: tuple[str, str]
) -> None:
    made = factories.introduced(cast, technology={"modes": offered}, need={"modes": wanted})

    drafted = draft_contract(actor=cast.outsider.actor, introduction_id=made.pk)

    assert (drafted.type, drafted.sub_type) == expected
    assert drafted.title_en == made.technology.title_en and drafted.field == "new_energy"


def test_parties_and_the_broker_are_filled_in_and_the_others_told(cast: Cast) -> None:
    made = factories.with_broker(cast)

    drafted = draft_contract(actor=cast.broker.actor, introduction_id=made.pk)

    assert {(row.role, row.organisation_id) for row in drafted.parties.all()} == {
        ("seller", cast.outside.pk), ("buyer", cast.home.pk), ("broker", cast.tti.pk),
    }  # fmt: skip
    assert drafted.filed_by == cast.tti
    assert drafted.origin == f"introduction:{made.public_id}"
    told = Notification.objects.filter(kind="introduction.contract_drafted")
    assert {row.recipient_id for row in told} == {
        cast.owner.user.pk, cast.colleague.user.pk, cast.outsider.user.pk,
    }  # fmt: skip


def test_there_is_one_draft_until_it_is_given_up(cast: Cast) -> None:
    made = factories.introduced(cast)
    first = draft_contract(actor=cast.outsider.actor, introduction_id=made.pk)
    again = draft_contract(actor=cast.owner.actor, introduction_id=made.pk)
    assert again.pk == first.pk
    Contract.objects.filter(pk=first.pk).update(state="withdrawn")

    anew = draft_contract(actor=cast.owner.actor, introduction_id=made.pk)

    assert anew.pk != first.pk


def test_an_anonymous_side_is_not_put_into_a_contract_before_it_shows_its_name(
    cast: Cast,
) -> None:
    made = factories.introduced(cast, technology={"is_anonymous": True})
    for actor in (cast.owner.actor, cast.outsider.actor):
        with pytest.raises(Conflict):
            draft_contract(actor=actor, introduction_id=made.pk)
    assert not Contract.objects.exists()

    release_identity(actor=cast.outsider.actor, introduction_id=made.pk)

    assert draft_contract(actor=cast.owner.actor, introduction_id=made.pk)


def test_a_confidential_listing_gives_its_title_only_to_who_may_read_it(cast: Cast) -> None:
    made = factories.introduced(
        cast, technology={"visibility": "confidential", "title_en": "Secret title of ours"}
    )
    release_identity(actor=cast.outsider.actor, introduction_id=made.pk)

    drafted = draft_contract(actor=cast.owner.actor, introduction_id=made.pk)

    assert drafted.title_en == made.need.title_en
    assert "Secret" not in str(Contract.objects.values().get())


def test_strangers_and_unknown_modes_are_refused(cast: Cast) -> None:
    made = factories.introduced(cast)

    with pytest.raises(NotFound):
        draft_contract(actor=cast.rival.actor, introduction_id=made.pk)
    with pytest.raises(Invalid):
        draft_contract(actor=cast.owner.actor, introduction_id=made.pk, mode="magic")
    assert not Contract.objects.exists()
