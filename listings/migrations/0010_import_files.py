from django.db import migrations, models

# What waits or was stored under the old rules: its days begin with its upload.
_DAYS = """
UPDATE listings_importrun SET expires_at = created_at + interval '30 days'
WHERE (file <> '' OR rows <> '') AND state NOT IN ('uploaded', 'checking', 'running')
"""
# Jobs name the organisation or the person now, since turns go round among them.
_JOBS = """
UPDATE core_job SET payload = jsonb_build_object('owner', run.owner_id),
  queue = CASE core_job.kind WHEN 'listings.read_import' THEN 'long' ELSE 'imports' END
FROM listings_importrun run
WHERE core_job.kind IN ('listings.read_import', 'listings.import_turn')
  AND core_job.payload->>'run' = run.public_id AND core_job.state <> 'done';
UPDATE core_job SET payload = jsonb_build_object('person', run.person_id), queue = 'long'
FROM listings_exportrun run
WHERE core_job.kind = 'listings.write_export'
  AND core_job.payload->>'run' = run.public_id AND core_job.state <> 'done';
"""


class Migration(migrations.Migration):
    dependencies = [("listings", "0009_saved_readings"), ("core", "0002_floor")]

    operations = [
        migrations.RemoveIndex(model_name="importrun", name="import_with_file"),
        migrations.RemoveField(model_name="importrun", name="reason"),
        migrations.RemoveField(model_name="exportrun", name="reason"),
        migrations.RenameField(model_name="importfault", old_name="reason", new_name="reason_en"),
        migrations.AddField(
            model_name="importfault",
            name="reason_zh",
            field=models.CharField(default="", max_length=500),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="exportrun",
            name="reason_code",
            field=models.CharField(blank=True, max_length=40, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="importrun",
            name="reason_code",
            field=models.CharField(blank=True, max_length=40, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="importrun", name="reason_about", field=models.JSONField(default=dict)
        ),
        migrations.AddField(
            model_name="importrun",
            name="rows_size",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="importrun",
            name="expires_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="language",
            field=models.CharField(default="en", max_length=10),
        ),
        migrations.RunSQL(_DAYS, migrations.RunSQL.noop),
        migrations.RunSQL(_JOBS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="importrun",
            index=models.Index(
                condition=models.Q(("expires_at__isnull", False)),
                fields=["expires_at"],
                name="import_expiry",
            ),
        ),
        migrations.AddIndex(
            model_name="importrun",
            index=models.Index(
                condition=models.Q(("state__in", ("uploaded", "checking", "running"))),
                fields=["owner", "heartbeat"],
                name="import_at_work",
            ),
        ),
    ]
