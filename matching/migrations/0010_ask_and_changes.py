"""Words of public texts, and what has changed of a pair.

The changes are written by triggers, since pairs are written and removed in bulk and by cascades,
and a change that a copy is never told of is worse than a trigger. Numbers of transactions, not
times: a transaction that commits late has a number that readers have waited for
(matching.queries.changes).
"""

from django.db import migrations, models

FUNCTIONS = """
CREATE FUNCTION matching_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.change := 'new';
    ELSIF (NEW.need_answer, NEW.technology_answer, NEW.need_reason, NEW.technology_reason)
            IS DISTINCT FROM
          (OLD.need_answer, OLD.technology_answer, OLD.need_reason, OLD.technology_reason) THEN
        NEW.change := 'answered';
    ELSIF NEW.version IS DISTINCT FROM OLD.version THEN
        NEW.change := 'rescored';
    ELSIF NEW.changed_in >= 0 THEN
        NEW.change := OLD.change;
        NEW.changed_in := OLD.changed_in;
        RETURN NEW;
    END IF;
    NEW.changed_in := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;
CREATE TRIGGER matching_match_change BEFORE INSERT OR UPDATE ON matching_match
    FOR EACH ROW EXECUTE FUNCTION matching_note_change();

CREATE FUNCTION matching_note_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO matching_matchgone (public_id, need_owner, technology_owner, need_knew,
                                    technology_knew, changed_in, gone_at)
    SELECT found.public_id, need_owner_id, technology_owner_id, need_knew, technology_knew,
           pg_current_xact_id()::text::bigint, now()
    FROM (
        SELECT o.*,
            CASE WHEN t.visibility <> 'confidential' THEN t.visibility
                 WHEN o.technology_answer = 'interested' THEN 'public' ELSE '' END AS need_knew,
            CASE WHEN n.visibility <> 'confidential' THEN n.visibility
                 WHEN o.need_answer = 'interested' THEN 'public' ELSE '' END AS technology_knew
        FROM removed o
        JOIN listings_listing n ON n.id = o.need_id
        JOIN listings_listing t ON t.id = o.technology_id
    ) AS found
    WHERE need_knew <> '' OR technology_knew <> '';
    RETURN NULL;
END $$;
CREATE TRIGGER matching_match_gone AFTER DELETE ON matching_match
    REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION matching_note_gone();
"""
NO_FUNCTIONS = """
DROP TRIGGER IF EXISTS matching_match_change ON matching_match;
DROP TRIGGER IF EXISTS matching_match_gone ON matching_match;
DROP FUNCTION IF EXISTS matching_note_change();
DROP FUNCTION IF EXISTS matching_note_gone();
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0002_bearings")]

    operations = [
        migrations.CreateModel(
            name="OpenTerm",
            fields=[
                ("word", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("texts", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="OpenRarity",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("texts", models.PositiveIntegerField(default=0)),
                ("mean_length", models.FloatField(default=100)),
                ("market", models.PositiveIntegerField(default=0)),
                ("usual", models.JSONField(default=dict)),
                ("encoder", models.CharField(blank=True, max_length=60)),
                ("counted_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)),
                        name="open_rarity_one_row",
                        violation_error_message="There is one row of it.",
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="MatchGone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.CharField(max_length=10)),
                ("need_owner", models.BigIntegerField()),
                ("technology_owner", models.BigIntegerField()),
                ("need_knew", models.CharField(blank=True, max_length=12)),
                ("technology_knew", models.CharField(blank=True, max_length=12)),
                ("changed_in", models.BigIntegerField()),
                ("gone_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["need_owner", "changed_in", "id"], name="gone_need"),
                    models.Index(
                        fields=["technology_owner", "changed_in", "id"], name="gone_technology"
                    ),
                    models.Index(fields=["gone_at"], name="gone_at"),
                ]
            },
        ),
        migrations.AddField(
            model_name="match",
            name="changed_in",
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="match",
            name="change",
            field=models.CharField(default="new", editable=False, max_length=8),
        ),
        migrations.AddIndex(
            model_name="match",
            index=models.Index(
                fields=["need_owner", "changed_in", "id"], name="match_changed_need"
            ),
        ),
        migrations.AddIndex(
            model_name="match",
            index=models.Index(
                fields=["technology_owner", "changed_in", "id"], name="match_changed_technology"
            ),
        ),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
    ]
