"""Plans of statements over a handful of rows, as if there were millions."""

from django.db import connection


def leave_only(table: str, *indexes: str) -> None:
    """Drop every other index of the table until the test is rolled back, keys as well: among few
    rows all ways cost the same, and which one the planner takes is chance."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT i.relname, c.conname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
            " LEFT JOIN pg_constraint c ON c.conindid = i.oid AND c.contype IN ('p', 'u', 'x')"
            " WHERE x.indrelid = %s::regclass AND i.relname <> ALL(%s)",
            [table, list(indexes)],
        )
        for name, constraint in cursor.fetchall():
            cursor.execute(
                f"ALTER TABLE {table} DROP CONSTRAINT {constraint} CASCADE"
                if constraint
                else f"DROP INDEX {name}"
            )
        cursor.execute("SET LOCAL enable_seqscan = off")
