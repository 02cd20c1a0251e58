"""What inventors sign: the content of a disclosure as one hash; and what is missing in it."""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from deals.models import Disclosure, DisclosureInventor
from marketplace.core.errors import Message

# what `change_disclosure` takes
FIELDS = (
    "title_en", "title_zh", "description_en", "description_zh", "prior_art", "interested_firms",
    "trl", "funder", "grant_number", "funder_may_claim", "conceived_on", "published_on",
    "institution",
)  # fmt: skip
SOON = dt.timedelta(days=90)
PUBLISHED, NEAR = "published", "soon"


def content_digest(disclosure: Disclosure, inventors: Sequence[DisclosureInventor]) -> str:
    """SHA-256 over everything that is disclosed, in hexadecimal; the same content, the same hash.

    Signatures, states and dates of the record itself are no part of it.
    """
    facts = {
        name: getattr(disclosure, f"{name}_id" if name == "institution" else name)
        for name in FIELDS
    }
    people = [[one.name, one.email, one.affiliation, f"{one.share:.2f}"] for one in inventors]
    text = json.dumps(
        {"id": disclosure.public_id, **facts, "inventors": people},
        sort_keys=True, ensure_ascii=False, default=str,
    )  # fmt: skip
    return hashlib.sha256(text.encode()).hexdigest()


def novelty(published_on: dt.date | None, today: dt.date) -> str:
    """PUBLISHED when the first publication lies behind, NEAR within 90 days, else "".

    What is published can usually not be patented any more; some offices allow a short grace period.
    """
    if published_on is None:
        return ""
    if published_on <= today:
        return PUBLISHED
    return NEAR if published_on - today <= SOON else ""


def missing(
    disclosure: Disclosure, inventors: Sequence[DisclosureInventor]
) -> dict[str, list[Message]]:
    """Field -> what is missing before anybody can be asked to sign; empty when nothing is."""
    found: dict[str, list[Message]] = {}
    if not (disclosure.title_en or disclosure.title_zh):
        found["title_en"] = [_("Give a title, in English or Chinese.")]
    if not (disclosure.description_en or disclosure.description_zh):
        found["description_en"] = [_("Describe the invention, in English or Chinese.")]
    if disclosure.conceived_on is None:
        found["conceived_on"] = [_("Say when it was first conceived.")]
    if disclosure.institution_id is None:
        found["institution"] = [_("Choose the institution it goes to.")]
    if not inventors:
        found["inventors"] = [_("Name the inventors.")]
    elif sum((one.share for one in inventors), Decimal(0)) != 100:
        found["inventors"] = [_("The parts of the inventors must come to 100 percent.")]
    return found
