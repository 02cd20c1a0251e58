"""Sealed bids: a commitment that a receipt proves, and an envelope that only keys open.

A bid is two things in the database, and neither tells the amount:
- `commitment`: SHA-256 over the bid as canonical JSON with a nonce of 256 random bits;
- `sealed`: the same JSON, padded to one length, enciphered for the poster's public key and, where
  the sale has an opener, once more for the opener's. X25519 with a fresh key for each envelope,
  HKDF-SHA256, ChaCha20-Poly1305.

Private keys are made here, shown once to their holder as text, and forgotten. See
docs/decisions/0017-sealed-bids.md for what this holds against and what not.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT = "yizhan-sealed-bid/1"
_LENGTH = 320  # of every padded bid: the length of an envelope tells nothing
_NONCE = bytes(12)  # each envelope has a key of its own, which enciphers once
_GROUP = 4
_NOT_IN_A_KEY = re.compile(r"[\s\-]+")


class SealFault(ValueError):
    """A key, an envelope or a receipt does not fit."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a bidder keeps: with it, and with nothing else, its commitment can be proved."""

    sale: str
    bidder: int
    amount: Decimal
    currency: str
    nonce: str  # 64 hexadecimal digits

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "format": FORMAT, "sale": self.sale, "bidder": self.bidder,
            "amount": f"{self.amount:.2f}", "currency": self.currency, "nonce": self.nonce,
        }  # fmt: skip

    @property
    def commitment(self) -> str:
        return hashlib.sha256(canonical(self.facts)).hexdigest()


def canonical(value: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys and no spaces, as UTF-8: what is hashed and signed."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()  # fmt: skip


def new_nonce() -> str:
    return secrets.token_hex(32)


# --- Keys ---------------------------------------------------------------------------------------


def new_key() -> tuple[str, str]:
    """(the private key as text to keep, the public key in hexadecimal)."""
    key = X25519PrivateKey.generate()
    raw = key.private_bytes(
        serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
    )
    text = base64.b32encode(raw).decode().rstrip("=")
    groups = (text[at : at + _GROUP] for at in range(0, len(text), _GROUP))
    return "-".join(groups), _public(key).hex()


def read_key(text: str, public: str) -> X25519PrivateKey:
    """The private key that belongs to this public one; spaces, hyphens and case do not matter.

    Raises SealFault for anything else.
    """
    plain = _NOT_IN_A_KEY.sub("", text).upper()
    try:
        raw = base64.b32decode(plain + "=" * (-len(plain) % 8))
        key = X25519PrivateKey.from_private_bytes(raw)
    except (binascii.Error, ValueError) as error:
        raise SealFault("not a key") from error
    if not hmac.compare_digest(_public(key).hex(), public):
        raise SealFault("another key")
    return key


def _public(key: X25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw
    )  # fmt: skip


# --- Envelopes ----------------------------------------------------------------------------------


def seal(receipt: Receipt, *keys: str) -> bytes:
    """The bid enciphered for these public keys, the first innermost."""
    content = canonical(receipt.facts)
    assert len(content) <= _LENGTH, "a bid is shorter than its envelope"
    content = content.ljust(_LENGTH)
    for key in keys:
        content = _encipher(content, bytes.fromhex(key), receipt.sale)
    return content


def peel(envelope: bytes, key: X25519PrivateKey, sale: str) -> bytes:
    """What is inside the outermost envelope. Raises SealFault when the key does not open it."""
    mine = _public(key)
    try:
        fresh = X25519PublicKey.from_public_bytes(envelope[:32])
        cipher = _cipher(key.exchange(fresh), envelope[:32] + mine)
        return cipher.decrypt(_NONCE, envelope[32:], sale.encode())
    except (InvalidTag, ValueError) as error:
        raise SealFault("not opened by this key") from error


def read_bid(content: bytes, commitment: str) -> Receipt:
    """The bid of an opened envelope. Raises SealFault when it is not what was committed to."""
    try:
        facts = json.loads(content)
        found = Receipt(
            facts["sale"], facts["bidder"], Decimal(facts["amount"]), facts["currency"],
            facts["nonce"],
        )  # fmt: skip
    except (ValueError, TypeError, KeyError, InvalidOperation) as error:
        raise SealFault("not a bid") from error
    if not hmac.compare_digest(found.commitment, commitment):
        raise SealFault("not what was committed to")
    return found


def _encipher(content: bytes, public: bytes, sale: str) -> bytes:
    fresh = X25519PrivateKey.generate()
    sent = _public(fresh)
    shared = fresh.exchange(X25519PublicKey.from_public_bytes(public))
    return sent + _cipher(shared, sent + public).encrypt(_NONCE, content, sale.encode())


def _cipher(shared: bytes, both: bytes) -> ChaCha20Poly1305:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=FORMAT.encode() + both).derive(shared)
    return ChaCha20Poly1305(derived)
