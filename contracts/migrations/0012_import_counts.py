from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contracts", "0011_imports_years")]

    operations = [
        migrations.AddField(
            model_name="contractimport",
            name="counts",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="Rows by outcome, kept when the report of the rows is deleted.",
            ),
        ),
        migrations.AlterField(
            model_name="contract",
            name="origin",
            field=models.CharField(
                blank=True,
                help_text="What it came from: introduction:<id>, import:<id>, copy. Empty: by hand.",
                max_length=60,
            ),
        ),
    ]
