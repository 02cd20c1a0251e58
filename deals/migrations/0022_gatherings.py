"""Gatherings of institutions: fairs, trainings, roadshows, and who has a place."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import marketplace.core.cleaning
import marketplace.core.public_id
import marketplace.core.regions


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_expert_profile"),
        ("deals", "0021_requests"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Gathering",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    models.CharField(
                        default=marketplace.core.public_id.new_public_id,
                        editable=False,
                        max_length=10,
                        unique=True,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("fair", "technology fair"),
                            ("training", "training"),
                            ("roadshow", "roadshow"),
                            ("other", "other gathering"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("published", "published"),
                            ("held", "held"),
                            ("cancelled", "cancelled"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                (
                    "title_en",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                (
                    "title_zh",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                (
                    "words_en",
                    models.TextField(
                        blank=True,
                        max_length=4000,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                (
                    "words_zh",
                    models.TextField(
                        blank=True,
                        max_length=4000,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("register_until", models.DateTimeField()),
                (
                    "place",
                    models.CharField(
                        blank=True,
                        max_length=300,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                (
                    "online",
                    models.CharField(
                        blank=True,
                        max_length=300,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                (
                    "region",
                    models.CharField(
                        blank=True, max_length=6, validators=[marketplace.core.regions.validate]
                    ),
                ),
                (
                    "capacity",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100000),
                        ],
                    ),
                ),
                (
                    "hours",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=5,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(200),
                        ],
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        help_text="Of a cancellation.",
                        max_length=400,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "alliance",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.alliance",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gatherings",
                        to="accounts.organisation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GatheringPlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    models.CharField(
                        default=marketplace.core.public_id.new_public_id,
                        editable=False,
                        max_length=10,
                        unique=True,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("registered", "registered"),
                            ("waiting", "on the waiting list"),
                            ("cancelled", "given back"),
                        ],
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("attended", models.BooleanField(blank=True, null=True)),
                ("marked_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "gathering",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="places",
                        to="deals.gathering",
                    ),
                ),
                (
                    "marked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="gathering_places",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="gathering",
            index=models.Index(fields=["state", "starts_at", "id"], name="gathering_by_time"),
        ),
        migrations.AddIndex(
            model_name="gathering",
            index=models.Index(
                fields=["institution", "-starts_at", "-id"], name="gathering_of_tti"
            ),
        ),
        migrations.AddConstraint(
            model_name="gathering",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("title_en", ""), _negated=True),
                    models.Q(("title_zh", ""), _negated=True),
                    _connector="OR",
                ),
                name="gathering_has_title",
                violation_error_message="Give the title in English or Chinese.",
            ),
        ),
        migrations.AddConstraint(
            model_name="gathering",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="gathering_ends_after_start",
                violation_error_message="The end must be after the start.",
            ),
        ),
        migrations.AddConstraint(
            model_name="gathering",
            constraint=models.CheckConstraint(
                condition=models.Q(("register_until__lte", models.F("ends_at"))),
                name="gathering_registers_before_end",
                violation_error_message="Registration must close before the end.",
            ),
        ),
        migrations.AddConstraint(
            model_name="gathering",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours__isnull", True), ("kind", "training"), _connector="OR"),
                name="gathering_hours_of_training",
                violation_error_message="Only trainings have hours.",
            ),
        ),
        migrations.AddConstraint(
            model_name="gathering",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "cancelled"), models.Q(("reason", ""), _negated=True)),
                    models.Q(models.Q(("state", "cancelled"), _negated=True), ("reason", "")),
                    _connector="OR",
                ),
                name="gathering_reason_when_cancelled",
                violation_error_message="A cancelled gathering has a reason.",
            ),
        ),
        migrations.AddIndex(
            model_name="gatheringplace",
            index=models.Index(fields=["gathering", "state", "asked_at"], name="gathering_places"),
        ),
        migrations.AddConstraint(
            model_name="gatheringplace",
            constraint=models.UniqueConstraint(
                fields=("gathering", "person"),
                name="gathering_place_once",
                violation_error_message="This person has a place already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="gatheringplace",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("attended__isnull", True), ("marked_at__isnull", True)),
                    models.Q(
                        ("attended__isnull", False),
                        ("marked_at__isnull", False),
                        ("state", "registered"),
                    ),
                    _connector="OR",
                ),
                name="gathering_marked_registered",
                violation_error_message="Attendance is marked of registered people.",
            ),
        ),
    ]
