"""Income of contracts and its distribution.

The database itself refuses to change what was entered or approved:
- receipts and costs are append-only; an account keeps its organisation, number and currency;
- a run becomes approved only when its items, lines and figures add up, and is then never changed;
- its items and lines stay; a receipt is let go only when an approved run reverses it.
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
CREATE FUNCTION refuse_money_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'money that was entered is never edited; reverse it'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER receipt_append_only BEFORE UPDATE OR DELETE ON deals_receipt
    FOR EACH ROW EXECUTE FUNCTION refuse_money_change();
CREATE TRIGGER cost_append_only BEFORE UPDATE OR DELETE ON deals_licencecost
    FOR EACH ROW EXECUTE FUNCTION refuse_money_change();

CREATE FUNCTION refuse_account_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.organisation_id, NEW.number, NEW.currency)
        IS DISTINCT FROM (OLD.organisation_id, OLD.number, OLD.currency) THEN
        RAISE EXCEPTION 'an account keeps its organisation, number and currency'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER income_account_kept BEFORE UPDATE ON deals_incomeaccount
    FOR EACH ROW EXECUTE FUNCTION refuse_account_change();

CREATE FUNCTION guard_distribution_run() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    items numeric; taken numeric; shared numeric; inventors numeric; parts numeric; rows bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'a run begins as a draft'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'approved' THEN
        RAISE EXCEPTION 'an approved run is frozen; reverse it'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    IF NEW.state = 'approved' THEN
        SELECT coalesce(sum(amount), 0), count(*) INTO items, rows
            FROM deals_distributionitem WHERE run_id = NEW.id;
        SELECT coalesce(sum(amount) FILTER (WHERE kind = 'deduction'), 0),
               coalesce(sum(amount) FILTER (WHERE kind = 'share'), 0),
               coalesce(sum(amount) FILTER (WHERE kind = 'share' AND code = 'inventors'), 0),
               coalesce(sum(amount) FILTER (WHERE kind = 'inventor'), 0)
            INTO taken, shared, inventors, parts
            FROM deals_distributionline WHERE run_id = NEW.id;
        IF items <> NEW.gross OR taken <> NEW.deducted OR shared <> NEW.net OR parts <> inventors
            OR rows <> NEW.receipts_count THEN
            RAISE EXCEPTION 'the run does not add up'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER distribution_run_guarded BEFORE INSERT OR UPDATE OR DELETE ON deals_distributionrun
    FOR EACH ROW EXECUTE FUNCTION guard_distribution_run();

CREATE FUNCTION refuse_approved_run_part_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parents bigint[] := ARRAY[]::bigint[];
BEGIN
    IF TG_OP <> 'INSERT' THEN parents := parents || OLD.run_id; END IF;
    IF TG_OP <> 'DELETE' THEN parents := parents || NEW.run_id; END IF;
    IF NOT EXISTS (
        SELECT 1 FROM deals_distributionrun WHERE id = ANY(parents) AND state = 'approved'
    ) THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'holds') = (to_jsonb(OLD) - 'holds')
        AND to_jsonb(OLD) ->> 'holds' = 'true' AND to_jsonb(NEW) ->> 'holds' = 'false'
        AND EXISTS (
            SELECT 1 FROM deals_distributionrun
            WHERE reverses_id = OLD.run_id AND state = 'approved'
        ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'parts of an approved run are never changed'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER distribution_item_frozen BEFORE INSERT OR UPDATE OR DELETE
    ON deals_distributionitem FOR EACH ROW EXECUTE FUNCTION refuse_approved_run_part_change();
CREATE TRIGGER distribution_line_frozen BEFORE INSERT OR UPDATE OR DELETE
    ON deals_distributionline FOR EACH ROW EXECUTE FUNCTION refuse_approved_run_part_change();
"""
BACKWARD = """
DROP TRIGGER distribution_line_frozen ON deals_distributionline;
DROP TRIGGER distribution_item_frozen ON deals_distributionitem;
DROP TRIGGER distribution_run_guarded ON deals_distributionrun;
DROP TRIGGER income_account_kept ON deals_incomeaccount;
DROP TRIGGER cost_append_only ON deals_licencecost;
DROP TRIGGER receipt_append_only ON deals_receipt;
DROP FUNCTION refuse_approved_run_part_change();
DROP FUNCTION guard_distribution_run();
DROP FUNCTION refuse_account_change();
DROP FUNCTION refuse_money_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_expert_profile"),
        ("contracts", "0013_rare_cells"),
        ("deals", "0015_rooms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="IncomeAccount",
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
                    "number",
                    models.CharField(
                        max_length=16,
                        validators=[django.core.validators.RegexValidator("^\\d{16}$")],
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        max_length=3,
                        validators=[marketplace.core.codes.lists.KnownCode("currencies")],
                    ),
                ),
                ("scheme", models.CharField(blank=True, max_length=40)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "contract",
                    models.ForeignKey(
                        help_text="The edition with which it was opened; today's has the same number.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contracts.contract",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="income_accounts",
                        to="accounts.organisation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DistributionRun",
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
                ("number", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "draft"), ("approved", "approved")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("up_to", models.DateField()),
                ("scheme", models.CharField(max_length=40)),
                ("currency", models.CharField(max_length=3)),
                ("gross", models.DecimalField(decimal_places=2, max_digits=20)),
                ("deducted", models.DecimalField(decimal_places=2, max_digits=20)),
                (
                    "costs",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="Of what was deducted: costs recovered.",
                        max_digits=20,
                    ),
                ),
                ("net", models.DecimalField(decimal_places=2, max_digits=20)),
                ("cumulative", models.DecimalField(decimal_places=2, max_digits=20)),
                ("receipts_count", models.PositiveIntegerField()),
                ("words", models.CharField(blank=True, max_length=400)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
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
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal",
                        to="deals.distributionrun",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="deals.incomeaccount",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Beneficiary",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "name",
                    models.CharField(
                        max_length=120, validators=[marketplace.core.cleaning.PlainTextValidator()]
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254)),
                (
                    "percent",
                    models.DecimalField(
                        decimal_places=4,
                        max_digits=7,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.0001"))],
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="beneficiaries",
                        to="deals.incomeaccount",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="LicenceCost",
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
                            ("patent", "patent cost"),
                            ("legal", "legal cost"),
                            ("marketing", "marketing"),
                            ("other", "other cost"),
                        ],
                        max_length=12,
                    ),
                ),
                ("spent_on", models.DateField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=18)),
                (
                    "note",
                    models.CharField(
                        blank=True,
                        max_length=400,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="costs",
                        to="deals.incomeaccount",
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal",
                        to="deals.licencecost",
                    ),
                ),
            ],
            options={
                "ordering": ["-spent_on", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
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
                    "purpose",
                    models.CharField(
                        choices=[
                            ("upfront", "upfront fee"),
                            ("instalment", "instalment"),
                            ("lump_sum", "whole amount"),
                            ("royalty", "royalty"),
                            ("minimum", "minimum royalty"),
                            ("patent_cost", "reimbursement of costs"),
                            ("equity", "proceeds of equity"),
                            ("other", "other income"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "instalment",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                    ),
                ),
                ("received_on", models.DateField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=18)),
                (
                    "currency",
                    models.CharField(
                        max_length=3,
                        validators=[marketplace.core.codes.lists.KnownCode("currencies")],
                    ),
                ),
                (
                    "rate",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        help_text="Units of the account's currency for one unit of another.",
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
                ("booked", models.DecimalField(decimal_places=2, max_digits=18)),
                (
                    "reference",
                    models.CharField(
                        blank=True,
                        max_length=80,
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
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="deals.incomeaccount",
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal",
                        to="deals.receipt",
                    ),
                ),
            ],
            options={
                "ordering": ["-received_on", "-id"],
            },
        ),
        migrations.CreateModel(
            name="DistributionItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=18)),
                ("holds", models.BooleanField(default=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="deals.distributionrun",
                    ),
                ),
                (
                    "receipt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="deals.receipt",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DistributionLine",
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
                ("position", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("deduction", "deduction"),
                            ("share", "share"),
                            ("inventor", "inventor"),
                        ],
                        max_length=10,
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=40)),
                ("name_en", models.CharField(max_length=120)),
                ("name_zh", models.CharField(max_length=120)),
                ("email", models.EmailField(blank=True, max_length=254)),
                (
                    "parts",
                    models.JSONField(
                        default=list,
                        help_text="How it was worked out: rows of amount, weight, of the whole.",
                    ),
                ),
                ("rounding", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=20)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="deals.distributionrun",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("kind", "inventor"), models.Q(("email", ""), _negated=True)
                        ),
                        fields=["email", "-id"],
                        name="statements_of_person",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("run", "position"),
                        name="run_line_once",
                        violation_error_message="This line stands there already.",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="incomeaccount",
            index=models.Index(fields=["organisation", "-id"], name="income_of_organisation"),
        ),
        migrations.AddConstraint(
            model_name="incomeaccount",
            constraint=models.UniqueConstraint(
                fields=("organisation", "number"),
                name="income_account_once",
                violation_error_message="The income of this contract is kept already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="distributionrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "gross",
                        django.db.models.expressions.CombinedExpression(
                            models.F("deducted"), "+", models.F("net")
                        ),
                    )
                ),
                name="run_adds_up",
                violation_error_message="Deductions and net income come to the income.",
            ),
        ),
        migrations.AddConstraint(
            model_name="distributionrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("approved_at__isnull", True), ("number__isnull", True), ("state", "draft")
                    ),
                    models.Q(
                        ("approved_at__isnull", False),
                        ("number__isnull", False),
                        ("state", "approved"),
                    ),
                    _connector="OR",
                ),
                name="run_numbered_when_approved",
                violation_error_message="A run has a number exactly when it is approved.",
            ),
        ),
        migrations.AddConstraint(
            model_name="distributionrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by__isnull", True),
                    ("made_by__isnull", True),
                    models.Q(("approved_by", models.F("made_by")), _negated=True),
                    _connector="OR",
                ),
                name="run_second_person",
                violation_error_message="A run is approved by another person.",
            ),
        ),
        migrations.AddConstraint(
            model_name="distributionrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("account",),
                name="run_one_draft",
                violation_error_message="A draft of a run waits already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="distributionrun",
            constraint=models.UniqueConstraint(
                fields=("account", "number"),
                name="run_number_once",
                violation_error_message="This number is taken.",
            ),
        ),
        migrations.AddConstraint(
            model_name="beneficiary",
            constraint=models.CheckConstraint(
                condition=models.Q(("percent__gt", 0), ("percent__lte", 100)),
                name="beneficiary_percent",
                violation_error_message="A part lies above 0 and up to 100 percent.",
            ),
        ),
        migrations.AddConstraint(
            model_name="beneficiary",
            constraint=models.UniqueConstraint(
                fields=("account", "name"),
                name="beneficiary_once",
                violation_error_message="Everybody is named once.",
            ),
        ),
        migrations.AddIndex(
            model_name="licencecost",
            index=models.Index(fields=["account", "-spent_on", "-id"], name="cost_of_account"),
        ),
        migrations.AddConstraint(
            model_name="licencecost",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__gt", 0), ("reverses__isnull", True)),
                    models.Q(("amount__lt", 0), ("reverses__isnull", False)),
                    _connector="OR",
                ),
                name="licence_cost_negative_when_reversal",
                violation_error_message="Only a reversal is negative.",
            ),
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(
                fields=["account", "-received_on", "-id"], name="receipt_of_account"
            ),
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__gt", 0), ("booked__gte", 0), ("reverses__isnull", True)),
                    models.Q(("amount__lt", 0), ("booked__lte", 0), ("reverses__isnull", False)),
                    _connector="OR",
                ),
                name="receipt_negative_when_reversal",
                violation_error_message="Only a reversal is negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("booked", models.F("amount")), ("rate__isnull", True)),
                    ("rate__gt", 0),
                    _connector="OR",
                ),
                name="receipt_booked_at_rate",
                violation_error_message="Another currency needs a rate.",
            ),
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("instalment__isnull", True), ("purpose", "instalment"), _connector="OR"
                ),
                name="receipt_instalment_number",
                violation_error_message="Only an instalment has a number.",
            ),
        ),
        migrations.AddConstraint(
            model_name="distributionitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("holds", True)),
                fields=("receipt",),
                name="receipt_in_one_run",
                violation_error_message="A receipt is distributed once.",
            ),
        ),
        migrations.AddConstraint(
            model_name="distributionitem",
            constraint=models.UniqueConstraint(
                fields=("run", "receipt"),
                name="receipt_once_in_run",
                violation_error_message="A receipt stands once in a run.",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
