"""Requests for help and visits: read by those whom they concern alone."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import marketplace.core.cleaning
import marketplace.core.codes.lists
import marketplace.core.public_id
import marketplace.core.regions


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_expert_profile"),
        ("deals", "0020_royalties"),
        ("listings", "0013_dismissed_proposals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LocatorRequest",
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
                    "title",
                    models.CharField(
                        max_length=200, validators=[marketplace.core.cleaning.PlainTextValidator()]
                    ),
                ),
                (
                    "words",
                    models.TextField(
                        max_length=4000, validators=[marketplace.core.cleaning.PlainTextValidator()]
                    ),
                ),
                (
                    "field",
                    models.CharField(
                        blank=True,
                        max_length=40,
                        validators=[marketplace.core.codes.lists.KnownCode("fields")],
                    ),
                ),
                (
                    "region",
                    models.CharField(
                        blank=True, max_length=6, validators=[marketplace.core.regions.validate]
                    ),
                ),
                (
                    "contact",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                (
                    "answer_by",
                    models.DateField(help_text="The day until which an answer is wanted."),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("taken", "being worked on"),
                            ("answered", "answered"),
                            ("closed", "closed"),
                            ("expired", "expired"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("helped", "it helped"),
                            ("not_helped", "it did not help"),
                            ("no_answer", "no answer came"),
                            ("not_needed", "no longer needed"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "outcome_words",
                    models.TextField(
                        blank=True,
                        max_length=1000,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
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
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="locator_requests",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "case",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="locator_request",
                        to="deals.case",
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "need",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="listings.listing",
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LocatorPass",
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
                    "words",
                    models.TextField(
                        blank=True,
                        max_length=1000,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "giver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="passes",
                        to="deals.locatorrequest",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="LocatorAnswer",
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
                    "body",
                    models.TextField(
                        max_length=4000, validators=[marketplace.core.cleaning.PlainTextValidator()]
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
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
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="deals.locatorrequest",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="LocatorSuggestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="suggestions",
                        to="deals.locatoranswer",
                    ),
                ),
                (
                    "listing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="listings.listing",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Visit",
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
                    "name",
                    models.CharField(
                        blank=True,
                        max_length=160,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                ("visited_on", models.DateField()),
                (
                    "people",
                    models.CharField(
                        blank=True,
                        max_length=400,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
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
                        related_name="visits",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Finding",
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
                    "words",
                    models.TextField(
                        max_length=2000, validators=[marketplace.core.cleaning.PlainTextValidator()]
                    ),
                ),
                (
                    "field",
                    models.CharField(
                        blank=True,
                        max_length=40,
                        validators=[marketplace.core.codes.lists.KnownCode("fields")],
                    ),
                ),
                (
                    "case",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="deals.case",
                    ),
                ),
                (
                    "need",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="listings.listing",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="deals.visit",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddIndex(
            model_name="locatorrequest",
            index=models.Index(fields=["asker", "-id"], name="locator_of_asker"),
        ),
        migrations.AddIndex(
            model_name="locatorrequest",
            index=models.Index(fields=["institution", "state", "answer_by"], name="locator_inbox"),
        ),
        migrations.AddIndex(
            model_name="locatorrequest",
            index=models.Index(
                fields=["alliance", "state", "answer_by"], name="locator_of_alliance"
            ),
        ),
        migrations.AddIndex(
            model_name="locatorrequest",
            index=models.Index(
                condition=models.Q(("state__in", ["open", "taken"])),
                fields=["answer_by"],
                name="locator_expires",
            ),
        ),
        migrations.AddConstraint(
            model_name="locatorrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("institution__isnull", False), ("alliance__isnull", False), _connector="OR"
                ),
                name="locator_addressed",
                violation_error_message="A request is addressed to somebody.",
            ),
        ),
        migrations.AddConstraint(
            model_name="locatorrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["taken", "answered"]), _negated=True),
                    ("institution__isnull", False),
                    _connector="OR",
                ),
                name="locator_taken_by_somebody",
                violation_error_message="A request is worked on by an institution.",
            ),
        ),
        migrations.AddConstraint(
            model_name="locatorrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at__isnull", False),
                        ("state", "closed"),
                        models.Q(("outcome", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("state", "closed"), _negated=True),
                        ("closed_at__isnull", True),
                        ("outcome", ""),
                    ),
                    _connector="OR",
                ),
                name="locator_outcome_when_closed",
                violation_error_message="A request has an outcome when closed.",
            ),
        ),
        migrations.AddIndex(
            model_name="locatorpass",
            index=models.Index(fields=["request", "id"], name="locator_passes"),
        ),
        migrations.AddIndex(
            model_name="locatoranswer",
            index=models.Index(fields=["request", "id"], name="locator_answers"),
        ),
        migrations.AddConstraint(
            model_name="locatorsuggestion",
            constraint=models.UniqueConstraint(
                fields=("answer", "listing"),
                name="locator_suggested_once",
                violation_error_message="This listing is suggested already.",
            ),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["institution", "-visited_on", "-id"], name="visit_of_tti"),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("organisation__isnull", True), models.Q(("name", ""), _negated=True)),
                    models.Q(("name", ""), ("organisation__isnull", False)),
                    _connector="OR",
                ),
                name="visit_to_somebody",
                violation_error_message="A visit is to an organisation or a name.",
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["visit", "id"], name="finding_of_visit"),
        ),
    ]
