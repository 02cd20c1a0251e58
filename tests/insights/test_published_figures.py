"""The tables print what was published: contracts are made whose sums are the published numbers."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from contracts import figures
from insights.queries.tables import KINDS, Asked, Table, table
from tests.insights.making import Maker

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
DATA = yaml.safe_load(Path(__file__).with_name("published.yaml").read_text(encoding="utf-8"))
UNIT = Decimal(100_000_000)


def made(cast: Cast, name: str, parameter: str, unit: Decimal = UNIT) -> None:
    """Contracts of every year of a published table; what it leaves out fills the totals."""
    maker = Maker(cast.point.pk)
    for year, cells in DATA[name].items():
        for key, (number, amount, *_printed) in cells.items():
            maker.add(number, Decimal(str(amount)) * unit, **{parameter: key})
        maker.register(year)


def asked(name: str, last: int = 2012, region: str = "") -> Table:
    return table(Asked(KINDS[name], 2010, last, region=region, exact=True))


def per_cent(ratio: Decimal | None, decimals: int) -> Decimal:
    assert ratio is not None
    return round(ratio * 100, decimals)


def holds(found: Table, name: str, unit: Decimal = UNIT, **renamed: str) -> None:
    for year, cells in DATA[name].items():
        for key, (number, amount, *_printed) in cells.items():
            row = found.row(year, renamed.get(key, key))
            assert row is not None, key
            assert (row.now.contracts, row.now.technology) == (number, Decimal(str(amount)) * unit)


def test_contracts_by_type(cast: Cast) -> None:
    made(cast, "types", "type")
    found = asked("statistical-types")
    holds(found, "types")
    for year, cells in DATA["types"].items():
        total = found.totals[year].now
        assert total.contracts == DATA["totals"][year][0]
        for key, (_number, _amount, share) in cells.items():
            decimals = 2 if year == 2011 else 0
            row = found.row(year, key)
            assert row and per_cent(row.technology_share, decimals) == Decimal(str(share))
    for key, growth in DATA["printed"]["type_growth"].items():
        row = found.row(2012, key)
        assert row and per_cent(row.technology_growth, 1) == Decimal(str(growth))
    for key, growth in DATA["printed"]["type_count_growth"].items():
        row = found.row(2012, key)
        assert row and per_cent(row.growth, 1) == Decimal(str(growth))
    assert [figures.differences(year) for year in figures.years()] == [0, 0]


def test_contracts_by_field(cast: Cast) -> None:
    maker = Maker(cast.point.pk)
    for year, cells in DATA["fields"].items():
        for key, (number, amount) in cells.items():
            maker.add(number, Decimal(str(amount)) * UNIT, field=key)
        listed = sum(number for number, _ in cells.values())
        amount = sum(Decimal(str(money)) for _, money in cells.values())
        rest = Decimal(str(DATA["totals"][year][1])) - amount
        maker.add(max(DATA["totals"][year][0] - listed, 10), rest * UNIT, field="agriculture")
        maker.register(year)
    found = asked("fields")
    holds(found, "fields")
    assert found.totals[2012].now.contracts == 10_105
    for key, growth in DATA["printed"]["field_growth"].items():
        row = found.row(2012, key)
        decimals = 1 if growth % 1 else 0
        assert row and per_cent(row.technology_growth, decimals) == Decimal(str(growth))
    for key, share in DATA["printed"]["field_share"].items():
        row = found.row(2012, key)
        decimals = 1 if share % 1 else 0
        assert row and per_cent(row.technology_share, decimals) == Decimal(str(share)), key
    # the source prints 1.5 for 230 million of 14.82 billion, which is 1.552
    row = found.row(2012, "advanced_manufacturing")
    assert row and per_cent(row.technology_share, 1) == Decimal("1.6")


def test_contracts_by_kind_of_seller(cast: Cast) -> None:
    made(cast, "sellers", "seller")
    found = asked("sellers")
    holds(found, "sellers", institution_research="institution", enterprise_limited="enterprise")
    # The kinds that the source lists, added up; it prints another figure for all enterprises, which
    # in 2010 and 2011 is larger and in 2012 smaller than its own parts (see the docs).
    for year, (number, amount) in DATA["enterprises"].items():
        row = found.row(year, "enterprises")
        kinds = ("enterprise_limited", "enterprise_foreign_funded", "enterprise_hmt")
        cells = [DATA["sellers"][year][key] for key in kinds]
        assert row and row.is_part
        assert row.now.contracts == sum(n for n, _ in cells) != number
        assert row.now.technology == sum(Decimal(str(a)) for _, a in cells) * UNIT
        assert (row.now.technology < Decimal(str(amount)) * UNIT) == (year < 2012)


def test_contracts_by_the_buyers_place(cast: Cast) -> None:
    maker = Maker(cast.point.pk)
    for year, cells in DATA["destinations"].items():
        for key, (number, amount) in cells.items():
            place = "320500" if key == "320000" else key
            maker.add(number, Decimal(str(amount)) * UNIT, place=place)
        amount = sum(Decimal(str(money)) for _, money in cells.values())
        rest = Decimal(str(DATA["totals"][year][1])) - amount
        # shares are of amounts here: how many contracts make up the rest says nothing
        maker.add(10, rest * UNIT, place="510100")
        maker.register(year)
    found = asked("destinations", region="440300")
    holds(found, "destinations")
    abroad = found.row(2012, "abroad")
    assert abroad and (abroad.now.contracts, abroad.is_part) == (410, True)
    for key, growth in DATA["printed"]["destination_growth"].items():
        row = found.row(2012, key)
        assert row and per_cent(row.technology_growth, 1) == Decimal(str(growth))
    for key, share in DATA["printed"]["destination_share"].items():
        row = found.row(2012, key)
        assert row and per_cent(row.technology_share, 1) == Decimal(str(share))
    # the source prints 3.9 for Shanghai, which 420 million of 14.82 billion are not
    shanghai = found.row(2012, "310000")
    assert shanghai and per_cent(shanghai.technology_share, 1) == Decimal("2.8")


@pytest.mark.parametrize("is_corrected", [False, True])
def test_exports_of_zhongguancun(cast: Cast, is_corrected: bool) -> None:
    """As printed, and with the amount of 2013 from which two of the printed growths follow."""
    unit = Decimal(1_000_000_000)
    maker = Maker(cast.point.pk)
    printed: dict[str, Any] = DATA["zhongguancun_growth"]
    for year in (2013, 2014):
        for key, (number, amount) in DATA["zhongguancun"][year].items():
            if is_corrected and (year, key) == (2013, "development"):
                amount = DATA["zhongguancun_development_2013"]
            maker.add(number, Decimal(str(amount)) * unit, type=key, place="US")
        maker.register(year)
    found = asked("statistical-types", last=2014)
    if not is_corrected:
        holds(found, "zhongguancun", unit)
    growth = {
        key: per_cent(row.technology_growth, 2)
        for key in ("development", "transfer", "consulting", "service")
        if (row := found.row(2014, key))
    }
    growth["total"] = per_cent(found.totals[2014].technology_growth, 2)
    expected = {key: Decimal(str(value)) for key, value in printed.items()}
    if not is_corrected:
        expected |= {"development": Decimal("38.78"), "total": Decimal("-35.83")}
    assert growth == expected
    for year, (number, amount) in DATA["zhongguancun_total"].items():
        total = found.totals[year].now
        assert total.contracts == number
        # the parts add up to 34.770 billion in 2014 and 54.184 in 2013; the source rounds
        if not is_corrected:
            assert abs(total.technology / unit - Decimal(str(amount))) <= Decimal("0.001")
