"""Referrals in alliances and commissions.

The database itself refuses to change what was accepted or approved:
- an agreement is frozen once both sides accepted it, and each side's acceptance once it is given;
- reports of a referral stay as they were written;
- a statement begins as a draft, and an approved one is never changed.
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
CREATE FUNCTION guard_referral_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - '{referring_person_id,closing_person_id}'::text[])
        = (to_jsonb(OLD) - '{referring_person_id,closing_person_id}'::text[]) THEN
        RETURN NEW;  -- an account that is gone; its name and time stay
    END IF;
    IF OLD.referring_at IS NOT NULL AND OLD.closing_at IS NOT NULL THEN
        RAISE EXCEPTION 'an accepted agreement is never changed; accept another one'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    IF (NEW.referral_id, NEW.number, NEW.referring_percent, NEW.closing_percent, NEW.text,
        NEW.digest) IS DISTINCT FROM (OLD.referral_id, OLD.number, OLD.referring_percent,
        OLD.closing_percent, OLD.text, OLD.digest)
        OR (OLD.referring_at IS NOT NULL AND (NEW.referring_at, NEW.referring_name)
            IS DISTINCT FROM (OLD.referring_at, OLD.referring_name))
        OR (OLD.closing_at IS NOT NULL AND (NEW.closing_at, NEW.closing_name)
            IS DISTINCT FROM (OLD.closing_at, OLD.closing_name)) THEN
        RAISE EXCEPTION 'what one side accepted is never changed'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referral_agreement_frozen BEFORE UPDATE OR DELETE ON deals_referralagreement
    FOR EACH ROW EXECUTE FUNCTION guard_referral_agreement();

CREATE FUNCTION refuse_report_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'author_id') = (to_jsonb(OLD) - 'author_id')
        AND NEW.author_id IS NULL THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a report is never changed'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER referral_report_kept BEFORE UPDATE OR DELETE ON deals_referralreport
    FOR EACH ROW EXECUTE FUNCTION refuse_report_change();

CREATE FUNCTION guard_commission_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'a statement begins as a draft'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'approved' THEN
        RAISE EXCEPTION 'an approved statement is frozen; reverse it'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    IF (to_jsonb(NEW) - '{number,state,approved_by_id,approved_at,version}'::text[])
        <> (to_jsonb(OLD) - '{number,state,approved_by_id,approved_at,version}'::text[]) THEN
        RAISE EXCEPTION 'a drafted statement is discarded and made anew, not edited'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER commission_statement_guarded BEFORE INSERT OR UPDATE OR DELETE
    ON deals_commissionstatement FOR EACH ROW EXECUTE FUNCTION guard_commission_statement();
"""
BACKWARD = """
DROP TRIGGER commission_statement_guarded ON deals_commissionstatement;
DROP TRIGGER referral_report_kept ON deals_referralreport;
DROP TRIGGER referral_agreement_frozen ON deals_referralagreement;
DROP FUNCTION guard_commission_statement();
DROP FUNCTION refuse_report_change();
DROP FUNCTION guard_referral_agreement();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_expert_profile"),
        ("contracts", "0013_rare_cells"),
        ("deals", "0017_disclosures"),
        ("listings", "0013_dismissed_proposals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="case",
            name="origin",
            field=models.CharField(
                choices=[
                    ("by_hand", "opened by hand"),
                    ("match", "from a match"),
                    ("introduction", "from an introduction"),
                    ("disclosure", "from a disclosure"),
                    ("request", "from a request to find a technology"),
                    ("referral", "from an alliance"),
                ],
                default="by_hand",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("won", "won"),
                    ("lost", "lost"),
                    ("declined", "declined by us"),
                    ("referred", "given to another institution"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("not_what_we_look_for", "not what we look for"),
                    ("immature", "not mature enough"),
                    ("too_dear", "too dear"),
                    ("cannot_communicate", "cannot communicate with the other side"),
                    ("funds", "no funds for it"),
                    ("terms", "no agreement on the terms"),
                    ("already_solved", "already solved"),
                    ("no_answer", "no answer"),
                    ("out_of_scope", "not in our field"),
                    ("no_capacity", "no capacity to carry it"),
                    ("conflict", "a conflict of interest"),
                    ("signed", "a contract was signed"),
                    ("founded", "a company was founded"),
                    ("in_use", "taken into use without a contract"),
                    ("handed_over", "handed over to a member of an alliance"),
                    ("taken_back", "taken back by the institution that referred it"),
                    ("other", "another reason"),
                ],
                max_length=24,
            ),
        ),
        migrations.CreateModel(
            name="AllianceTerms",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "referring_percent",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                    ),
                ),
                (
                    "claim_days",
                    models.PositiveSmallIntegerField(
                        default=14,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(365),
                        ],
                    ),
                ),
                (
                    "report_days",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(180),
                        ],
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "alliance",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="terms",
                        to="accounts.alliance",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BrokerageAgreement",
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
                    "client",
                    models.CharField(
                        max_length=160, validators=[marketplace.core.cleaning.PlainTextValidator()]
                    ),
                ),
                ("signed_on", models.DateField()),
                (
                    "currency",
                    models.CharField(
                        default="CNY",
                        max_length=3,
                        validators=[marketplace.core.codes.lists.KnownCode("currencies")],
                    ),
                ),
                ("tiers", models.JSONField(default=list)),
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
                        help_text="Costs that the client pays back, whether a contract is signed or not.",
                        max_digits=18,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="brokerage",
                        to="deals.case",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Referral",
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
                    "seeks",
                    models.CharField(
                        choices=[
                            ("provider", "a technology provider"),
                            ("taker", "a buyer or user of a technology"),
                            ("broker", "a broker for the region"),
                            ("other", "something else"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("hand_over", "hand the case over"),
                            ("share", "work on it together"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "choice",
                    models.CharField(
                        choices=[
                            ("first", "the first to claim"),
                            ("pick", "whom the referring institution chooses"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "referring_percent",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                    ),
                ),
                (
                    "closing_percent",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                    ),
                ),
                (
                    "claim_by",
                    models.DateField(help_text="The last day on which it can be claimed."),
                ),
                (
                    "report_days",
                    models.PositiveSmallIntegerField(
                        help_text="Days from one report to the next.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(180),
                        ],
                    ),
                ),
                ("report_by", models.DateField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("claimed", "claimed"),
                            ("carried", "carried on"),
                            ("ended", "ended"),
                            ("taken_back", "taken back"),
                            ("withdrawn", "withdrawn"),
                            ("expired", "expired"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "alliance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="referrals",
                        to="accounts.alliance",
                    ),
                ),
                (
                    "carried_case",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="carries",
                        to="deals.case",
                    ),
                ),
                (
                    "carrier",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="referrals",
                        to="deals.case",
                    ),
                ),
                (
                    "listing",
                    models.ForeignKey(
                        blank=True,
                        help_text="Shown to members as far as each may see it.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="listings.listing",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "publisher",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="referrals",
                        to="accounts.organisation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReferralAgreement",
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
                ("number", models.PositiveSmallIntegerField()),
                (
                    "referring_percent",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                    ),
                ),
                (
                    "closing_percent",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                    ),
                ),
                ("text", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                ("referring_name", models.CharField(blank=True, max_length=150)),
                ("referring_at", models.DateTimeField(blank=True, null=True)),
                ("closing_name", models.CharField(blank=True, max_length=150)),
                ("closing_at", models.DateTimeField(blank=True, null=True)),
                (
                    "closing_person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreements",
                        to="deals.referral",
                    ),
                ),
                (
                    "referring_person",
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
            name="CommissionStatement",
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
                ("terms", models.JSONField(help_text="The terms by which it was worked out.")),
                ("currency", models.CharField(max_length=3)),
                ("contract_number", models.CharField(blank=True, max_length=16)),
                (
                    "contract_amount",
                    models.DecimalField(decimal_places=2, default=0, max_digits=18),
                ),
                ("contract_currency", models.CharField(blank=True, max_length=3)),
                (
                    "rate",
                    models.DecimalField(blank=True, decimal_places=6, max_digits=14, null=True),
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
                    "received",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True),
                ),
                ("base", models.DecimalField(decimal_places=2, default=0, max_digits=20)),
                ("whole_fee", models.DecimalField(decimal_places=2, default=0, max_digits=20)),
                ("earned", models.DecimalField(decimal_places=2, default=0, max_digits=20)),
                ("before", models.DecimalField(decimal_places=2, default=0, max_digits=20)),
                ("fee", models.DecimalField(decimal_places=2, max_digits=20)),
                ("costs", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                (
                    "costs_for",
                    models.CharField(
                        blank=True,
                        max_length=400,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                ("total", models.DecimalField(decimal_places=2, max_digits=20)),
                (
                    "slices",
                    models.JSONField(default=list, help_text="Rows of part, percent and fee."),
                ),
                (
                    "referring_percent",
                    models.DecimalField(decimal_places=2, default=0, max_digits=5),
                ),
                ("referring_fee", models.DecimalField(decimal_places=2, default=0, max_digits=20)),
                ("closing_fee", models.DecimalField(decimal_places=2, max_digits=20)),
                (
                    "words",
                    models.CharField(
                        blank=True,
                        max_length=400,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
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
                    "brokerage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="deals.brokerageagreement",
                    ),
                ),
                (
                    "closing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contracts.contract",
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
                    "referring",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal",
                        to="deals.commissionstatement",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="deals.referralagreement",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ReferralClaim",
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
                    models.CharField(help_text="Of who claimed, as it was then.", max_length=150),
                ),
                (
                    "words",
                    models.TextField(
                        blank=True,
                        max_length=1000,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waits for an answer"),
                            ("chosen", "confirmed"),
                            ("declined", "declined"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "claimed_by",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="deals.referral",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="ReferralReport",
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
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="deals.referral",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.AddConstraint(
            model_name="brokerageagreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("minimum__isnull", True), ("minimum__gte", 0), _connector="OR"),
                name="brokerage_minimum",
                violation_error_message="An amount cannot be negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="brokerageagreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cap__isnull", True),
                    ("minimum__isnull", True),
                    ("cap__gte", models.F("minimum")),
                    _connector="OR",
                ),
                name="brokerage_cap_above_minimum",
                violation_error_message="The most is not below the least.",
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["alliance", "state", "-id"], name="referral_board"),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["publisher", "-id"], name="referral_of_publisher"),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["carrier", "-id"], name="referral_of_carrier"),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["claim_by"], name="referral_expires"
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                condition=models.Q(("state", "carried")),
                fields=["report_by"],
                name="referral_reports",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "closing_percent",
                        django.db.models.expressions.CombinedExpression(
                            models.Value(100), "-", models.F("referring_percent")
                        ),
                    ),
                    ("referring_percent__gte", 0),
                    ("closing_percent__gte", 0),
                ),
                name="referral_split_is_whole",
                violation_error_message="Both parts come to 100 percent.",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("carried_case__isnull", True), ("carrier__isnull", False), _connector="OR"
                ),
                name="referral_carried_by_somebody",
                violation_error_message="A case is carried on by an institution.",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "carried"), _negated=True),
                    models.Q(("carried_case__isnull", False), ("report_by__isnull", False)),
                    _connector="OR",
                ),
                name="referral_carried_with_case",
                violation_error_message="What is carried on has a case and a day of report.",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["carried", "claimed", "open"])),
                fields=("case",),
                name="referral_one_of_case",
                violation_error_message="This case is with an alliance already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="referralagreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "closing_percent",
                        django.db.models.expressions.CombinedExpression(
                            models.Value(100), "-", models.F("referring_percent")
                        ),
                    ),
                    ("referring_percent__gte", 0),
                    ("closing_percent__gte", 0),
                ),
                name="agreement_split_is_whole",
                violation_error_message="Both parts come to 100 percent.",
            ),
        ),
        migrations.AddConstraint(
            model_name="referralagreement",
            constraint=models.UniqueConstraint(
                fields=("referral", "number"),
                name="agreement_number_once",
                violation_error_message="This number is taken.",
            ),
        ),
        migrations.AddConstraint(
            model_name="referralagreement",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("referring_at__isnull", True), ("closing_at__isnull", True), _connector="OR"
                ),
                fields=("referral",),
                name="agreement_one_proposed",
                violation_error_message="Another split is proposed already.",
            ),
        ),
        migrations.AddIndex(
            model_name="commissionstatement",
            index=models.Index(
                condition=models.Q(("referring__isnull", False), ("state", "approved")),
                fields=["referring", "-id"],
                name="commission_of_referring",
            ),
        ),
        migrations.AddConstraint(
            model_name="commissionstatement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "total",
                        django.db.models.expressions.CombinedExpression(
                            models.F("fee"), "+", models.F("costs")
                        ),
                    ),
                    (
                        "fee",
                        django.db.models.expressions.CombinedExpression(
                            models.F("referring_fee"), "+", models.F("closing_fee")
                        ),
                    ),
                ),
                name="commission_adds_up",
                violation_error_message="Both parts come to the fee, fee and costs to the sum.",
            ),
        ),
        migrations.AddConstraint(
            model_name="commissionstatement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("costs__gte", 0), ("fee__gte", 0), ("reverses__isnull", True)),
                    models.Q(("costs__lte", 0), ("fee__lte", 0), ("reverses__isnull", False)),
                    _connector="OR",
                ),
                name="commission_negative_when_reversal",
                violation_error_message="Only a reversal is negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="commissionstatement",
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
                name="commission_numbered",
                violation_error_message="A statement has a number exactly when approved.",
            ),
        ),
        migrations.AddConstraint(
            model_name="commissionstatement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by__isnull", True),
                    ("made_by__isnull", True),
                    models.Q(("approved_by", models.F("made_by")), _negated=True),
                    _connector="OR",
                ),
                name="commission_second_person",
                violation_error_message="A statement is approved by another person.",
            ),
        ),
        migrations.AddConstraint(
            model_name="commissionstatement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("brokerage",),
                name="commission_one_draft",
                violation_error_message="A draft of a statement waits already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="commissionstatement",
            constraint=models.UniqueConstraint(
                fields=("brokerage", "number"),
                name="commission_number_once",
                violation_error_message="This number is taken.",
            ),
        ),
        migrations.AddConstraint(
            model_name="referralclaim",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["waiting", "chosen"])),
                fields=("referral", "organisation"),
                name="referral_claimed_once",
                violation_error_message="Your institution has claimed it already.",
            ),
        ),
        migrations.AddIndex(
            model_name="referralreport",
            index=models.Index(fields=["referral", "-id"], name="report_of_referral"),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
