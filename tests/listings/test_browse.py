"""Lists with filters: what each finds, what it counts, what it never tells."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.utils import timezone

from listings.indexing import index_many
from listings.models import IpRight, Listing
from listings.queries import facets, ranking
from listings.queries.browse import browse, of_organisation
from listings.wanted import Wanted, read_wanted
from marketplace.core.actor import Actor
from tests.listings.factories import member_of, organisation, published

pytestmark = pytest.mark.django_db

VISITOR = Actor.visitor()


def found(query="", actor=VISITOR, kind="technology"):
    return browse(read_wanted(kind, QueryDict(query)), actor, QueryDict(query).get("page"))


def titles(query="", actor=VISITOR, kind="technology"):
    return [row.title_en for row in found(query, actor, kind).page.object_list]


@pytest.fixture
def three(db):
    """A university's, an enterprise's and an anonymous enterprise's technology."""
    university = organisation("Lakeside", kind="higher_education", country="CN", region="440305")
    enterprise = organisation("Works", kind="domestic_enterprise", country="CN", region="420111")
    published(
        university, title_en="One", title_zh="一", field="new_energy", sub_field="batteries", trl=3,
        modes=["assignment"], price_kind="firm", price_min="100000", price_max="400000",
        region="440305", ip_rights=[{"kind": "invention", "status": "granted", "office": "CN"}],
    )  # fmt: skip
    published(
        enterprise, title_en="Two", field="new_materials", more_fields=["new_energy"], trl=6,
        modes=["assignment", "service"], price_kind="indicative", price_min="3000000",
        region="420111",
    )  # fmt: skip
    published(
        enterprise, title_en="Three", field="aerospace", trl=9, is_anonymous=True, region="420111"
    )
    return university, enterprise


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"One", "Two", "Three"}),
        ("field=new_energy", {"One", "Two"}),
        ("field=new_energy&field=aerospace", {"One", "Two", "Three"}),
        ("sub_field=batteries", {"One"}),
        ("trl_min=6", {"Two", "Three"}),
        ("trl_min=9&trl_max=6", {"Two", "Three"}),
        ("mode=service", {"Two"}),
        ("price_min=0&price_max=500000", {"One"}),
        ("price_min=2000000", {"Two"}),
        ("price_max=1,000,000", {"One"}),
        ("price_min=1&currency=USD", set()),
        ("ip=invention", {"One"}),
        ("organisation_kind=higher_education", {"One"}),
        ("region=440000", {"One"}),
        ("region=420000", {"Two", "Three"}),
        ("language=zh", {"One"}),
        ("verified=1", {"One", "Two", "Three"}),
        ("country=NO", set()),
    ],
)
def test_each_filter_finds_its_own(three, query, expected):
    assert set(titles(query)) == expected


@pytest.mark.parametrize(
    "query",
    ["field=x", "trl_min=12", "trl_min=-1", "mode=%00", "price_min=abc", "price_min=-5", "region=9",
     "price_min=NaN", "price_min=1e99", "country=XX", "language=fr", "verified=yes", "sort=worst",
     "organisation=1", "ip=x&ip=y", "&".join(f"field=f{n}" for n in range(500))],
)  # fmt: skip
def test_an_unknown_value_is_left_out_and_named(three, query):
    answer = found(query)
    assert answer.counts.total == 3
    assert answer.wanted.ignored


# --- what an anonymous listing withholds ------------------------------------------------------


@pytest.mark.parametrize(
    "query", ["organisation_kind=domestic_enterprise", "region=420100", "region=420111"]
)
def test_an_anonymous_listing_is_under_no_filter_that_would_tell_whose_it_is(three, query):
    _university, enterprise = three
    assert titles(query) == ["Two"]
    assert titles(query, member_of(organisation())) == ["Two"]
    assert titles(f"organisation={enterprise.public_id}") == ["Two"]


def test_an_anonymous_listing_is_in_no_count_that_would_tell_whose_it_is(three):
    counts = found().counts.choices
    assert counts["organisation_kind"] == {"higher_education": 1, "domestic_enterprise": 1}
    assert counts["city"] == {"440300": 1, "420100": 1}
    assert counts["region"] == {"440000": 1, "420000": 2}


def test_an_organisations_list_leaves_out_what_it_posted_anonymously(three):
    _university, enterprise = three
    rows, total = of_organisation(enterprise.public_id, VISITOR, "technology")
    assert [row.title_en for row in rows] == ["Two"]
    assert total == 1


def test_what_the_reader_may_not_see_is_not_counted(three):
    published(organisation(), title_en="Four", field="agriculture", visibility="members")
    published(organisation(), title_en="Five", field="agriculture", visibility="confidential")
    assert "agriculture" not in found().counts.choices["field"]
    assert found("", member_of(organisation())).counts.choices["field"]["agriculture"] == 1


# --- counts -----------------------------------------------------------------------------------


def test_a_choice_is_counted_under_the_other_filters_but_not_its_own(three):
    counts = found("field=new_energy&trl_min=5").counts
    assert counts.total == 1
    assert counts.choices["field"] == {"new_energy": 1, "new_materials": 1, "aerospace": 1}
    assert counts.choices["trl"] == {"3": 1, "6": 1}
    assert counts.without == {"field": 2, "trl": 2}
    assert counts.without_filters == 3


def test_counts_of_prices_overlap_as_ranges_do(three):
    assert found().counts.choices["price"] == {"0": 1, "2": 1, "3": 1}


def test_counts_end_at_the_bound_and_say_so(three, monkeypatch):
    monkeypatch.setattr(facets, "BOUND", 2)
    counts = found().counts
    assert counts.total == 3
    assert {"total", "field", "trl"} <= counts.open_ended


@pytest.mark.parametrize("bound", [10_000, 2])
def test_filters_of_a_question_count_alike_below_and_beyond_the_bound(three, monkeypatch, bound):
    """Below it all sets are made of the hits at hand; of more hits each set is asked for."""
    index_many(list(Listing.objects.values_list("pk", flat=True)), meanings=False)
    monkeypatch.setattr(facets, "BOUND", bound)
    counts = found("q=fluorinated&field=new_energy&trl_min=5").counts
    assert counts.total == 1
    assert counts.without == {"field": 2, "trl": 2}
    assert counts.choices["trl"] == {"3": 1, "6": 1}
    assert counts.choices["field"] == {"new_energy": 1, "new_materials": 1, "aerospace": 1}
    assert counts.choices["price"] == found("field=new_energy&trl_min=5").counts.choices["price"]
    assert ("total" in found("q=fluorinated").counts.open_ended) == (bound == 2)


def test_counts_and_list_take_the_same_queries_with_any_filters(three, django_assert_num_queries):
    # counts, ids, rows, owners, specifications, rights, documents, co-owners
    with django_assert_num_queries(8):
        found("field=new_energy&trl_min=1&mode=assignment&region=440000&verified=1")


# --- order and pages --------------------------------------------------------------------------


def test_newest_first_unless_asked_otherwise(three):
    now = timezone.now()
    for days, title in enumerate(["Two", "Three", "One"]):
        Listing.objects.filter(title_en=title).update(published_at=now - dt.timedelta(days=days))
    index_many(list(Listing.objects.values_list("pk", flat=True)), meanings=False)
    assert titles() == ["Two", "Three", "One"]
    assert titles("sort=trl") == ["Three", "Two", "One"]
    assert titles("sort=price") == ["One", "Two", "Three"]
    assert titles("sort=relevance") == ["Two", "Three", "One"]


@pytest.mark.parametrize("page", ["99999999", "0", "-3", "x", "9" * 400, "1.5", ""])
def test_a_page_that_is_not_there_shows_one_that_is(three, page):
    assert len(found(f"page={page}").page.object_list) == 3


def test_a_page_beyond_the_end_is_said_to_be(three):
    assert found("page=99999999").beyond
    assert not found("page=1").beyond


def test_rights_are_counted_once_a_listing(three):
    listing = Listing.objects.get(title_en="One")
    IpRight.objects.create(listing=listing, kind="invention", status="filed")
    assert found().counts.choices["ip"] == {"invention": 1}


def test_wanted_reads_amounts_as_people_write_them():
    wanted = read_wanted("technology", QueryDict("price_min=1,500,000&price_max= 2 000 000"))
    assert (wanted.price_min, wanted.price_max) == (Decimal(1_500_000), Decimal(2_000_000))


def test_a_sub_field_goes_with_its_field():
    wanted = read_wanted("technology", QueryDict("field=aerospace&sub_field=batteries"))
    assert wanted.sub_field == ()


def test_nothing_wanted_is_plain():
    assert Wanted(kind="need").is_plain
    assert not Wanted(kind="need", question="x").is_plain


def test_of_very_many_hits_the_best_are_ranked_and_the_list_says_where_it_ends(three, monkeypatch):
    index_many(list(Listing.objects.values_list("pk", flat=True)), meanings=False)
    monkeypatch.setattr(ranking, "CANDIDATES", 2)
    answer = found("q=fluorinated&unfold=1")
    assert answer.counts.total == 3
    assert len(answer.page.object_list) == 2
    assert answer.ends_early


def test_what_a_visitor_gets_without_a_question_is_kept_only_beyond_the_bound(three, monkeypatch):
    cache.clear()
    found()
    published(title_en="Four")
    assert found().counts.total == 4
    monkeypatch.setattr(facets, "BOUND", 2)
    found()
    Listing.objects.all().delete()
    assert found().counts.total == 3
    assert found("", member_of(organisation())).counts.total == 0
    cache.clear()


# --- what says the same -----------------------------------------------------------------------


@pytest.fixture
def copies(db):
    """One text posted eight times by two owners, one of them under NDA, and one of its own."""
    one, two = organisation("One"), organisation("Two")
    made = [published(one if n % 2 else two, title_en=f"Electrolyte copy {n}") for n in range(7)]
    hidden = published(two, title_en="Electrolyte copy 9", visibility="confidential")
    other = published(
        one, title_en="Electrolyte of zinc", summary_en="A flow battery that runs on iron salts.",
        body_en="Stacks of twenty cells ran for nine thousand hours in a container by the sea.",
    )  # fmt: skip
    index_many([*(row.pk for row in made), hidden.pk, other.pk], meanings=False)
    return made, hidden, other


def test_one_text_posted_again_and_again_is_one_row_of_the_whole_list(copies, monkeypatch):
    monkeypatch.setattr("listings.queries.browse.ROWS", 2)
    made, _hidden, other = copies
    answer = found("q=electrolyte")
    first, second = answer.page.object_list
    assert {first.pk, second.pk} & {other.pk} and not answer.page.has_next()
    head = first if first.pk != other.pk else second
    twins = answer.twins[head.pk]
    assert (twins.number, len(twins.shown), twins.more) == (6, 3, 3)
    assert answer.counts.total == 8 and answer.folded == 6 and not answer.ends_early
    assert {head.pk, *(one.pk for one in twins.shown)} <= {row.pk for row in made}


def test_each_may_be_read_on_its_own(copies):
    answer = found("q=electrolyte&unfold=1")
    assert len(answer.page.object_list) == 8
    assert not answer.twins and not answer.folded


def test_what_is_hidden_is_not_among_those_that_say_the_same(copies):
    made, hidden, _other = copies
    for actor in (VISITOR, member_of(organisation())):
        answer = found("q=electrolyte", actor)
        assert answer.counts.total == 8 and answer.folded == 6
        shown = {row.pk for twins in answer.twins.values() for row in twins.shown}
        assert hidden.pk not in shown | {row.pk for row in answer.page.object_list}
    Listing.objects.filter(pk=made[0].pk).update(state="paused")  # and its entry not yet gone
    assert found("q=electrolyte").folded == 5


def test_the_page_says_how_many_are_folded_and_leads_to_them(copies, client):
    page = client.get("/technologies/?q=electrolyte").content.decode()
    assert "6 of them folded" in page and "6 almost the same" in page
    assert "unfold=1" in page
    page = client.get("/technologies/?q=electrolyte&unfold=1").content.decode()
    assert "Fold what says the same" in page and "almost the same" not in page


def test_a_filter_that_says_nothing_is_named_with_what_may_stand_there(copies, client):
    page = client.get("/technologies/?q=electrolyte+field:new+trl:12+org:").content.decode()
    assert "<strong>field:new</strong>" in page and "q=electrolyte%20field%3Anew_energy" in page
    assert "<strong>trl:12</strong>" in page and "from 1 to 9" in page
    assert "<strong>org:</strong>" in page
    assert "Electrolyte of zinc" in page.replace("<mark>", "").replace("</mark>", "")
    answer = client.get("/api/v1/search/?q=electrolyte+field:new").json()
    (note,) = answer["notes"]
    assert note["part"] == "field:new"
    assert note["choices"][0]["value"] in ("new_energy", "new_materials")
    assert answer["total"] == 8 and answer["folded"] == 6
