"""What was given out of the register as open data, and the figures of institutions by year. All
else in this room is read from others."""

from decimal import Decimal

from django.db import models

from accounts.models import Organisation


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


def _sum() -> "models.DecimalField[Decimal | int, Decimal]":
    return models.DecimalField(max_digits=22, decimal_places=2, default=0)


class InstitutionFigure(models.Model):
    """One figure of one institution in a year that is over, as of the last rebuilding
    (insights.institutions). Written by nobody else; amounts are CNY. Not for the public, but of
    those that agreed to be named."""

    year = models.PositiveSmallIntegerField()
    institution = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    tti_type = models.CharField(max_length=3)
    code = models.CharField(max_length=30, help_text="Of deals.service_figures.")
    counted = _sum()
    declared = _sum()
    is_reported = models.BooleanField(help_text="Whether the institution has submitted the year.")
    is_named = models.BooleanField()
    is_waiting = models.BooleanField(
        default=False, help_text="A newer amount waits for those of other institutions."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["year", "institution", "code"], name="institution_figure_once"
            )
        ]
        indexes = [
            # the institutions that are named
            models.Index(
                fields=["year", "institution"],
                condition=models.Q(is_named=True),
                name="institution_named",
            )
        ]


class InstitutionCell(models.Model):
    """The same by type of institution. unnamed_*: how many institutions that are not named have
    more than nothing in it: what decides whether a sum may be shown (insights.withholding).
    median, reported: of those that submitted the year, of counted + declared. The code
    `institutions` counts them: all, and declared those that submitted."""

    year = models.PositiveSmallIntegerField()
    tti_type = models.CharField(max_length=3)
    code = models.CharField(max_length=30)
    counted = _sum()
    declared = _sum()
    unnamed_counted = models.PositiveIntegerField(default=0)
    unnamed_declared = models.PositiveIntegerField(default=0)
    unnamed = models.PositiveIntegerField(default=0)
    reported = models.PositiveIntegerField(default=0)
    median = models.DecimalField(max_digits=22, decimal_places=2, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["year", "tti_type", "code"], name="institution_cell_once"
            )
        ]
