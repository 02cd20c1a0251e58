"""The planted market of the leak tests, indexed and matched."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from tests.leaks.planted import Planted, note_what_followed, plant, words_only


@pytest.fixture
def planted(
    cast: Any, run_jobs: Any, settings: Any, monkeypatch: Any, tmp_path: Any
) -> Iterator[Planted]:
    from marketplace.core.api.throttles import ByToken

    cache.clear()
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(
        ByToken, "THROTTLE_RATES", {"token": "9999999/min", "visitor": "9999999/min"}
    )
    with words_only(settings):
        world = plant(cast)
        run_jobs()
        note_what_followed(world)
        yield world
