"""What `make bench` measures, small: it stays right while nobody measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deals.models import IncomeAccount
from marketplace.bench.income import measure
from tests.contracts.factories import registered

if TYPE_CHECKING:
    from tests.cast import Cast


@pytest.mark.django_db
def test_a_run_over_many_receipts_is_exact_and_undone(cast: Cast) -> None:
    registered(cast)
    drafted, approved = measure(2_500)
    assert drafted > 0 and approved > 0
    assert not IncomeAccount.objects.exists()
