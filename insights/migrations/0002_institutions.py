"""Figures of institutions of a year, made public once, and their sums by type."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_expert_profile"),
        ("insights", "0001_open_data"),
    ]

    operations = [
        migrations.CreateModel(
            name="InstitutionEdition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(unique=True)),
                ("made_on", models.DateField()),
            ],
            options={"ordering": ["-year"]},
        ),
        migrations.CreateModel(
            name="InstitutionCell",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tti_type", models.CharField(max_length=5)),
                ("code", models.CharField(max_length=30)),
                ("counted", models.DecimalField(decimal_places=2, max_digits=22, null=True)),
                ("declared", models.DecimalField(decimal_places=2, max_digits=22, null=True)),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cells",
                        to="insights.institutionedition",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "tti_type", "code"), name="institution_cell_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("counted__isnull", True), ("declared__isnull", True)),
                            models.Q(("counted__isnull", False), ("declared__isnull", False)),
                            _connector="OR",
                        ),
                        name="institution_cell_withheld",
                    ),
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
                ("tti_type", models.CharField(max_length=3)),
                ("code", models.CharField(help_text="Of deals.service_figures.", max_length=30)),
                ("counted", models.DecimalField(decimal_places=2, default=0, max_digits=22)),
                ("declared", models.DecimalField(decimal_places=2, default=0, max_digits=22)),
                (
                    "is_reported",
                    models.BooleanField(
                        help_text="Whether the institution had submitted the year."
                    ),
                ),
                ("is_named", models.BooleanField()),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="insights.institutionedition",
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
                        fields=["edition", "institution"],
                        name="institution_named",
                    ),
                    models.Index(
                        fields=["edition", "tti_type", "code"], name="institution_of_type"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "institution", "code"), name="institution_figure_once"
                    )
                ],
            },
        ),
    ]
