"""What the tests of the API share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache

from tests.api import floor


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Rates and answers of other tests are forgotten."""
    cache.clear()
    floor.CALLS.clear()
    yield


@pytest.fixture
def token_of() -> Callable[..., Any]:
    """`token_of(player, "listings:read")`: an API client with a token of just these scopes."""
    import datetime as dt

    from django.utils import timezone
    from rest_framework.test import APIClient

    from accounts.actions.tokens import new_secret
    from accounts.models import ApiToken
    from accounts.queries.tokens import digest

    def make(player: Any, *scopes: str, **values: Any) -> Any:
        secret = new_secret()
        now = timezone.now()
        values.setdefault("expires_at", now + dt.timedelta(days=1))
        ApiToken.objects.create(
            user=player.user, name="narrow", prefix=secret[:9], digest=digest(secret),
            scopes=list(scopes), last_used_at=now, **values,
        )  # fmt: skip
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client

    return make
