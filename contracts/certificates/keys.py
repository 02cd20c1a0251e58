"""Private keys of registration points: one PEM file for each point's code, in SEAL_KEYS_DIR.

Only who seals (a worker) needs the folder. Public keys are rows (contracts.models.SealKey), so that
those of the past stay when a file is replaced.
"""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings


class FaultyKey(Exception):
    """A key file is there and cannot be used. Sealing waits for an operator: a certificate without
    a seal would say that the point has no key."""


def private_key(point_code: str) -> Ed25519PrivateKey | None:
    """The key that a point seals with now, None when it has none. Raises FaultyKey."""
    path = _path(point_code)
    try:
        pem = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FaultyKey(f"{path}: {error.strerror}") from error
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except Exception as error:  # the library has a class of error for each way to be wrong
        raise FaultyKey(f"{path} is not a private key without password") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise FaultyKey(f"{path} is not an Ed25519 key")
    return key


def make_key_file(point_code: str) -> bool:
    """A new key for a point that has no file yet; returns whether one was made."""
    path = _path(point_code)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        return False
    path.write_bytes(pem)
    return True


def _path(point_code: str) -> Path:
    assert point_code.isascii() and point_code.isdigit(), "a point's code has digits only"
    return Path(settings.SEAL_KEYS_DIR) / f"{point_code}.pem"
