"""Figures of institutions by year, and their sums by type."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_expert_profile"),
        ("insights", "0001_open_data"),
    ]

    operations = [
        migrations.CreateModel(
            name="InstitutionCell",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("tti_type", models.CharField(max_length=3)),
                ("code", models.CharField(max_length=30)),
                ("counted", models.DecimalField(decimal_places=2, default=0, max_digits=22)),
                ("declared", models.DecimalField(decimal_places=2, default=0, max_digits=22)),
                ("unnamed_counted", models.PositiveIntegerField(default=0)),
                ("unnamed_declared", models.PositiveIntegerField(default=0)),
                ("unnamed", models.PositiveIntegerField(default=0)),
                ("reported", models.PositiveIntegerField(default=0)),
                ("median", models.DecimalField(decimal_places=2, max_digits=22, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("year", "tti_type", "code"), name="institution_cell_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="InstitutionFigure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("tti_type", models.CharField(max_length=3)),
                ("code", models.CharField(help_text="Of deals.service_figures.", max_length=30)),
                ("counted", models.DecimalField(decimal_places=2, default=0, max_digits=22)),
                ("declared", models.DecimalField(decimal_places=2, default=0, max_digits=22)),
                (
                    "is_reported",
                    models.BooleanField(
                        help_text="Whether the institution has submitted the year."
                    ),
                ),
                ("is_named", models.BooleanField()),
                (
                    "is_waiting",
                    models.BooleanField(
                        default=False,
                        help_text="A newer amount waits for those of other institutions.",
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_named", True)),
                        fields=["year", "institution"],
                        name="institution_named",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("year", "institution", "code"), name="institution_figure_once"
                    )
                ],
            },
        ),
    ]
