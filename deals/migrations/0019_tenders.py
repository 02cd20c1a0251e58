"""Sales by sealed tender and open auction.

The database itself refuses to change what bidders rely on:
- the rules of an announced sale; its end only moves on, and what has ended stays as it is;
- bids and deposits are append-only; what was read from a sealed bid is read once;
- a result is signed once and otherwise never changed.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import marketplace.core.cleaning
import marketplace.core.codes.lists
import marketplace.core.public_id

FORWARD = """
CREATE FUNCTION refuse_sale_row_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'bids and deposits of a sale are never changed'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER sale_bid_append_only BEFORE UPDATE OR DELETE ON deals_salebid
    FOR EACH ROW EXECUTE FUNCTION refuse_sale_row_change();
CREATE TRIGGER sale_deposit_append_only BEFORE UPDATE OR DELETE ON deals_saledeposit
    FOR EACH ROW EXECUTE FUNCTION refuse_sale_row_change();

CREATE FUNCTION guard_sale() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moving text[] := ARRAY[
        'state', 'ends_at', 'extensions', 'last_bid', 'last_bidder', 'current_price', 'leader_id',
        'peeled_at', 'opened_at', 'reveal_until', 'match_bidder_id', 'match_until', 'winner_id',
        'price', 'failed_because', 'reason', 'ended_at', 'room_id', 'version', 'updated_at',
        'written_by_id'];
    still text[] := ARRAY['room_id', 'version', 'updated_at', 'written_by_id'];
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'a sale begins as a draft'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'draft' THEN
            RAISE EXCEPTION 'an announced sale is never deleted'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.state = 'draft' THEN RETURN NEW; END IF;
    IF OLD.state IN ('decided', 'failed', 'cancelled') THEN moving := still; END IF;
    IF (to_jsonb(NEW) - moving) IS DISTINCT FROM (to_jsonb(OLD) - moving)
        OR NEW.ends_at < OLD.ends_at OR NEW.last_bid < OLD.last_bid OR NEW.state = 'draft' THEN
        RAISE EXCEPTION 'the rules of an announced sale are frozen'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sale_guarded BEFORE INSERT OR UPDATE OR DELETE ON deals_sale
    FOR EACH ROW EXECUTE FUNCTION guard_sale();

CREATE FUNCTION guard_opened_bid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.amount IS NOT NULL OR NEW.bid_id <> OLD.bid_id THEN
        RAISE EXCEPTION 'a sealed bid is read once'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER opened_bid_guarded BEFORE UPDATE OR DELETE ON deals_openedbid
    FOR EACH ROW EXECUTE FUNCTION guard_opened_bid();

CREATE FUNCTION guard_sale_result() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.signature <> ''
        OR (NEW.sale_id, NEW.facts, NEW.facts_sha256)
            IS DISTINCT FROM (OLD.sale_id, OLD.facts, OLD.facts_sha256) THEN
        RAISE EXCEPTION 'the result of a sale is never changed'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sale_result_guarded BEFORE UPDATE OR DELETE ON deals_saleresult
    FOR EACH ROW EXECUTE FUNCTION guard_sale_result();
"""
BACKWARD = """
DROP TRIGGER sale_result_guarded ON deals_saleresult;
DROP TRIGGER opened_bid_guarded ON deals_openedbid;
DROP TRIGGER sale_guarded ON deals_sale;
DROP TRIGGER sale_deposit_append_only ON deals_saledeposit;
DROP TRIGGER sale_bid_append_only ON deals_salebid;
DROP FUNCTION guard_sale_result();
DROP FUNCTION guard_opened_bid();
DROP FUNCTION guard_sale();
DROP FUNCTION refuse_sale_row_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_expert_profile"),
        ("deals", "0018_referrals"),
        ("listings", "0013_dismissed_proposals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Sale",
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
                        choices=[("tender", "sealed tender"), ("auction", "open auction")],
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("announced", "announced"),
                            ("open", "open for bids"),
                            ("closed", "bidding closed"),
                            ("matching", "first refusal"),
                            ("decided", "sold"),
                            ("failed", "not sold"),
                            ("cancelled", "cancelled"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                (
                    "sold",
                    models.CharField(
                        choices=[("licence", "licence"), ("assignment", "assignment")],
                        default="licence",
                        max_length=10,
                    ),
                ),
                (
                    "exclusivity",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("exclusive", "exclusive"),
                            ("sole", "sole"),
                            ("ordinary", "ordinary"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "field_of_use",
                    models.CharField(
                        blank=True,
                        max_length=300,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                (
                    "territory",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                (
                    "terms_en",
                    models.TextField(
                        blank=True,
                        max_length=2000,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                (
                    "terms_zh",
                    models.TextField(
                        blank=True,
                        max_length=2000,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
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
                ("start_price", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("increment", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                (
                    "reserve",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True),
                ),
                ("starts_at", models.DateTimeField(blank=True, null=True)),
                ("planned_end", models.DateTimeField(blank=True, null=True)),
                (
                    "ends_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="The planned end, moved by late bids of an auction.",
                        null=True,
                    ),
                ),
                ("extension_minutes", models.PositiveSmallIntegerField(default=0)),
                ("max_extensions", models.PositiveSmallIntegerField(default=0)),
                ("extensions", models.PositiveSmallIntegerField(default=0)),
                (
                    "access",
                    models.CharField(
                        choices=[
                            ("verified", "every verified organisation"),
                            ("invited", "invited organisations only"),
                        ],
                        default="verified",
                        max_length=8,
                    ),
                ),
                (
                    "publicity",
                    models.CharField(
                        choices=[
                            ("nothing", "nothing about bids"),
                            ("count", "the number of bids"),
                            ("price", "the number of bids and the price"),
                        ],
                        default="count",
                        max_length=8,
                    ),
                ),
                ("deposit", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("deposit_until", models.DateTimeField(blank=True, null=True)),
                (
                    "sme_days",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="Days of the first refusal of small and medium enterprises; 0: none",
                    ),
                ),
                (
                    "poster_key",
                    models.CharField(blank=True, help_text="Public, hexadecimal.", max_length=64),
                ),
                (
                    "opener_key",
                    models.CharField(blank=True, help_text="Public, hexadecimal.", max_length=64),
                ),
                (
                    "last_bid",
                    models.PositiveIntegerField(default=0, help_text="Number of its newest bid."),
                ),
                ("last_bidder", models.PositiveSmallIntegerField(default=0)),
                (
                    "current_price",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True),
                ),
                (
                    "peeled_at",
                    models.DateTimeField(blank=True, help_text="By the opener's key.", null=True),
                ),
                (
                    "opened_at",
                    models.DateTimeField(blank=True, help_text="By the poster's key.", null=True),
                ),
                ("reveal_until", models.DateTimeField(blank=True, null=True)),
                ("match_until", models.DateTimeField(blank=True, null=True)),
                (
                    "price",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True),
                ),
                (
                    "failed_because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no_bid", "nobody bid"),
                            ("reserve", "the reserve price was not met"),
                            ("not_revealed", "no bid could be read"),
                        ],
                        max_length=12,
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
                (
                    "version",
                    models.PositiveIntegerField(default=1, help_text="Rises with every change."),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("announced_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "listing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="listings.listing",
                    ),
                ),
                (
                    "opener",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "poster",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "room",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="sale",
                        to="deals.dealroom",
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
        ),
        migrations.CreateModel(
            name="SaleBid",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("open", "bid"),
                            ("sealed", "sealed bid"),
                            ("withdrawal", "withdrawal"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True),
                ),
                ("commitment", models.CharField(blank=True, max_length=64)),
                ("sealed", models.BinaryField(blank=True, default=b"")),
                ("as_proxy", models.BooleanField(default=False)),
                (
                    "placed_at",
                    models.DateTimeField(help_text="By the database's clock, under the lock."),
                ),
                (
                    "sale",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bids",
                        to="deals.sale",
                    ),
                ),
                (
                    "signed_by",
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
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="OpenedBid",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "inner",
                    models.BinaryField(
                        blank=True, default=b"", help_text="Sealed for the poster yet."
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True),
                ),
                (
                    "way",
                    models.CharField(
                        blank=True,
                        choices=[("key", "by the key"), ("receipt", "by the bidder’s receipt")],
                        max_length=8,
                    ),
                ),
                (
                    "is_faulty",
                    models.BooleanField(default=False, help_text="The key did not open it."),
                ),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                (
                    "bid",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opened",
                        to="deals.salebid",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SaleBidder",
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
                ("number", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("invited", "invited"),
                            ("applied", "applied"),
                            ("admitted", "admitted"),
                            ("refused", "not admitted"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "is_sme",
                    models.BooleanField(default=False, help_text="As it declared when it applied."),
                ),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        max_length=400,
                        validators=[marketplace.core.cleaning.PlainTextValidator()],
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "applied_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
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
                    "sale",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bidders",
                        to="deals.sale",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="salebid",
            name="bidder",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bids",
                to="deals.salebidder",
            ),
        ),
        migrations.AddField(
            model_name="sale",
            name="leader",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="deals.salebidder",
            ),
        ),
        migrations.AddField(
            model_name="sale",
            name="match_bidder",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="deals.salebidder",
            ),
        ),
        migrations.AddField(
            model_name="sale",
            name="winner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="deals.salebidder",
            ),
        ),
        migrations.CreateModel(
            name="SaleDeposit",
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
                            ("received", "received"),
                            ("returned", "returned"),
                            ("forfeited", "forfeited"),
                        ],
                        max_length=10,
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("moved_on", models.DateField()),
                (
                    "reference",
                    models.CharField(
                        max_length=80, validators=[marketplace.core.cleaning.PlainTextValidator()]
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "bidder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deposits",
                        to="deals.salebidder",
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
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="SaleProxy",
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
                ("valid_from", models.DateTimeField()),
                ("valid_until", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "bidder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proxies",
                        to="deals.salebidder",
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="SaleResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("facts", models.TextField(help_text="Canonical JSON.")),
                ("facts_sha256", models.CharField(max_length=64)),
                ("key_id", models.CharField(blank=True, max_length=16)),
                ("public_pem", models.TextField(blank=True)),
                ("signature", models.CharField(blank=True, max_length=120)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("signed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "sale",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="result",
                        to="deals.sale",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="salebidder",
            index=models.Index(fields=["organisation", "-id"], name="sale_bidder_of"),
        ),
        migrations.AddConstraint(
            model_name="salebidder",
            constraint=models.UniqueConstraint(
                fields=("sale", "organisation"),
                name="sale_bidder_once",
                violation_error_message="This organisation is there already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="salebidder",
            constraint=models.UniqueConstraint(
                fields=("sale", "number"),
                name="sale_bidder_number_once",
                violation_error_message="This number is taken.",
            ),
        ),
        migrations.AddConstraint(
            model_name="salebidder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("number__isnull", True), ("state", "invited")),
                    models.Q(
                        models.Q(("state", "invited"), _negated=True), ("number__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="sale_bidder_numbered",
                violation_error_message="Whoever applies has a number.",
            ),
        ),
        migrations.AddIndex(
            model_name="salebid",
            index=models.Index(fields=["bidder", "-number"], name="sale_bid_of"),
        ),
        migrations.AddConstraint(
            model_name="salebid",
            constraint=models.UniqueConstraint(
                fields=("sale", "number"),
                name="sale_bid_once",
                violation_error_message="This number is taken.",
            ),
        ),
        migrations.AddConstraint(
            model_name="salebid",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__gt", 0), ("commitment", ""), ("kind", "open")),
                    models.Q(
                        ("amount__isnull", True),
                        ("kind", "sealed"),
                        models.Q(("commitment", ""), _negated=True),
                    ),
                    models.Q(("amount__isnull", True), ("commitment", ""), ("kind", "withdrawal")),
                    _connector="OR",
                ),
                name="sale_bid_sealed",
                violation_error_message="A sealed bid has no amount.",
            ),
        ),
        migrations.AddIndex(
            model_name="sale",
            index=models.Index(
                condition=models.Q(("state", "draft"), _negated=True),
                fields=["-announced_at", "-id"],
                name="sale_announced",
            ),
        ),
        migrations.AddIndex(
            model_name="sale",
            index=models.Index(fields=["poster", "-id"], name="sale_of_poster"),
        ),
        migrations.AddIndex(
            model_name="sale",
            index=models.Index(
                condition=models.Q(("opener__isnull", False)),
                fields=["opener"],
                name="sale_of_opener",
            ),
        ),
        migrations.AddIndex(
            model_name="sale",
            index=models.Index(fields=["listing", "-id"], name="sale_of_listing"),
        ),
        migrations.AddIndex(
            model_name="sale",
            index=models.Index(
                condition=models.Q(("state__in", ["announced", "open", "closed", "matching"])),
                fields=["state", "ends_at"],
                name="sale_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="sale",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "draft"),
                    models.Q(
                        ("announced_at__isnull", False),
                        ("ends_at__gte", models.F("planned_end")),
                        ("planned_end__gt", models.F("starts_at")),
                        ("starts_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="sale_has_times",
                violation_error_message="An announced sale has a start and a later end.",
            ),
        ),
        migrations.AddConstraint(
            model_name="sale",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("deposit__gte", 0),
                    ("increment__gte", 0),
                    ("start_price__gte", 0),
                    models.Q(("reserve__isnull", True), ("reserve__gt", 0), _connector="OR"),
                ),
                name="sale_amounts",
                violation_error_message="An amount cannot be negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="sale",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("price__isnull", False), ("state", "decided"), ("winner__isnull", False)
                    ),
                    models.Q(("state", "decided"), _negated=True),
                    _connector="OR",
                ),
                name="sale_winner_when_decided",
                violation_error_message="A sale that is decided has a winner and a price.",
            ),
        ),
        migrations.AddConstraint(
            model_name="sale",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "auction"),
                    models.Q(
                        ("current_price__isnull", True), ("extension_minutes", 0), ("extensions", 0)
                    ),
                    _connector="OR",
                ),
                name="sale_tender_is_sealed",
                violation_error_message="A sealed tender has no current price and no extension.",
            ),
        ),
        migrations.AddConstraint(
            model_name="sale",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["announced", "open", "closed", "matching"])),
                fields=("listing",),
                name="sale_one_of_listing",
                violation_error_message="A sale of this technology is running already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="saledeposit",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)),
                name="sale_deposit_positive",
                violation_error_message="Give an amount above zero.",
            ),
        ),
        migrations.AddIndex(
            model_name="saleproxy",
            index=models.Index(fields=["user", "bidder"], name="sale_proxy_of"),
        ),
        migrations.AddConstraint(
            model_name="saleproxy",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_until__gt", models.F("valid_from"))),
                name="sale_proxy_times",
                violation_error_message="A proxy ends after it begins.",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
