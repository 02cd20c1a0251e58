"""What one filters by as words of the index that holds the words of the text."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

# Where candidates are filtered without an index, by meaning, tags are read: inside the row. The
# words of titles are only ever found by their index, and make room.
STORAGE = """
ALTER TABLE listings_searchentry
    ALTER tags SET STORAGE MAIN, ALTER words_title SET STORAGE EXTENDED;
"""
FILL = """
UPDATE listings_searchentry e SET tags = (
    SELECT coalesce(array_agg(DISTINCT tag ORDER BY tag), '{}') FROM (
        SELECT 'field:' || x AS tag FROM unnest(e.more_fields || e.field) AS x WHERE x <> ''
        UNION ALL SELECT 'sub:' || e.sub_field WHERE e.sub_field <> ''
        UNION ALL SELECT 'mode:' || x FROM unnest(e.modes) AS x
        UNION ALL SELECT 'ip:' || x FROM unnest(e.ip_kinds) AS x
        UNION ALL SELECT 'language:' || x FROM unnest(
            CASE WHEN e.language = 'both' THEN ARRAY['en', 'zh'] ELSE ARRAY[e.language] END) AS x
        UNION ALL SELECT 'trl:' || e.trl WHERE e.trl IS NOT NULL
        UNION ALL SELECT 'country:' || e.country
        UNION ALL SELECT 'in:' || left(e.region, depth) FROM unnest(
            CASE WHEN e.is_anonymous THEN ARRAY[2] ELSE ARRAY[2, 4, 6] END) AS depth
            WHERE e.country = 'CN' AND e.region <> ''
    ) AS tags
);
"""


class Migration(migrations.Migration):
    dependencies = [("listings", "0011_import_tries")]

    operations = [
        migrations.AddField(
            model_name="searchentry",
            name="tags",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60), blank=True, default=list, size=None
            ),
        ),
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name="searchentry", name="search_words_public"),
        migrations.AddIndex(
            model_name="searchentry",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["words_public", "tags"], name="search_words_tags"
            ),
        ),
    ]
