"""Two decide one possible hit at once, having read the same version."""

import time
from typing import Any

import pytest

from contracts.actions import access
from contracts.actions import screening as room
from contracts.models import HitDecision
from marketplace.core import gates
from marketplace.core.errors import DomainError
from tests.contracts.test_screening import decide, examined, load_samples
from tests.faults.test_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("is_locked", [False, True])
def test_two_decide_a_hit_at_once(
    cast: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch, is_locked: bool
) -> None:
    """Without the lock both are taken: so the test would see that it is missing."""
    load_samples()
    contract = examined(cast, run_jobs)
    checked = room._checked

    def slowly(*given: Any) -> Any:
        time.sleep(0.5)  # both are past the check of the version, unless one of them waits
        return checked(*given)

    monkeypatch.setattr(room, "_checked", slowly)
    if not is_locked:
        lock = gates.lock

        def unlocked(rows: Any, pk: int) -> Any:
            return rows.get(pk=pk)

        monkeypatch.setattr(access.gates, "lock", unlocked)
        assert lock is not gates.lock
    done = at_once(
        lambda: decide(cast, contract, expected_version=contract.version),
        lambda: decide(cast, contract, "barred", expected_version=contract.version),
    )
    told = [one for one in done if isinstance(one, DomainError)]
    if is_locked:
        assert [one.code for one in told] == ["stale_version"]
    assert HitDecision.objects.count() == (1 if is_locked else 2)
