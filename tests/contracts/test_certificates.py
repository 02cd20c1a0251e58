"""Certificates: made once by jobs, with the registered facts."""

import datetime as dt
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from contracts.actions import certificates as actions
from contracts.certificates import pages
from contracts.certificates.capitals import in_capitals
from contracts.certificates.keys import FaultyKey
from contracts.models import Certificate, ContractVersion
from marketplace.core.models import Job
from tests.cast import Cast
from tests.contracts import factories
from tests.contracts.certifying import certified, own_files, text_of, with_key  # noqa: F401 (a fixture)

pytestmark = pytest.mark.django_db


def test_registering_asks_for_a_certificate_and_the_job_makes_it_once(
    cast: Cast, run_jobs: Any
) -> None:
    contract = factories.registered(cast)
    assert not Certificate.objects.exists()
    run_jobs()
    made = Certificate.objects.get()
    assert (made.contract_id, made.state, made.seal) == (contract.pk, "registered", None)
    again = actions.make_certificate(contract_id=contract.pk)
    assert again == made and Certificate.objects.count() == 1
    assert actions.complete_certificates() == 0


def test_the_certificate_states_the_registered_facts_in_both_languages(cast: Cast) -> None:
    with_key(cast)
    contract, made, content = certified(cast, title_zh="织物在线瑕疵检测")
    text = text_of(content)
    number = contract.number or ""
    for said in (
        "技术合同登记证明", "Certificate of Technology Contract Registration", "织物在线瑕疵检测",
        contract.title_en, f"{number[:4]} {number[4:10]} {number[10:]}", "¥120,000.00",
        "壹拾贰万元整", "91440300TEST00001A", "技术服务合同", "CN-2021", pages.in_groups(made.code),
    ):  # fmt: skip
        assert said in text, said
    assert b"/StructTreeRoot" in content and b"/Lang" in content


def test_without_a_key_it_says_so_and_can_still_be_checked(cast: Cast) -> None:
    contract, made, content = certified(cast)
    assert made.seal is None and "bears no electronic seal" in text_of(content)
    page = cast.visitor.client.get(f"/c/{contract.number}/{made.code}/").content.decode()
    assert "Valid: registered and in force" in page


def test_a_faulty_key_stops_the_certificate_and_not_the_registration(
    cast: Cast, settings: Any
) -> None:
    code = actions.settings_for(cast.point).code
    folder = Path(settings.SEAL_KEYS_DIR)
    folder.mkdir()
    (folder / f"{code}.pem").write_text("rubbish")
    contract = factories.registered(cast)
    assert contract.state == "registered"
    with pytest.raises(FaultyKey):
        actions.make_certificate(contract_id=contract.pk)
    assert not Certificate.objects.exists()
    (folder / f"{code}.pem").unlink()
    assert actions.make_certificate(contract_id=contract.pk) is not None


def test_a_host_without_the_keys_makes_no_certificate_of_a_point_that_seals(cast: Cast) -> None:
    code = with_key(cast)
    certified(cast)
    (Path(django_settings.SEAL_KEYS_DIR) / f"{code}.pem").unlink()
    contract = factories.registered(cast)
    with pytest.raises(FaultyKey, match="not here"):
        actions.make_certificate(contract_id=contract.pk)
    assert not Certificate.objects.filter(contract=contract).exists()


def test_what_failed_is_asked_for_once_a_day(cast: Cast) -> None:
    contract = factories.registered(cast)
    Job.objects.all().delete()
    failed = Job.objects.create(
        kind=actions.JOB, key=str(contract.pk), state=Job.State.FAILED, run_after=timezone.now()
    )
    assert actions.complete_certificates() == 0
    Job.objects.filter(pk=failed.pk).update(created_at=timezone.now() - dt.timedelta(days=2))
    assert actions.complete_certificates() == 1


def test_what_has_none_is_asked_for_by_the_clock(cast: Cast, run_jobs: Any) -> None:
    factories.registered(cast)
    Job.objects.all().delete()
    assert actions.complete_certificates() == 1
    run_jobs()
    assert Certificate.objects.count() == 1


def test_the_same_version_gives_the_same_bytes_in_time(cast: Cast) -> None:
    contract = factories.registered(cast)
    facts = ContractVersion.objects.get(contract=contract, is_registered=True).facts
    issue = pages.Issue(
        number="2026440300000001", edition=1, state="registered", code="K7Q2M9TZ4HWD",
        point_name_zh="登记点", point_name_en="Point", numbered_on=dt.date(2026, 3, 1),
        registered_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC), ended_at=None, key_id="",
        address="https://market.example/c/2026440300000001/K7Q2M9TZ4HWD/",
    )  # fmt: skip
    first = pages.render(facts, issue)
    started = time.perf_counter()
    assert pages.render(facts, issue) == first
    assert time.perf_counter() - started < 1  # usually 0.03 s


def test_hard_facts_fit(cast: Cast) -> None:
    facts = ContractVersion.objects.get(
        contract=factories.registered(cast), is_registered=True
    ).facts
    seller, buyer = facts["parties"]
    abroad = {**buyer, "name": "Ångström Müller GmbH", "kind": "abroad", "country": "DE",
              "region": ""}  # fmt: skip
    issue = pages.Issue(
        number="2026440300000001", edition=3, state="revoked", code="K7Q2M9TZ4HWD",
        point_name_zh="", point_name_en="Point", numbered_on=dt.date(2026, 3, 1),
        registered_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
        ended_at=dt.datetime(2026, 4, 1, tzinfo=dt.UTC), key_id="",
        address="https://market.example/c/2026440300000001/K7Q2M9TZ4HWD/",
    )  # fmt: skip
    hard = {
        **facts, "title_zh": "长" * 200, "title_en": '#eval("1") $x$ *bold* ' * 8,
        "parties": [seller, *[abroad] * 9], "currency": "EUR", "rate": "7.834500",
        "rate_on": "2026-02-28", "total_amount": "9876543210123456.78",
        "technology_amount": "9876543210123456.78", "total_cny": "9876543210123456.78",
        "technology_cny": "9876543210123456.78", "valid_to": None,
    }  # fmt: skip
    text = text_of(pages.render(hard, issue))
    assert text.count("Ångström Müller GmbH") == 9 and "Germany" in text
    assert "€9,876,543,210,123,456.78" in text and '#eval("1")' in text
    assert "已失效" in text and "revoked by the registration point on 1 April 2026" in text


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零元整"), ("0.05", "伍分"), ("0.50", "伍角整"), ("1.05", "壹元零伍分"),
        ("10", "壹拾元整"), ("1001", "壹仟零壹元整"), ("120000", "壹拾贰万元整"),
        ("10010001.5", "壹仟零壹万零壹元伍角整"), ("1000000010", "壹拾亿零壹拾元整"),
        ("100000000", "壹亿元整"), ("1000010000", "壹拾亿零壹万元整"),
    ],
)  # fmt: skip
def test_amounts_in_capitals(amount: str, words: str) -> None:
    assert in_capitals(Decimal(amount)) == words
