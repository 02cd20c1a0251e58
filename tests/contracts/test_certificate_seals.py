"""Seals of certificates, their keys, and the command that checks a file."""

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from contracts.actions.endings import revoke
from contracts.certificates.seal import SealError, attach, check, detach, make_seal
from contracts.models import SealKey
from tests.cast import Cast
from tests.contracts.certifying import certified, own_files, with_key  # noqa: F401 (a fixture)

pytestmark = pytest.mark.django_db


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
