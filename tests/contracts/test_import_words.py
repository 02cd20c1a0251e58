"""What tables may write, and what each cell that cannot be taken is told."""

from typing import Any

import pytest

from contracts.actions.imports import start_contract_import, take_turn
from contracts.imports import refusals
from contracts.imports.places import country_of, region_of, regions_named
from contracts.models import Contract, ContractImport
from events.models import Notification
from tests.cast import Cast
from tests.contracts.test_contract_imports import jsonl, plain

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def run_of(cast: Cast, rows: list[dict[str, Any]], *, is_dry: bool = False) -> ContractImport:
    run = start_contract_import(
        actor=cast.colleague.actor, owner_id=cast.home.pk, source="old", upload=jsonl(rows),
        is_dry=is_dry,
    )  # fmt: skip
    while run.is_working:
        take_turn(run.public_id)
        run.refresh_from_db()
    return run


@pytest.mark.parametrize(
    ("text", "code"),
    [("DE", "DE"), ("de", "DE"), ("Germany", "DE"), ("德国", "DE"), (" united  states ", "US"),
     ("USA", "US"), ("香港", "HK"), ("中国香港", "HK"), ("Hong Kong, China", "HK"), ("中国", "CN"),
     ("People’s Republic of China", "CN"), ("Freedonia", None), ("", None)],
)  # fmt: skip
def test_countries_are_known_by_name_and_code(text: str, code: str | None) -> None:
    assert country_of(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("440300", "440300"), ("深圳市", "440300"), ("深圳", "440300"), ("Shenzhen", "440300"),
     ("广东省深圳市", "440300"), ("Shenzhen, Guangdong", "440300"), ("广东", "440000"),
     ("北京市", "110000"), ("999999", None), ("Atlantis", None)],
)  # fmt: skip
def test_regions_are_known_by_name_and_code(text: str, code: str | None) -> None:
    assert region_of(text) == code


def test_names_that_tables_use_are_columns(cast: Cast) -> None:
    row = plain(1, seller_name=cast.home.name_zh, buyer_country="德国", buyer_kind="abroad",
                子类型="技术培训", 合同子类="", 签订日期="2026/3/5", 乙方="Nobody")  # fmt: skip
    run = run_of(cast, [row])
    assert run.unknown_columns == [] and [one.outcome for one in run.outcomes.all()] == ["created"]
    contract = Contract.objects.get()
    assert (contract.sub_type, str(contract.signed_on)) == ("training", "2026-03-05")
    buyer = contract.parties.get(role="buyer")
    assert (buyer.name, buyer.country) == ("Sample Buyer Ltd", "DE")
    assert contract.parties.filter(role="seller").get().organisation == cast.home


@pytest.mark.parametrize(
    ("cells", "column", "says", "zh"),
    [
        ({"buyer_country": "Freedonia"}, "Buyer: country", "no country or area", "国家或地区"),
        ({"seller_name": "Works", "seller_region": "Atlantis"}, "Seller: region", "440300", "省市"),
        ({"buyer_kind": "shop"}, "Buyer: kind", "Write one of these", "请填写"),
        ({"total_amount": "many"}, "Total contract amount", "no amount", "12万"),
        ({"less_parts": "few"}, "Less: Parts and components", "no amount", "12万"),
        ({"signed_on": "31/12/25"}, "Signed on", "2026-03-05", "2026-03-05"),
        ({"signed_on": "2026-02-30"}, "Signed on", "no day", "不是日期"),
        ({"rate": "seven", "currency": "USD"}, "Rate to CNY", "no rate", "7.1234"),
        ({"sub_type": "barter"}, "Sub-type", "General technology service", "技术培训"),
        ({"sub_type": "feasibility"}, "Sub-type", "does not belong", "不属于"),
        ({"region": "Atlantis"}, "Region of the contract", "no region", "440300"),
        ({"buyer_name": "x" * 161}, "Buyer: name", "160", "160"),
        # told by the rules of contracts, not by the reading of cells
        ({"less_parts": "99999999"}, "Deductions", "larger than the total", "技术交易额将为负"),
        ({"total_amount": "-5"}, "Total contract amount", "negative", "负"),
        ({"payment": "instalments", "instalments": "2026-05-01 5"}, "Instalments", "", "分期"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_column_and_what_to_write(
    cast: Cast, cells: dict[str, Any], column: str, says: str, zh: str
) -> None:
    run = run_of(cast, [plain(1, **cells)])
    row = run.outcomes.get()
    assert row.outcome == "refused" and (row.external_id, row.title) == ("A-1", "Tuning 1")
    assert f"Column “{column}”" in row.reason_en and says in row.reason_en, row.reason_en
    assert zh in row.reason_zh and "Column" not in row.reason_zh, row.reason_zh
    for raw in (
        "Select a valid",
        "valid choice",
        "must be a",
        "Parties",
        "当事人",
        "not a code of",
    ):
        assert raw not in row.reason_en and raw not in row.reason_zh, row.reason_en


def test_every_cell_of_a_row_is_told_at_once(cast: Cast) -> None:
    cells = {"total_amount": "many", "signed_on": "soon", "royalty": "luck 3%", "less_parts": "x"}
    reason = run_of(cast, [plain(1, **cells)]).outcomes.get().reason_en
    assert reason.count("Column “") == 4


def test_a_check_with_nothing_to_take_offers_no_import_and_says_so(
    cast: Cast, run_jobs: Any
) -> None:
    client = cast.colleague.client
    run = run_of(cast, [plain(1, type="barter")], is_dry=True)
    address = f"/contracts/import/{run.public_id}/"
    page = client.get(address).content.decode()
    assert "No row of this table could be taken" in page and "Import the rows" not in page
    assert client.post(f"{address}run/").status_code == 302
    run.refresh_from_db()
    assert run.state == "checked" and run.outcomes.count() == 1
    assert "No row of this table would make" in client.get(address).content.decode()
    assert "checked, nothing to import" in client.get("/contracts/import/").content.decode()


def test_an_import_of_nothing_is_not_called_imported(cast: Cast) -> None:
    run = run_of(cast, [plain(1, type="barter")])
    page = cast.colleague.client.get(f"/contracts/import/{run.public_id}/").content.decode()
    assert run.state == "done" and "nothing could be imported" in page
    told = Notification.objects.get(recipient=cast.colleague.user, kind__startswith="contract.imp")
    assert told.kind == "contract.import_empty"


@pytest.mark.parametrize("name", ["Suzhou", "Fuzhou", "Taizhou", "Yichun", "Yulin"])
def test_a_name_of_two_cities_is_asked_for(name: str) -> None:
    assert region_of(name) is None
    said = str(refusals.no_region(name))
    assert "several places" in said and said.count(name) == 3
    for place in regions_named(name):
        assert region_of(place) is not None, place


def test_a_name_that_a_province_shares_is_the_provinces() -> None:
    assert region_of("Jilin") == "220000"
    assert region_of("苏州") == "320500" and region_of("宿州市") == "341300"
