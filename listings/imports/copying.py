"""Many new rows by COPY: several times quicker than INSERT, for the server and for us."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from django.db import connection, models
from django.utils import timezone
from psycopg.types.json import Jsonb


def copy_rows(objects: Sequence[models.Model]) -> None:
    """Insert new objects of one model, in the caller's transaction.

    They must have their primary key unless the database gives it and nobody asks for it. Sets
    auto_now and auto_now_add fields. Values go as they stand: the objects were cleaned before.
    """
    if not objects:
        return
    model = type(objects[0])
    fields = [
        field
        for field in model._meta.concrete_fields
        if not (field.primary_key and field.get_internal_type().endswith("AutoField")
                and objects[0].pk is None)
    ]  # fmt: skip
    now = timezone.now()
    stamped = [
        field.attname
        for field in fields
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    ]
    as_json = [place for place, field in enumerate(fields) if isinstance(field, models.JSONField)]
    values_of = attrgetter(*(field.attname for field in fields))
    names = ", ".join(f'"{field.column}"' for field in fields)
    statement = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
    with connection.cursor() as cursor, _raw(cursor).copy(statement) as copy:
        for row in objects:
            for name in stamped:
                setattr(row, name, now)
            values = list(values_of(row))
            for place in as_json:
                values[place] = Jsonb(values[place])
            copy.write_row(values)


def _raw(cursor: Any) -> Any:
    """The driver's cursor under Django's wrappers."""
    while hasattr(cursor, "cursor"):
        cursor = cursor.cursor
    return cursor


def new_ids(count: int) -> list[int]:
    """Ids for rows to come: parts can name their listing before it is stored."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('listings_listing', 'id'))"
            " FROM generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]
