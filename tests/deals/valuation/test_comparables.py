"""Comparables out of the register: what everybody may read there, and enough of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from contracts.actions.endings import cancel
from deals.queries.valuations import comparables
from deals.valuation.market import ENOUGH
from tests.contracts import factories as contracts
from tests.deals.valuation import factories

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
SECRETS = ("Kiln nobody knows", "灯笼工坊", "Lantern", "湖畔", "345678")


def several(cast: Cast, number: int, **values: Any) -> list[Any]:
    facts = {"title_en": "Kiln nobody knows", "total_amount": "345678.90", **values}
    return [contracts.registered(cast, "licence", **facts) for _place in range(number)]


def drawn(cast: Cast, **chosen: str) -> Any:
    made = factories.begun(cast)
    typed = {"rows": "1", "row-0-label": "Mine", "row-0-price_base": "5", "do": "draw", **chosen}
    return cast.owner.client.post(f"{made.get_absolute_url()}by/market/", typed)


def test_four_are_too_few_and_five_become_rows_without_a_name(cast: Cast) -> None:
    made = several(cast, ENOUGH - 1)
    few = drawn(cast)
    made += several(cast, 1, public_facts=["amount"], total_amount="120000.00")
    enough = drawn(cast, type="licence", since=str(timezone.localdate().year))
    html = enough.content.decode()

    assert few.status_code == 422
    assert f"The register has {ENOUGH - 1} contracts" in few.content.decode()
    assert 'value="Mine"' in few.content.decode()
    assert enough.status_code == 200 and 'value="Mine"' in html
    year = timezone.localdate().year
    assert html.count(f"Register: Technology licence, Advanced manufacturing, {year}") == ENOUGH
    for secret in (*SECRETS, *(contract.number for contract in made)):
        assert secret not in html, secret
    # the parties of one let its amount be read; of the others the band stands
    assert html.count('value="120000.00"') == 1
    assert html.count("(middle of the band)") == ENOUGH - 1


def test_of_a_band_the_middle_and_its_edges_are_taken(cast: Cast) -> None:
    several(cast, ENOUGH)
    found, number = comparables(types=["licence"])

    assert number == ENOUGH and all(one.is_band for one in found)
    one = found[0]
    low, base, high = float(one.low), float(one.base), float(one.high)
    assert low < 345678.90 < high and base == pytest.approx((low + high) / 2)
    assert base != 345678.90
    assert comparables(types=["transfer"]) == ([], 0)


def test_what_has_ended_by_refusal_is_no_price(cast: Cast) -> None:
    made = several(cast, ENOUGH)
    cancel(actor=cast.registrar.actor, contract_id=made[0].pk, words="Never performed.")

    assert comparables() == ([], ENOUGH - 1)


def test_the_register_is_read_in_two_statements(cast: Cast, django_assert_num_queries: Any) -> None:
    several(cast, ENOUGH)

    with django_assert_num_queries(2):
        assert len(comparables()[0]) == ENOUGH


@pytest.mark.parametrize("since", ["2100", "1999", "soon"])
def test_a_year_to_come_does_not_ask_of_all_years(cast: Cast, since: str) -> None:
    several(cast, ENOUGH)
    answer = drawn(cast, since=since)

    assert answer.status_code == 422
    assert "Register: " not in answer.content.decode()
    assert f'value="{since}"' in answer.content.decode()


def test_they_add_up_to_a_value_that_can_be_saved(cast: Cast) -> None:
    several(cast, ENOUGH)
    made = factories.begun(cast)
    found, _number = comparables(years=[timezone.localdate().year])
    typed: dict[str, Any] = {"rows": str(ENOUGH), "number": "0", "do": "save"}
    for place, one in enumerate(found):
        typed |= {
            f"row-{place}-label": "Register", f"row-{place}-price_low": one.low,
            f"row-{place}-price_base": one.base, f"row-{place}-price_high": one.high,
            f"row-{place}-stage_base": "0.8", f"row-{place}-stage_low": "0.7",
        }  # fmt: skip
    answer = cast.owner.client.post(f"{made.get_absolute_url()}by/market/", typed)

    assert answer.status_code == 302
    outcome = made.versions.get().outcome
    assert outcome is not None and outcome["warnings"] == []
    assert float(outcome["base"]) == pytest.approx(float(found[0].base) * 0.8)
    assert float(outcome["low"]) == pytest.approx(float(found[0].low) * 0.7)


def test_the_link_on_a_technology_is_for_who_may_begin(cast: Cast) -> None:
    from tests.accounts.factories import MembershipFactory, UserFactory
    from tests.cast import Player
    from tests.listings.factories import published

    reader = UserFactory()
    MembershipFactory(user=reader, organisation=cast.home, roles=["analyst"])
    listing = published(cast.home)
    path = f"/technologies/{listing.public_id}/"
    link = f"/valuations/begin/?listing={listing.public_id}"
    assert link in cast.owner.client.get(path).content.decode()
    assert link in cast.colleague.client.get(path).content.decode()
    for who in ("visitor", "rival", "outsider", "operator"):
        assert link not in cast.everybody[who].client.get(path).content.decode(), who
    assert link not in Player("reader", reader, cast.home, "").client.get(path).content.decode()
