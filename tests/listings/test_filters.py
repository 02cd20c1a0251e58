"""Filters of the API's lists."""

import pytest

from listings.filters import NOT_FILTERED, NeedFilter, TechnologyFilter
from listings.indexing import index_many
from listings.models import Listing
from listings.queries.visibility import visible_to
from marketplace.core.errors import Invalid
from tests.listings.factories import member_of, organisation, published

pytestmark = pytest.mark.django_db

# Columns whose filter has another name.
COVERED_BY = {
    "owner": "owner", "trl": "trl_min", "modes": "mode", "keywords_en": "keyword",
    "keywords_zh": "keyword", "deadline": "deadline_before", "valid_until": "valid_until_before",
    "published_at": "published_after", "updated_at": "updated_after",
}  # fmt: skip


@pytest.mark.parametrize("filters", [TechnologyFilter, NeedFilter])
def test_every_column_is_a_filter_or_has_a_reason_not_to_be(filters):
    for column in Listing._meta.concrete_fields:
        name = COVERED_BY.get(column.name, column.name)
        is_filter = name in filters.base_filters
        assert is_filter is not (column.name in NOT_FILTERED), column.name


@pytest.fixture
def ask(cast):
    """`ask(player, "field=x", kind)`: titles that the API lists."""

    def names(player, query="", kind="technologies"):
        answer = player.api.get(f"/api/v1/{kind}/?{query}")
        assert answer.status_code == 200, answer.json()
        return {row["title_en"] for row in answer.json()["results"]}

    return names


@pytest.fixture
def market(cast):
    published(
        cast.outside, title_en="One", title_zh="一", field="new_energy", sub_field="batteries",
        trl=3, modes=["assignment"], price_kind="firm", price_min="100000", price_max="400000",
        region="420111", keywords_en=["cold"],
        ip_rights=[{"kind": "invention", "status": "granted", "number": "ZL1", "office": "CN"}],
        specifications=[{"metric_en": "Retention", "comparator": "ge", "value": "84", "unit": "%"}],
    )  # fmt: skip
    published(
        cast.outside, title_en="Hidden", field="aerospace", trl=9, is_anonymous=True,
        region="420111", source_url="https://example.org/x",
        ip_rights=[{"kind": "know_how", "status": "secret", "number": "ZL2", "office": "CN"}],
        specifications=[
            {"metric_en": "Wombat index", "comparator": "ge", "value": "1", "unit": "%",
             "tier": "members"},
        ],
    )  # fmt: skip
    index_many(list(Listing.objects.values_list("pk", flat=True)), meanings=False)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"One", "Hidden"}),
        ("search=fluorinated", {"One", "Hidden"}),
        ("search=batteries one", {"One"}),
        ("search=!!!", set()),
        ("field=new_energy&field=aerospace", {"One", "Hidden"}),
        ("sub_field=batteries", {"One"}),
        ("trl_min=4", {"Hidden"}),
        ("trl_max=4", {"One"}),
        ("mode=assignment", {"One"}),
        ("price_min=300000&price_max=900000", {"One"}),
        ("price_kind=firm", {"One"}),
        ("keyword=cold", {"One"}),
        ("language=zh", {"One"}),
        ("region=420000", {"One", "Hidden"}),
        ("region=420111", {"One"}),
        ("is_anonymous=true", {"Hidden"}),
        ("owner_kind=higher_education", {"One"}),
        ("owner_verified=true", {"One", "Hidden"}),
        ("ip_kind=know_how", {"Hidden"}),
        ("ip_status=granted", {"One"}),
        ("ip_number=ZL1", {"One"}),
        ("ip_number=ZL2", set()),
        ("has_specification=retention", {"One"}),
        ("has_specification=wombat", set()),
        ("state=draft", set()),
        ("published_after=2020-01-01T00:00:00Z", {"One", "Hidden"}),
        ("deadline_before=2020-01-01", set()),
    ],
)
def test_each_filter_finds_its_own_for_a_visitor(cast, market, ask, query, expected):
    assert ask(cast.visitor, query) == expected


def test_filters_that_would_name_an_anonymous_owner_work_for_itself_alone(cast, market, ask):
    owner = f"owner={cast.outside.public_id}"
    for query in (owner, "ip_number=ZL2", "owner_kind=higher_education"):
        assert "Hidden" in ask(cast.outsider, query)
        for player in (cast.visitor, cast.rival, cast.operator, cast.moderator):
            assert "Hidden" not in ask(player, query)


def test_members_filter_by_metrics_of_their_tier(cast, market, ask):
    assert ask(cast.rival, "has_specification=wombat") == {"Hidden"}
    assert ask(cast.claimant, "has_specification=wombat") == set()


def test_mine_are_those_of_my_organisations(cast, market, ask):
    assert ask(cast.outsider, "mine=true") == {"One", "Hidden"}
    assert ask(cast.rival, "mine=true") == set()


@pytest.mark.parametrize(
    "query",
    ["field=x", "trl_min=12", "trl_min=x", "price_min=-1", "price_min=9&price_max=3", "region=9",
     "state=gone", "published_after=yesterday", "more_fields=x", "currency=XXX",
     "public_id=" + ",".join(["A"] * 51), "search=" + "x" * 301],
)  # fmt: skip
def test_a_value_that_says_nothing_is_refused_with_its_name(cast, query):
    answer = cast.visitor.api.get(f"/api/v1/technologies/?{query}")
    assert answer.status_code == 400
    fields = {error["field"] for error in answer.json()["errors"]}
    assert query.split("=")[0] in fields or "price_max" in fields


@pytest.mark.parametrize("rows", [3, 50])
def test_a_list_of_fifty_takes_as_many_queries_as_one_of_three(
    cast, rows, django_assert_num_queries
):
    owner = organisation()
    for number in range(rows):
        published(owner, title_en=f"Number {number}")
    # rows, owners
    with django_assert_num_queries(2):
        answer = cast.visitor.api.get("/api/v1/technologies/?page_size=50")
    assert len(answer.json()["results"]) == rows


def test_the_filter_set_alone_refuses_a_reversed_range(market):
    actor = member_of(organisation())
    filters = TechnologyFilter({"price_min": "9", "price_max": "3"}, visible_to(actor))
    with pytest.raises(Invalid):
        assert list(filters.qs) == []
