"""Schemes of an organisation's own: what is refused, who approves, and that runs stay as made."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from deals.actions.distribution import approve_run, discard_run, draft_run, reverse_run
from deals.actions.income import choose_scheme
from deals.actions.own_schemes import approve_scheme, change_scheme, discard_scheme, write_scheme
from deals.actions.scheme_document import document_of
from deals.distribution.example import worked
from deals.distribution.parties import BY_CODE
from deals.distribution.schemes import all_schemes, made_of
from deals.distribution.share import distribute
from deals.models import OwnScheme
from deals.queries import own_schemes as queries
from deals.statements.words import remainder_words, scheme_name
from events.models import Event, Notification
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Stale
from tests.deals.centres.factories import approved, percent, scheme_facts, today, written
from tests.deals.income import factories as income

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
D = Decimal


def amounts(run: Any) -> dict[str, Decimal]:
    return {line.code: line.amount for line in run.lines.exclude(kind="inventor")}


# --- Writing -------------------------------------------------------------------------------------


def test_the_kinds_of_beneficiaries_are_those_of_the_platforms_schemes() -> None:
    known = {party.code for scheme in all_schemes().values() for party in scheme.parties}
    assert known == set(BY_CODE)


def test_what_is_written_is_a_scheme_like_the_files(cast: Cast) -> None:
    row = written(cast)
    scheme = queries.scheme_of(row)
    assert scheme.code == f"own-{row.public_id}-1" and scheme.currency == "CNY"
    assert [one.name_en for one in scheme.deductions] == ["Administration", "Unreimbursed costs"]
    # 1,000,000 - 100,000 = 900,000, all in the first tier: 60 to 40
    first, beyond = worked(scheme)
    assert first.net == 900_000
    assert {one.party: one.amount for one in first.shares} == {
        "inventors": D(540_000), "organisation": D(360_000),
    }  # fmt: skip
    assert {one.amount for one in beyond.shares} == {D(450_000)}


def one_tier(**shares: str) -> dict[str, Any]:
    return {"tiers": [{"above": D(0), "shares": percent(**shares)}], "currency": ""}


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        (one_tier(inventors="59.99", organisation="40"), "tiers.0.shares", "0.01% is missing"),
        (one_tier(inventors="60.0001", organisation="40"), "tiers.0.shares", "0.0001% too much"),
        (one_tier(), "tiers.0.shares", "100% is missing"),
        (one_tier(inventors="-1", organisation="101"), "tiers.0.inventors", "from 0 to 100"),
        (one_tier(inventors="33.33333", organisation="66.66667"), "tiers.0.inventors", "four dec"),
        (one_tier(inventors="NaN", organisation="40"), "tiers.0.inventors", "from 0 to 100"),
        (one_tier(inventors="60", king="40"), "tiers.0.shares", "no such beneficiary"),
        ({"tiers": []}, "tiers", "between 1 and 6"),
        ({"tiers": scheme_facts()["tiers"] * 4}, "tiers", "between 1 and 6"),
        ({"currency": ""}, "currency", "in which currency"),
        ({"currency": "XXX"}, "currency", "from the list"),
        ({"rounding_to": "laboratory"}, "rounding_to", "has a share"),
        ({"rounding_to": ""}, "rounding_to", "rounding"),
        ({"name_zh": "", "name_en": " "}, "name_zh", "a name"),
        ({"name_en": "a\x00b"}, "name_en", "control characters"),
        ({"deductions": [{"kind": "gross", "percent": None}]}, "deductions.0.percent", "0 to 100"),
        ({"deductions": [{"kind": "gross", "percent": D("1E+3")}]}, "deductions.0.percent", "100"),
        ({"deductions": [{"kind": "costs"}] * 2}, "deductions.1.kind", "once"),
        ({"deductions": [{"kind": "costs", "percent": D(1)}]}, "deductions.0.percent", "empty"),
        ({"deductions": [{"kind": "tithe"}]}, "deductions.0.kind", "Choose"),
        ({"deductions": [{"kind": "costs"}] * 5}, "deductions", "At most 4"),
        ({"valid_from": None}, "valid_from", "the day"),
        ({"valid_from": dt.date(9999, 12, 31)}, "valid_from", "the day"),
    ],
)
def test_each_fault_stands_at_its_field(
    cast: Cast, wrong: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(Invalid) as refused:
        written(cast, **wrong)
    assert words in str(refused.value.fields[field][0])
    assert not OwnScheme.objects.exists()


@pytest.mark.parametrize(
    "bounds",
    [("1", "2"), ("0", "0"), ("0", "5", "5"), ("0", "9", "8"), ("0", "-1"), ("0", "1E+20")],
)
def test_thresholds_begin_at_0_and_rise(cast: Cast, bounds: tuple[str, ...]) -> None:
    shares = percent(inventors="100")
    rows = [{"above": D(one), "shares": shares} for one in bounds]
    with pytest.raises(Invalid) as refused:
        written(cast, tiers=rows, rounding_to="inventors")
    assert all(name.endswith(".above") for name in refused.value.fields)


@settings(max_examples=60, deadline=None)
@given(
    gross=st.integers(0, 10**13),
    cut=st.integers(0, 1_000_000),
    rate=st.integers(0, 1_000_000),
    before=st.integers(0, 10**12),
)
def test_nothing_is_lost_for_any_amount(gross: int, cut: int, rate: int, before: int) -> None:
    """Deductions and shares add up to the income, to the cent, whatever the percentages."""
    share = D(cut).scaleb(-4)
    facts = scheme_facts(
        deductions=[{"kind": "rest", "percent": D(rate).scaleb(-4), "name": ""}],
        tiers=[
            {"above": D(above), "shares": {"inventors": share, "school": 100 - share}}
            for above in (0, 10_000)
        ],
        rounding_to="inventors" if share else "school",
    )
    blank = {"code": "x", "valid_from": None, "valid_to": None, "sources": [], "note_en": "",
             "note_zh": ""}  # fmt: skip
    told = distribute(
        made_of({**blank, **document_of(facts)}), D(gross).scaleb(-2),
        cumulative=D(before).scaleb(-2),
    )  # fmt: skip
    assert told.gross == sum(one.amount for one in told.deductions) + told.net
    assert told.net == sum(one.amount for one in told.shares)


def test_the_same_written_twice_is_one_draft(cast: Cast) -> None:
    assert written(cast).pk == written(cast).pk
    assert Event.objects.filter(kind="scheme.written").count() == 1
    assert Notification.objects.filter(
        recipient=cast.owner.user, kind="scheme.waits"
    ).count() == 1  # fmt: skip
    told = str(list(Event.objects.filter(kind__startswith="scheme.").values_list("data")))
    assert "Our rule" not in told and "60" not in told.replace(OwnScheme.objects.get().code, "")


# --- Approval ------------------------------------------------------------------------------------


def test_a_second_person_approves_and_then_it_stays(cast: Cast) -> None:
    row = written(cast)
    with pytest.raises(Refused):
        approve_scheme(actor=cast.colleague.actor, scheme_id=row.pk)
    own = write_scheme(
        actor=cast.owner.actor, organisation_id=cast.home.pk, facts=scheme_facts(name_en="Mine")
    )
    with pytest.raises(Refused):  # an owner does not approve what it wrote
        approve_scheme(actor=cast.owner.actor, scheme_id=own.pk)
    # whoever writes a draft anew wrote it
    change_scheme(actor=cast.owner.actor, scheme_id=row.pk, facts=scheme_facts(name_en="New"))
    with pytest.raises(Refused):
        approve_scheme(actor=cast.owner.actor, scheme_id=row.pk)
    done = approve_scheme(actor=income.second_owner(cast), scheme_id=row.pk, expected_version=2)
    assert done.approved_at and done.version == 3
    for step in (
        lambda: change_scheme(actor=cast.owner.actor, scheme_id=row.pk, facts=scheme_facts()),
        lambda: discard_scheme(actor=cast.owner.actor, scheme_id=row.pk),
        lambda: approve_scheme(actor=cast.owner.actor, scheme_id=row.pk),
    ):
        with pytest.raises(Conflict):
            step()


def test_nobody_approves_what_it_wrote_whoever_wrote_last(cast: Cast) -> None:
    row = write_scheme(
        actor=cast.owner.actor, organisation_id=cast.home.pk, facts=scheme_facts(name_en="Mine")
    )
    # a colleague saves it as it is: that is no writing
    same = change_scheme(
        actor=cast.colleague.actor, scheme_id=row.pk, facts=scheme_facts(name_en="Mine"),
        expected_version=1,
    )  # fmt: skip
    assert (same.version, same.made_by_id) == (1, cast.owner.actor.user_id)
    assert not Event.objects.filter(kind="scheme.changed").exists()
    # nor may the author approve it once a colleague changed a word of it
    change_scheme(actor=cast.colleague.actor, scheme_id=row.pk, facts=scheme_facts(name_en="Mine!"))
    row.refresh_from_db()
    assert row.made_by_id == cast.colleague.actor.user_id
    assert not queries.may_approve(row, cast.owner.actor)
    with pytest.raises(Refused):
        approve_scheme(actor=cast.owner.actor, scheme_id=row.pk)
    page = cast.owner.client.get(row.get_absolute_url()).content.decode()
    assert "another owner of the organisation approves it" in page
    assert approve_scheme(actor=income.second_owner(cast), scheme_id=row.pk).approved_at


def test_the_database_keeps_an_approved_one(cast: Cast) -> None:
    row = approved(cast)
    for change in ({"document": {}}, {"valid_from": today()}, {"state": "draft"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            OwnScheme.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        OwnScheme.objects.filter(pk=row.pk).delete()
    draft = written(cast, name_en="Second")
    with pytest.raises(IntegrityError), transaction.atomic():
        OwnScheme.objects.filter(pk=draft.pk).update(organisation=cast.outside)
    with pytest.raises(IntegrityError), transaction.atomic():
        OwnScheme.objects.create(
            organisation=cast.home, family="X" * 10, edition=1, document={}, state="approved",
            valid_from=today(), approved_at=row.approved_at,
        )  # fmt: skip


def test_an_older_version_is_stale(cast: Cast) -> None:
    row = written(cast)
    change_scheme(
        actor=cast.colleague.actor, scheme_id=row.pk, facts=scheme_facts(name_en="B"),
        expected_version=1,
    )  # fmt: skip
    for step in (change_scheme, approve_scheme, discard_scheme):
        more = {"facts": scheme_facts()} if step is change_scheme else {}
        with pytest.raises(Stale):
            step(actor=cast.owner.actor, scheme_id=row.pk, expected_version=1, **more)
    discard_scheme(actor=cast.owner.actor, scheme_id=row.pk, expected_version=2)
    assert not OwnScheme.objects.exists()


def test_nobody_else_finds_it(cast: Cast) -> None:
    row = approved(cast)
    for player in (cast.outsider, cast.rival, cast.broker, cast.newcomer, cast.operator):
        assert not queries.visible_to(player.actor).exists(), player
        for step in (
            lambda actor=player.actor: approve_scheme(actor=actor, scheme_id=row.pk),
            lambda actor=player.actor: discard_scheme(actor=actor, scheme_id=row.pk),
            lambda actor=player.actor: write_scheme(
                actor=actor, organisation_id=cast.home.pk, facts=scheme_facts()
            ),
        ):
            with pytest.raises(NotFound):
                step()
    with pytest.raises(NotFound):  # nor may one go on with another organisation's
        write_scheme(
            actor=cast.outsider.actor, organisation_id=cast.outside.pk, facts=scheme_facts(),
            of=row.pk,
        )  # fmt: skip


# --- Versions and runs ---------------------------------------------------------------------------


def test_a_later_version_holds_from_its_day_and_earlier_runs_stay(cast: Cast) -> None:
    first = approved(cast)
    account = income.opened(cast)
    choose_scheme(actor=cast.colleague.actor, account_id=account.pk, scheme=first.family_code)
    before = today() - dt.timedelta(days=3)
    income.received(cast, account, "1000", received_on=before)
    run = draft_run(actor=cast.colleague.actor, account_id=account.pk, up_to=before)
    run = approve_run(actor=cast.owner.actor, run_id=run.pk)
    assert run.scheme == first.code == f"own-{first.family}-1"
    assert amounts(run) == {
        "percent_0": D(100), "costs_1": D(0), "inventors": D(540), "organisation": D(360),
    }  # fmt: skip
    later = approved(
        cast, first, valid_from=today(), tiers=one_tier(inventors="10", school="90")["tiers"],
        currency="", rounding_to="school", name_en="Our newer rule",
    )  # fmt: skip
    assert later.edition == 2 and later.family == first.family
    # by the day: what is distributed up to yesterday goes by the version of yesterday
    income.received(cast, account, "500", received_on=today() - dt.timedelta(days=2))
    early = draft_run(
        actor=cast.colleague.actor, account_id=account.pk, up_to=today() - dt.timedelta(days=1)
    )
    assert early.scheme == first.code
    discard_run(actor=cast.colleague.actor, run_id=early.pk)
    now = draft_run(actor=cast.colleague.actor, account_id=account.pk, up_to=today())
    assert now.scheme == later.code and amounts(now)["school"] == D(405)
    approve_run(actor=cast.owner.actor, run_id=now.pk)
    # the earlier run says what it said, and can be worked out again to the cent
    scheme = queries.by_code(run.scheme)
    assert scheme and scheme_name(run.scheme).value == "Our rule"
    assert "Organisation" in remainder_words(run.scheme)
    told = distribute(scheme, run.gross, costs=run.costs, cumulative=run.cumulative)
    assert {one.party: one.amount for one in told.shares} == {
        key: value for key, value in amounts(run).items() if key in BY_CODE
    }
    assert scheme_name(now.scheme).value == "Our newer rule"


def test_before_its_first_day_it_does_not_hold(cast: Cast) -> None:
    row = approved(cast, valid_from=today() + dt.timedelta(days=1))
    account = income.opened(cast)
    assert row.family_code not in [one.code for one in queries.choosable(account, today())]
    choose_scheme(actor=cast.colleague.actor, account_id=account.pk, scheme=row.family_code)
    with pytest.raises(Invalid) as refused:
        income.drafted(cast, account, "1000")
    assert "not in force" in str(refused.value.fields["up_to"][0])


def test_only_the_own_approved_and_fitting_one_can_be_chosen(cast: Cast) -> None:
    account = income.opened(cast)
    actor = cast.colleague.actor
    draft = written(cast, name_en="Draft")
    theirs = write_scheme(
        actor=cast.outsider.actor, organisation_id=cast.outside.pk, facts=scheme_facts()
    )
    approve_scheme(actor=_owner_of(cast.outside), scheme_id=theirs.pk)
    dollars = approved(cast, currency="USD", name_en="Dollars")
    for code, word in (
        (draft.family_code, "from the list"), (theirs.family_code, "from the list"),
        (dollars.family_code, "counts in USD"), ("own-", "from the list"),
        ("own-\x00", "from the list"), (f"{dollars.family_code}-1", "from the list"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            choose_scheme(actor=actor, account_id=account.pk, scheme=code)
        assert word in str(refused.value.fields["scheme"][0]), code
    row = approved(cast)
    codes = [one.code for one in queries.choosable(account, today())]
    assert codes[0] == row.family_code and "CN-50" in codes
    assert dollars.family_code not in codes and theirs.family_code not in codes
    # its next version counts in another currency: the run is refused, not worked out wrongly
    choose_scheme(actor=actor, account_id=account.pk, scheme=row.family_code)
    approved(cast, row, currency="USD", valid_from=today())
    with pytest.raises(Invalid) as refused:
        income.drafted(cast, account, "1000")
    assert "counts in USD" in str(refused.value.fields["scheme"][0])


def test_a_version_of_a_day_to_come_does_not_bar_the_choice(cast: Cast) -> None:
    row = approved(cast)
    approved(cast, row, currency="USD", valid_from=today() + dt.timedelta(days=30))
    account = income.opened(cast)
    assert row.family_code in [one.code for one in queries.choosable(account, today())]
    choose_scheme(actor=cast.colleague.actor, account_id=account.pk, scheme=row.family_code)
    assert income.drafted(cast, account, "1000").scheme == row.code


def test_no_version_reaches_back_over_runs_that_stand(cast: Cast) -> None:
    first = approved(cast)
    account = income.opened(cast)
    choose_scheme(actor=cast.colleague.actor, account_id=account.pk, scheme=first.family_code)
    draft = written(cast, first, valid_from=today() - dt.timedelta(days=5))
    run = income.approved(cast, account, "1000")  # up to today, by the first
    with pytest.raises(Invalid) as refused:
        approve_scheme(actor=cast.owner.actor, scheme_id=draft.pk)
    assert today().isoformat() in str(refused.value.fields["valid_from"][0])
    discard_scheme(actor=cast.colleague.actor, scheme_id=draft.pk)
    with pytest.raises(Invalid):  # neither on the very day; said as it is written
        written(cast, first, valid_from=today())
    later = written(cast, first, valid_from=today() + dt.timedelta(days=1))
    assert approve_scheme(actor=cast.owner.actor, scheme_id=later.pk).approved_at
    assert run.scheme == first.code


def test_a_run_that_was_taken_back_bars_no_version(cast: Cast) -> None:
    first = approved(cast)
    account = income.opened(cast)
    choose_scheme(actor=cast.colleague.actor, account_id=account.pk, scheme=first.family_code)
    run = income.approved(cast, account, "1000")
    back = reverse_run(actor=cast.colleague.actor, run_id=run.pk, words="By mistake.")
    with pytest.raises(Invalid):  # it stands until the reversal is approved
        written(cast, first, valid_from=today())
    approve_run(actor=cast.owner.actor, run_id=back.pk)
    assert approved(cast, first, valid_from=today()).edition == 2


def test_a_draft_run_of_another_scheme_than_holds_now_is_not_approved(cast: Cast) -> None:
    first = approved(cast)
    account = income.opened(cast)
    choose_scheme(actor=cast.colleague.actor, account_id=account.pk, scheme=first.family_code)
    run = income.drafted(cast, account, "1000")
    second = approved(cast, first, valid_from=today())
    with pytest.raises(Conflict) as refused:
        approve_run(actor=cast.owner.actor, run_id=run.pk)
    assert refused.value.code == "scheme_changed"
    discard_run(actor=cast.colleague.actor, run_id=run.pk)
    run = income.approved(cast, account)
    assert run.scheme == second.code
    # its reversal goes by what it was distributed by, whatever holds by then
    choose_scheme(actor=cast.colleague.actor, account_id=account.pk, scheme="CN-50")
    back = reverse_run(actor=cast.colleague.actor, run_id=run.pk, words="By mistake.")
    assert approve_run(actor=cast.owner.actor, run_id=back.pk).number == 2


def test_a_scheme_and_the_next_version_of_another_are_two_drafts(cast: Cast) -> None:
    first, other = approved(cast), approved(cast, name_en="Other")
    day = dt.date(2026, 9, 1)
    alone = written(cast, name_en="Next", valid_from=day)
    of_first = written(cast, first, name_en="Next", valid_from=day)
    of_other = written(cast, other, name_en="Next", valid_from=day)
    assert len({alone.pk, of_first.pk, of_other.pk}) == 3
    assert (alone.edition, of_first.edition, of_other.family) == (1, 2, other.family)
    assert written(cast, first, name_en="Next", valid_from=day).pk == of_first.pk
    assert written(cast, name_en="Next", valid_from=day).pk == alone.pk


def _owner_of(house: Any) -> Any:
    from accounts.queries import actor_for
    from tests.accounts.factories import person_in

    return actor_for(person_in(house, "owner"), "en")  # type: ignore[arg-type]


def test_versions_come_one_after_the_other(cast: Cast) -> None:
    first = approved(cast, valid_from=dt.date(2026, 3, 1))
    for day in (dt.date(2026, 3, 1), dt.date(2026, 2, 1)):
        with pytest.raises(Invalid) as refused:
            written(cast, first, valid_from=day)
        assert "2026-03-01" in str(refused.value.fields["valid_from"][0])
    draft = written(cast, first, valid_from=dt.date(2026, 4, 1))
    with pytest.raises(Conflict):  # one draft of a scheme at a time
        written(cast, first, valid_from=dt.date(2026, 5, 1))
    with pytest.raises(NotFound):  # nothing follows a draft
        written(cast, draft, valid_from=dt.date(2026, 6, 1))
    with pytest.raises(Invalid):
        change_scheme(
            actor=cast.colleague.actor, scheme_id=draft.pk,
            facts=scheme_facts(valid_from=dt.date(2026, 1, 1)),
        )  # fmt: skip
