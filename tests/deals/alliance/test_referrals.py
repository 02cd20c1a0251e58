"""Cases offered to an alliance: who claims, who reads what, what is frozen, who may leave."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from accounts.actions.alliances import leave_alliance, remove_organisation
from accounts.models import AllianceMember, Membership
from accounts.queries import actor_for
from deals.actions.agreements import answer_split, digest_of, propose_split
from deals.actions.case_endings import close_case, reopen_case
from deals.actions.referral_carrying import (
    end_referral,
    expire_referrals,
    remind_of_reports,
    report,
    take_back,
)
from deals.actions.referrals import (
    claim_referral,
    confirm_claim,
    publish_referral,
    release_claim,
    withdraw_referral,
)
from deals.models import Case, Referral, ReferralAgreement, ReferralReport
from deals.queries import cases
from deals.queries.referrals import agreement_in_force, board, counted, visible_to
from events.models import Event, Notification
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Stale
from tests.accounts.factories import person_in
from tests.deals.alliance import factories
from tests.deals.alliance.factories import SECRET, Allied

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(cast: Cast) -> Allied:
    return factories.allied(cast)


def test_handed_over_with_a_split_that_both_accepted(cast: Cast, group: Allied) -> None:
    referral = factories.carried(cast, group)
    ours, theirs = Case.objects.get(pk=referral.case_id), referral.carried_case
    assert theirs is not None and theirs.organisation == group.second
    assert (ours.state, ours.outcome, ours.reason) == ("closed", "referred", "handed_over")
    assert (theirs.origin, theirs.number, theirs.responsible) == ("referral", 1, group.second_user)
    assert [row.name for row in theirs.clients.all()] == ["Kiln Works"]
    assert [row.mail for row in theirs.contacts.all()] == ["mei@kiln.example"]
    assert not theirs.notes.exists()
    agreement = agreement_in_force(referral)
    assert agreement is not None and agreement.digest == digest_of(agreement.text)
    assert "40.00%" in agreement.text and agreement.referring_name and agreement.closing_name
    assert referral.report_by == timezone.localdate() + dt.timedelta(days=30)
    for change in ({"referring_percent": Decimal(50), "closing_percent": Decimal(50)},
                   {"text": "other"}, {"closing_name": "Nobody"}):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            ReferralAgreement.objects.filter(pk=agreement.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        agreement.delete()


def test_shared_the_case_stays_open_at_both(cast: Cast, group: Allied) -> None:
    referral = factories.carried(cast, group, mode="share")
    assert Case.objects.get(pk=referral.case_id).state == "open"
    assert referral.carried_case is not None and referral.carried_case.state == "open"
    # each keeps its own book: neither sees the other's case, so no note can be read
    assert not cases.visible_to(group.second_broker).filter(pk=referral.case_id).exists()
    assert not cases.visible_to(cast.broker.actor).filter(pk=referral.carried_case_id).exists()


def test_the_publisher_chooses_among_claims(cast: Cast, group: Allied) -> None:
    referral = factories.published(cast, group, choice="pick")
    for actor in (group.second_broker, group.third_broker):
        claim_referral(actor=actor, referral_id=referral.pk, accepts_split=True)
    with pytest.raises(Conflict, match="claimed it already"):
        claim_referral(actor=group.third_broker, referral_id=referral.pk, accepts_split=True)
    chosen = referral.claims.get(organisation=group.third)
    confirm_claim(actor=cast.broker.actor, referral_id=referral.pk, claim=chosen.public_id)
    referral.refresh_from_db()
    assert referral.carrier == group.third
    assert referral.claims.get(organisation=group.second).state == "declined"
    with pytest.raises(Refused):  # who was not chosen reads the board, and writes nothing
        report(actor=group.second_broker, referral_id=referral.pk, body="Hello")


def test_a_claim_given_up_makes_room(cast: Cast, group: Allied) -> None:
    referral = factories.claimed(cast, group)
    with pytest.raises(Conflict):
        claim_referral(actor=group.third_broker, referral_id=referral.pk, accepts_split=True)
    claim = referral.claims.get().public_id
    with pytest.raises(NotFound):  # the third institution has nothing to say
        release_claim(actor=group.third_broker, referral_id=referral.pk, claim=claim)
    release_claim(actor=group.second_broker, referral_id=referral.pk, claim=claim)
    claim_referral(actor=group.third_broker, referral_id=referral.pk, accepts_split=True)
    with pytest.raises(NotFound):  # declined ones are not confirmed
        confirm_claim(actor=cast.broker.actor, referral_id=referral.pk, claim=claim)
    with pytest.raises(Refused):
        confirm_claim(
            actor=group.third_broker, referral_id=referral.pk,
            claim=referral.claims.get(state="waiting").public_id,
        )  # fmt: skip


def test_who_reads_the_board(cast: Cast, group: Allied) -> None:
    referral = factories.published(cast, group)
    outsiders = {name: player.actor for name, player in cast.everybody.items() if name != "broker"}
    outsiders["analyst of a member"] = actor_for(person_in(group.second, "analyst"), "en")
    for name, actor in outsiders.items():
        assert not visible_to(actor).exists(), name
        with pytest.raises(NotFound):
            claim_referral(actor=actor, referral_id=referral.pk, accepts_split=True)
    with pytest.raises(Refused):  # nobody claims its own
        claim_referral(actor=cast.broker.actor, referral_id=referral.pk, accepts_split=True)
    # a member that left, or is no longer verified, reads nothing of the board
    group.third.verified_at = None
    group.third.save()
    group.fresh()
    assert not visible_to(group.third_broker).exists()
    leave_alliance(
        actor=group.second_broker, alliance_id=group.alliance.pk, organisation_id=group.second.pk
    )
    assert not visible_to(group.second_broker).exists()


def test_a_member_without_a_part_loses_it_when_it_ends(cast: Cast, group: Allied) -> None:
    referral = factories.carried(cast, group)
    assert list(board(group.third_broker, "carried")) == [referral]
    assert counted(group.third_broker) == {"open": 0, "carried": 1, "ours": 0}
    end_referral(actor=group.second_broker, referral_id=referral.pk, body="Signed.")
    assert not visible_to(group.third_broker).exists()
    assert counted(group.second_broker) == {"open": 0, "carried": 0, "ours": 1}
    assert visible_to(cast.broker.actor).get().state == "ended"


def test_notes_go_nowhere(cast: Cast, group: Allied) -> None:
    referral = factories.carried(cast, group, mode="share")
    report(actor=group.second_broker, referral_id=referral.pk, body="First talks on Monday.")
    told = str(list(Notification.objects.values())) + str(list(Event.objects.values()))
    assert SECRET not in told and "Kiln" not in told and "First talks" not in told


def test_leaving_waits_for_open_referrals(cast: Cast, group: Allied) -> None:
    referral = factories.carried(cast, group)
    for leave in (
        lambda: leave_alliance(
            actor=group.second_broker, alliance_id=group.alliance.pk,
            organisation_id=group.second.pk,
        ),
        lambda: remove_organisation(
            actor=cast.broker.actor, alliance_id=group.alliance.pk,
            organisation_id=group.second.pk,
        ),
    ):  # fmt: skip
        with pytest.raises(Conflict, match=referral.public_id):
            leave()
    end_referral(actor=cast.broker.actor, referral_id=referral.pk, body="Thank you.")
    leave_alliance(
        actor=group.second_broker, alliance_id=group.alliance.pk, organisation_id=group.second.pk
    )
    assert visible_to(group.second_broker).get() == referral  # what was its own stays readable


def test_a_claimant_that_left_is_not_confirmed(cast: Cast, group: Allied) -> None:
    referral = factories.published(cast, group, choice="pick")
    claim_referral(actor=group.second_broker, referral_id=referral.pk, accepts_split=True)
    AllianceMember.objects.filter(organisation=group.second).update(state="left")
    with pytest.raises(Conflict, match="left the alliance"):
        confirm_claim(
            actor=cast.broker.actor, referral_id=referral.pk,
            claim=referral.claims.get().public_id,
        )  # fmt: skip


def test_taken_back_when_no_report_comes(cast: Cast, group: Allied) -> None:
    referral = factories.carried(cast, group)
    with pytest.raises(Conflict, match="overdue"):
        take_back(actor=cast.broker.actor, referral_id=referral.pk)
    factories.late(referral)
    with pytest.raises(Refused):
        take_back(actor=group.second_broker, referral_id=referral.pk)
    take_back(actor=cast.broker.actor, referral_id=referral.pk)
    referral.refresh_from_db()
    assert referral.state == "taken_back"
    assert Case.objects.get(pk=referral.case_id).state == "open"
    theirs = Case.objects.get(pk=referral.carried_case_id)
    assert (theirs.state, theirs.reason) == ("closed", "taken_back")
    again = factories.published(cast, group, Case.objects.get(pk=referral.case_id))
    assert again.state == "open"


def test_a_report_moves_the_day_and_stays_as_it_was_written(cast: Cast, group: Allied) -> None:
    referral = factories.late(factories.carried(cast, group))
    assert remind_of_reports() == 1 == remind_of_reports()
    overdue = Notification.objects.filter(kind="referral.overdue")
    assert sorted(overdue.values_list("recipient_id", flat=True)) == sorted(
        [cast.broker.user.pk, group.second_user.pk]  # type: ignore[union-attr]
    )
    row = report(actor=group.second_broker, referral_id=referral.pk, body="We meet on Monday.")
    referral.refresh_from_db()
    assert referral.report_by == timezone.localdate() + dt.timedelta(days=30)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReferralReport.objects.filter(pk=row.pk).update(body="We met.")
    with pytest.raises(Invalid):
        report(actor=group.second_broker, referral_id=referral.pk, body=" \n ")
    with pytest.raises(Invalid):
        report(actor=group.second_broker, referral_id=referral.pk, body="x" * 4001)


def test_a_split_is_replaced_only_by_one_that_both_accept(cast: Cast, group: Allied) -> None:
    referral = factories.carried(cast, group)
    parts = {"referring_percent": Decimal("33.33"), "closing_percent": Decimal("66.67")}
    made = propose_split(actor=group.second_broker, referral_id=referral.pk, **parts)
    assert agreement_in_force(referral).number == 1  # type: ignore[union-attr]
    with pytest.raises(Conflict, match="other institution"):
        factories.accept_split(group.second_broker, referral)
    with pytest.raises(Conflict, match="waits already"):
        propose_split(actor=cast.broker.actor, referral_id=referral.pk, **parts)
    with pytest.raises(IntegrityError), transaction.atomic():  # what one accepted stays
        ReferralAgreement.objects.filter(pk=made.pk).update(digest="0" * 64)
    with pytest.raises(Refused):
        factories.accept_split(group.third_broker, referral)
    factories.accept_split(cast.broker.actor, referral)
    in_force = agreement_in_force(referral)
    assert in_force is not None and in_force.pk == made.pk
    assert in_force.referring_percent == Decimal("33.33")
    propose_split(actor=cast.broker.actor, referral_id=referral.pk, **parts)
    seen = factories.waiting(referral)
    answer_split(actor=group.second_broker, referral_id=referral.pk, number=seen, accept=False)
    assert referral.agreements.count() == 2
    # a page that was opened for the one that is off accepts no other
    worse = {"referring_percent": Decimal(95), "closing_percent": Decimal(5)}
    propose_split(actor=cast.broker.actor, referral_id=referral.pk, **worse)
    with pytest.raises(NotFound):
        answer_split(actor=group.second_broker, referral_id=referral.pk, number=seen, accept=True)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"closing_percent": Decimal("59.99")}, "closing_percent"),
        ({"referring_percent": Decimal("-1"), "closing_percent": Decimal(101)},
         "referring_percent"),
        ({"referring_percent": Decimal("33.333"), "closing_percent": Decimal("66.667")},
         "referring_percent"),
        ({"referring_percent": Decimal("NaN")}, "referring_percent"),
        ({"referring_percent": None}, "referring_percent"),
        ({"claim_by": dt.date(2020, 1, 1)}, "claim_by"),
        ({"claim_by": dt.date(9999, 12, 31)}, "claim_by"),
        ({"claim_by": None}, "claim_by"),
        ({"report_days": 0}, "report_days"),
        ({"seeks": "x"}, "seeks"),
        ({"mode": None}, "mode"),
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"listing": "0000000000"}, "listing"),
        ({"listing": "\x00"}, "listing"),
    ],
)  # fmt: skip
def test_each_fault_stands_at_its_field(
    cast: Cast, group: Allied, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as error:
        factories.published(cast, group, **wrong)
    assert field in error.value.fields
    assert not Referral.objects.exists()


def test_a_case_is_offered_once_and_to_an_own_alliance(cast: Cast, group: Allied) -> None:
    case = factories.client_case(cast)
    referral = factories.published(cast, group, case)
    with pytest.raises(Conflict, match="already"):
        factories.published(cast, group, case)
    with pytest.raises(Stale):
        withdraw_referral(actor=cast.broker.actor, referral_id=referral.pk, expected_version=7)
    withdraw_referral(actor=cast.broker.actor, referral_id=referral.pk, expected_version=1)
    with pytest.raises(NotFound):  # a case of others
        publish_referral(
            actor=group.second_broker, case_id=case.pk, alliance=group.alliance.public_id,
            facts=factories.facts(),
        )  # fmt: skip
    with pytest.raises(Invalid):
        publish_referral(
            actor=cast.broker.actor, case_id=case.pk, alliance="0000000000",
            facts=factories.facts(),
        )  # fmt: skip
    close_case(actor=cast.broker.actor, case_id=case.pk, outcome="lost", reason="funds")
    with pytest.raises(Conflict, match="closed"):
        factories.published(cast, group, case)


def test_nobody_claims_after_the_day(cast: Cast, group: Allied) -> None:
    referral = factories.published(cast, group)
    with pytest.raises(Invalid):
        claim_referral(actor=group.second_broker, referral_id=referral.pk, accepts_split=False)
    Referral.objects.update(claim_by=timezone.localdate() - dt.timedelta(days=1))
    with pytest.raises(Conflict, match="gone by"):
        claim_referral(actor=group.second_broker, referral_id=referral.pk, accepts_split=True)
    assert (expire_referrals(), expire_referrals()) == (1, 0)
    assert Referral.objects.get().state == "expired"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_claim_at_once_one_has_it(cast: Cast, group: Allied) -> None:
    referral = factories.published(cast, group)
    start = threading.Barrier(2)
    told: list[str] = []

    def claim(actor: Any) -> None:
        start.wait()
        try:
            claim_referral(actor=actor, referral_id=referral.pk, accepts_split=True)
            told.append("claimed")
        except Conflict as error:
            told.append(error.code)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=claim, args=(actor,))
        for actor in (group.second_broker, group.third_broker)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["claimed", "wrong_state"]
    assert referral.claims.count() == 1


def test_a_shared_case_is_offered_no_second_time(cast: Cast, group: Allied) -> None:
    shared = factories.carried(cast, group, mode="share")
    with pytest.raises(Conflict, match="shared with another"):
        factories.published(cast, group, shared.case)


def test_nobody_confirms_its_own_claim(cast: Cast, group: Allied) -> None:
    referral = factories.claimed(cast, group)
    Membership.objects.create(
        user=group.second_user, organisation=cast.tti, roles=["broker", "editor"]
    )
    group.fresh()
    with pytest.raises(Refused, match="yourself"):
        confirm_claim(
            actor=group.second_broker, referral_id=referral.pk,
            claim=referral.claims.get().public_id,
        )  # fmt: skip


def test_an_institution_that_is_verified_no_more_gets_no_contacts(
    cast: Cast, group: Allied
) -> None:
    referral = factories.claimed(cast, group)
    group.second.verified_at = None
    group.second.save()
    with pytest.raises(Conflict, match="verified"):
        confirm_claim(
            actor=cast.broker.actor, referral_id=referral.pk,
            claim=referral.claims.get().public_id,
        )  # fmt: skip


def test_what_another_carries_on_is_not_reopened(cast: Cast, group: Allied) -> None:
    referral = factories.late(factories.carried(cast, group))
    with pytest.raises(Conflict, match="carries this case on"):
        reopen_case(actor=cast.broker.actor, case_id=referral.case_id)
    take_back(actor=cast.broker.actor, referral_id=referral.pk)
    with pytest.raises(Conflict, match="carries this case on"):
        reopen_case(actor=group.second_broker, case_id=referral.carried_case_id)  # type: ignore[arg-type]
