"""Tables of registered contracts: exact, fresh, and telling the public nothing but the register."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from contracts import figures
from contracts.actions.decisions import register_contract
from contracts.actions.endings import cancel
from contracts.models import FigureCell, FigureChange, FigureSeller
from contracts.queries.behind import Cell, behind
from insights import asking, naming, shapes
from insights.queries import enterprises
from insights.queries.enterprises import enterprise_years, top_enterprises
from insights.queries.tables import KINDS, Asked, Table, table
from tests.contracts import factories
from tests.insights.making import Maker
from tests.plans import leave_only

if TYPE_CHECKING:
    from tests.cast import Cast, Player

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year
ADDRESSES = [
    *(f"/figures/tables/{name}/" for name in (*KINDS, "enterprises")),
    *(f"/figures/tables/{name}.csv" for name in KINDS),
    "/figures/contracts/?seller=enterprises", "/figures/contracts/?large=1",
    "/figures/contracts/?seller_place=440300&buyer_place=420000",
    "/figures/contracts/?buyer_place=abroad",
    *(f"/api/v1/figures/tables/{name}/" for name in KINDS), "/api/v1/figures/enterprises/",
]  # fmt: skip


def asked(name: str, *, exact: bool = True, **values: Any) -> Table:
    return table(Asked(KINDS[name], YEAR, YEAR, exact=exact, **values))


def some(cast: Cast) -> None:
    """One of each type, of several fields and openness, one of them large."""
    public = iter([["parties", "amount"], ["parties"], ["amount"], [], ["parties", "amount"]])
    for place, kind in enumerate(factories.BY_TYPE):
        factories.registered(
            cast, kind, total_amount=f"{(place + 1) * 2_600_000}.01", public_facts=next(public),
            field=["aerospace", "agriculture"][place % 2],
        )  # fmt: skip


def test_a_table_counts_what_is_registered_now(cast: Cast) -> None:
    some(cast)
    found = asked("types")
    assert {row.key: row.now.contracts for row in found.rows} == dict.fromkeys(factories.BY_TYPE, 1)
    total = found.totals[YEAR].now
    assert (total.contracts, total.amounts, total.large) == (5, 5, 2)
    assert total.technology == Decimal("39000000.05")
    assert asked("statistical-types").row(YEAR, "transfer").now.contracts == 2  # type: ignore[union-attr]
    assert asked("fields", type="service").totals[YEAR].now.contracts == 1
    assert asked("types", region="440000").totals[YEAR].now.contracts == 5
    assert asked("types", region="110000").rows == ()


@pytest.mark.parametrize("is_folded", [False, True])
def test_an_amendment_counts_once_and_a_cancelled_contract_not(cast: Cast, is_folded: bool) -> None:
    first, second = factories.registered(cast), factories.registered(cast)
    if is_folded:
        assert figures.fold_all() == 2 and FigureChange.objects.count() == 0
    factories.amended(cast, first, total_amount="150000.00")
    cancel(actor=cast.registrar.actor, contract_id=second.pk, words="Rescinded.")
    for _ in range(2):
        total = asked("types").totals[YEAR].now
        assert (total.contracts, total.technology) == (1, Decimal(150_000))
        assert figures.differences(YEAR) == 0
        figures.fold_all()


def test_folding_in_pieces_changes_no_table(cast: Cast) -> None:
    some(cast)
    before = [asked(name).rows for name in KINDS]
    while figures.fold(limit=2):
        assert [asked(name).rows for name in KINDS] == before
    assert FigureCell.objects.exists() and FigureSeller.objects.exists()


def test_the_job_folds(cast: Cast, run_jobs: Any) -> None:
    from marketplace.core.jobs import enqueue

    some(cast)
    enqueue("contracts.fold_figures", {})
    run_jobs()
    assert FigureChange.objects.count() == 0


def test_wrong_sums_are_found_and_counted_anew(cast: Cast) -> None:
    some(cast)
    figures.fold(limit=3)
    right = [asked(name).rows for name in KINDS]
    call_command("rebuild_figures", check=True)
    FigureCell.objects.filter(cube="year").update(technology=1)
    FigureSeller.objects.all().delete()
    with pytest.raises(CommandError):
        call_command("rebuild_figures", check=True)
    call_command("rebuild_figures")
    call_command("rebuild_figures", check=True)
    assert [asked(name).rows for name in KINDS] == right
    call_command("rebuild_figures", all=True)
    assert [asked(name).rows for name in KINDS] == right


@pytest.mark.parametrize("exact", [True, False])
def test_every_cell_opens_as_many_contracts_as_it_counts(cast: Cast, exact: bool) -> None:
    from django.http import QueryDict

    some(cast)
    sides = factories.parties(cast)
    sides[1] = {"role": "buyer", "name": "Fjord Oy", "kind": "abroad", "country": "FI",
                "code": "F1"}  # fmt: skip
    factories.registered(cast, sides=sides, public_facts=["parties"])
    actor = cast.operator.actor if exact else cast.visitor.actor
    opened = 0
    for name in KINDS:
        for region in ("", "440000", *(["440300"] if name in asking.FLOWS else [])):
            of = Asked(KINDS[name], YEAR, YEAR, region=region, exact=exact)
            for row in table(of).of(YEAR):
                for large in (False, True):
                    address = naming.rows_address(of, row, large=large)
                    if not address or not row.now.contracts:
                        continue
                    cell = asking.read_cell(QueryDict(address.partition("?")[2]), actor)
                    counted = row.now.large if large else row.now.contracts
                    assert behind(cell).count() == counted, address
                    opened += 1
    assert opened > 60


def answers(player: Player) -> dict[str, str]:
    """What a reader gets, without the marks that differ between two requests."""
    found = {}
    for address in ADDRESSES:
        client = player.api if address.startswith("/api/") else player.client
        answer = client.get(address)
        assert answer.status_code == 200, address
        body = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()
        found[address] = re.sub(r'(csrf[^"]*|X-CSRFToken)[^>]*', "", body)
    return found


@pytest.mark.parametrize("player", ["visitor", "rival", "moderator", "registrar"])
def test_what_is_not_public_changes_no_public_figure(cast: Cast, player: str) -> None:
    """Two markets that differ only in what the register does not show read the same; whoever
    watches the tables while a contract is registered learns what the register shows of it."""
    some(cast)
    answers(cast.everybody[player])  # its session is made before what is rolled back
    with connection.cursor() as cursor:
        seen = []
        for values in (
            {"total_amount": "1200000.00", "sides": factories.parties(cast)},
            {"total_amount": "4900000.00", "sides": [
                factories.parties(cast)[0] | {"kind": "enterprise_hmt", "code": "91440300OTHER00C"},
                {"role": "buyer", "name": "Fjord Oy", "kind": "abroad", "country": "FI",
                 "code": "F1"},
            ]},
        ):  # fmt: skip
            cursor.execute("SAVEPOINT before")
            factories.registered(
                cast, title_en="The same", deductions=[], public_facts=[], **values
            )
            # what is hidden is folded; its seller then shows itself in another contract
            figures.fold_all()
            factories.registered(cast, public_facts=["parties"])
            seen.append(answers(cast.everybody[player]))
            # numbers are given again after this, so both worlds know the same ones
            cursor.execute("ROLLBACK TO SAVEPOINT before")
    differing = [address for address in ADDRESSES if seen[0][address] != seen[1][address]]
    assert bool(differing) == (player == "registrar")


def test_a_confidential_registration_moves_only_what_the_register_shows(cast: Cast) -> None:
    some(cast)
    before = {name: asked(name, exact=False) for name in KINDS}
    factories.registered(cast, total_amount="4000000.00", field="aerospace", public_facts=[])
    for name, then in before.items():
        now = asked(name, exact=False)
        whole, was = now.totals[YEAR].now, then.totals[YEAR].now
        of_parties = KINDS[name].cube in ("seller", "buyer", "flow")
        assert whole.contracts - was.contracts == (0 if of_parties else 1), name
        assert (whole.technology, whole.total, whole.amounts) == (
            was.technology, was.total, was.amounts,
        )  # fmt: skip


def shown_names(*, exact: bool = False) -> list[str]:
    return [one.name for one in top_enterprises(YEAR, exact=exact)]


@pytest.mark.parametrize("is_folded", [False, True])
def test_a_name_goes_with_the_last_contract_that_gives_it(cast: Cast, is_folded: bool) -> None:
    made = []
    for name in ("Able", "Zebra"):
        contract = factories.examined(cast, public_facts=["parties"])
        contract.parties.filter(role="seller").update(name=name)
        made.append(register_contract(actor=cast.registrar.actor, contract_id=contract.pk))
        if is_folded:
            figures.fold_all()
    assert shown_names() == shown_names(exact=True) == ["Zebra"]
    cancel(actor=cast.registrar.actor, contract_id=made[1].pk, words="Rescinded.")
    for _ in range(2):
        assert shown_names() == shown_names(exact=True) == ["Able"]
        assert figures.differences(YEAR) == 0
        figures.fold_all()


def test_what_took_long_is_kept_until_the_sums_change(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enterprises, "LONG", -1.0)  # everything is kept
    worked: list[int] = []
    original = enterprises._enterprise_years
    monkeypatch.setattr(
        enterprises, "_enterprise_years",
        lambda years, exact: worked.append(1) or original(years, exact),
    )  # fmt: skip

    def most() -> int:
        return max(
            (one.most_contracts for one in enterprise_years(YEAR, YEAR, exact=True)), default=0
        )

    cache.clear()
    figures.fold_all()
    before = most()
    assert most() == before and len(worked) == 1
    factories.registered(cast)
    assert most() == before + 1  # waits to be folded: what was kept of the sums is not asked
    factories.registered(cast)
    assert most() == before + 1 and len(worked) == 2  # for less than a minute
    figures.fold_all()
    assert most() == before + 2
    assert most() == before + 2 and len(worked) == 3
    cache.clear()


def test_sums_have_room_for_the_largest_amounts(cast: Cast) -> None:
    maker = Maker(cast.point.pk)
    for _ in range(12):
        maker.add(1, Decimal("9999999999999999.99"), public=["parties", "amount"])
    maker.register(2012)
    assert FigureChange.objects.count() == 0
    found = table(Asked(KINDS["years"], 2012, 2012))
    assert found.totals[2012].now.technology == 12 * Decimal("9999999999999999.99")
    [top, *_] = top_enterprises(2012, exact=False)
    assert top.technology >= Decimal("9999999999999999.99")


def test_nothing_is_inserted_with_a_number(cast: Cast) -> None:
    contract = factories.registered(cast)
    contract.pk, contract.public_id, contract.edition = None, "ZZZZZZZZZZ", 2
    contract._state.adding = True
    with pytest.raises(IntegrityError, match="is a draft before"), transaction.atomic():
        contract.save()


def test_a_single_amount_is_read_by_operators_and_at_its_own_point(cast: Cast) -> None:
    """Sums are the office of every registrar and analyst, single hidden amounts are not."""
    from accounts.models import Membership, Organisation

    factories.registered(cast, total_amount="1234567.00", public_facts=[])
    Membership.objects.create(user=cast.newcomer.user, organisation=cast.point, roles=["analyst"])
    other = Organisation.objects.get(pk=cast.home.pk)
    addresses = ("/figures/contracts/", "/figures/contracts/?seller=enterprises")

    def readers(words: str, address: str) -> set[str]:
        names = ("visitor", "newcomer", "registrar", "operator", "owner")
        return {
            name for name in names
            if words in cast.everybody[name].client.get(address).content.decode()
        }  # fmt: skip

    number = f"{YEAR}4403"
    for address in addresses:
        assert readers("1,234,567", address) == {"registrar", "operator"}
    assert readers(number, addresses[0]) == {
        "visitor", "newcomer", "registrar", "operator", "owner"
    }  # fmt: skip
    assert readers(number, addresses[1]) == {"registrar", "operator"}
    # who is tied to a party reads no more than the register
    Membership.objects.create(user=cast.registrar.user, organisation=other, roles=[])
    for address in addresses:
        assert readers("1,234,567", address) == {"operator"}


def test_lists_are_counted_from_sums_and_end(cast: Cast, monkeypatch: Any) -> None:
    from insights import table_views

    some(cast)
    monkeypatch.setattr(table_views, "ROWS", 2)
    monkeypatch.setattr(table_views, "LISTED", 4)
    page = cast.visitor.client.get("/figures/contracts/?page=999999")
    assert page.context["page"].number == 2 and page.context["page"].paginator.count == 5
    assert "newest 4" in page.content.decode()
    for query in ("month=3&seller=enterprises", "seller_place=440300&buyer_place=440000"):
        assert cast.visitor.client.get(f"/figures/contracts/?{query}").status_code == 400


def test_who_reads_exactly(cast: Cast) -> None:
    from accounts.models import Membership

    readers = {
        name for name, player in cast.everybody.items()
        if player.api.get("/api/v1/figures/tables/types/").json()["reading"] == "exact"
    }  # fmt: skip
    assert readers == {"operator", "registrar"}
    Membership.objects.create(user=cast.newcomer.user, organisation=cast.point, roles=["analyst"])
    Membership.objects.create(user=cast.claimant.user, organisation=cast.home, roles=["analyst"])
    get = "/api/v1/figures/tables/types/"
    assert cast.newcomer.api.get(get).json()["reading"] == "exact"
    assert cast.claimant.api.get(get).json()["reading"] == "open"


def test_growth_shares_and_averages(cast: Cast) -> None:
    some(cast)
    [service] = [row for row in shapes.rows_of(asked("types")) if row["key"] == "service"]
    assert service["contracts_share"] == Decimal("0.2") and service["contracts_growth"] is None
    assert service["average"] == service["technology"] == Decimal("13000000.01")
    total = [row for row in shapes.rows_of(asked("types")) if row["key"] == "total"]
    assert total[0]["average"] == Decimal("7800000.01")


def test_pages_tell_and_cost_the_same_for_many(cast: Cast, django_assert_num_queries: Any) -> None:
    for _ in range(2):
        some(cast)
        with django_assert_num_queries(1):
            assert cast.visitor.client.get("/figures/tables/types/").status_code == 200
        with django_assert_num_queries(4):  # years with changes, of years, two lists of the last
            cast.visitor.client.get("/figures/tables/enterprises/")  # fmt: skip
    page = cast.visitor.client.get("/figures/tables/sellers/").content.decode()
    assert "Domestic enterprises" in page and "All enterprises" in page and "<svg" in page


@pytest.mark.parametrize(
    ("query", "field"),
    [("from=x", "from"), ("to=99999", "to"), ("from=2020&to=2010", "from"),
     ("from=1985&to=2100", "from"), ("type=zzz", "type"), ("field=%00%27", "field"),
     ("region=999999", "region"), ("to=%C2%B2", "to")],
)  # fmt: skip
def test_odd_questions_are_refused_in_words(cast: Cast, query: str, field: str) -> None:
    page = cast.visitor.client.get(f"/figures/tables/types/?{query}")
    assert page.status_code == 400 and "<h1>" in page.content.decode()
    answer = cast.visitor.api.get(f"/api/v1/figures/tables/types/?{query}")
    assert answer.status_code == 400 and field in answer.content.decode()


def test_unknown_tables_are_not_found(cast: Cast) -> None:
    for address in ("/figures/tables/zzz/", "/figures/tables/zzz.csv"):
        assert cast.visitor.client.get(address).status_code == 404
    assert cast.visitor.api.get("/api/v1/figures/tables/zzz/").status_code == 404


def test_no_cell_of_a_file_starts_a_formula(cast: Cast) -> None:
    some(cast)
    answer = cast.operator.client.get("/figures/tables/types.csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) > 5
    for line in lines:
        assert not any(cell.strip('"').startswith(("=", "+", "-", "@")) for cell in line.split(","))


@pytest.mark.parametrize(
    ("facts", "index"),
    [
        ({"seller": "individual"}, "contract_party_by_kind"),
        ({"buyer": "enterprises"}, "contract_party_by_kind"),
        ({"origin": "540100"}, "contract_party_by_place"),
        ({"origin": "540000"}, "contract_party_by_place"),
        ({"destination": "abroad"}, "contract_party_by_place"),
        ({"region": "540000"}, "contract_register_region"),
    ],
)
def test_a_rare_cell_is_found_by_an_index(cast: Cast, facts: dict[str, str], index: str) -> None:
    is_of_party = index.startswith("contract_party")
    leave_only("contracts_contractparty" if is_of_party else "contracts_contract", index)
    assert index in behind(Cell(YEAR, exact=True, **facts)).order_by()[:25].explain()
