"""Certificates: made once by jobs, told apart from every other file, closed to outsiders."""

import datetime as dt
import hashlib
import io
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from contracts.actions import certificates as actions
from contracts.actions.endings import revoke
from contracts.certificates import pages
from contracts.certificates.capitals import in_capitals
from contracts.certificates.keys import FaultyKey, make_key_file
from contracts.certificates.seal import SealError, attach, check, detach, make_seal
from contracts.models import Certificate, Contract, ContractVersion, SealKey
from contracts.rates import CheckRate
from marketplace.core.models import Job
from tests.cast import Cast
from tests.contracts import factories
from tests.contracts.statements import own_queries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _place(settings: Any, tmp_path: Path) -> None:
    cache.clear()
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SEAL_KEYS_DIR = str(tmp_path / "keys")


def with_key(cast: Cast) -> str:
    """A key for the cast's point; returns its code."""
    code = actions.settings_for(cast.point).code
    make_key_file(code)
    return code


def certified(cast: Cast, **values: Any) -> tuple[Contract, Certificate, bytes]:
    contract = factories.registered(cast, **values)
    made = actions.make_certificate(contract_id=contract.pk)
    assert made is not None
    with made.file.open("rb") as file:
        return contract, made, file.read()


def text_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


# --- Making -------------------------------------------------------------------------------------


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


# --- The seal -----------------------------------------------------------------------------------


def test_the_seal_holds_and_no_altered_byte_passes(cast: Cast) -> None:
    with_key(cast)
    _contract, made, content = certified(cast)
    assert hashlib.sha256(content).hexdigest() == made.sha256
    row = SealKey.objects.get()
    key = serialization.load_pem_public_key(row.public_pem.encode())
    opened = detach(content)
    check(opened.pdf, opened.seal, key)
    assert opened.seal == made.seal and opened.seal["point"] == row.point_code
    for place in [*range(0, len(content), 997), *range(len(content) - 900, len(content))]:
        changed = bytearray(content)
        changed[place] ^= 1
        with pytest.raises(SealError):
            again = detach(bytes(changed))
            check(again.pdf, again.seal, key)
    for other in (content + b"\n", content[:-1], opened.pdf, b"", content[:1000]):
        with pytest.raises(SealError):
            check(detach(other).pdf, detach(other).seal, key)


def test_every_signed_fact_is_signed_and_another_key_is_told() -> None:
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    pdf = b"%PDF-1.7\nx\nstartxref\n9\n%%EOF"
    facts = {"number": "1", "edition": 1, "state": "registered", "point": "440300",
             "registered_at": "t", "facts_sha256": "f"}  # fmt: skip
    seal = make_seal(pdf, facts, key)
    check(pdf, seal, key.public_key())
    for name in facts:
        with pytest.raises(SealError, match="forged"):
            check(pdf, {**seal, name: "9"}, key.public_key())
    with pytest.raises(SealError, match="other_key"):
        check(pdf, seal, other.public_key())
    assert detach(attach(pdf, seal)).pdf == pdf
    with pytest.raises(SealError, match="malformed"):
        detach(attach(pdf, seal) + b"more")


def test_a_new_key_seals_what_comes_and_the_old_one_stays(cast: Cast, settings: Any) -> None:
    code = with_key(cast)
    _one, first, _bytes = certified(cast)
    (Path(settings.SEAL_KEYS_DIR) / f"{code}.pem").unlink()
    with_key(cast)
    _two, second, _bytes = certified(cast)
    assert first.seal and second.seal and first.seal["key"] != second.seal["key"]
    page = cast.visitor.client.get("/certificates/keys/").content.decode()
    file = cast.visitor.client.get("/.well-known/yizhan-seal-keys.json").json()["keys"]
    api = cast.visitor.api.get("/api/v1/seal-keys/").json()
    for seal in (first.seal, second.seal):
        assert seal["key"] in page
        assert seal["key"] in {row["id"] for row in file} & {row["id"] for row in api}
    assert "PRIVATE" not in page


def test_the_database_keeps_certificates_and_keys_as_they_are(cast: Cast) -> None:
    with_key(cast)
    certified(cast)
    for statement in (
        "UPDATE contracts_certificate SET code = 'X'", "DELETE FROM contracts_certificate",
        "UPDATE contracts_sealkey SET key_id = 'X'", "DELETE FROM contracts_sealkey",
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


# --- The command --------------------------------------------------------------------------------


def test_the_command_checks_a_file_with_the_public_key_alone(
    cast: Cast, tmp_path: Path, django_assert_num_queries: Any
) -> None:
    code = with_key(cast)
    contract, _made, content = certified(cast)
    file, pem, wrong = tmp_path / "c.pdf", tmp_path / "k.pem", tmp_path / "w.pem"
    file.write_bytes(content)
    pem.write_text(SealKey.objects.get().public_pem)
    stranger = Ed25519PrivateKey.generate().public_key()
    wrong.write_bytes(
        stranger.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    out = io.StringIO()
    with django_assert_num_queries(0):
        call_command("verify_certificate", str(file), "--key", str(pem), stdout=out)
    assert out.getvalue().startswith("GENUINE") and str(contract.number) in out.getvalue()
    for options, word in (
        (["--key", str(wrong)], "another key"), (["--point", "999999"], "another key"),
    ):  # fmt: skip
        with pytest.raises(CommandError, match=word) as raised:
            call_command("verify_certificate", str(file), *options)
        assert raised.value.returncode == 1
    with pytest.raises(CommandError) as raised:
        call_command("verify_certificate", str(tmp_path / "none.pdf"))
    assert raised.value.returncode == 2
    revoke(actor=cast.registrar.actor, contract_id=contract.pk, words="Fraud.")
    out = io.StringIO()
    call_command("verify_certificate", str(file), "--point", code, stdout=out)
    assert "no longer valid: revoked" in out.getvalue()
    file.write_bytes(content.replace(b"%PDF", b"%PDX", 1))
    with pytest.raises(CommandError, match="altered"):
        call_command("verify_certificate", str(file), "--key", str(pem))


# --- Who gets it ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("player", "status"),
    [("owner", 200), ("colleague", 200), ("outsider", 200), ("registrar", 200), ("rival", 404),
     ("newcomer", 404), ("moderator", 404), ("operator", 404)],
)  # fmt: skip
def test_who_may_have_the_certificate(cast: Cast, player: str, status: int) -> None:
    contract, made, content = certified(cast)
    who = cast.everybody[player]
    page = who.client.get(f"/contracts/{contract.public_id}/certificate/")
    pdf = who.client.get(f"/contracts/{contract.public_id}/certificate/pdf/")
    api = who.api.get(f"/api/v1/contracts/{contract.public_id}/certificate/")
    file = who.api.get(f"/api/v1/contracts/{contract.public_id}/certificate/content/")
    assert [page.status_code, pdf.status_code, api.status_code, file.status_code] == [status] * 4
    if status == 200:
        assert pages.in_groups(made.code) in page.content.decode()
        assert b"".join(pdf.streaming_content) == content == b"".join(file.streaming_content)
        assert api.json()["sha256"] == made.sha256
    else:
        assert made.code not in page.content.decode()


def test_before_it_is_made_the_page_says_so(cast: Cast) -> None:
    contract = factories.registered(cast)
    at = f"/contracts/{contract.public_id}/certificate/"
    assert "is being made" in cast.owner.client.get(at).content.decode()
    assert cast.owner.client.get(f"{at}pdf/").status_code == 404
    draft = factories.drafted(cast)
    answer = cast.owner.client.get(f"/contracts/{draft.public_id}/certificate/")
    assert answer.status_code == 404


# --- The check for everybody ----------------------------------------------------------------------


def test_the_check_tells_public_facts_alone(cast: Cast) -> None:
    contract, made, content = certified(cast, title_en="Secret of the kiln")
    get = cast.visitor.client.get
    moved = get("/certificates/", {"number": contract.number, "code": pages.in_groups(made.code)})
    assert moved["Location"] == f"/c/{contract.number}/{made.code}/"
    upload = SimpleUploadedFile("c.pdf", content)
    by_file = cast.visitor.client.post("/certificates/", {"file": upload})
    api = cast.visitor.api.get(
        f"/api/v1/register/{contract.number}/certificate/",
        {"code": made.code, "sha256": made.sha256},
    )
    assert api.json()["valid"] is True and api.json()["genuine"] is True
    for answer in (get(moved["Location"]), by_file, api):
        text = answer.content.decode()
        assert answer.status_code == 200 and str(contract.number)[-6:] in text
        for secret in ("Secret of the kiln", "91440300TEST00001A", "120,000", "120000", "灯笼工坊"):
            assert secret not in text
    assert "unchanged" in by_file.content.decode()


def test_a_wrong_code_is_answered_like_an_unknown_number(cast: Cast) -> None:
    contract, made, _content = certified(cast)
    wrong = "0" * 12 if made.code != "0" * 12 else "1" * 12
    unknown = "2026999999000001"
    answers = [
        cast.visitor.client.get(f"/c/{number}/{wrong}/") for number in (contract.number, unknown)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    known, other = (
        answer.content.decode().replace(number, "N")
        for answer, number in zip(answers, (str(contract.number), unknown), strict=True)
    )
    assert own_queries(lambda: cast.visitor.client.get(f"/c/{unknown}/{wrong}/")) == 1
    assert own_queries(lambda: cast.visitor.client.get(f"/c/{contract.number}/{wrong}/")) == 1
    strip = [line for line in known.splitlines() if "csrf" not in line.lower()]
    assert strip == [line for line in other.splitlines() if "csrf" not in line.lower()]
    api = [
        cast.visitor.api.get(f"/api/v1/register/{number}/certificate/", {"code": wrong})
        for number in (contract.number, unknown)
    ]
    assert [answer.status_code for answer in api] == [404, 404]
    assert api[0].json()["detail"] == api[1].json()["detail"]


def test_codes_are_read_as_people_type_them(cast: Cast) -> None:
    contract, made, _content = certified(cast)
    typed = pages.in_groups(made.code).lower().replace("0", "o").replace("1", "l")
    answer = cast.visitor.client.get(
        "/certificates/", {"number": f" {contract.number}", "code": f" {typed} "}, follow=True
    )
    assert answer.status_code == 200 and "Valid" in answer.content.decode()


@pytest.mark.parametrize(
    ("state", "words"),
    [("amended", "replaced by a newer edition"), ("cancelled", "cancelled by the parties"),
     ("revoked", "revoked by the registration point")],
)  # fmt: skip
def test_an_old_file_is_genuine_and_no_longer_valid(
    cast: Cast, state: str, words: str, run_jobs: Any
) -> None:
    from contracts.actions.endings import cancel

    contract, made, content = certified(cast)
    if state == "amended":
        factories.amended(cast, contract)
    else:
        step = {"cancelled": cancel, "revoked": revoke}[state]
        step(actor=cast.registrar.actor, contract_id=contract.pk, words="Over.")
    run_jobs()
    answer = cast.visitor.client.post(
        "/certificates/", {"file": SimpleUploadedFile("old.pdf", content)}
    ).content.decode()
    assert "unchanged" in answer and words in answer
    new = contract.certificates.get(state=state)
    assert new.code == made.code and new.sha256 != made.sha256
    with new.file.open("rb") as file:
        assert "No longer valid" in text_of(file.read())
    page = cast.visitor.client.get(f"/c/{contract.number}/{made.code}/").content.decode()
    assert words in page
    if state == "amended":
        current = Contract.objects.get(number=contract.number, edition=2).certificates.get()
        assert current.code != made.code
        page = cast.visitor.client.get(f"/c/{contract.number}/{current.code}/").content.decode()
        assert "Valid: registered" in page and "edition 2" in page


def test_altered_and_foreign_files_are_told(cast: Cast) -> None:
    with_key(cast)
    _contract, _made, content = certified(cast)

    def said(data: bytes) -> str:
        upload = SimpleUploadedFile("x.pdf", data)
        return cast.visitor.client.post("/certificates/", {"file": upload}).content.decode()

    assert "This file was altered" in said(content.replace(b"%PDF", b"%PDX", 1))
    assert "This file was altered" in said(content + b" ")
    assert "no certificate issued here" in said(b"%PDF-1.4 something else")
    big = SimpleUploadedFile("x.pdf", b"x" * (5 * 1024 * 1024 + 1))
    answer = cast.visitor.client.post("/certificates/", {"file": big})
    assert answer.status_code == 413 and "larger than 5 MB" in answer.content.decode()
    assert cast.visitor.client.post("/certificates/", {}).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/certificates/?number=%00&code=%00", "/certificates/?number=1&code=%E4%B8%80",
     "/certificates/?number=2026440300000001&code=%2e%2e%2f", "/c/2026440300000001/%00/",
     "/c/2026440300000001/" + "A" * 500 + "/", "/certificates/?number=" + "9" * 5000 + "&code=1"],
)  # fmt: skip
def test_odd_checks_do_no_harm(cast: Cast, path: str) -> None:
    assert cast.visitor.client.get(path).status_code in (200, 302, 404)


def test_checks_are_counted(cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(CheckRate, "THROTTLE_RATES", {"certificate_check": "2/min"})
    get = cast.visitor.client.get
    codes = [get("/c/2026440300000001/AAAAAAAAAAAA/").status_code for _ in range(3)]
    assert codes == [404, 404, 429]
    api = cast.visitor.api.get("/api/v1/register/2026440300000001/certificate/", {"code": "A"})
    assert api.status_code == 429


def test_what_a_check_costs(cast: Cast) -> None:
    contract, made, content = certified(cast, public_facts=["parties", "title", "amount"])
    address = f"/c/{contract.number}/{made.code}/"
    # certificate with its contract, newest edition, parties, editions
    assert own_queries(lambda: cast.visitor.client.get(address)) == 4
    upload = SimpleUploadedFile("c.pdf", content)
    assert own_queries(lambda: cast.visitor.client.post("/certificates/", {"file": upload})) == 4
    # contract, certificate
    page = f"/contracts/{contract.public_id}/certificate/"
    assert own_queries(lambda: cast.owner.client.get(page)) == 2
