"""A part of a name is found by an index, however many organisations there are."""

import pytest
from django.db import connection

from accounts.models import Organisation


@pytest.mark.parametrize("column", ["name_en", "name_zh"])
def test_searching_a_name_uses_the_trigram_index(db, column: str):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Organisation.objects.filter(**{f"{column}__icontains": "lantern"}).explain()
    assert f"organisation_{column}" in plan
