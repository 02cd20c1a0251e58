"""Writing, signing and deciding on disclosures; who reads them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from deals.actions import disclosure_decisions as decisions
from deals.actions import disclosure_signing as signing
from deals.actions import disclosures as actions
from deals.disclosure_content import novelty
from deals.disclosure_states import TRANSITIONS
from deals.models import Case, Disclosure, DisclosureInventor, InformalTransfer
from deals.queries.disclosures import inbox, mine, visible_to
from events.models import Event, Notification
from marketplace.core.errors import Conflict, DomainError, Invalid, NotFound, Refused, Stale
from marketplace.core.jobs import Job
from tests.deals.disclosures.factories import (
    ROWS,
    TEXT,
    asked,
    begun,
    confirm,
    digest_of,
    mailed,
    submitted,
    written,
)

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def refused(error: type[Exception], act: Any, /, **given: Any) -> Any:
    with pytest.raises(error) as raised:
        act(**given)
    return raised.value


def rows_of(*changes: tuple[int, str, Any]) -> list[dict[str, Any]]:
    rows = [dict(row) for row in ROWS]
    for place, name, value in changes:
        rows[place][name] = value
    return rows


# --- Writing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        (rows_of((1, "share", Decimal("66.65"))), "rows"),
        (rows_of((1, "share", Decimal("66.67"))), "rows"),
        (rows_of((1, "share", Decimal("0"))), "rows.1.share"),
        (rows_of((1, "share", Decimal("-1"))), "rows.1.share"),
        (rows_of((1, "share", Decimal("1e9"))), "rows.1.share"),
        (rows_of((1, "share", "many")), "rows.1.share"),
        (rows_of((1, "share", Decimal("NaN"))), "rows.1.share"),
        (rows_of((1, "share", None)), "rows.1.share"),
        (rows_of((1, "email", "WEI@inventors.example")), "rows.1.email"),
        (rows_of((1, "email", "nobody")), "rows.1.email"),
        (rows_of((1, "name", "")), "rows.1.name"),
        (rows_of((1, "name", "A\x00B")), "rows.1.name"),
        ([], "rows"),
        (ROWS * 11, "rows"),
    ],
)
def test_a_faulty_row_of_inventors_is_named_and_nothing_is_stored(
    cast: Cast, rows: Any, field: str
) -> None:
    made = begun(cast)
    error = refused(
        Invalid, actions.set_inventors, actor=cast.outsider.actor, disclosure_id=made.pk, rows=rows
    )
    assert field in error.fields
    assert not made.inventors.exists()


def test_parts_come_to_a_hundred_exactly_and_the_sum_is_said(cast: Cast) -> None:
    made = begun(cast)
    error = refused(
        Invalid, actions.set_inventors, actor=cast.outsider.actor, disclosure_id=made.pk,
        rows=rows_of((1, "share", Decimal("66.65"))),
    )  # fmt: skip
    assert "99.99" in str(error.fields["rows"][0])
    assert written(cast).inventors.count() == 2


def test_what_is_missing_is_said_before_anybody_is_asked(cast: Cast) -> None:
    made = actions.begin_disclosure(actor=cast.outsider.actor, facts={})
    error = refused(
        Invalid, signing.ask_for_signatures, actor=cast.outsider.actor, disclosure_id=made.pk
    )
    assert {*error.fields} == {
        "title_en", "description_en", "conceived_on", "institution", "inventors"
    }  # fmt: skip
    assert not Job.objects.filter(kind="accounts.send_mail").exists()


def test_who_has_no_verified_organisation_asks_nobody(cast: Cast) -> None:
    refused(Refused, actions.begin_disclosure, actor=cast.newcomer.actor, facts={})
    made = actions.begin_disclosure(actor=cast.claimant.actor, facts={"title_en": "A"})
    error = refused(
        Refused, signing.ask_for_signatures, actor=cast.claimant.actor, disclosure_id=made.pk
    )
    assert error.code == "not_verified"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"title_en": "A\x00"}, "title_en"), ({"title_en": "x" * 201}, "title_en"),
        ({"trl": 10}, "trl"), ({"trl": 0}, "trl"), ({"institution": 0}, "institution"),
        ({"conceived_on": dt.date(9999, 12, 31)}, "conceived_on"),
    ],
)  # fmt: skip
def test_odd_input_is_refused_at_its_field(cast: Cast, facts: Any, field: str) -> None:
    error = refused(Invalid, begun, cast=cast, **facts)
    assert field in error.fields


def test_novelty_is_lost_by_a_publication_and_endangered_by_a_near_one() -> None:
    today = dt.date(2026, 5, 1)
    days = (None, 0, -400, 1, 90, 91)
    dates = [None if one is None else today + dt.timedelta(days=one) for one in days]
    assert [novelty(one, today) for one in dates] == [
        "", "published", "published", "soon", "soon", "",
    ]  # fmt: skip


def test_an_older_version_changes_nothing(cast: Cast) -> None:
    made = written(cast)
    old = made.version
    actions.change_disclosure(
        actor=cast.outsider.actor, disclosure_id=made.pk, facts={"title_en": "Newer"}
    )
    refused(
        Stale, actions.change_disclosure, actor=cast.outsider.actor, disclosure_id=made.pk,
        facts={"title_en": "Older"}, expected_version=old,
    )  # fmt: skip
    made.refresh_from_db()
    assert made.title_en == "Newer"


# --- Signing -------------------------------------------------------------------------------------


def test_with_the_last_signature_it_is_submitted_and_the_institution_told(cast: Cast) -> None:
    made = submitted(cast)
    assert made.state == "submitted"
    assert {one.signed_digest for one in made.inventors.all()} == {digest_of(made)}
    told = Notification.objects.filter(kind="disclosure.came").values_list("recipient", flat=True)
    assert list(told) == [cast.broker.user.pk]


def test_the_mail_and_every_row_beside_the_disclosure_keep_the_invention_secret(
    cast: Cast,
) -> None:
    made, links = asked(cast)
    assert {*links} == {"wei@inventors.example", "ada@inventors.example"}
    for letter in mail.outbox:
        assert made.title_en not in f"{letter.subject}{letter.body}"
    waiting = "".join(str(job.payload) for job in Job.objects.all())
    events = "".join(f"{row.data}{row.before}{row.after}" for row in Event.objects.all())
    hashes = "".join(DisclosureInventor.objects.values_list("link_digest", flat=True))
    for secret in links.values():
        assert secret not in waiting + hashes
    for word in (made.title_en, TEXT, "Wei Lan", "wei@inventors.example"):
        assert word not in waiting + events


def test_a_link_works_once_and_for_two_weeks(cast: Cast) -> None:
    made, links = asked(cast)
    given = {"actor": cast.visitor.actor, "name": "wei  LAN", "seen": digest_of(made)}
    secret = links["wei@inventors.example"]
    signing.sign_by_link(**given, secret=secret)
    refused(NotFound, signing.sign_by_link, **given, secret=secret)
    other = links["ada@inventors.example"]
    made.inventors.filter(email="ada@inventors.example").update(link_expires_at=timezone.now())
    refused(NotFound, signing.sign_by_link, **given, secret=other)
    for odd in ("", "x", "x" * 5000, "\x00", secret[:-1]):
        refused(NotFound, signing.find_by_link, secret=odd)


def test_one_signs_with_the_own_name_over_what_was_read(cast: Cast) -> None:
    made, links = asked(cast)
    one = {"actor": cast.visitor.actor, "secret": links["wei@inventors.example"]}
    error = refused(Invalid, signing.sign_by_link, **one, name="Ada Moss", seen=digest_of(made))
    assert "name" in error.fields
    refused(Stale, signing.sign_by_link, **one, name="Wei Lan", seen="0" * 64)
    assert not made.inventors.filter(signed_at__isnull=False).exists()


@pytest.mark.parametrize("change", ["title", "share", "institution"])
def test_a_change_after_a_signature_voids_it_and_kills_the_links(cast: Cast, change: str) -> None:
    made, links = asked(cast)
    signing.sign_by_link(
        actor=cast.visitor.actor, secret=links["wei@inventors.example"], name="Wei Lan",
        seen=digest_of(made),
    )  # fmt: skip
    before = digest_of(made)
    one: dict[str, Any] = {"actor": cast.outsider.actor, "disclosure_id": made.pk}
    if change == "share":
        rows = rows_of((0, "share", Decimal("50")), (1, "share", Decimal("50")))
        _made, voided = actions.set_inventors(**one, rows=rows)
    else:
        facts = {"title_en": "Loud binder"} if change == "title" else {"institution": None}
        _made, voided = actions.change_disclosure(**one, facts=facts)
    assert voided == 1
    assert digest_of(made) != before
    assert made.state == "draft"
    assert not made.inventors.exclude(signed_digest="", link_digest="").exists()
    refused(NotFound, signing.find_by_link, secret=links["ada@inventors.example"])


def test_saving_without_a_change_voids_nothing(cast: Cast) -> None:
    made, links = asked(cast)
    one: dict[str, Any] = {"actor": cast.outsider.actor, "disclosure_id": made.pk}
    assert actions.change_disclosure(**one, facts={"title_en": made.title_en})[1] == 0
    assert actions.set_inventors(**one, rows=ROWS)[1] == 0
    made.refresh_from_db()
    assert made.state == "signing"
    assert signing.find_by_link(links["wei@inventors.example"])


def test_a_link_is_sent_again_after_ten_minutes_and_the_old_one_is_dead(cast: Cast) -> None:
    made, links = asked(cast)
    row = made.inventors.get(email="wei@inventors.example")
    one = {"actor": cast.outsider.actor, "disclosure_id": made.pk, "inventor": row.public_id}
    refused(Conflict, signing.send_link, **one)
    made.inventors.update(link_sent_at=timezone.now() - dt.timedelta(minutes=11))
    mail.outbox.clear()
    signing.send_link(**one)
    anew = mailed()["wei@inventors.example"]
    assert anew != links["wei@inventors.example"]
    refused(NotFound, signing.find_by_link, secret=links["wei@inventors.example"])
    assert signing.find_by_link(anew).pk == row.pk
    refused(NotFound, signing.send_link, **{**one, "inventor": "\x00"})
    Disclosure.objects.update(links_sent=signing.MAX_LINKS)
    made.inventors.update(link_sent_at=None)
    assert refused(Conflict, signing.send_link, **one).code == "too_many_links"


def test_an_inventor_signs_in_person_with_a_confirmed_address_alone(cast: Cast) -> None:
    made, _links = asked(cast)
    given = {"disclosure_id": made.pk, "name": "Wei Lan", "seen": digest_of(made)}
    refused(NotFound, signing.sign_in_person, actor=cast.newcomer.actor, **given)
    confirm(cast.newcomer, "Wei@inventors.example")
    refused(Refused, signing.sign_in_person, actor=cast.outsider.actor, **given)
    signing.sign_in_person(actor=cast.newcomer.actor, **given)
    refused(Conflict, signing.sign_in_person, actor=cast.newcomer.actor, **given)
    assert made.inventors.filter(signed_at__isnull=False).count() == 1


# --- Who reads it --------------------------------------------------------------------------------


def test_each_state_is_read_by_whom_it_concerns(cast: Cast) -> None:
    confirm(cast.newcomer, "wei@inventors.example")
    Membership.objects.create(user=cast.rival.user, organisation=cast.outside, roles=["owner"])
    Membership.objects.create(user=cast.claimant.user, organisation=cast.tti, roles=["analyst"])
    for name in ("rival", "claimant"):
        getattr(cast, name).fresh()

    def readers(made: Disclosure) -> set[str]:
        return {
            name for name, player in cast.everybody.items()
            if visible_to(player.actor).filter(pk=made.pk).exists()
        }  # fmt: skip

    draft = written(cast)
    assert readers(draft) == {"outsider"}
    signing.ask_for_signatures(actor=cast.outsider.actor, disclosure_id=draft.pk)
    assert readers(draft) == {"outsider", "newcomer"}
    assert readers(submitted(cast)) == {"outsider", "newcomer", "broker"}
    assert inbox(cast.broker.actor).count() == 1
    assert mine(cast.newcomer.actor).count() == 2


def test_who_leaves_reads_no_more(cast: Cast) -> None:
    made = submitted(cast)
    Membership.objects.filter(user__in=[cast.broker.user, cast.outsider.user]).delete()
    for player in (cast.broker, cast.outsider):
        assert not visible_to(player.fresh()).filter(pk=made.pk).exists()


def test_the_outside_world_hears_of_a_disclosure_when_it_is_submitted(cast: Cast) -> None:
    made, _links = asked(cast)
    rows = Event.objects.filter(object_type="disclosure", object_id=made.public_id)
    assert {tuple(row.organisation_ids) for row in rows} == {()}
    submitted(cast)
    last = Event.objects.get(kind="disclosure.submitted")
    assert last.organisation_ids == [cast.tti.pk]


# --- Deciding ------------------------------------------------------------------------------------


def test_accepting_opens_a_case_with_a_docket_once(cast: Cast) -> None:
    made = submitted(cast)
    case = decisions.accept_disclosure(actor=cast.broker.actor, disclosure_id=made.pk)
    made.refresh_from_db()
    assert (made.state, made.case_id) == ("accepted", case.pk)
    assert (case.origin, case.pipeline, case.title) == ("disclosure", "otl", "Quiet binder")
    assert case.responsible_id == cast.broker.user.pk
    assert [one.organisation_id for one in case.clients.all()] == [cast.outside.pk]
    refused(Conflict, decisions.accept_disclosure, actor=cast.broker.actor, disclosure_id=made.pk)
    assert Case.objects.count() == 1


def test_a_returned_one_is_changed_signed_anew_and_submitted_again(cast: Cast) -> None:
    made = submitted(cast)
    one: dict[str, Any] = {"actor": cast.broker.actor, "disclosure_id": made.pk}
    error = refused(Invalid, decisions.return_disclosure, **one, remarks="  ")
    assert "remarks" in error.fields
    refused(Invalid, decisions.return_disclosure, **one, remarks="a\x00")
    refused(Stale, decisions.return_disclosure, **one, remarks="Cycles?", expected_version=1)
    decisions.return_disclosure(**one, remarks="How many cycles?")
    own: dict[str, Any] = {"actor": cast.outsider.actor, "disclosure_id": made.pk}
    _made, voided = actions.change_disclosure(**own, facts={"description_en": "1,000 cycles."})
    assert voided == 2
    mail.outbox.clear()
    signing.ask_for_signatures(**own)
    links = mailed()
    for row in ROWS:
        signing.sign_by_link(
            actor=cast.visitor.actor, secret=links[row["email"]], name=row["name"],
            seen=digest_of(made),
        )  # fmt: skip
    made.refresh_from_db()
    assert (made.state, made.remarks) == ("submitted", "")


def test_one_that_was_returned_is_still_decided_on_when_nobody_answers(cast: Cast) -> None:
    """Its author may have left: the institution can take it up as it was signed, or decline it."""
    first, second = submitted(cast), submitted(cast)
    for made in (first, second):
        one: dict[str, Any] = {"actor": cast.broker.actor, "disclosure_id": made.pk}
        decisions.return_disclosure(**one, remarks="How many cycles?")
    page = cast.broker.client.get(first.get_absolute_url()).content.decode()
    assert "Open a case" in page and 'id="return_remarks"' not in page
    decisions.accept_disclosure(actor=cast.broker.actor, disclosure_id=first.pk)
    decisions.decline_disclosure(
        actor=cast.broker.actor, disclosure_id=second.pk, reason="no_market"
    )
    states = set(Disclosure.objects.values_list("state", flat=True))
    assert states == {"accepted", "declined"}


def test_declining_needs_a_reason_that_is_one(cast: Cast) -> None:
    made = submitted(cast)
    one: dict[str, Any] = {"actor": cast.broker.actor, "disclosure_id": made.pk}
    refused(Invalid, decisions.decline_disclosure, **one, reason="because")
    decisions.decline_disclosure(**one, reason="no_market")
    made.refresh_from_db()
    assert (made.state, made.reason) == ("declined", "no_market")
    assert Notification.objects.filter(kind="disclosure.decided").count() == 1


def test_every_step_in_every_state_and_by_everybody(cast: Cast) -> None:
    """What the table of moves says holds for every action, and others are turned away."""
    confirm(cast.newcomer, "wei@inventors.example")
    made = {"draft": written(cast), "signing": asked(cast)[0]}
    for state in ("submitted", "returned", "declined", "accepted"):
        made[state] = submitted(cast)
    broker = cast.broker.actor
    decisions.return_disclosure(actor=broker, disclosure_id=made["returned"].pk, remarks="More")
    decisions.decline_disclosure(actor=broker, disclosure_id=made["declined"].pk, reason="other")
    decisions.accept_disclosure(actor=broker, disclosure_id=made["accepted"].pk)

    def steps(one: Disclosure, actor: Any) -> dict[str, Any]:
        given = {"actor": actor, "disclosure_id": one.pk}
        return {
            "edit": lambda: actions.change_disclosure(**given, facts={"title_en": "New"}),
            "ask": lambda: signing.ask_for_signatures(**given),
            "sign": lambda: signing.sign_in_person(**given, name="Wei Lan", seen=digest_of(one)),
            "accept": lambda: decisions.accept_disclosure(**given),
            "return": lambda: decisions.return_disclosure(**given, remarks="More"),
            "decline": lambda: decisions.decline_disclosure(**given, reason="other"),
            "delete": lambda: actions.delete_disclosure(**given),
        }

    whose = {
        "edit": "outsider", "ask": "outsider", "delete": "outsider", "sign": "newcomer",
        "accept": "broker", "return": "broker", "decline": "broker",
    }  # fmt: skip
    strangers = {"owner", "rival", "operator", "moderator", "registrar", "visitor"}
    for state, one in made.items():
        for role in ("outsider", "newcomer", "broker", *strangers):
            player = getattr(cast, role)
            for name, act in steps(one, player.actor).items():
                may = whose[name] == role and name in TRANSITIONS.allowed(state)
                with transaction.atomic():
                    try:
                        act()
                        status = 200
                    except DomainError as error:
                        status = error.status
                    transaction.set_rollback(True)
                what = f"{name} {state} {role}: {status}"
                assert (status == 200) == may, what
                if role in strangers:
                    assert status == 404, what


# --- Informal ways -------------------------------------------------------------------------------


def test_informal_ways_are_recorded_without_a_case(cast: Cast) -> None:
    facts = {
        "route": "consulting", "what": "Advice on cells", "partner": "Kite",
        "happened_on": timezone.localdate(), "institution": cast.tti.pk,
    }  # fmt: skip
    made = actions.record_informal(actor=cast.outsider.actor, facts=facts)
    assert not Case.objects.exists()
    later = {**facts, "happened_on": timezone.localdate() + dt.timedelta(days=1)}
    odd = ({"what": "\x00"}, {"route": "x"}, {"partner": ""}, {"institution": None})
    for wrong in (later, *({**facts, **one} for one in odd)):
        refused(Invalid, actions.record_informal, actor=cast.outsider.actor, facts=wrong)
    assert InformalTransfer.objects.get() == made


def test_closing_an_account_takes_drafts_along_and_leaves_what_was_submitted(cast: Cast) -> None:
    from deals.people import forget

    written(cast)
    kept = submitted(cast)
    forget(cast.outsider.user.pk)
    assert list(Disclosure.objects.all()) == [kept]
