"""What tests of certificates share."""

from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.core.cache import cache

from contracts.actions import certificates as actions
from contracts.certificates.keys import make_key_file
from contracts.models import Certificate, Contract
from tests.cast import Cast
from tests.contracts import factories


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
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
