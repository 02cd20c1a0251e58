"""Documents of a room: versions, tiers, the log, the mark on the pages, withdrawal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from deals.actions.room_documents import put_document, withdraw_document
from deals.models import RoomOpening
from marketplace.core.errors import Conflict, DomainError, NotFound
from tests.deals.rooms import factories

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_a_pdf_carries_the_readers_name_and_the_opening_is_logged(cast: Cast) -> None:
    room = factories.under_nda(cast)
    file = factories.document(room, cast.outsider.actor)
    path = f"{room.get_absolute_url()}documents/{file.document.public_id}/1/"

    theirs = cast.owner.client.get(path)
    own = cast.outsider.client.get(path)

    assert theirs.headers["X-Watermark"] == "yes" and own.headers["X-Watermark"] == "no"
    with file.file.open("rb") as kept:
        assert own.content == kept.read()
    pages = pypdfium2.PdfDocument(theirs.content)
    for number in range(2):
        text = pages[number].get_textpage().get_text_range()
        assert "Lantern Works" in text, text
    assert RoomOpening.objects.filter(user=cast.owner.user, is_marked=True).count() == 1
    page = cast.outsider.client.get(room.get_absolute_url()).text
    assert "with the name on its pages" in page
    assert "with the name on its pages" not in cast.owner.client.get(room.get_absolute_url()).text


def test_what_cannot_be_marked_is_handed_out_and_logged_so(cast: Cast) -> None:
    room = factories.under_nda(cast)
    upload = SimpleUploadedFile("figures.csv", b"a,b\n1,2\n")
    file = put_document(actor=cast.outsider.actor, room_id=room.pk, upload=upload)
    broken = SimpleUploadedFile("broken.pdf", b"%PDF-1.4\nnothing in it")
    other = put_document(actor=cast.outsider.actor, room_id=room.pk, upload=broken)

    for one in (file, other):
        answer = cast.owner.client.get(
            f"{room.get_absolute_url()}documents/{one.document.public_id}/1/"
        )
        assert answer.status_code == 200 and answer.headers["X-Watermark"] == "no"
    assert RoomOpening.objects.filter(is_marked=False).count() == 2


def test_versions_count_on_and_withdrawn_is_closed_to_the_others(cast: Cast) -> None:
    room = factories.under_nda(cast)
    file = factories.document(room, cast.outsider.actor)
    name = file.document.public_id
    second = put_document(
        actor=cast.outsider.actor, room_id=room.pk, document_public_id=name,
        upload=SimpleUploadedFile("two.txt", b"second"),
    )  # fmt: skip
    assert (second.document, second.number) == (file.document, 2)
    with pytest.raises(Conflict):
        put_document(
            actor=cast.outsider.actor, room_id=room.pk, document_public_id=name,
            upload=SimpleUploadedFile("two.txt", b"second"),
        )  # fmt: skip
    with pytest.raises(NotFound):  # of the other side
        put_document(
            actor=cast.owner.actor, room_id=room.pk, document_public_id=name,
            upload=SimpleUploadedFile("three.txt", b"third"),
        )  # fmt: skip
    with pytest.raises(NotFound):
        withdraw_document(actor=cast.owner.actor, room_id=room.pk, document_public_id=name)
    withdraw_document(actor=cast.outsider.actor, room_id=room.pk, document_public_id=name)
    path = f"{room.get_absolute_url()}documents/{name}/2/"
    assert cast.owner.client.get(path).status_code == 404
    assert cast.outsider.client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("invoice.pdf.exe", b"MZ"),
        ("report.pdf", b"MZ\x90"),
        ("empty.pdf", b""),
        ("x.svg", b"<svg/>"),
    ],
)
def test_a_bad_upload_is_refused_at_the_file(cast: Cast, name: str, content: bytes) -> None:
    room = factories.under_nda(cast)
    with pytest.raises(DomainError) as refusal:
        put_document(
            actor=cast.owner.actor, room_id=room.pk, upload=SimpleUploadedFile(name, content)
        )
    assert list(refusal.value.fields) == ["file"]


def test_nothing_is_put_before_the_agreement(cast: Cast) -> None:
    room = factories.fresh(cast)
    with pytest.raises(Conflict):
        factories.document(room, cast.owner.actor)
