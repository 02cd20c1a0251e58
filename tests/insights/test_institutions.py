"""Public figures of institutions: sums by hand, what is withheld, by page, file and API; made once,
and never changed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone, translation

from accounts.queries import actor_for
from deals.actions.service_reports import submit_report, write_report
from insights import institutions
from insights.institutions import ask_due, last_due, made_from, publish
from insights.models import InstitutionCell, InstitutionEdition, InstitutionFigure
from insights.queries.institutions import named, own_edition, type_rows
from insights.withholding import TOTAL, withheld
from marketplace.core.models import Job
from tests.accounts.factories import OrganisationFactory, person_in
from tests.cast import Player
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


def corrected(made: Any, **facts: Any) -> None:
    """The owner corrects what was submitted of last year."""
    owner = actor_for(person_in(made, "owner"), "en")
    draft = write_report(
        actor=owner, institution_id=made.pk, year=last_year(), facts={"reason": "Audited.", **facts}
    )
    submit_report(actor=owner, report_id=draft.pk)


def published() -> Any:
    return publish(last_year(), made_from(last_year()))


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
    assert published().made_on == dt.date(last_year() + 1, 7, 1)
    assert row("I").of("income").total == 600
    assert row("II").of("income").total == 7000
    assert (row("II").of("institutions").counted, row("II").of("institutions").declared) == (4, 3)
    whole = row(TOTAL)
    assert (whole.of("income").total, whole.of("deals").total) == (7600, 36)
    assert (whole.of("deals").counted, whole.of("deals").declared) == (0, 36)
    assert row("I").share("income_technical", "income") == 1
    assert whole.of("ip").total == 6 * 154 and whole.of("ip_invention").total == 6 * 35


def test_fewer_than_three_are_withheld_everywhere(cast: Cast) -> None:
    """Type III has two (of 31,111 and 42,222): withheld, and so is the total, which less the others
    would be theirs."""
    for number in range(3):
        told(cast, "I", f"One {number}", "1000")
    for number in range(4):
        told(cast, "II", f"Two {number}", "2000")
    told(cast, "III", "Three 0", "31111", deal_amount=Decimal("51515.15"))
    told(cast, "III", "Three 1", "42222", deal_amount=Decimal("61616.16"))
    published()
    assert [one.type for one in type_rows(last_year(), last_year())[last_year()]
            if one.of("income").is_withheld] == ["III", TOTAL]  # fmt: skip
    assert (row("I").of("income").total, row("II").of("income").total) == (3000, 8000)
    for code in ("income_technical", "income_other", "expenditure", "deal_amount"):
        assert row("III").of(code).is_withheld and row(TOTAL).of(code).is_withheld
    assert row("III").of("deals").total == 6 and row(TOTAL).of("deals").total == 27
    # what is withheld is not even kept
    assert not InstitutionCell.objects.filter(
        tti_type="III", code="income", counted__gte=0
    ).exists()
    at = f"?from={last_year()}&to={last_year()}"
    secrets = ("31111", "42222", "73333", "84333", "51515", "61616", "113131")
    for address in ("/figures/tables/institutions/", "/figures/tables/institutions.csv",
                    "/api/v1/figures/institutions/"):  # fmt: skip
        said = cast.visitor.client.get(address + at)
        assert said.status_code == 200
        body = b"".join(said) if said.streaming else said.content
        text = body.decode().replace(",", "")
        for one in (*secrets, "Three 0", "Three 1", "One 0"):
            assert one not in text, (address, one)
    rows = cast.visitor.client.get("/api/v1/figures/institutions/" + at).json()["rows"]
    hidden = [one for one in rows if one["type"] == "III" and one["code"] == "expenditure"]
    assert hidden[0]["withheld"] and hidden[0]["total"] is None
    assert {one["as_of"] for one in rows} == {f"{last_year() + 1}-07-01"}


def test_named_ones_are_shown_and_shield_nobody(cast: Cast) -> None:
    """Three of type I, two of them named: their 1,000 and 2,000 are told, and so the sum of all
    three is not, for it would tell the third."""
    told(cast, "I", "Named 0", "1000", is_named=True)
    told(cast, "I", "Named 1", "2000", is_named=True)
    told(cast, "I", "Quiet", "40404")
    told(cast, "IV", "Market", "5000", is_named=True)
    published()
    assert row("I").of("income").is_withheld and row(TOTAL).of("income").is_withheld
    # of the only one, which may take its agreement back
    assert row("IV").of("income").is_withheld
    assert row("II").of("income").total == 0  # nobody is in it
    assert [(one.organisation.name_en, one.totals["income"]) for one in named(last_year())] == [
        ("Market", 5000), ("Named 1", 2000), ("Named 0", 1000),
    ]  # fmt: skip
    at = f"?to={last_year()}"
    body = cast.visitor.client.get(f"/figures/tables/institutions/{at}").content.decode()
    assert "Named 1" in body and "Quiet" not in body and "40,404" not in body
    text = cast.visitor.client.get(f"/api/v1/figures/institutions/{at}").content.decode()
    assert "40404" not in text and "43404" not in text and "48404" not in text


def test_a_column_of_one_withholds_its_table(cast: Cast) -> None:
    """Three report revenue, one of them an allocation of 70,707, which would stand alone."""
    for number, more in enumerate(({}, {}, {"income_programme": Decimal(70707)})):
        told(cast, "I", f"One {number}", "1000", **more)
    published()
    assert all(row("I").of(code).is_withheld for code in ("income", "income_programme"))
    assert row("I").of("income_technical").is_withheld and row(TOTAL).of("income").is_withheld
    assert not row("I").of("deal_amount").is_withheld  # a table of its own


def test_a_year_is_made_public_once(cast: Cast) -> None:
    """Six of type I, one of II and two of IV that agreed to be named. Later reports, corrections,
    another naming, type and kind change nothing: no two readings differ by anybody's amount."""
    first = [told(cast, "I", f"One {number}", "1000") for number in range(5)]
    first.append(told(cast, "I", "Moving", "7777"))
    told(cast, "II", "Alone", "40404")
    agreed = [told(cast, "IV", f"Four {number}", "5000", is_named=True) for number in range(2)]
    published()
    at = f"?from={last_year()}&to={last_year()}"

    def told_now() -> list[Any]:
        published()
        return [
            cast.visitor.client.get("/api/v1/figures/institutions/" + at).json(),
            b"".join(cast.visitor.client.get("/figures/tables/institutions.csv" + at)),
        ]

    before = told_now()
    for number in range(2):  # they would be three of type II
        told(cast, "II", f"Late {number}", "60606")
        assert told_now() == before
    for number in range(3):
        told(cast, "III", f"New {number}", "80808")
    assert told_now() == before
    corrected(first[0], income_technical=Decimal(1001))
    assert told_now() == before
    for made in first[:3]:
        corrected(made, is_named=True)
    assert told_now() == before
    rows = type(first[5]).objects.filter(pk=first[5].pk)
    rows.update(tti_type="III")
    corrected(first[5], income_technical=Decimal(1))
    assert told_now() == before
    rows.update(kind="company", tti_type="")
    assert told_now() == before
    assert {one.organisation for one in named(last_year())} == set(agreed)
    assert InstitutionEdition.objects.count() == 1
    body = cast.visitor.client.get("/figures/tables/institutions/" + at).content.decode()
    assert "9 institutions reported" in body and f"{last_year() + 1}" in body


def test_an_agreement_taken_back_holds_at_once(cast: Cast) -> None:
    made = told(cast, "I", "Named", "1000", is_named=True)
    published()
    assert len(named(last_year())) == 1
    corrected(made, is_named=False)
    assert named(last_year()) == []


def test_the_largest_are_named(cast: Cast) -> None:
    for number in (3, 5, 1, 4):
        told(cast, "I", f"One {number}", str(number * 1000), is_named=True)
    published()
    found = named(last_year(), 2)
    assert [one.totals["income"] for one in found] == [5000, 4000]
    assert found[0].totals["deals"] == 3  # with all their figures


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


@pytest.mark.parametrize(
    ("numbers", "hidden"),
    [
        # nobody is in a type that has no number
        ({"I": 3, "II": 4}, set()),
        ({}, set()),
        ({"I": None, "II": None}, set()),
        ({"I": 3, "II": 3, "III": 3, "IV": 3}, set()),
        # what is withheld alone would be the total less the rest
        ({"I": 3, "II": 4, "III": 2}, {"III", TOTAL}),
        ({"I": 5, "II": 1}, {"II", TOTAL}),
        ({"II": 2}, {"II", TOTAL}),
        ({"I": 1, "II": 1, "III": 5}, {"I", "II", TOTAL}),
        # three of two types shield each other
        ({"I": 1, "II": 2, "III": 5}, {"I", "II"}),
        ({"I": 2, "II": 2, "III": 2, "IV": 2}, {"I", "II", "III", "IV"}),
        # all who are in it are named, or have nothing
        ({"I": 0}, {"I", TOTAL}),
        ({"I": 0, "II": 3}, {"I", TOTAL}),
        ({"I": 0, "II": 1, "III": 2}, {"I", "II", "III"}),
    ],
)
def test_what_is_withheld(numbers: dict[str, int | None], hidden: set[str]) -> None:
    types = {name: {} if number is None else {"income": number} for name, number in numbers.items()}
    assert withheld(types) == hidden


@pytest.mark.parametrize(
    ("types", "hidden"),
    [
        ({"I": {"a": 3, "b": 9}, "II": {"a": 4}}, set()),
        ({"I": {"a": 3, "b": 2}, "II": {"a": 4}}, {"I", TOTAL}),
        # together they have enough in one column and not in the other
        ({"I": {"a": 2, "b": 2}, "II": {"a": 2}, "III": {"a": 3}}, {"I", "II", TOTAL}),
        ({"I": {"a": 2, "b": 2}, "II": {"a": 2, "b": 1}, "III": {"a": 3}}, {"I", "II"}),
        ({"I": {"a": 3, "b": 0}, "II": {"a": 4}}, {"I", TOTAL}),
    ],
)
def test_a_table_is_withheld_as_a_whole(types: Any, hidden: set[str]) -> None:
    assert withheld(types) == hidden


def test_every_way_of_subtracting_leaves_three() -> None:
    """Of all small tables: neither what is shown, nor the total less it, is of one or two."""
    for numbers in product((None, 0, 1, 2, 3, 5), repeat=4):
        types = {
            str(place): {} if number is None else {"x": number}
            for place, number in enumerate(numbers)
        }
        hidden = withheld(types)
        assert all(name in hidden or one.get("x", 3) >= 3 for name, one in types.items())
        rest = [types[name]["x"] for name in hidden - {TOTAL}]
        assert TOTAL in hidden or not rest or sum(rest) >= 3


def test_the_middle_of_three_others_that_are_not_named(cast: Cast) -> None:
    first = told(cast, "I", "One 0", "123456", deals=10)
    told(cast, "I", "One 1", "234567", deals=115)
    told(cast, "I", "One 2", "345678", deals=126)
    told(cast, "I", "Named", "999999", is_named=True)
    last = told(cast, "II", "Two", "1")
    published()
    found = own_edition(first.pk, last_year())
    # two others: each is half of the middle; the named one is everybody's to read
    assert found.rows and all((one.median, one.others) == (None, 0) for one in found.rows)
    assert own_edition(last.pk, last_year()).tti_type == "II"
    assert own_edition(cast.tti.pk, last_year()).rows == ()
    assert own_edition(first.pk, last_year() - 1).made_on is None


def test_the_middle_is_rounded_and_tells_no_staff(cast: Cast) -> None:
    first = told(cast, "I", "One 0", "9", deals=10)
    for number, (income, deals) in enumerate((("123456", 114), ("234567", 126), ("345678", 3))):
        told(cast, "I", f"One {number + 1}", income, deals=deals)
    published()
    corrected(first, income_technical=Decimal(77))
    type(first).objects.filter(pk=first.pk).update(tti_type="IV")
    edition = own_edition(first.pk, last_year())
    found = {one.code: one for one in edition.rows}
    # of 123,456, 234,567 and 345,678; the own one, corrected later, as it was made public
    assert (found["income"].own, found["income"].median, found["income"].others) == (9, 230000, 3)
    assert (found["deals"].own, found["deals"].median) == (10, 110)
    assert not [code for code in found if code.startswith("staff_")]
    owner = Player("first", person_in(first, "owner"), first, "")
    page = owner.client.get(f"/service-figures/{first.public_id}/{last_year()}/").content.decode()
    assert "230,000" in page
    with translation.override("en"):
        from marketplace.core.codes import TTI_TYPES

        # the type it had in the report that is public
        assert TTI_TYPES["I"].name() in page and TTI_TYPES["IV"].name() not in page


def test_the_own_page_says_what_is_public(cast: Cast) -> None:
    at = f"/service-figures/{cast.tti.public_id}/{last_year()}/"
    client = cast.broker.client
    assert "are made once" in client.get(at).content.decode()
    told(cast, "I", "Early", "1")
    published()
    submitted(cast)
    page = client.get(at).content.decode()
    assert "without figures that your institution declares" in page
    assert "name your institution with its figures" not in page


def test_needs_are_taken_up_not_solved() -> None:
    from deals.service_figures import FIGURES

    for language, name in (("en", "Needs taken up"), ("zh-hans", "受理需求数")):
        with translation.override(language):
            assert FIGURES["needs"].name == name


def test_no_year_before_its_day(cast: Cast) -> None:
    told(cast, "I", "One", "1")
    day = made_from(last_year())
    assert publish(last_year(), day - dt.timedelta(days=1)) is None
    assert last_due(day - dt.timedelta(days=1)) == last_year() - 1
    assert last_due(day) == last_year()
    assert not InstitutionEdition.objects.exists()
    assert publish(1990, day) is None  # there was no institution


def test_years_that_may_be_asked_for(cast: Cast) -> None:
    this = timezone.localdate().year
    for query in (f"?to={this}", "?from=soon", "?from=2020&to=2010", "?to=99999999999999999999",
                  "?from=1985&to=2025", "?to=%00"):  # fmt: skip
        said = cast.visitor.client.get(f"/figures/tables/institutions/{query}")
        assert said.status_code == (400 if query != "?to=%00" else 200), query
        assert cast.visitor.client.get(
            f"/api/v1/figures/institutions/{query}"
        ).status_code == said.status_code  # fmt: skip
    assert cast.visitor.client.get(
        f"/figures/tables/institutions/?from={this - 1}"
    ).status_code == 200  # fmt: skip


def test_jobs(cast: Cast, monkeypatch: Any) -> None:
    from insights.jobs import institutions_due, publish_institutions

    day = made_from(last_year())
    ask_due(day)
    ask_due(day)
    years = Job.objects.filter(kind=institutions.JOB).values_list("key", flat=True)
    assert sorted(years) == [str(last_year() - back) for back in range(4, -1, -1)]
    told(cast, "I", "One", "1")
    monkeypatch.setattr(institutions.timezone, "localdate", lambda: day)
    publish_institutions({"year": last_year()})
    assert InstitutionFigure.objects.filter(code="income").count() == 1
    Job.objects.all().delete()
    institutions_due({})
    assert not Job.objects.filter(key=str(last_year())).exists()  # it is made
    assert Job.objects.filter(kind=institutions.JOB).count() == 4


def test_statements(cast: Cast, django_assert_num_queries: Any) -> None:
    for number in range(3):
        told(cast, "I", f"One {number}", "1000", is_named=True)
    published()
    with django_assert_num_queries(1):
        type_rows(last_year() - 4, last_year())
    with django_assert_num_queries(2):
        named(last_year())
    pk = InstitutionFigure.objects.earliest("pk").institution_id
    with django_assert_num_queries(3):
        own_edition(pk, last_year())
