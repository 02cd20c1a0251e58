"""Live figures: exact, from public rows only, and telling nothing about the others."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from insights.queries import field_counts, market_figures, tti_figures
from tests.deals import factories
from tests.listings.factories import published

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> Any:
    cache.clear()
    yield
    cache.clear()


def contract(cast: Cast, number: int, amount: str, *public: str, brokered: bool = False) -> None:
    from contracts.models import Contract, ContractParty

    now = timezone.now()
    made = Contract.objects.create(
        filed_by=cast.outside, type="licence", rule_set="CN-2021", title_en="A licence",
        state="draft",
        registration_point=cast.point, field="new_energy",
        total_amount=amount, total_cny=amount, technology_amount=amount, technology_cny=amount,
        public_facts=list(public),
    )  # fmt: skip
    if brokered:
        ContractParty.objects.create(
            contract=made, role="broker", organisation=cast.tti, name="Ferry"
        )
    Contract.objects.filter(pk=made.pk).update(
        state="registered", number=f"{now.year}440300{number:06d}", numbered_at=now,
        registered_at=now,
    )  # fmt: skip


def test_an_empty_market_has_figures_of_nothing() -> None:
    figures = market_figures()

    assert (figures.technologies, figures.needs, figures.registered) == (0, 0, 0)
    assert figures.strong_share is None and figures.amount == 0


def test_listings_are_counted_when_everybody_may_see_them(cast: Cast) -> None:
    for visibility in ("public", "members", "confidential"):
        published(cast.outside, visibility=visibility)
        published(cast.home, kind="need", visibility=visibility)

    figures = market_figures()

    assert (figures.technologies, figures.needs) == (1, 1)
    assert field_counts("technology") == {"new_energy": 1}


def test_the_share_of_needs_counts_public_strong_matches_only(cast: Cast) -> None:
    factories.match(cast.home, cast.outside)
    factories.match(cast.home, cast.outside, technology={"visibility": "confidential"})
    weak = factories.match(cast.home, cast.outside)
    weak.level = "weak"
    weak.save()

    figures = market_figures()

    assert figures.needs == 3 and figures.needs_with_strong_match == 1
    assert figures.strong_share == pytest.approx(1 / 3)


def test_introductions_of_confidential_pairs_are_not_counted(cast: Cast) -> None:
    factories.introduced(cast)
    factories.introduced(cast, technology={"visibility": "confidential"})

    assert market_figures().introductions == 1


def test_the_amount_sums_what_the_parties_made_public(cast: Cast) -> None:
    contract(cast, 1, "100000.10", "amount")
    contract(cast, 2, "200000.20", "amount", "parties")
    contract(cast, 3, "7654321.00", "title")

    figures = market_figures()

    assert (figures.registered, figures.amount_contracts) == (3, 2)
    assert figures.amount == Decimal("300000.30")


def test_figures_are_kept_for_a_minute(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(4):
        market_figures()
    published(cast.outside)
    with django_assert_num_queries(0):
        assert market_figures().technologies == 0


def test_institutions_are_counted_without_anonymous_listings_or_hidden_parties(cast: Cast) -> None:
    published(cast.tti)
    published(cast.tti, is_anonymous=True)
    factories.with_broker(cast)
    contract(cast, 1, "1", "parties", brokered=True)
    contract(cast, 2, "1", brokered=True)

    [found] = tti_figures([cast.tti.pk]).values()

    assert (found.listings, found.introductions, found.contracts) == (1, 1, 1)


def test_the_page_and_the_api_say_the_same_to_everybody(cast: Cast) -> None:
    published(cast.outside)
    contract(cast, 1, "7654321.00")

    page = cast.visitor.client.get("/figures/")
    answer = cast.visitor.api.get("/api/v1/figures/").json()

    assert page.status_code == 200 and "7,654,321" not in page.content.decode()
    assert answer["technologies"] == 1 and answer["registered"] == 1
    assert answer["amount"] == "0" and answer["amount_contracts"] == 0
    assert {"field": "new_energy", "technologies": 1, "needs": 0} in answer["fields"]
