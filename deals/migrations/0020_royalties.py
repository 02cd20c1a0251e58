"""Royalty statements of licensees.

The database itself refuses to change what was stated and answered, and a period's contract,
licensee and days.
"""

from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import marketplace.core.cleaning
import marketplace.core.codes.lists
import marketplace.core.public_id

FORWARD = """
CREATE FUNCTION refuse_royalty_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was stated of a royalty is never changed; it is replaced'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER royalty_statement_append_only BEFORE UPDATE OR DELETE ON deals_royaltystatement
    FOR EACH ROW EXECUTE FUNCTION refuse_royalty_change();
CREATE TRIGGER royalty_answer_append_only BEFORE UPDATE OR DELETE ON deals_royaltyanswer
    FOR EACH ROW EXECUTE FUNCTION refuse_royalty_change();

CREATE FUNCTION guard_royalty_period() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moving text[] := ARRAY['state', 'version', 'updated_at'];
BEGIN
    IF (to_jsonb(NEW) - moving) IS DISTINCT FROM (to_jsonb(OLD) - moving) THEN
        RAISE EXCEPTION 'a period of royalty keeps its contract, licensee and days'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER royalty_period_kept BEFORE UPDATE ON deals_royaltyperiod
    FOR EACH ROW EXECUTE FUNCTION guard_royalty_period();
"""
BACKWARD = """
DROP TRIGGER royalty_period_kept ON deals_royaltyperiod;
DROP TRIGGER royalty_answer_append_only ON deals_royaltyanswer;
DROP TRIGGER royalty_statement_append_only ON deals_royaltystatement;
DROP FUNCTION guard_royalty_period();
DROP FUNCTION refuse_royalty_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_expert_profile"),
        ("contracts", "0014_register_search"),
        ("deals", "0019_tenders"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RoyaltyPeriod",
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
                ("number", models.CharField(max_length=16)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("due_on", models.DateField(help_text="By when it is stated.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("due", "due"),
                            ("submitted", "submitted"),
                            ("queried", "queried"),
                            ("accepted", "accepted"),
                        ],
                        default="due",
                        max_length=9,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contracts.contract",
                    ),
                ),
                (
                    "licensee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "ordering": ["-ends_on", "-id"],
            },
        ),
        migrations.CreateModel(
            name="RoyaltyStatement",
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
                    "position",
                    models.PositiveSmallIntegerField(
                        help_text="1 for the first, then corrections."
                    ),
                ),
                (
                    "sales",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=18,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        max_length=3,
                        validators=[marketplace.core.codes.lists.KnownCode("currencies")],
                    ),
                ),
                (
                    "deductions",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("0"),
                        max_digits=18,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                    ),
                ),
                (
                    "deductions_note",
                    models.CharField(
                        blank=True,
                        max_length=400,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                (
                    "units",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=16,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                    ),
                ),
                (
                    "rate",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        help_text="Units of the contract's currency for one unit of another.",
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.000001"))],
                    ),
                ),
                (
                    "rate_source",
                    models.CharField(
                        blank=True,
                        max_length=120,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                (
                    "note",
                    models.CharField(
                        blank=True,
                        max_length=400,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                ("base", models.DecimalField(decimal_places=2, max_digits=18)),
                ("before", models.DecimalField(decimal_places=2, max_digits=18)),
                ("earlier", models.DecimalField(decimal_places=2, max_digits=18)),
                ("royalty", models.DecimalField(decimal_places=2, max_digits=18)),
                ("topped_up", models.DecimalField(decimal_places=2, max_digits=18)),
                ("owed", models.DecimalField(decimal_places=2, max_digits=18)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="deals.royaltyperiod",
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-position"],
            },
        ),
        migrations.CreateModel(
            name="RoyaltyAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[("queried", "queried"), ("accepted", "accepted")], max_length=8
                    ),
                ),
                (
                    "words",
                    models.CharField(
                        blank=True,
                        max_length=1000,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "decided_by",
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
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "statement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answer",
                        to="deals.royaltystatement",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="royaltyperiod",
            index=models.Index(fields=["licensee", "-ends_on", "-id"], name="royalty_of_licensee"),
        ),
        migrations.AddIndex(
            model_name="royaltyperiod",
            index=models.Index(fields=["contract", "-ends_on", "-id"], name="royalty_of_contract"),
        ),
        migrations.AddIndex(
            model_name="royaltyperiod",
            index=models.Index(
                condition=models.Q(("state__in", ["due", "queried"])),
                fields=["due_on"],
                name="royalty_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="royaltyperiod",
            constraint=models.UniqueConstraint(
                fields=("number", "licensee", "ends_on"),
                name="royalty_period_once",
                violation_error_message="This period is there already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="royaltyperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="royalty_period_range",
                violation_error_message="A period ends after it begins.",
            ),
        ),
        migrations.AddConstraint(
            model_name="royaltystatement",
            constraint=models.UniqueConstraint(
                fields=("period", "position"),
                name="royalty_statement_once",
                violation_error_message="This statement is there already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="royaltystatement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("base__gte", 0),
                    ("before__gte", 0),
                    ("deductions__gte", 0),
                    ("deductions__lte", models.F("sales")),
                    ("earlier__gte", 0),
                    (
                        "owed",
                        django.db.models.expressions.CombinedExpression(
                            models.F("royalty"), "+", models.F("topped_up")
                        ),
                    ),
                    ("royalty__gte", 0),
                    ("sales__gte", 0),
                    ("topped_up__gte", 0),
                ),
                name="royalty_statement_sums",
                violation_error_message="The sums of a statement do not agree.",
            ),
        ),
        migrations.AddConstraint(
            model_name="royaltystatement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "base",
                            django.db.models.expressions.CombinedExpression(
                                models.F("sales"), "-", models.F("deductions")
                            ),
                        ),
                        ("rate__isnull", True),
                    ),
                    ("rate__gt", 0),
                    _connector="OR",
                ),
                name="royalty_statement_rate",
                violation_error_message="Another currency needs a rate.",
            ),
        ),
        migrations.AddConstraint(
            model_name="royaltyanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("verdict", "accepted"),
                    models.Q(("verdict", "queried"), models.Q(("words", ""), _negated=True)),
                    _connector="OR",
                ),
                name="royalty_query_has_words",
                violation_error_message="Say what you ask.",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
