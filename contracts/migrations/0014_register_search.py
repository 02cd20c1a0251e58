from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper

# Signs of Chinese and pairs of neighbours, Latin words of one or two letters: what trigrams do not
# find. The search asks the same of a text (contracts.queries.register_text).
GRAMS = r"""
CREATE FUNCTION title_grams(en text, zh text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH title AS (SELECT lower(zh || ' ' || en) AS words)
    SELECT coalesce(array_agg(DISTINCT gram), '{}') FROM (
        SELECT substr(words, place, size) AS gram
        FROM title, generate_series(1, length(words)) AS place, generate_series(1, 2) AS size
        WHERE substr(words, place, size) ~ '^[\u3400-\u9fff]+$'
        UNION ALL
        SELECT word[1] FROM title, regexp_matches(words, '[a-z0-9]+', 'g') AS word
        WHERE length(word[1]) < 3
    ) AS grams
$$;
"""
LISTED = models.Q(
    ("public_facts__contains", ["title"]), ("state__in", ["cancelled", "registered", "revoked"])
)


class Migration(migrations.Migration):
    """Beside the work of the register: nobody waits while the indexes of millions are built."""

    atomic = False

    dependencies = [("contracts", "0013_rare_cells")]

    operations = [
        migrations.RunSQL(GRAMS, "DROP FUNCTION title_grams(text, text)"),
        AddIndexConcurrently(
            model_name="contract",
            index=GinIndex(
                OpClass(Upper("title_en"), name="gin_trgm_ops"),
                OpClass(Upper("title_zh"), name="gin_trgm_ops"),
                condition=LISTED,
                name="contract_register_titles",
            ),
        ),
        AddIndexConcurrently(
            model_name="contract",
            index=GinIndex(
                models.Func(models.F("title_en"), models.F("title_zh"), function="title_grams"),
                condition=LISTED,
                name="contract_register_grams",
            ),
        ),
        AddIndexConcurrently(
            model_name="contract",
            index=models.Index(
                fields=["type", "field", "number"],
                condition=models.Q(("state__in", ["cancelled", "revoked"])),
                name="contract_register_ended",
            ),
        ),
        # it was of the letters as they are, and the search compares capitals
        RemoveIndexConcurrently(model_name="contract", name="contract_titles"),
        # how frequent a gram is, so that a frequent one is not looked up among millions
        migrations.RunSQL("ANALYZE contracts_contract", migrations.RunSQL.noop),
    ]
