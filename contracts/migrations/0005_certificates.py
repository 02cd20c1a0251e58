"""Certificates and public keys; the database refuses to change or remove either."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import marketplace.core.codes.lists

FORWARD = """
CREATE TRIGGER certificate_append_only BEFORE UPDATE OR DELETE ON contracts_certificate
    FOR EACH ROW EXECUTE FUNCTION refuse_contract_history_change();
CREATE TRIGGER seal_key_append_only BEFORE UPDATE OR DELETE ON contracts_sealkey
    FOR EACH ROW EXECUTE FUNCTION refuse_contract_history_change();
"""
BACKWARD = """
DROP TRIGGER seal_key_append_only ON contracts_sealkey;
DROP TRIGGER certificate_append_only ON contracts_certificate;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_expert_profile"),
        ("contracts", "0004_figures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Certificate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        max_length=20,
                        validators=[marketplace.core.codes.lists.KnownCode("contract_states")],
                    ),
                ),
                ("number", models.CharField(max_length=16)),
                (
                    "code",
                    models.CharField(
                        help_text="Verification code; the same on all certificates of an edition.",
                        max_length=12,
                    ),
                ),
                ("file", models.FileField(max_length=200, upload_to="certificates/%Y/%m")),
                ("size", models.PositiveIntegerField()),
                (
                    "sha256",
                    models.CharField(help_text="Of the file as it is handed out.", max_length=64),
                ),
                ("seal", models.JSONField(help_text="Empty when the point had no key.", null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="contracts.contract",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(fields=["number", "code"], name="certificate_by_code"),
                    models.Index(fields=["sha256"], name="certificate_by_hash"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("contract", "state"),
                        name="certificate_once",
                        violation_error_message="This certificate exists.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SealKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "point_code",
                    models.CharField(
                        max_length=6, validators=[django.core.validators.RegexValidator("^\\d{6}$")]
                    ),
                ),
                ("key_id", models.CharField(max_length=16)),
                ("public_pem", models.TextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seal_keys",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("point", "key_id"),
                        name="seal_key_once",
                        violation_error_message="This key is known.",
                    )
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
