from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Beside the work of the register: nobody waits while the indexes of millions are built."""

    atomic = False

    dependencies = [
        ("accounts", "0002_expert_profile"),
        ("contracts", "0012_import_counts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="contract",
            index=models.Index(
                condition=models.Q(("state__in", ["cancelled", "registered", "revoked"])),
                fields=["region", "-numbered_at"],
                name="contract_register_region",
                opclasses=["varchar_pattern_ops", "timestamptz_ops"],
            ),
        ),
        AddIndexConcurrently(
            model_name="contractparty",
            index=models.Index(
                models.F("role"),
                models.Func(models.F("kind"), function="figure_kind"),
                models.F("contract"),
                name="contract_party_by_kind",
            ),
        ),
        AddIndexConcurrently(
            model_name="contractparty",
            index=models.Index(
                models.F("role"),
                models.Func(models.F("country"), models.F("region"), function="figure_place"),
                models.F("contract"),
                name="contract_party_by_place",
            ),
        ),
    ]
