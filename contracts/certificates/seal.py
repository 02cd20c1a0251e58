"""The electronic seal: an Ed25519 signature over the facts' and the PDF's SHA-256.

A sealed PDF is the PDF, then one comment line with the seal, then the end of file once more:

    <the PDF as typst made it>
    %YizhanSeal <base64 of the seal as JSON>
    startxref
    <the same offset>
    %%EOF

Readers of PDF skip the comment; what was signed is everything before it. So the one file carries
its proof, and anybody checks it with the point's public key alone. See docs/reference/seal.md.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FORMAT = "yizhan-seal/1"
SIGNED = (
    "format", "number", "edition", "state", "point", "registered_at", "facts_sha256", "pdf_sha256",
    "key",
)  # fmt: skip
_MARK = b"\n%YizhanSeal "
_END = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")

Seal = dict[str, Any]


class SealError(ValueError):
    """Why a seal does not hold; `reason` is one of none, malformed, altered, other_key, forged."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Opened:
    """A sealed file taken apart: the PDF that was sealed, and the seal as it stands in the file."""

    pdf: bytes
    seal: Seal


def key_id(key: Ed25519PublicKey) -> str:
    """Sixteen hexadecimal digits of the SHA-256 of the raw public key."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def public_pem(key: Ed25519PublicKey) -> str:
    pem = key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem.decode()


def read_public(pem: str) -> Ed25519PublicKey:
    """Raises ValueError when the text is no Ed25519 public key."""
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except Exception as error:  # the library has a class of error for each way to be wrong
        raise ValueError("not a public key") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")
    return key


def make_seal(pdf: bytes, facts: Mapping[str, Any], key: Ed25519PrivateKey) -> Seal:
    """facts: number, edition, state, point, registered_at, facts_sha256."""
    seal: Seal = {
        "format": FORMAT, **facts, "pdf_sha256": hashlib.sha256(pdf).hexdigest(),
        "key": key_id(key.public_key()),
    }  # fmt: skip
    seal["signature"] = base64.b64encode(key.sign(_signed(seal))).decode()
    return seal


def attach(pdf: bytes, seal: Seal) -> bytes:
    """The PDF with its seal behind it. Raises SealError for what is no PDF."""
    end = _END.search(pdf[-1024:])
    if end is None:
        raise SealError("malformed")
    text = base64.b64encode(_canonical(seal))
    return pdf + _MARK + text + b"\nstartxref\n" + end.group(1) + b"\n%%EOF\n"


def detach(content: bytes) -> Opened:
    """Raises SealError `none` for a file without a seal, `malformed` for a broken one."""
    pdf, mark, tail = content.rpartition(_MARK)
    if not mark:
        raise SealError("none")
    try:
        seal = json.loads(base64.b64decode(tail.split(b"\n", 1)[0], validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise SealError("malformed") from None
    if not isinstance(seal, dict) or seal.get("format") != FORMAT:
        raise SealError("malformed")
    if set(seal) != {*SIGNED, "signature"} or any(
        not isinstance(value, str | int) for value in seal.values()
    ):
        raise SealError("malformed")
    if not re.fullmatch("[0-9a-f]{16}", str(seal["key"])):
        raise SealError("malformed")
    # Not one byte may stand in the tail that sealing would not have put there.
    try:
        if attach(pdf, seal) != content:
            raise SealError("malformed")
    except (RecursionError, ValueError) as error:
        raise SealError("malformed") from error
    return Opened(pdf, seal)


def check(pdf: bytes, seal: Seal, key: Ed25519PublicKey) -> None:
    """Raises SealError: `altered` when the PDF is another, `other_key` when another key made the
    seal, `forged` when the signature does not hold."""
    if hashlib.sha256(pdf).hexdigest() != seal["pdf_sha256"]:
        raise SealError("altered")
    if seal["key"] != key_id(key):
        raise SealError("other_key")
    try:
        signature = base64.b64decode(str(seal["signature"]), validate=True)
        # the last letter has bits to spare: one signature is written in one way only
        if base64.b64encode(signature).decode() != seal["signature"]:
            raise ValueError("not canonical")
        key.verify(signature, _signed(seal))
    except (InvalidSignature, binascii.Error, ValueError):
        raise SealError("forged") from None


def _signed(seal: Seal) -> bytes:
    return _canonical({name: seal[name] for name in SIGNED})


def _canonical(value: Mapping[str, Any]) -> bytes:
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()  # fmt: skip
