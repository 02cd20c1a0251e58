"""Model contracts: filled from the facts, blanks where there are none, one for each type."""

import io
from typing import Any

import pypdfium2
import pytest
import yaml
from docx import Document

from contracts.codes import CONTRACT_TYPES
from contracts.model_contracts import BLANK, HERE, LANGUAGES, paper_of
from contracts.model_contracts.docx import docx_of
from contracts.model_contracts.pdf import pdf_of_paper
from tests.cast import Cast
from tests.contracts import factories
from tests.contracts.statements import own_queries

pytestmark = pytest.mark.django_db


def words_of_docx(content: bytes) -> str:
    return "\n".join(row.text for row in Document(io.BytesIO(content)).paragraphs)


def words_of_pdf(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def test_there_is_one_for_each_type_in_both_languages() -> None:
    for kind in CONTRACT_TYPES:
        text = yaml.safe_load((HERE / f"{kind.code}.yaml").read_text(encoding="utf-8"))
        assert len(text["clauses"]) >= 5
        for clause in text["clauses"]:
            for item in (clause["heading"], *clause["items"]):
                assert set(item) == {"zh", "en"} and all(item.values())
                # the same blanks and facts on both sides
                assert item["zh"].count("{blank}") == item["en"].count("{blank}"), item["en"]


@pytest.mark.parametrize("kind", list(factories.BY_TYPE))
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_filled_with_the_facts(cast: Cast, kind: str, language: str) -> None:
    contract = factories.drafted(cast, kind, with_file=False, payment_terms="40 % {now} *at* #once")
    paper = paper_of(contract, language)
    for text in (words_of_docx(docx_of(paper)), words_of_pdf(pdf_of_paper(paper))):
        for fact in (contract.title_en, "¥120,000.00", "91440300TEST00001A", "40 % {now} *at*"):
            assert fact in text, fact
        assert BLANK[:5] in text
        assert ("Article 1." in text) == (language != "zh")
        assert ("第一条" in text) == (language != "en")
        assert "{title" not in text and "{total" not in text


def test_an_empty_draft_is_all_blanks(cast: Cast) -> None:
    from contracts.actions import draft_contract

    contract = draft_contract(
        actor=cast.colleague.actor, filed_by_id=cast.home.pk, facts={"type": "licence"}
    )
    text = words_of_docx(docx_of(paper_of(contract)))
    assert "技术许可合同" in text and f"“{BLANK}”" in text and "None" not in text


def test_who_may_have_it(cast: Cast) -> None:
    contract = factories.drafted(cast)
    page, api = f"/contracts/{contract.public_id}/model", f"/api/v1/contracts/{contract.public_id}"
    for form in ("docx", "pdf"):
        assert cast.owner.client.get(f"{page}.{form}").status_code == 200
        assert cast.owner.api.get(f"{api}/model/", {"form": form}).status_code == 200
        for player in (cast.rival, cast.newcomer, cast.registrar):
            assert player.client.get(f"{page}.{form}").status_code == 404
            assert player.api.get(f"{api}/model/").status_code == 404
    for wrong in (f"{page}.exe", f"{page}.pdf?language=xx", f"{api}/model/?form=exe"):
        client: Any = cast.owner.api if wrong.startswith("/api") else cast.owner.client
        assert client.get(wrong).status_code == 400
    assert (
        "model.docx"
        in cast.owner.client.get(f"/contracts/{contract.public_id}/edit/").content.decode()
    )


def test_what_it_costs(cast: Cast) -> None:
    contract = factories.drafted(cast)
    # contract, parties, deductions, files, instalments, steps of the royalty
    address = f"/contracts/{contract.public_id}/model.pdf"
    assert own_queries(lambda: cast.owner.client.get(address)) == 6
