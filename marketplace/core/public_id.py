"""Names of objects in addresses: short, random, readable aloud."""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base32: no I, L, O, U
LENGTH = 10


def new_public_id() -> str:
    """Ten random characters, 50 bits: not guessable, and unique by the column's constraint."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
