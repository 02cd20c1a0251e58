"""Who gets a certificate, and the check for everybody."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contracts.actions.endings import revoke
from contracts.certificates import pages
from contracts.models import Contract
from contracts.rates import CheckRate
from tests.cast import Cast
from tests.contracts import factories
from tests.contracts.certifying import certified, own_files, text_of, with_key  # noqa: F401 (a fixture)
from tests.contracts.statements import own_queries

pytestmark = pytest.mark.django_db


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
