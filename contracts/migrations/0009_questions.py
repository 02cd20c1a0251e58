"""Questions to the parties and their answers, append-only like all history; where each step was
made, for the figures of a registration point; the history of parties that are typed in."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import marketplace.core.cleaning
import marketplace.core.public_id

APPEND_ONLY = """
CREATE TRIGGER contract_question_append_only BEFORE UPDATE OR DELETE ON contracts_contractquestion
    FOR EACH ROW EXECUTE FUNCTION refuse_contract_history_change();
CREATE TRIGGER contract_answer_append_only BEFORE UPDATE OR DELETE ON contracts_contractanswer
    FOR EACH ROW EXECUTE FUNCTION refuse_contract_history_change();
"""
NOT_APPEND_ONLY = """
DROP TRIGGER contract_answer_append_only ON contracts_contractanswer;
DROP TRIGGER contract_question_append_only ON contracts_contractquestion;
"""
# Steps of before this column: the point that the contract has now.
FILL_POINTS = """
ALTER TABLE contracts_contractdecision DISABLE TRIGGER contract_decision_append_only;
UPDATE contracts_contractdecision d SET point_id = c.registration_point_id
    FROM contracts_contract c WHERE c.id = d.contract_id;
ALTER TABLE contracts_contractdecision ENABLE TRIGGER contract_decision_append_only;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("contracts", "0008_screening"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="contractdecision",
            name="open_questions",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="Questions without an answer when it was decided all the same.",
            ),
        ),
        migrations.AddField(
            model_name="contractdecision",
            name="point",
            field=models.ForeignKey(
                db_index=False,
                help_text="Where the contract lay; a returned one may go to another point.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organisation",
            ),
        ),
        migrations.RunSQL(FILL_POINTS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="contractdecision",
            index=models.Index(
                condition=models.Q(("point__isnull", False)),
                fields=["point", "at"],
                name="contract_decision_at_point",
            ),
        ),
        migrations.RemoveIndex(model_name="contractparty", name="contract_party_code"),
        migrations.RemoveIndex(model_name="contractparty", name="contract_party_name"),
        migrations.AddIndex(
            model_name="contractparty",
            index=models.Index(
                condition=models.Q(("code", ""), _negated=True),
                fields=["code", "contract"],
                name="contract_party_by_code",
            ),
        ),
        migrations.AddIndex(
            model_name="contractparty",
            index=models.Index(fields=["name", "contract"], name="contract_party_by_name"),
        ),
        migrations.CreateModel(
            name="ContractQuestion",
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
                        max_length=4000, validators=[marketplace.core.cleaning.plain_text]
                    ),
                ),
                (
                    "answer_by",
                    models.DateField(
                        blank=True, help_text="A wish; a later answer is taken, too.", null=True
                    ),
                ),
                (
                    "registrants",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        default=list,
                        help_text="Organisations asked on this side.",
                        size=None,
                    ),
                ),
                (
                    "others",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        default=list,
                        help_text="Organisations asked on the other side; empty when it was not asked.",
                        size=None,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="contracts.contract",
                    ),
                ),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.CreateModel(
            name="ContractAnswer",
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
                    "side",
                    models.CharField(
                        choices=[
                            ("registrant", "the registering side"),
                            ("other", "the other side"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "words",
                    models.TextField(
                        max_length=4000, validators=[marketplace.core.cleaning.plain_text]
                    ),
                ),
                (
                    "file",
                    models.FileField(
                        blank=True, max_length=200, upload_to="contracts/answers/%Y/%m"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[marketplace.core.cleaning.plain_text],
                    ),
                ),
                ("media_type", models.CharField(blank=True, max_length=100)),
                ("size", models.PositiveIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "answered_by",
                    models.ForeignKey(
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
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="contracts.contractquestion",
                    ),
                ),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
    ]
