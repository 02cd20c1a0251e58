"""Pages of income: from the register to a statement by forms alone, and who meets a closed door."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from deals.models import DistributionRun, IncomeAccount, Receipt
from tests.accounts.factories import UserFactory
from tests.cast import BACKEND
from tests.contracts.factories import registered
from tests.deals.income import factories

if TYPE_CHECKING:
    from accounts.models import User
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def beneficiary(email: str = "wei@inventors.example") -> tuple[User, Client]:
    person: Any = UserFactory()
    EmailAddress.objects.create(user=person, email=email, verified=True)
    client = Client()
    client.force_login(person, backend=BACKEND)
    return person, client


def inventors(*rows: tuple[str, str], **more: str) -> dict[str, str]:
    version = str(IncomeAccount.objects.values_list("version", flat=True).get())
    data = {"form-TOTAL_FORMS": str(len(rows)), "form-INITIAL_FORMS": "0", "version": version}
    data |= more
    for place, (name, percent) in enumerate(rows):
        data |= {f"form-{place}-name": name, f"form-{place}-percent": percent}
    return data


def test_from_the_register_to_a_statement_by_forms_alone(cast: Cast) -> None:
    contract = registered(cast, "licence", payment_mode="lump_sum")
    client = cast.colleague.client
    assert contract.title_en in client.get("/income/").content.decode()
    answer = client.post("/income/open/", {"contract": contract.public_id})
    account = IncomeAccount.objects.get()
    assert answer["Location"] == account.get_absolute_url()
    page = client.get(account.get_absolute_url()).content.decode()
    assert "¥120,000.00" in page and "?purpose=lump_sum&amp;amount=120000.00" in page
    # nothing typed is lost, and what is wrong stands at its place
    address = f"{account.get_absolute_url()}receipts/"
    today = timezone.localdate().isoformat()
    typed = {"purpose": "lump_sum", "received_on": today, "amount": "-12", "currency": "CNY",
             "reference": "Bank 7"}  # fmt: skip
    refused = client.post(address, typed)
    text = refused.content.decode()
    assert refused.status_code == 422 and "is reversed, not entered below zero" in text
    assert 'value="Bank 7"' in text and not Receipt.objects.exists()
    assert client.post(address, {**typed, "amount": "12万"}).status_code == 302
    assert "paid" in client.get(account.get_absolute_url()).content.decode()
    # a draft needs inventors first, and says so
    draft = f"{account.get_absolute_url()}run/"
    refused = client.post(draft, {"up_to": today})
    assert refused.status_code == 422
    assert "Say first who shares the inventors" in refused.content.decode()
    # 99.99 % is refused with its parts; more rows without script
    people = f"{account.get_absolute_url()}inventors/"
    refused = client.post(people, inventors(("Wei", "60"), ("Ada", "39.99")))
    text = refused.content.decode()
    assert refused.status_code == 422 and "99.99%" in text and "Ada 39.99%" in text
    more = client.post(people, inventors(("Wei", "60"), add="1")).content.decode()
    assert 'name="form-1-name"' in more and 'value="Wei"' in more
    assert client.post(people, inventors(("Wei", "60"), ("Ada", "40"))).status_code == 302
    run_page = client.post(draft, {"up_to": today})["Location"]
    run = DistributionRun.objects.get()
    text = client.get(run_page).content.decode()
    assert "50% of ¥120,000.00" in text and "¥36,000.00" in text
    assert "another owner of the organisation approves it" in text
    step = f"{run_page}step/"
    client.post(f"{step}approve/")
    assert DistributionRun.objects.get().is_draft, "not by who drafted it"
    assert cast.owner.client.post(f"{step}approve/", {"version": "1"}).status_code == 302
    line = run.lines.filter(kind="inventor").first()
    assert line is not None
    statement = cast.owner.client.get(f"/income/statements/{line.public_id}/").content.decode()
    assert "¥36,000.00" in statement and "Ada" not in statement
    rows = list(csv.DictReader(io.StringIO(_file(client, f"{run_page}csv/"))))
    assert {row["run"] for row in rows} == {"1"}
    assert [row["amount"] for row in rows if row["kind"] == "inventor"] == ["36000.00", "24000.00"]
    back = client.post(f"{step}reverse/", {"words": "Wrong year."})["Location"]
    text = cast.owner.client.get(back).content.decode()
    assert "Wrong year." in text and "takes an earlier one back" in text
    rows = list(csv.DictReader(io.StringIO(_file(client, f"{back}csv/"))))
    assert [row["amount"] for row in rows if row["kind"] == "inventor"] == [
        "-36000.00", "-24000.00",
    ]  # fmt: skip


def _file(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]


def test_a_statement_as_pdf_in_both_languages(cast: Cast) -> None:
    account = factories.opened(cast)
    run = factories.approved(cast, account, "1000")
    line = run.lines.filter(kind="inventor").first()
    assert line is not None
    _person, client = beneficiary()
    address = f"/income/statements/{line.public_id}/pdf/"
    for language in ("en", "zh-hans"):
        client.cookies["language"] = language
        answer = client.get(address)
        assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
        assert answer["Cache-Control"] == "private, no-store"


def test_doors_that_stay_closed(cast: Cast) -> None:
    account = factories.opened(cast)
    run = factories.approved(cast, account, "1000")
    wei, ada = run.lines.filter(kind="inventor")
    _person, beneficiary_client = beneficiary()
    doors = [
        account.get_absolute_url(), f"{account.get_absolute_url()}receipts/",
        f"{account.get_absolute_url()}inventors/", f"{account.get_absolute_url()}costs/",
        run.get_absolute_url(), f"{run.get_absolute_url()}csv/",
        f"/income/statements/{ada.public_id}/", f"/income/statements/{ada.public_id}/pdf/",
    ]  # fmt: skip
    strangers = [
        player.client
        for name, player in cast.everybody.items()
        if name not in ("owner", "colleague", "visitor")
    ]
    for client in [*strangers, beneficiary_client]:
        for door in doors:
            assert client.get(door).status_code == 404, door
        assert account.number not in client.get("/income/").content.decode()
    assert beneficiary_client.get(f"/income/statements/{wei.public_id}/").status_code == 200
    assert wei.public_id in beneficiary_client.get("/income/statements/").content.decode()
    for door in doors:
        assert cast.visitor.client.get(door).status_code in (302, 401)
    for step in ("approve", "discard", "reverse"):
        answer = cast.outsider.client.post(f"{run.get_absolute_url()}step/{step}/")
        assert answer.status_code == 404


def test_empty_pages_teach(cast: Cast) -> None:
    for player in (cast.newcomer, cast.operator, cast.outsider):
        text = player.client.get("/income/").content.decode()
        assert "No income to keep yet" in text
        assert "No statement yet" in player.client.get("/income/statements/").content.decode()


def test_in_chinese(cast: Cast) -> None:
    account = factories.opened(cast)
    run = factories.approved(cast, account, "1000")
    client = cast.owner.client
    client.cookies["language"] = "zh-hans"
    text = client.get(run.get_absolute_url()).content.decode()
    assert "净收入" in text and "管理费" in text and "1,000.00" in text
    assert "收益分配" in client.get(account.get_absolute_url()).content.decode()


@pytest.mark.parametrize("count", [1, 4])
def test_lists_ask_as_often_for_many_as_for_one(
    cast: Cast, count: int, django_assert_max_num_queries: Any
) -> None:
    for _number in range(count):
        factories.received(cast, factories.opened(cast), "5")
    client = cast.owner.client
    client.get("/income/")
    with django_assert_max_num_queries(14):
        assert client.get("/income/").status_code == 200


def test_inventors_that_somebody_else_changed_meanwhile_are_not_overwritten(cast: Cast) -> None:
    account = factories.opened(cast)
    address = f"{account.get_absolute_url()}inventors/"
    client = cast.colleague.client
    rows = (("Wei Lan", "50"), ("Ada Moss", "50"))
    stale = client.post(address, inventors(*rows, version=str(account.version - 1), save="1"))
    page = stale.content.decode()
    assert stale.status_code == 422 and "Somebody else has changed" in page
    assert f'name="version" value="{account.version}"' in page
    assert client.post(address, inventors(*rows, version=str(account.version))).status_code == 302
    assert 'value="50"' in client.get(address).content.decode()
