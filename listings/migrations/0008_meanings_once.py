"""The meaning of the whole text is kept only where it is not that of the public text."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("listings", "0007_kept")]

    operations = [
        migrations.RunSQL(
            "UPDATE listings_searchentry SET meaning_full = NULL"
            " WHERE meaning_full = meaning_public",
            "UPDATE listings_searchentry SET meaning_full = meaning_public"
            " WHERE meaning_full IS NULL",
        )
    ]
