"""Small secrets at rest: sealed under SECRET_KEY, one key for each purpose."""

import base64
import hashlib

from cryptography.fernet import Fernet
from django.conf import settings


def _box(purpose: str) -> Fernet:
    key = hashlib.sha256(f"{purpose}:{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def seal(purpose: str, text: str) -> str:
    """purpose: "room.what"."""
    return _box(purpose).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str) -> str:
    """Raises cryptography.fernet.InvalidToken when SECRET_KEY has changed since."""
    return _box(purpose).decrypt(sealed.encode()).decode()
