"""What was given out of the register as open data. All else in this room is read from others."""

from django.db import models


class OpenDataEdition(models.Model):
    """The one set of files of a year. A new edition takes the place of the old one, whose files
    are deleted: what a party has closed since is given out no longer. One that cannot be renewed
    is withdrawn: its files go, its row stays without a folder."""

    year = models.PositiveSmallIntegerField(unique=True)
    edition = models.PositiveIntegerField(default=1)
    folder = models.CharField(max_length=100)  # empty: withdrawn
    manifest = models.JSONField(help_text="As it stands in manifest.json, for the page.")
    public_pem = models.TextField(help_text="Of the key that signed the manifest.")
    made_at = models.DateTimeField()
    looked_at = models.DateTimeField(help_text="When it was last compared with the register.")

    class Meta:
        ordering = ["-year"]

    def __str__(self) -> str:
        return f"open data {self.year}, edition {self.edition}"
