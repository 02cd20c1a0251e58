"""Messages, the agreement, releases, brokers, closing: each step by the right side only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from deals.actions.brokers import ask_for_broker, claim, step_back
from deals.actions.closing import close
from deals.actions.nda import accept_nda
from deals.actions.releases import release_details, release_identity, revoke_release
from deals.actions.talks import post_message
from deals.models import Introduction, IntroductionMessage, NdaAcceptance, State
from deals.nda import text_of
from deals.queries.visibility import claimable_by, visible_to
from events.models import Event, Notification
from listings.disclosure import disclosed
from listings.models import DisclosureGrant
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Stale
from tests.accounts.factories import person_in
from tests.cast import Player
from tests.deals import factories

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
SECRET = {"confidential_text_en": "Lithium difluoro(oxalato)borate at 1.7 percent"}


def say(cast: Cast, who: str, introduction: Introduction, body: str = "Good morning") -> Any:
    return post_message(actor=getattr(cast, who).actor, introduction_id=introduction.pk, body=body)


# --- Who sees it --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("owner", True), ("colleague", True), ("outsider", True), ("broker", True),
        ("rival", False), ("newcomer", False), ("claimant", False), ("registrar", False),
        ("operator", False), ("moderator", False), ("visitor", False),
    ],
)  # fmt: skip
def test_an_introduction_is_seen_by_its_parties_and_its_broker(
    cast: Cast, who: str, sees: bool
) -> None:
    made = factories.with_broker(cast)
    player = getattr(cast, who)

    assert visible_to(player.actor).filter(pk=made.pk).exists() is sees
    if not sees:
        with pytest.raises(NotFound):
            say(cast, who, made)


@pytest.mark.parametrize("role", ["analyst", "registrar"])
def test_a_role_that_does_not_deal_sees_nothing(cast: Cast, role: str) -> None:
    made = factories.introduced(cast)
    reader = Player("reader", person_in(cast.home, role), cast.home, "")

    assert not visible_to(reader.actor).filter(pk=made.pk).exists()


# --- Messages -----------------------------------------------------------------------------------


def test_talks_begin_when_both_sides_have_written(cast: Cast) -> None:
    made = factories.introduced(cast)

    say(cast, "owner", made)
    made.refresh_from_db()
    assert made.state == State.OPEN
    say(cast, "outsider", made)
    made.refresh_from_db()

    assert made.state == State.IN_TALKS
    assert Event.objects.filter(kind="introduction.talks_begun").count() == 1


def test_the_others_are_told_once_until_they_read_and_never_what_was_said(cast: Cast) -> None:
    made = factories.with_broker(cast)
    for number in range(3):
        say(cast, "owner", made, f"Secret words {number}")

    told = Notification.objects.filter(kind="introduction.message")
    assert sorted(told.values_list("recipient_id", flat=True)) == sorted(
        [cast.outsider.user.pk, cast.broker.user.pk]
    )
    assert "Secret words" not in str(list(told.values()))
    assert "Secret words" not in str(list(Event.objects.values()))


@pytest.mark.parametrize("body", ["", "   \n", "x" * 4001, "null\x00byte", "\u202eover", None, 7])
def test_a_bad_message_is_refused_and_nothing_changes(cast: Cast, body: Any) -> None:
    made = factories.introduced(cast)

    with pytest.raises(Invalid) as refusal:
        say(cast, "owner", made, body)

    assert list(refusal.value.fields) == ["body"]
    assert not IntroductionMessage.objects.exists()
    assert Introduction.objects.get().version == made.version


# --- The agreement ------------------------------------------------------------------------------


def test_the_agreement_is_in_force_when_both_have_accepted_the_same_text(cast: Cast) -> None:
    made = factories.introduced(cast)
    factories.accept(made, cast.colleague.actor, "Lin  Lan")
    made.refresh_from_db()
    assert made.state == State.OPEN
    factories.accept(made, cast.outsider.actor, "Wu Di")
    made.refresh_from_db()

    assert made.state == State.IN_TALKS
    [first, second] = NdaAcceptance.objects.order_by("id")
    assert (first.name, first.organisation, first.accepted_by) == (
        "Lin Lan", cast.home, cast.colleague.user,
    )  # fmt: skip
    assert first.text_hash == second.text_hash == text_of(made.nda_version).hash


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"text_hash": "0" * 64}, Stale), ({"name": " "}, Invalid), ({"name": "x" * 81}, Invalid),
        ({"name": "a\x00b"}, Invalid), ({"side": "technology"}, Refused),
    ],
)  # fmt: skip
def test_a_wrong_acceptance_is_refused(
    cast: Cast, values: dict[str, str], error: type[Exception]
) -> None:
    made = factories.introduced(cast)
    given = {"text_hash": text_of(made.nda_version).hash, "name": "Lin Lan", **values}

    with pytest.raises(error):
        accept_nda(actor=cast.owner.actor, introduction_id=made.pk, **given)
    assert not NdaAcceptance.objects.exists()


def test_a_side_accepts_once(cast: Cast) -> None:
    made = factories.introduced(cast)
    factories.accept(made, cast.owner.actor)

    with pytest.raises(Conflict):
        factories.accept(made, cast.colleague.actor)


def test_a_broker_is_no_party_of_the_agreement(cast: Cast) -> None:
    made = factories.with_broker(cast)

    with pytest.raises(Refused):
        factories.accept(made, cast.broker.actor)


def test_the_text_of_an_accepted_version_never_changes() -> None:
    # a changed file would void every acceptance of it: write a new version instead
    assert text_of("2026-01").hash == (
        "683a4faa18c27f522823f3471f747257220155966e3570b1d663390d04cb10a8"
    )


# --- Releases -----------------------------------------------------------------------------------


def test_details_open_only_under_the_agreement_and_only_to_the_other_party(cast: Cast) -> None:
    made = factories.with_broker(cast, technology=SECRET)
    with pytest.raises(Conflict):
        release_details(actor=cast.outsider.actor, introduction_id=made.pk)
    assert disclosed(made.technology, cast.owner.actor).confidential_text_en == ""

    factories.accept(made, cast.owner.actor)
    factories.accept(made, cast.outsider.actor)
    assert disclosed(made.technology, cast.owner.actor).confidential_text_en == ""
    release_details(actor=cast.outsider.actor, introduction_id=made.pk)

    assert disclosed(made.technology, cast.owner.actor).confidential_text_en
    for stranger in (cast.rival, cast.broker, cast.operator, cast.visitor):
        assert disclosed(made.technology, stranger.actor).confidential_text_en == ""


def test_nobody_releases_what_is_not_theirs(cast: Cast) -> None:
    made = factories.under_nda(cast, technology=SECRET)

    with pytest.raises(Refused):
        release_details(actor=cast.owner.actor, introduction_id=made.pk, side="technology")
    release_details(actor=cast.owner.actor, introduction_id=made.pk)
    assert disclosed(made.technology, cast.owner.actor).confidential_text_en == ""


def test_a_release_is_revoked_from_now_on_also_after_closing(cast: Cast) -> None:
    made = factories.under_nda(cast, technology=SECRET)
    release_details(actor=cast.outsider.actor, introduction_id=made.pk)
    close(actor=cast.owner.actor, introduction_id=made.pk, outcome="agreed")
    assert disclosed(made.technology, cast.owner.actor).confidential_text_en

    revoke_release(actor=cast.outsider.actor, introduction_id=made.pk)

    assert disclosed(made.technology, cast.owner.actor).confidential_text_en == ""


def test_closing_without_agreement_ends_the_releases(cast: Cast) -> None:
    made = factories.under_nda(cast, technology=SECRET)
    release_details(actor=cast.outsider.actor, introduction_id=made.pk)

    close(actor=cast.owner.actor, introduction_id=made.pk, outcome="not_agreed", reason="too_dear")

    assert disclosed(made.technology, cast.owner.actor).confidential_text_en == ""
    assert not DisclosureGrant.objects.filter(revoked_at__isnull=True).exists()


def test_closing_one_keeps_what_another_introduction_of_the_two_stands_on(cast: Cast) -> None:
    from deals.actions.opening import open_by_hand
    from tests.listings.factories import published

    made = factories.under_nda(cast, technology=SECRET)
    release_details(actor=cast.outsider.actor, introduction_id=made.pk)
    second_need = published(cast.home, kind="need")
    open_by_hand(actor=cast.owner.actor, need_id=second_need.pk, technology_id=made.technology_id)

    close(actor=cast.owner.actor, introduction_id=made.pk, outcome="lapsed")

    assert disclosed(made.technology, cast.owner.actor).confidential_text_en


def test_an_anonymous_owner_is_named_only_when_it_says_so(cast: Cast) -> None:
    made = factories.with_broker(cast, technology={"is_anonymous": True})
    assert disclosed(made.technology, cast.owner.actor).owner is None

    release_identity(actor=cast.outsider.actor, introduction_id=made.pk)

    for reader in (cast.owner, cast.broker):
        owner = disclosed(made.technology, reader.actor).owner
        assert owner is not None and owner.public_id == cast.outside.public_id
    assert disclosed(made.technology, cast.rival.actor).owner is None


def test_a_former_member_loses_what_was_released(cast: Cast) -> None:
    made = factories.under_nda(cast, technology=SECRET)
    release_details(actor=cast.outsider.actor, introduction_id=made.pk)
    assert disclosed(made.technology, cast.colleague.actor).confidential_text_en

    cast.colleague.user.memberships.all().delete()

    assert disclosed(made.technology, cast.colleague.fresh()).confidential_text_en == ""
    with pytest.raises(NotFound):
        say(cast, "colleague", made)


# --- Brokers ------------------------------------------------------------------------------------


def test_a_wanted_broker_sees_the_request_and_one_takes_it(cast: Cast) -> None:
    made = factories.introduced(cast)
    assert not claimable_by(cast.broker.actor).exists()
    ask_for_broker(actor=cast.owner.actor, introduction_id=made.pk)
    second = Player("second", person_in(cast.tti, "broker"), cast.tti, "")

    assert claimable_by(cast.broker.actor).get() == made
    assert not visible_to(cast.broker.actor).exists()
    claim(actor=cast.broker.actor, introduction_id=made.pk)
    with pytest.raises(Conflict):
        claim(actor=second.actor, introduction_id=made.pk)

    made.refresh_from_db()
    assert (made.state, made.broker) == (State.WITH_BROKER, cast.broker.user)
    assert Event.objects.filter(kind="introduction.claimed").count() == 1


@pytest.mark.parametrize(
    "who", ["rival", "owner", "outsider", "registrar", "operator", "newcomer", "visitor"]
)
def test_only_brokers_of_institutions_take_requests(cast: Cast, who: str) -> None:
    made = factories.introduced(cast)
    ask_for_broker(actor=cast.owner.actor, introduction_id=made.pk)

    assert not claimable_by(getattr(cast, who).actor).exists()
    with pytest.raises((NotFound, Conflict)):
        claim(actor=getattr(cast, who).actor, introduction_id=made.pk)
    made.refresh_from_db()
    assert made.broker_organisation is None


def test_a_confidential_pair_is_never_put_on_the_desks(cast: Cast) -> None:
    made = factories.introduced(cast, technology={"visibility": "confidential"})

    with pytest.raises(Conflict):
        ask_for_broker(actor=cast.owner.actor, introduction_id=made.pk)
    assert not claimable_by(cast.broker.actor).exists()


def test_a_listing_that_turns_confidential_leaves_the_desks(cast: Cast) -> None:
    made = factories.introduced(cast)
    ask_for_broker(actor=cast.owner.actor, introduction_id=made.pk)
    type(made.need).objects.filter(pk=made.need_id).update(visibility="confidential")

    assert not claimable_by(cast.broker.actor).exists()


def test_a_broker_steps_back_and_sees_no_more(cast: Cast) -> None:
    made = factories.with_broker(cast, technology={"is_anonymous": True})
    release_identity(actor=cast.outsider.actor, introduction_id=made.pk)

    step_back(actor=cast.broker.actor, introduction_id=made.pk)

    made.refresh_from_db()
    assert (made.state, made.broker_organisation, made.wants_broker) == (State.OPEN, None, False)
    assert not visible_to(cast.broker.actor).exists()
    assert disclosed(made.technology, cast.broker.actor).owner is None
    assert disclosed(made.technology, cast.owner.actor).owner is not None


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_brokers_who_press_at_once_get_one_introduction(cast: Cast) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    made = factories.introduced(cast)
    ask_for_broker(actor=cast.owner.actor, introduction_id=made.pk)
    actors = [
        Player(f"b{number}", person_in(cast.tti, "broker"), cast.tti, "").actor
        for number in range(4)
    ]

    def press(actor: Any) -> str:
        try:
            claim(actor=actor, introduction_id=made.pk)
        except Conflict:
            return "too late"
        finally:
            connection.close()
        return "mine"

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(press, actors))

    assert answers == ["mine", "too late", "too late", "too late"]


# --- Closing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"outcome": ""}, "outcome"), ({"outcome": "won"}, "outcome"),
        ({"outcome": "not_agreed"}, "reason"),
        ({"outcome": "not_agreed", "reason": "bored"}, "reason"),
        ({"outcome": "lapsed", "words": "x" * 1001}, "words"),
        ({"outcome": "lapsed", "words": "a\x00"}, "words"),
    ],
)  # fmt: skip
def test_a_wrong_closing_is_refused_and_nothing_changes(
    cast: Cast, values: dict[str, str], field: str
) -> None:
    made = factories.introduced(cast)

    with pytest.raises(Invalid) as refusal:
        close(actor=cast.owner.actor, introduction_id=made.pk, **values)

    assert list(refusal.value.fields) == [field]
    assert Introduction.objects.get().state == State.OPEN


def test_the_other_side_reads_why(cast: Cast) -> None:
    made = factories.introduced(cast)

    close(actor=cast.owner.actor, introduction_id=made.pk, outcome="not_agreed", reason="immature")

    row = Notification.objects.get(recipient=cast.outsider.user, kind="introduction.closed")
    assert row.params["reason_en"] == "not mature enough" and row.params["reason_zh"]


@pytest.mark.parametrize(
    "act",
    [
        lambda cast, pk: post_message(actor=cast.owner.actor, introduction_id=pk, body="Hello"),
        lambda cast, pk: ask_for_broker(actor=cast.owner.actor, introduction_id=pk),
        lambda cast, pk: release_details(actor=cast.owner.actor, introduction_id=pk),
        lambda cast, pk: release_identity(actor=cast.owner.actor, introduction_id=pk),
        lambda cast, pk: close(actor=cast.owner.actor, introduction_id=pk, outcome="lapsed"),
        lambda cast, pk: factories.accept(Introduction.objects.get(pk=pk), cast.owner.actor),
    ],
    ids=["message", "broker", "details", "identity", "close", "nda"],
)
def test_nothing_more_is_done_in_a_closed_introduction(cast: Cast, act: Any) -> None:
    made = factories.introduced(cast)
    close(actor=cast.outsider.actor, introduction_id=made.pk, outcome="lapsed")
    events = Event.objects.count()

    with pytest.raises(Conflict):
        act(cast, made.pk)
    assert Event.objects.count() == events


def test_an_older_version_is_refused(cast: Cast) -> None:
    made = factories.introduced(cast)
    say(cast, "outsider", made)

    with pytest.raises(Stale):
        close(
            actor=cast.owner.actor, introduction_id=made.pk, outcome="lapsed",
            expected_version=made.version,
        )  # fmt: skip
