"""Service figures of institutions: reports of a year, and frames of alliances."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import marketplace.core.cleaning
import marketplace.core.codes.lists
import marketplace.core.public_id

FORWARD = """
CREATE FUNCTION guard_service_report() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moving text[] := ARRAY[
        'state', 'replaced_at', 'version', 'updated_at', 'written_by_id', 'submitted_by_id'];
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'a report of service figures begins as a draft'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'draft' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' OR NEW.state = 'draft'
        OR (OLD.state = 'replaced' AND NEW.state <> 'replaced')
        OR (to_jsonb(NEW) - moving) IS DISTINCT FROM (to_jsonb(OLD) - moving) THEN
        RAISE EXCEPTION 'submitted service figures are never changed; correct them'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER service_report_guarded BEFORE INSERT OR UPDATE OR DELETE ON deals_servicereport
    FOR EACH ROW EXECUTE FUNCTION guard_service_report();

CREATE FUNCTION refuse_frame_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (to_jsonb(NEW) - 'made_by_id') IS DISTINCT FROM (to_jsonb(OLD) - 'made_by_id') THEN
        RAISE EXCEPTION 'a frame that members accepted is never changed'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER frame_frozen BEFORE UPDATE ON deals_allianceframe
    FOR EACH ROW EXECUTE FUNCTION refuse_frame_change();
"""
BACKWARD = """
DROP TRIGGER frame_frozen ON deals_allianceframe;
DROP FUNCTION refuse_frame_change();
DROP TRIGGER service_report_guarded ON deals_servicereport;
DROP FUNCTION guard_service_report();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_expert_profile"),
        ("contracts", "0014_register_search"),
        ("deals", "0023_screening_import"),
        ("matching", "0013_rematches"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AllianceFrame",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30), size=None
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["-number"],
            },
        ),
        migrations.CreateModel(
            name="FrameAcceptance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("accepted_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ServiceReport",
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
                ("year", models.PositiveSmallIntegerField()),
                ("number", models.PositiveSmallIntegerField(default=1)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("replaced", "replaced"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                (
                    "tti_type",
                    models.CharField(
                        blank=True,
                        max_length=3,
                        validators=[marketplace.core.codes.lists.KnownCode("tti_types")],
                    ),
                ),
                ("is_named", models.BooleanField(default=False)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        max_length=400,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                (
                    "income_technical",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "income_programme",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "income_business",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "income_other",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "expenditure",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                ("staff_brokers", models.PositiveIntegerField(blank=True, null=True)),
                ("staff_others", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "ip_acquired",
                    models.JSONField(blank=True, default=dict, help_text="Kind of IP -> number."),
                ),
                ("other_deals", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "other_amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                ("other_activities", models.PositiveIntegerField(blank=True, null=True)),
                ("other_trainings", models.PositiveIntegerField(blank=True, null=True)),
                ("other_enterprises", models.PositiveIntegerField(blank=True, null=True)),
                ("other_needs", models.PositiveIntegerField(blank=True, null=True)),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                ("replaced_at", models.DateTimeField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False)),
                fields=["organisation", "closed_at"],
                name="case_closed_of_tti",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("contract__isnull", False)),
                fields=["organisation", "contract"],
                name="case_with_contract",
            ),
        ),
        migrations.AddIndex(
            model_name="locatoranswer",
            index=models.Index(
                fields=["institution", "request", "created_at"], name="locator_answers_of_tti"
            ),
        ),
        migrations.AddField(
            model_name="allianceframe",
            name="alliance",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="frames",
                to="accounts.alliance",
            ),
        ),
        migrations.AddField(
            model_name="allianceframe",
            name="lead",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organisation",
            ),
        ),
        migrations.AddField(
            model_name="allianceframe",
            name="made_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="frameacceptance",
            name="accepted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="frameacceptance",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="frameacceptance",
            name="frame",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="acceptances",
                to="deals.allianceframe",
            ),
        ),
        migrations.AddField(
            model_name="frameacceptance",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organisation",
            ),
        ),
        migrations.AddField(
            model_name="servicereport",
            name="institution",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="service_reports",
                to="accounts.organisation",
            ),
        ),
        migrations.AddField(
            model_name="servicereport",
            name="submitted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="servicereport",
            name="written_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="allianceframe",
            constraint=models.UniqueConstraint(
                fields=("alliance", "number"),
                name="frame_number_once",
                violation_error_message="This number is taken.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allianceframe",
            constraint=models.CheckConstraint(
                condition=models.Q(("codes__len__gt", 0)),
                name="frame_asks_something",
                violation_error_message="Choose at least one figure.",
            ),
        ),
        migrations.AddIndex(
            model_name="frameacceptance",
            index=models.Index(fields=["organisation", "-id"], name="frame_of_member"),
        ),
        migrations.AddConstraint(
            model_name="frameacceptance",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("frame", "organisation"),
                name="frame_accepted_once",
                violation_error_message="Your institution has accepted it already.",
            ),
        ),
        migrations.AddIndex(
            model_name="servicereport",
            index=models.Index(fields=["institution", "-year", "-number"], name="report_of_tti"),
        ),
        migrations.AddIndex(
            model_name="servicereport",
            index=models.Index(
                condition=models.Q(("state", "submitted")),
                fields=["year", "institution"],
                name="report_of_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicereport",
            constraint=models.UniqueConstraint(
                fields=("institution", "year", "number"),
                name="service_report_number_once",
                violation_error_message="This number is taken.",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicereport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("institution", "year"),
                name="service_report_one_draft",
                violation_error_message="A draft of this year waits already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicereport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "submitted")),
                fields=("institution", "year"),
                name="service_report_one_submitted",
                violation_error_message="The figures of this year are submitted already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicereport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "draft"), ("submitted_at__isnull", True)),
                    models.Q(
                        models.Q(("state", "draft"), _negated=True),
                        ("submitted_at__isnull", False),
                        models.Q(("tti_type", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="service_report_submitted",
                violation_error_message="A report has a day of submission once submitted.",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicereport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("income_technical__isnull", True),
                    ("income_technical__gte", 0),
                    _connector="OR",
                ),
                name="service_report_income_technical",
                violation_error_message="An amount cannot be negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicereport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("income_programme__isnull", True),
                    ("income_programme__gte", 0),
                    _connector="OR",
                ),
                name="service_report_income_programme",
                violation_error_message="An amount cannot be negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicereport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("income_business__isnull", True), ("income_business__gte", 0), _connector="OR"
                ),
                name="service_report_income_business",
                violation_error_message="An amount cannot be negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicereport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("income_other__isnull", True), ("income_other__gte", 0), _connector="OR"
                ),
                name="service_report_income_other",
                violation_error_message="An amount cannot be negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicereport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("expenditure__isnull", True), ("expenditure__gte", 0), _connector="OR"
                ),
                name="service_report_expenditure",
                violation_error_message="An amount cannot be negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicereport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("other_amount__isnull", True), ("other_amount__gte", 0), _connector="OR"
                ),
                name="service_report_other_amount",
                violation_error_message="An amount cannot be negative.",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
