"""Events are append-only: the database itself refuses to change or remove one."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON events_event
    FOR EACH ROW EXECUTE FUNCTION refuse_event_change();
"""
BACKWARD = "DROP TRIGGER event_append_only ON events_event; DROP FUNCTION refuse_event_change();"


class Migration(migrations.Migration):
    dependencies = [("events", "0001_events")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
