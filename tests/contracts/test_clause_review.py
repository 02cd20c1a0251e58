"""Reviews of attached files: made in the background, kept by bytes, open like the file."""

import signal
import subprocess
import zipfile
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership
from contracts.actions import add_file, change_contract, remove_file, start_amendment
from contracts.actions.reviews import ask_due, review_content, review_file
from contracts.models import ClauseReview, Contract
from contracts.queries.reviews import needing_review, reports
from contracts.rule_sets import rule_set
from listings import document_reading, document_text
from marketplace.core.models import Job
from tests.cast import Cast
from tests.contracts import documents, factories

pytestmark = pytest.mark.django_db
RULES = rule_set("CN-2021")
TEXT = [
    "Technical Service Contract",
    "1. Service. The Provider shall provide tuning of four lines.",
    "2. Fee. The Client pays RMB 480,000 on acceptance.",
    "3. Supplies. The Client shall not purchase spare parts from any third party.",
    "4. Confidentiality. Samples are kept confidential.",
]
LONG = "不得限制乙方改进。" * 23_000  # in one paragraph
QUOTE = "The Client shall not purchase spare parts"


def with_text(cast: Cast, content: bytes | None = None, name: str = "contract.pdf") -> Contract:
    contract = factories.drafted(cast, with_file=False)
    add_file(
        actor=cast.colleague.actor, contract_id=contract.pk,
        upload=documents.upload(content or documents.pdf_of(["\n".join(TEXT)]), name),
    )  # fmt: skip
    return Contract.objects.get(pk=contract.pk)


def state_of(content: bytes, media_type: str = "application/pdf") -> dict[str, Any]:
    return review_content(content, media_type, RULES)


# --- reading -------------------------------------------------------------------------------------


def test_a_pdf_is_read_with_its_pages() -> None:
    told = state_of(
        documents.pdf_of(
            [
                "技术服务合同\n第一条 服务内容：调试四条验布线。",
                "第二条 采购\n乙方不得向第三方采购备件。",
            ]
        )
    )
    assert (told["state"], told["language"], told["unit"], told["total"]) == (
        "read",
        "zh",
        "page",
        2,
    )
    assert [(row["code"], row["place"]) for row in told["lint"]] == [("input_sources", 2)]
    assert {row["code"]: row["place"] for row in told["contents"]}["subject"] == 1


def test_a_word_file_is_read_with_its_paragraphs_and_tables() -> None:
    content = documents.word_of(TEXT, [["5. Disputes", "The court at the Client’s seat"]])
    told = state_of(content, documents.WORD)
    assert (told["state"], told["unit"], told["total"]) == ("read", "paragraph", 6)
    found = {row["code"]: row["place"] for row in told["contents"]}
    assert found["secrecy"] == 5 and found["disputes"] == 6
    assert [row["quote"] for row in told["lint"]] == [TEXT[3].partition("Supplies. ")[2]]


@pytest.mark.parametrize(
    ("content", "media_type", "state"),
    [
        (documents.pdf_of(["", ""]), "application/pdf", "no_text"),
        (documents.pdf_of(["Secret"], encrypted=True), "application/pdf", "encrypted"),
        (b"%PDF-1.4 broken", "application/pdf", "failed"),
        (documents.word_of([""]), documents.WORD, "no_text"),
        (b"PK\x03\x04 broken", documents.WORD, "failed"),
    ],
)
def test_what_cannot_be_read_says_why(content: bytes, media_type: str, state: str) -> None:
    told = state_of(content, media_type)
    assert told["state"] == state and told["contents"] == told["lint"] == []


def test_a_long_file_is_read_within_bounds_and_says_where_it_stopped() -> None:
    told = state_of(
        documents.pdf_of(["Clause about nothing in particular, page after page."] * 500)
    )
    assert (told["state"], told["read"], told["total"]) == ("read", document_reading.MAX_PAGES, 500)
    many = documents.word_of(["x" * 9_000 for _number in range(30)])
    told = state_of(many, documents.WORD)
    assert told["read"] == 22 and told["total"] == 30


def test_one_long_paragraph_is_cut_and_not_called_a_scan() -> None:
    facts = state_of(documents.word_of([LONG]), documents.WORD)
    assert (facts["state"], facts["read"], facts["total"]) == ("read", 0, 1)
    assert ClauseReview(**facts).is_cut


@pytest.mark.parametrize(
    ("room", "kept", "read"), [(30, [20, 10], 1), (20, [20], 1), (40, [20, 20], 2)]
)
def test_a_long_page_is_cut_where_the_room_ends(
    monkeypatch: pytest.MonkeyPatch, room: int, kept: list[int], read: int
) -> None:
    monkeypatch.setattr(document_reading, "MAX_CHARACTERS", room)
    pages = documents.pdf_of(["x" * 20, "y" * 20])
    told = document_reading._with_places(pages, document_reading.PDF)
    assert [len(part) for part in told["parts"]] == kept
    assert (told["read"], told["total"]) == (read, 2)


def test_a_word_file_made_to_unpack_without_end_does_no_harm() -> None:
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b" " * (document_reading.MAX_BODY + 1))
    assert state_of(held.getvalue(), documents.WORD)["state"] == "failed"


def test_a_reader_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_text, "SECONDS", 0)
    assert state_of(documents.word_of(TEXT), documents.WORD)["state"] == "failed"


def test_a_reader_that_is_killed_is_tried_again_and_given_up_on_the_last_try(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, run_jobs: Any
) -> None:
    contract = with_text(cast)
    with monkeypatch.context() as patch:
        patch.setattr(document_text, "SECONDS", 0)
        run_jobs(check=False)
        job = Job.objects.get(kind="contracts.review_file")
        assert (job.state, job.tries) == ("waiting", 1)
        assert not ClauseReview.objects.exists()
        Job.objects.filter(pk=job.pk).update(tries=job.max_tries - 1, run_after=timezone.now())
        run_jobs()
        assert ClauseReview.objects.get().state == "failed"
    killed = subprocess.CompletedProcess([], -signal.SIGKILL, b"", b"")
    monkeypatch.setattr(subprocess, "run", lambda *args, **more: killed)
    with pytest.raises(document_text.Interrupted):
        document_text.parts_of(documents.word_of(TEXT), documents.WORD)
    killed.returncode = -signal.SIGXCPU  # the file's own doing
    assert document_text.parts_of(documents.word_of(TEXT), documents.WORD) is None
    assert [report.state for report in reports(contract)] == ["failed"]


# --- in the background ---------------------------------------------------------------------------


def test_attaching_a_text_has_it_read_once(cast: Cast, run_jobs: Any) -> None:
    contract = with_text(cast)
    (report,) = reports(contract)
    assert report.state == "waiting"
    assert Job.objects.filter(kind="contracts.review_file").count() == 1
    run_jobs()
    (report,) = reports(contract)
    assert report.state == "read" and report.review
    assert [finding.code for finding in report.lint] == ["input_sources"]
    assert "breach" in {item.content.code for item in report.missing}
    made_at = report.review.made_at
    review_file(sha256=report.file.sha256, rules_code="CN-2021")  # a job may run twice
    assert ClauseReview.objects.get().made_at >= made_at
    assert ask_due() == 0


def test_the_type_decides_what_is_missing_without_reading_again(cast: Cast, run_jobs: Any) -> None:
    contract = with_text(cast)
    run_jobs()
    change_contract(
        actor=cast.colleague.actor, contract_id=contract.pk,
        facts={"type": "development", "sub_type": "commissioned"},
    )  # fmt: skip
    assert not needing_review()
    (report,) = reports(Contract.objects.get(pk=contract.pk))
    missing = {item.content.code: item for item in report.missing}
    assert "risk" in missing and "costs" not in missing
    assert missing["risk"].silence and "858" in missing["risk"].silence.source.en


def test_another_signing_date_has_it_read_with_the_rules_of_that_day(
    cast: Cast, run_jobs: Any
) -> None:
    contract = with_text(cast)
    run_jobs()
    change_contract(
        actor=cast.colleague.actor, contract_id=contract.pk,
        facts={"signed_on": "2019-05-01", "valid_from": None},
    )  # fmt: skip
    run_jobs()
    assert set(ClauseReview.objects.values_list("rule_set", flat=True)) == {"CN-2021", "CN-2001"}
    (report,) = reports(Contract.objects.get(pk=contract.pk))
    breach = next(item for item in report.missing if item.content.code == "breach")
    assert breach.silence and breach.silence.source.en.startswith("Contract Law")


def test_the_clock_reads_what_older_lists_of_clauses_read(cast: Cast, run_jobs: Any) -> None:
    contract = with_text(cast)
    run_jobs()
    ClauseReview.objects.update(edition="older", lint=[])
    assert [report.state for report in reports(contract)] == ["waiting"]
    assert ask_due() == 1
    run_jobs()
    review = ClauseReview.objects.get()
    assert review.edition == RULES.clauses.edition and review.lint


def test_pictures_and_other_annexes_are_not_read(cast: Cast, run_jobs: Any) -> None:
    contract = factories.drafted(cast, with_file=False)
    content = documents.pdf_of(["\n".join(TEXT)])
    add_file(
        actor=cast.colleague.actor, contract_id=contract.pk, kind="proof",
        upload=documents.upload(content, "proof.pdf"),
    )  # fmt: skip
    run_jobs()
    assert not ClauseReview.objects.exists()
    assert reports(Contract.objects.get(pk=contract.pk)) == []


def test_quotes_are_forgotten_with_the_last_file_of_these_bytes(cast: Cast, run_jobs: Any) -> None:
    content = documents.pdf_of(["\n".join(TEXT)])
    one, two = with_text(cast, content), with_text(cast, content)
    run_jobs()
    assert ClauseReview.objects.count() == 1
    for contract, left in ((one, 1), (two, 0)):
        remove_file(
            actor=cast.colleague.actor, contract_id=contract.pk,
            file_public_id=contract.files.get().public_id,
        )  # fmt: skip
        assert ClauseReview.objects.count() == left


def test_a_file_that_was_taken_off_before_it_was_read_leaves_nothing(cast: Cast) -> None:
    contract = with_text(cast)
    sha256 = contract.files.get().sha256
    contract.files.all().delete()
    review_file(sha256=sha256, rules_code="CN-2021")
    assert not ClauseReview.objects.exists()


def test_the_clock_forgets_quotes_of_files_that_went_another_way(cast: Cast, run_jobs: Any) -> None:
    contract = with_text(cast)
    run_jobs()
    contract.files.all().delete()
    assert ask_due() == 0
    assert not ClauseReview.objects.exists()


def test_a_review_of_somebody_elses_file_of_the_same_bytes_is_not_told_of(
    cast: Cast, run_jobs: Any
) -> None:
    content = documents.pdf_of(["\n".join(TEXT)])
    one = with_text(cast, content)
    run_jobs()
    two = with_text(cast, content)
    assert [report.state for report in reports(one)] == ["read"]
    assert [report.state for report in reports(two)] == ["waiting"]
    run_jobs()
    assert [report.state for report in (*reports(one), *reports(two))] == ["read", "read"]
    assert ClauseReview.objects.count() == 1 and not needing_review()


def test_an_amendment_shows_the_review_of_the_file_it_shares(cast: Cast, run_jobs: Any) -> None:
    old = factories.registered(cast)
    run_jobs()
    draft = start_amendment(actor=cast.colleague.actor, contract_id=old.pk)
    assert not needing_review(contract_id=draft.pk)
    assert [report.state for report in reports(draft)] == ["failed"]  # the factory's PDF is a stub


# --- pages and API -------------------------------------------------------------------------------


def test_it_is_open_to_exactly_those_who_may_open_the_file(cast: Cast, run_jobs: Any) -> None:
    contract = with_text(cast)
    from contracts.actions import submit_contract

    submit_contract(actor=cast.colleague.actor, contract_id=contract.pk)
    run_jobs()
    page, api = (
        f"/contracts/{contract.public_id}/review/",
        f"/api/v1/contracts/{contract.public_id}/review/",
    )
    file = f"/contracts/{contract.public_id}/files/{contract.files.get().public_id}/"
    for name, player in cast.everybody.items():
        answer = player.client.get(page)
        opened = player.client.get(file)
        assert answer.status_code == opened.status_code, name
        if opened.status_code == 200:
            b"".join(opened.streaming_content)
        assert (QUOTE in answer.content.decode()) is (answer.status_code == 200), name
        expected = 401 if name == "visitor" else answer.status_code
        assert player.api.get(api).status_code == expected, name
    tied = factories.second_registrar(cast)
    Membership.objects.create(user=tied, organisation=cast.outside, roles=["analyst"])
    client = Client()
    client.force_login(tied, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(page).status_code == 403
    for closed in (
        f"/contracts/{contract.public_id}/",
        f"/registrar/contracts/{contract.public_id}/",
    ):
        answer = client.get(closed)
        assert answer.status_code == 200 and QUOTE not in answer.content.decode()
        assert "usual contents found" not in answer.content.decode()


def test_pages_show_what_was_found_and_what_the_law_says(cast: Cast, run_jobs: Any) -> None:
    contract = with_text(cast)
    own = cast.colleague.client.get(f"/contracts/{contract.public_id}/").content.decode()
    assert "It is being read" in own
    run_jobs()
    own = cast.colleague.client.get(f"/contracts/{contract.public_id}/").content.decode()
    assert "usual contents found" in own and "1 clause that may monopolise" in own
    answer = cast.colleague.client.get(f"/contracts/{contract.public_id}/review/")
    text = answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"
    assert QUOTE in text and "art. 10" in text and "page 1" in text
    assert "Liability for breach" in text and "Civil Code arts. 881 and 884" in text
    client = cast.colleague.client
    client.cookies["language"] = "zh-hans"
    text = client.get(f"/contracts/{contract.public_id}/review/").content.decode()
    assert "《民法典》第八百八十一条" in text and QUOTE in text


def test_the_registrar_reads_the_quotes_beside_form_and_file(cast: Cast, run_jobs: Any) -> None:
    contract = with_text(cast)
    from contracts.actions import submit_contract

    submit_contract(actor=cast.colleague.actor, contract_id=contract.pk)
    run_jobs()
    page = cast.registrar.client.get(f"/registrar/contracts/{contract.public_id}/")
    assert QUOTE in page.content.decode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (documents.pdf_of([""]), "probably scanned"),
        (documents.pdf_of(["Secret"], encrypted=True), "A password is needed"),
        (
            documents.pdf_of(["A clause that says little, again and again."] * 201),
            "page 200 of 201",
        ),
        (documents.word_of([LONG]), "before the end of the first page"),
    ],
)
def test_pages_are_honest_about_what_was_not_read(
    cast: Cast, run_jobs: Any, content: bytes, words: str
) -> None:
    name = "contract.docx" if content.startswith(b"PK") else "contract.pdf"
    contract = with_text(cast, content, name)
    run_jobs()
    for address in ("", "review/"):
        page = cast.colleague.client.get(f"/contracts/{contract.public_id}/{address}")
        assert words in page.content.decode()


def test_a_contract_without_a_text_teaches_the_first_step(cast: Cast) -> None:
    contract = factories.drafted(cast, with_file=False)
    page = cast.colleague.client.get(f"/contracts/{contract.public_id}/review/")
    assert "No contract text is attached" in page.content.decode()


def test_the_api_tells_the_same(cast: Cast, run_jobs: Any) -> None:
    contract = with_text(cast)
    address = f"/api/v1/contracts/{contract.public_id}/review/"
    (waiting,) = cast.colleague.api.get(address).json()["files"]
    assert waiting["state"] == "waiting" and waiting["found"] == []
    run_jobs()
    body = cast.colleague.api.get(address).json()
    assert body["rule_set"] == "CN-2021" and "845" in body["contents_source"]["en"]
    (file,) = body["files"]
    assert (file["state"], file["unit"], file["read"], file["total"]) == ("read", "page", 1, 1)
    assert [row["code"] for row in file["lint"]] == ["input_sources"]
    breach = next(row for row in file["missing"] if row["code"] == "breach")
    assert breach["law"]["zh"] == "《民法典》第八百八十一条、第八百八十四条"
    assert not breach["needed_to_register"]


def test_reports_ask_the_database_once(
    cast: Cast, run_jobs: Any, django_assert_num_queries: Any
) -> None:
    contract = with_text(cast)
    for number in range(3):
        content = documents.pdf_of([f"Annex {number} to the contract, without a clause in it."])
        add_file(
            actor=cast.colleague.actor, contract_id=contract.pk,
            upload=documents.upload(content, f"annex{number}.pdf"),
        )  # fmt: skip
    run_jobs()
    contract = Contract.objects.prefetch_related("files").get(pk=contract.pk)
    with django_assert_num_queries(1):
        assert len(reports(contract)) == 4
