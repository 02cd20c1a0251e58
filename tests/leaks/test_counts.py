"""What is hidden does not show in numbers either: lists, facets and figures are the same with and
without it."""

import re
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from tests.leaks.addresses import LISTS
from tests.leaks.reading import get, text_of

QUESTIONS = ["?q=lithium", "?q=electrolyte&sort=price", "?field=new_energy", "?kind=technology"]
# what changes from request to request
NOISE = re.compile(
    r"csrfmiddlewaretoken\W+value=\W*\w+|csrf[^>]{0,80}|X-Request-Id: \w+|request_id\W+\w+|"
    r"RateLimit-\w+: \S+|ETag: \S+|Set-Cookie.*|Server-Timing.*|Content-Length: \d+|"
    r"name this request: <span[^>]*>[^<]*"
)
HIDDEN = ["hidden", "hidden need", "members", "draft", "in review", "paused"]


@pytest.fixture
def time_stands_still(planted):
    """“A minute ago” is no difference that tells anything."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


def seen_by(player: Any) -> dict[str, str]:
    """All lists, with questions, as the player gets them now."""
    cache.clear()
    addresses = LISTS + [
        f"{place}{question}"
        for place in ("/technologies/", "/needs/", "/api/v1/technologies/", "/api/v1/needs/")
        for question in (*QUESTIONS, "?search=lithium")
    ]
    return {address: NOISE.sub("", text_of(get(player, address))) for address in addresses}


def test_hidden_listings_change_no_number(planted, time_stands_still):
    from listings.models import Listing

    hidden = [planted.listings[key].pk for key in HIDDEN]
    # not the moderator, whose desk shows what is in review
    roles = ["visitor", "claimant", "operator"]
    before = {role: seen_by(getattr(planted.cast, role)) for role in roles}
    owner_before = seen_by(planted.cast.owner)
    Listing.objects.filter(pk__in=hidden).delete()
    for role in roles:
        after = seen_by(getattr(planted.cast, role))
        changed = [one for one in after if after[one] != before[role][one]]
        assert not changed, f"{role} {changed}"
    # control: their owner does notice
    owner_after = seen_by(planted.cast.owner)
    assert owner_after["/my/listings/"] != owner_before["/my/listings/"]
