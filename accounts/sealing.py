"""Small secrets of this room at rest (see marketplace.core.sealing)."""

from marketplace.core import sealing


def seal(purpose: str, text: str) -> str:
    return sealing.seal(f"accounts.{purpose}", text)


def unseal(purpose: str, sealed: str) -> str:
    """Raises cryptography.fernet.InvalidToken when SECRET_KEY has changed since."""
    return sealing.unseal(f"accounts.{purpose}", sealed)
