"""Names of sources: what an organisation calls one, and how a listing keeps it.

Sources are told apart by organisation, so that nobody reaches another's listings by guessing ids.
"""

from accounts.models import Organisation

# Listing.source holds 60 characters: an id of ten, a colon, and this.
MAX_NAME = 49


def qualified(owner: Organisation, name: str) -> str:
    """The source as it stands on a listing."""
    return f"{owner.public_id}:{name}"[:60]


def plain_name(source: str) -> str:
    """The source as its people call it; one that came by the command is plain already."""
    head, colon, name = source.partition(":")
    return name if colon and len(head) == 10 and head.isalnum() else source
