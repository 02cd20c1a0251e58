import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from marketplace.core.errors import Invalid, TooLarge
from marketplace.core.uploads import check_upload

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def office(folder: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(f"{folder}document.xml", "<x/>")
    return out.getvalue()


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", PDF),
        ("技术说明.docx", office("word/")),
        ("a.csv", "名称,值\n".encode("gb18030")),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 20),
    ],
)
def test_true_types_are_accepted_with_their_hash(name, content):
    found = check_upload(upload(name, content))
    assert found.name == name
    assert found.size == len(content)
    assert len(found.sha256) == 64


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", office("word/"), "file_type_mismatch"),
        ("a.docx", office("xl/"), "file_type_mismatch"),
        ("a.docx", b"PK\x03\x04 broken", "file_type_mismatch"),
        ("a.txt", b"a\x00b", "file_type_mismatch"),
        ("a.csv", b"\x81\x20\xff\xff\xff", "file_type_mismatch"),
        ("a.exe", b"MZ", "file_kind"),
        ("a.zip", office("word/"), "file_kind"),
        ("a", b"x", "file_kind"),
        ("a.pdf", b"", "file_empty"),
    ],
)
def test_what_is_not_what_it_says_is_refused(name, content, code):
    with pytest.raises(Invalid) as caught:
        check_upload(upload(name, content))
    assert caught.value.code == code


def test_file_over_the_cap_is_refused(settings):
    settings.UPLOAD_MAX_BYTES = 10
    with pytest.raises(TooLarge):
        check_upload(upload("a.txt", b"x" * 11))


def test_path_in_a_name_is_dropped():
    assert check_upload(upload("../../etc/a.txt", b"x")).name == "a.txt"
