"""Settings of institutions, their own agreements, and schemes of distribution of an organisation's
own. What was accepted or distributed by is never changed: the database holds it."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import marketplace.core.cleaning
import marketplace.core.codes.lists
import marketplace.core.public_id

FORWARD = """
CREATE FUNCTION guard_centre_nda() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'written_by_id') = (to_jsonb(OLD) - 'written_by_id')
        AND NEW.written_by_id IS NULL THEN
        RETURN NEW;  -- an account that is gone
    END IF;
    RAISE EXCEPTION 'the text of an agreement is never changed; write another version'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER centre_nda_frozen BEFORE UPDATE OR DELETE ON deals_centrenda
    FOR EACH ROW EXECUTE FUNCTION guard_centre_nda();

CREATE FUNCTION guard_own_scheme() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'a scheme begins as a draft'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'approved' THEN
        RAISE EXCEPTION 'an approved scheme is never changed; write another version'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    IF (NEW.organisation_id, NEW.family, NEW.edition)
        IS DISTINCT FROM (OLD.organisation_id, OLD.family, OLD.edition) THEN
        RAISE EXCEPTION 'a scheme stays where it is'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER own_scheme_guarded BEFORE INSERT OR UPDATE OR DELETE ON deals_ownscheme
    FOR EACH ROW EXECUTE FUNCTION guard_own_scheme();
"""
BACKWARD = """
DROP TRIGGER own_scheme_guarded ON deals_ownscheme;
DROP TRIGGER centre_nda_frozen ON deals_centrenda;
DROP FUNCTION guard_own_scheme();
DROP FUNCTION guard_centre_nda();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_expert_profile"),
        ("deals", "0024_service_reports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CentreNda",
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
                ("number", models.PositiveIntegerField()),
                (
                    "title_en",
                    models.CharField(
                        blank=True,
                        max_length=160,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                (
                    "title_zh",
                    models.CharField(
                        blank=True,
                        max_length=160,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                (
                    "text_en",
                    models.TextField(
                        blank=True,
                        max_length=20000,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                (
                    "text_zh",
                    models.TextField(
                        blank=True,
                        max_length=20000,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                (
                    "binding",
                    models.CharField(
                        choices=[
                            ("both", "both texts are equally valid"),
                            ("zh", "the Chinese text is binding"),
                            ("en", "the English text is binding"),
                        ],
                        default="both",
                        max_length=4,
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="nda_texts",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
            },
        ),
        migrations.CreateModel(
            name="CentreSettings",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        default="CNY",
                        max_length=3,
                        validators=[marketplace.core.codes.lists.KnownCode("currencies")],
                    ),
                ),
                ("tiers", models.JSONField(blank=True, default=list)),
                (
                    "minimum",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True),
                ),
                (
                    "cap",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True),
                ),
                (
                    "due",
                    models.CharField(
                        choices=[
                            ("signing", "once the contract is registered"),
                            ("receipts", "as payments under the contract come in"),
                        ],
                        default="signing",
                        max_length=10,
                    ),
                ),
                (
                    "costs_cap",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        max_digits=18,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "referring_percent",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="The institution's part of the fee where it refers a case.",
                        max_digits=5,
                        null=True,
                    ),
                ),
                (
                    "takers",
                    models.CharField(
                        choices=[
                            ("all", "every broker"),
                            ("qualified", "brokers whose certificate is valid on the day"),
                            ("named", "the people named here"),
                        ],
                        default="all",
                        max_length=10,
                    ),
                ),
                ("pipeline", models.CharField(blank=True, max_length=30)),
                (
                    "reading",
                    models.CharField(
                        choices=[
                            ("all", "all cases of the institution"),
                            ("own", "their own cases; owners all of them"),
                        ],
                        default="all",
                        max_length=4,
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(default=0, help_text="Rises with every change."),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "nda",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="deals.centrenda",
                    ),
                ),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="centre_settings",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "people",
                    models.ManyToManyField(
                        blank=True, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OwnScheme",
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
                ("family", models.CharField(max_length=10)),
                ("edition", models.PositiveIntegerField()),
                ("document", models.JSONField()),
                ("valid_from", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "draft"), ("approved", "approved")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="own_schemes",
                        to="accounts.organisation",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="centrenda",
            constraint=models.UniqueConstraint(
                fields=("organisation", "number"),
                name="centre_nda_number",
                violation_error_message="This version is there already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="centrenda",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("text_en", ""), _negated=True),
                        models.Q(("text_zh", ""), _negated=True),
                    ),
                    models.Q(("binding", "en"), models.Q(("text_en", ""), _negated=True)),
                    models.Q(("binding", "zh"), models.Q(("text_zh", ""), _negated=True)),
                    _connector="OR",
                ),
                name="centre_nda_has_text",
                violation_error_message="The text that is binding must be there.",
            ),
        ),
        migrations.AddConstraint(
            model_name="centresettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("minimum__isnull", True), ("minimum__gte", 0), _connector="OR"),
                name="centre_minimum",
                violation_error_message="An amount cannot be negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="centresettings",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cap__isnull", True),
                    ("minimum__isnull", True),
                    ("cap__gte", models.F("minimum")),
                    _connector="OR",
                ),
                name="centre_cap_above_minimum",
                violation_error_message="The most is not below the least.",
            ),
        ),
        migrations.AddConstraint(
            model_name="centresettings",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("referring_percent__isnull", True),
                    models.Q(("referring_percent__gte", 0), ("referring_percent__lte", 100)),
                    _connector="OR",
                ),
                name="centre_referring_percent",
                violation_error_message="A percentage lies between 0 and 100.",
            ),
        ),
        migrations.AddIndex(
            model_name="ownscheme",
            index=models.Index(fields=["organisation", "-id"], name="own_scheme_of"),
        ),
        migrations.AddConstraint(
            model_name="ownscheme",
            constraint=models.UniqueConstraint(
                fields=("family", "edition"),
                name="own_scheme_edition",
                violation_error_message="This version is there already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownscheme",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("family",),
                name="own_scheme_one_draft",
                violation_error_message="A draft of this scheme waits already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownscheme",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "approved")),
                fields=("family", "valid_from"),
                name="own_scheme_one_a_day",
                violation_error_message="Another version holds from this day.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownscheme",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at__isnull", True), ("state", "draft")),
                    models.Q(("approved_at__isnull", False), ("state", "approved")),
                    _connector="OR",
                ),
                name="own_scheme_dated_when_approved",
                violation_error_message="A scheme has a time exactly when it is approved.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownscheme",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by__isnull", True),
                    ("made_by__isnull", True),
                    models.Q(("approved_by", models.F("made_by")), _negated=True),
                    _connector="OR",
                ),
                name="own_scheme_second_person",
                violation_error_message="A scheme is approved by another person.",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
