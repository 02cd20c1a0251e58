"""Secrets and signatures as Standard Webhooks has them (https://www.standardwebhooks.com).

A secret is `whsec_` and the base64 of its bytes; what is signed is `<id>.<seconds>.<body>`, with
HMAC-SHA256.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from cryptography.fernet import InvalidToken

from marketplace.core import sealing

PREFIX = "whsec_"
_PURPOSE = "events.webhook"
_BYTES = 32


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signature(secret: str, message_id: str, seconds: int, body: bytes) -> str:
    """One entry of the header: "v1," and base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(sealed: Iterable[str], message_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """The three headers, signed with every one of the sealed secrets.

    Raises cryptography.fernet.InvalidToken when SECRET_KEY has changed since they were sealed.
    """
    signatures = [signature(unseal(one), message_id, seconds, body) for one in sealed]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(signatures),
    }


def seal(secret: str) -> str:
    return sealing.seal(_PURPOSE, secret)


def is_readable(sealed: str) -> bool:
    """Whether the server's present SECRET_KEY opens it."""
    try:
        unseal(sealed)
    except InvalidToken:
        return False
    return True


def unseal(sealed: str) -> str:
    return sealing.unseal(_PURPOSE, sealed)
