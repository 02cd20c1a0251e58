"""Sums of contracts from before there were sums begin by themselves."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from contracts import figures
from contracts.models import FigureCell
from marketplace.core.models import Job
from tests.cast import Cast
from tests.contracts import factories

pytestmark = pytest.mark.django_db
migration = import_module("contracts.migrations.0011_imports_years")


def test_the_migration_asks_and_the_job_counts(cast: Cast, run_jobs: Any) -> None:
    migration.count_anew(apps, None)
    assert not Job.objects.filter(kind="contracts.count_figures").exists(), "nothing to count"
    contract = factories.registered(cast)
    run_jobs()
    FigureCell.objects.all().delete()  # as on a market from before
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM contracts_figurechange")
        cursor.execute("DELETE FROM contracts_figureseller")
    year = int(contract.number[:4])
    assert figures.differences(year)
    migration.count_anew(apps, None)
    migration.count_anew(apps, None)
    assert Job.objects.filter(kind="contracts.count_figures").count() == 1
    run_jobs()
    assert figures.differences(year) == 0 and FigureCell.objects.exists()
    assert figures.count_wrong_years() == []
