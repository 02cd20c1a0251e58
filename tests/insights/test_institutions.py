"""Public figures of institutions: sums by hand, what is withheld, by page, file and API."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from accounts.queries import actor_for
from deals.actions.service_reports import write_report
from insights.institutions import ask_due, rebuild
from insights.models import InstitutionCell, InstitutionFigure
from insights.queries.institutions import compared, named, type_rows
from insights.withholding import TOTAL, withheld
from marketplace.core.models import Job
from tests.accounts.factories import OrganisationFactory, person_in
from tests.deals.figures.factories import last_year, submitted

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def institution(tti_type: str, name: str, **more: Any) -> Any:
    made: Any = OrganisationFactory(tti=True, tti_type=tti_type, name_en=name, name_zh="")
    long_ago = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    type(made).objects.filter(pk=made.pk).update(created_at=long_ago)
    return made


def told(cast: Cast, tti_type: str, name: str, income: str, **more: Any) -> Any:
    """An institution that reported this technical revenue and nothing else of revenue."""
    made = institution(tti_type, name)
    zero = dict.fromkeys(("income_programme", "income_business", "income_other"), Decimal(0))
    submitted(
        cast, actor=actor_for(person_in(made, "owner"), "en"), institution=made,
        **{"income_technical": Decimal(income), **zero, **more},
    )  # fmt: skip
    return made


def row(tti_type: str, year: int | None = None) -> Any:
    year = year or last_year()
    return next(one for one in type_rows(year, year)[year] if one.type == tti_type)


def test_sums_by_hand(cast: Cast) -> None:
    """Type I: 100 + 200 + 300 = 600 of three; type II: 1,000 + 2,000 + 4,000 = 7,000 of three;
    the cast's own institution of type II reported nothing. All: 7,600; I has 7.89 %."""
    for number, income in enumerate(("100", "200", "300")):
        told(cast, "I", f"One {number}", income, deals=number + 1)
    for number, income in enumerate(("1000", "2000", "4000")):
        told(cast, "II", f"Two {number}", income, deals=10)
    long_ago = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    type(cast.tti).objects.filter(pk=cast.tti.pk).update(created_at=long_ago)
    assert rebuild(last_year()) == 7
    assert row("I").of("income").total == 600
    assert row("II").of("income").total == 7000
    assert (row("II").of("institutions").counted, row("II").of("institutions").declared) == (4, 3)
    whole = row(TOTAL)
    assert (whole.of("income").total, whole.of("deals").total) == (7600, 36)
    assert (whole.of("deals").counted, whole.of("deals").declared) == (0, 36)
    assert row("I").share("income_technical", "income") == 1
    assert whole.of("ip").total == 6 * 154 and whole.of("ip_invention").total == 6 * 35
    before = list(InstitutionCell.objects.order_by("tti_type", "code").values_list("counted"))
    rebuild(last_year())  # twice is once
    assert before == list(
        InstitutionCell.objects.order_by("tti_type", "code").values_list("counted")
    )


def test_fewer_than_three_are_withheld_everywhere(cast: Cast) -> None:
    """Type III has two (of 31,111 and 42,222): withheld, and with it type I, so that the total less
    the others tells nothing."""
    for number in range(3):
        told(cast, "I", f"One {number}", "1000")
    for number in range(4):
        told(cast, "II", f"Two {number}", "2000")
    told(cast, "III", "Three 0", "31111", deal_amount=Decimal("51515.15"))
    told(cast, "III", "Three 1", "42222", deal_amount=Decimal("61616.16"))
    rebuild(last_year())
    assert [one.type for one in type_rows(last_year(), last_year())[last_year()]
            if one.of("income").is_withheld] == ["I", "III"]  # fmt: skip
    assert row(TOTAL).of("income").total == 3000 + 8000 + 73333
    assert row("III").of("deal_amount").is_withheld and not row("III").of("deals").is_withheld
    at, secret = f"?from={last_year()}&to={last_year()}", ("31111", "42222", "73333", "113131")
    for address in ("/figures/tables/institutions/", "/figures/tables/institutions.csv",
                    "/api/v1/figures/institutions/"):  # fmt: skip
        said = cast.visitor.client.get(address + at)
        assert said.status_code == 200
        body = b"".join(said) if said.streaming else said.content
        text = body.decode().replace(",", "")
        for one in secret:
            assert one not in text.replace("84333", ""), (address, one)
        for name in ("Three 0", "Three 1", "One 0"):
            assert name not in text
    rows = cast.visitor.client.get("/api/v1/figures/institutions/" + at).json()["rows"]
    hidden = [one for one in rows if one["type"] == "III" and one["code"] == "expenditure"]
    assert hidden[0]["withheld"] and hidden[0]["total"] is None


def test_named_ones_are_shown_and_shield_nobody(cast: Cast) -> None:
    """Three of type I, two of them named: their 1,000 and 2,000 are told, and so the sum of all
    three is not, for it would tell the third."""
    told(cast, "I", "Named 0", "1000", is_named=True)
    told(cast, "I", "Named 1", "2000", is_named=True)
    told(cast, "I", "Quiet", "40404")
    told(cast, "IV", "Market", "5000", is_named=True)
    rebuild(last_year())
    assert row("I").of("income").is_withheld and row(TOTAL).of("income").is_withheld
    assert row("IV").of("income").total == 5000  # its only one agreed
    assert [(one.organisation.name_en, one.totals["income"]) for one in named(last_year())] == [
        ("Market", 5000), ("Named 1", 2000), ("Named 0", 1000),
    ]  # fmt: skip
    body = cast.visitor.client.get("/figures/tables/institutions/").content.decode()
    assert "Named 1" in body and "Quiet" not in body and "40,404" not in body
    text = cast.visitor.client.get("/api/v1/figures/institutions/").content.decode()
    assert "40404" not in text and "43404" not in text and "48404" not in text


def test_no_amount_by_reading_before_and_after(cast: Cast) -> None:
    """Three of 1,000 are told as 3,000. A fourth of 40,404 waits, and so does a correction, until
    three have changed: then 3,000 - 1,000 + 1,500 + 40,404 + 7 = 43,911 at once."""
    from deals.actions.service_reports import submit_report

    first = [told(cast, "I", f"One {number}", "1000") for number in range(3)]
    rebuild(last_year())
    assert row("I").of("income").total == row(TOTAL).of("income").total == 3000
    told(cast, "I", "New 0", "40404")
    rebuild(last_year())
    assert row("I").of("income").total == 3000 and row("I").of("deals").total == 12
    owner = actor_for(person_in(first[0], "owner"), "en")
    draft = write_report(
        actor=owner, institution_id=first[0].pk, year=last_year(),
        facts={
            "income_technical": Decimal(1500), "expenditure": Decimal(1600),
            "deal_amount": Decimal(1), "reason": "Audited.",
        },
    )  # fmt: skip
    submit_report(actor=owner, report_id=draft.pk)
    rebuild(last_year())
    assert row("I").of("income").total == 3000
    rebuild(last_year())
    assert row("I").of("income").total == 3000
    told(cast, "I", "New 1", "7")
    rebuild(last_year())
    assert row("I").of("income").total == row(TOTAL).of("income").total == 43911


def test_another_type_cannot_be_read_from_the_total(cast: Cast) -> None:
    """One of type IV joins three of type I: the total, which was told, stands as it was."""
    for number in range(3):
        told(cast, "I", f"One {number}", "1000")
    rebuild(last_year())
    told(cast, "IV", "Alone", "40404")
    rebuild(last_year())
    assert row("IV").of("income").is_withheld
    assert row(TOTAL).of("income").total in (None, 3000)


def test_amounts_of_others_contracts_are_not_the_institutions_to_tell(cast: Cast) -> None:
    from deals.models import Case
    from deals.queries.service_counts import counted
    from tests.contracts.factories import registered
    from tests.deals.cases.factories import opened

    for public in ([], ["amount"]):
        case = opened(cast)
        contract = registered(cast, public_facts=public)
        Case.objects.filter(pk=case.pk).update(contract=contract)
    year = timezone.localdate().year
    found = counted([cast.tti.pk], year, year, open_amounts=True)[cast.tti.pk, year]
    assert (found["deals"], found["deal_amount"]) == (2, 120_000)


def test_an_agreement_taken_back_holds_at_once(cast: Cast) -> None:
    from deals.actions.service_reports import submit_report

    made = told(cast, "I", "Named", "1000", is_named=True)
    rebuild(last_year())
    assert len(named(last_year())) == 1
    owner = actor_for(person_in(made, "owner"), "en")
    draft = write_report(
        actor=owner, institution_id=made.pk, year=last_year(),
        facts={"is_named": False, "reason": "We changed our mind."},
    )  # fmt: skip
    submit_report(actor=owner, report_id=draft.pk)
    assert named(last_year()) == []  # before anything is rebuilt


@pytest.mark.parametrize(
    ("numbers", "hidden"),
    [
        ({"I": 3, "II": 4, "III": 0, "IV": 0}, set()),
        ({"I": 3, "II": 4, "III": 2, "IV": 0}, {"I", "III"}),
        ({"I": 1, "II": 2, "III": 5, "IV": 0}, {"I", "II"}),
        # two of one each tell each other's: a third goes with them
        ({"I": 1, "II": 1, "III": 5, "IV": 6}, {"I", "II", "III"}),
        ({"I": 1, "II": 1, "III": 0, "IV": 0}, {"I", "II", TOTAL}),
        ({"I": 0, "II": 0, "III": 0, "IV": 0}, set()),
        ({"I": 0, "II": 2, "III": 0, "IV": 0}, {"II", TOTAL}),
    ],
)  # fmt: skip
def test_what_is_withheld_with_it(numbers: dict[str, int], hidden: set[str]) -> None:
    assert withheld({name: {"income": number} for name, number in numbers.items()}) == hidden


def test_parts_are_withheld_with_their_sum() -> None:
    types = {"I": {"a": 3, "b": 3}, "II": {"a": 3, "b": 3}, "III": {"a": 3, "b": 3}}
    assert withheld(types) == set()
    assert withheld(types, {"I", "II"}) == {"I", "II"}
    assert TOTAL in withheld(types, {"I", TOTAL})


def test_every_way_of_subtracting_leaves_three() -> None:
    """Of all small tables: what is shown never leaves a remainder of one or two institutions."""
    from itertools import product

    for numbers in product((0, 1, 2, 3, 5), repeat=4):
        types = {str(place): {"x": number} for place, number in enumerate(numbers)}
        hidden = withheld(types)
        assert all(name in hidden for name, one in types.items() if 0 < one["x"] < 3)
        if TOTAL not in hidden:
            rest = sum(types[name]["x"] for name in hidden)
            assert sum(numbers) not in (1, 2) and rest not in (1, 2)
            assert len(hidden) != 1


def test_the_middle_of_the_type_from_three_on(cast: Cast) -> None:
    first = told(cast, "I", "One 0", "123456")
    told(cast, "I", "One 1", "234567")
    rebuild(last_year())
    assert all(one.median is None for one in compared(first.pk, last_year()))
    told(cast, "I", "One 2", "345678")
    rebuild(last_year())
    found = {one.code: one for one in compared(first.pk, last_year())}
    # the middle one of three is somebody's: told to two figures
    assert (found["income"].own, found["income"].median) == (123456, Decimal(230000))
    assert (found["staff_brokers"].median, found["staff_brokers"].reported) == (4, 3)
    assert compared(cast.tti.pk, last_year()) == []


def test_a_year_that_is_not_over_has_no_public_figures(cast: Cast) -> None:
    this = timezone.localdate().year
    assert rebuild(this) == 0 and not InstitutionFigure.objects.exists()
    for query in (f"?to={this}", "?from=soon", "?from=2020&to=2010", "?to=99999999999999999999",
                  "?from=1985&to=2025", "?to=%00"):  # fmt: skip
        said = cast.visitor.client.get(f"/figures/tables/institutions/{query}")
        assert said.status_code == (400 if query != "?to=%00" else 200), query
        assert cast.visitor.client.get(
            f"/api/v1/figures/institutions/{query}"
        ).status_code == said.status_code  # fmt: skip


def test_jobs(cast: Cast) -> None:
    from insights.jobs import institutions_due, renew_institutions

    institutions_due({})
    ask_due()
    years = Job.objects.filter(kind="insights.renew_institutions").values_list("key", flat=True)
    assert sorted(years) == [str(last_year() - back) for back in range(4, -1, -1)]
    told(cast, "I", "One", "1")
    renew_institutions({"year": last_year()})
    assert InstitutionFigure.objects.filter(year=last_year(), code="income").count() == 1


def test_statements(cast: Cast, django_assert_num_queries: Any) -> None:
    for number in range(3):
        told(cast, "I", f"One {number}", "1000", is_named=True)
    rebuild(last_year())
    with django_assert_num_queries(1):
        type_rows(last_year() - 4, last_year())
    with django_assert_num_queries(1):
        named(last_year())
    pk = InstitutionFigure.objects.earliest("pk").institution_id
    with django_assert_num_queries(2):
        compared(pk, last_year())
